"""What a scenario refuses, and the key that it names when it does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from experiments.running import resolve
from scenarios.errors import ScenarioError
from scenarios.loading import override
from scenarios.schema import Scenario


def _change(day: int, key: str, value: object, until: int | None = None) -> dict[str, Any]:
    return {"kind": "change", "day": day, "key": key, "value": value, "until": until}


def _scenario(*events: dict[str, Any], **fields: Any) -> Scenario:
    return Scenario.model_validate({"events": events, **fields})


def _refusal(*events: dict[str, Any], **fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        _scenario(*events, **fields)
    (error,) = caught.value.errors(include_url=False)
    return error["msg"]


def test_a_change_beyond_its_range_is_refused_with_the_key_and_the_range() -> None:
    message = _refusal(_change(3, "platform.commission", 7.0))
    assert "events.0.value: platform.commission = 7.0 is not possible on day 3" in message
    assert "less than or equal to 0.9" in message


def test_a_change_to_an_unknown_policy_names_the_known_ones() -> None:
    message = _refusal(_change(3, "policies.subsidy.name", "free_lunch"))
    assert message.startswith("Value error, events.0.value: policies.subsidy.name")
    assert "known: campaigns, flat, none, targeted" in message


def test_of_several_changes_on_a_day_the_wrong_one_is_named() -> None:
    wrong = _change(3, "platform.commission", 7.0)
    fine = _change(3, "policies.subsidy.name", "flat")
    assert "events.0.value" in _refusal(wrong, fine)
    assert "events.1.value" in _refusal(fine, wrong)


def test_a_lever_must_not_outlive_the_policy_that_has_it() -> None:
    policy = _change(1, "policies.subsidy.name", "targeted", until=10)
    lever = _change(2, "policies.subsidy.newcomer_orders", 5)
    message = _refusal(policy, lever)
    assert "events.1.value: policies.subsidy.newcomer_orders = 5" in message
    assert "on day 10" in message
    _scenario(policy, {**lever, "until": 10})


def test_what_is_fixed_at_the_founding_cannot_change() -> None:
    for key, value in (("couriers.count", 9), ("merchants.unlimited_stock", True)):
        message = _refusal(_change(3, key, value))
        assert f"events.0.key = '{key}': is fixed when the market is founded" in message


def test_an_event_cannot_end_before_it_begins() -> None:
    message = _refusal(_change(5, "platform.commission", 0.1, until=5))
    assert "events.0.until = 5: must be after its day, 5" in message


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"step": 9.0}, "policies.merchant_pricing.adaptive.step: must be at most 0.5 (size"),
        ({"stride": 0.1}, "policies.merchant_pricing.adaptive.stride: unknown key; known here: p"),
    ],
)
def test_wrong_parameters_of_a_pricing_strategy_are_told_by_key(
    params: dict[str, float], told: str
) -> None:
    assert told in _refusal(policies={"merchant_pricing": {"adaptive": params}})


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"false_discount": {"tolerance": -1.0}}, "false_discount.tolerance: must be at least 0 ("),
        ({"false_discount": {"tolerence": 1.0}}, "perishable; did you mean tolerance?"),
        (
            {"gouging": {"days": "x"}},
            "gouging.days: must be a whole number from 1 to 365, not text",
        ),
        ({"below_cost": {"days": 20, "window": 9}}, "policies.rules.below_cost: days = 20 can nev"),
        ({"below_cost": {"fresh": [3]}}, "policies.rules.below_cost.fresh.0: must be text, not a"),
    ],
)
def test_wrong_parameters_of_a_rule_are_told_with_what_is_allowed(
    params: dict[str, dict[str, object]], told: str
) -> None:
    assert told in _refusal(policies={"rules": params})


def test_a_change_to_wrong_parameters_of_a_strategy_is_told_by_key() -> None:
    message = _refusal(_change(3, "policies.merchant_pricing.adaptive.step", 9.0))
    assert "on day 3: policies.merchant_pricing.adaptive.step: must be at most 0.5" in message


def test_checking_a_scenario_needs_none_of_the_heavy_libraries() -> None:
    code = """
import sys
from experiments.commands.check import check_command
assert check_command("tiny", [], [], as_json=True) == 0
heavy = "numba scipy mesa pandas torch matplotlib networkx pyarrow sim.market".split()
sys.exit(", ".join(name for name in heavy if name in sys.modules) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, f"imported: {done.stderr}"


def test_the_later_of_two_choices_holds_whether_a_name_or_a_whole_table() -> None:
    table, name = "policies.subsidy={name = 'flat', share = 0.1}", "policies.subsidy.name=none"
    share = "policies.subsidy.share=0.3"
    assert override(Scenario(), [table, name]).policies.subsidy.name == "none"
    assert override(Scenario(), [name, table]).policies.subsidy.name == "flat"
    chosen = override(Scenario(), [share, table]).policies.subsidy
    assert chosen.model_dump()["share"] == 0.3


@pytest.mark.parametrize(
    ("override", "told"),
    [
        (
            "merchants.strategies_by_size.large={predations = 1.0}",
            r"merchants\.strategies_by_size\.large.*: unknown strategy 'predations'.*predation\?",
        ),
        (
            "merchants.strategies_by_size.small={cost_plus = 0.5}",
            r"merchants\.strategies_by_size\.small.*: the shares must sum to 1, not 0\.5",
        ),
        (
            "merchants.strategies={cost_plus = 1.5, fixed = -0.5}",
            r"merchants\.strategies\.fixed = -0\.5: must be a share from 0 to 1",
        ),
        ("merchants.strategies_by_size.huge={cost_plus = 1.0}", r"strategies_by_size\.huge"),
        (
            'events=[{kind = "change", day = 2, key = "consumers.multi_homing", value = 0.5}]',
            r"events\.0\.key.*is fixed when the market is founded",
        ),
        (
            'events=[{kind = "emergency", day = 2, category = "Kitchenn"}]',
            r"events\.0\.category.*no category 'Kitchenn'.*Kitchen",
        ),
    ],
)
def test_wrong_strategies_homes_and_emergencies_are_told(override: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        resolve("tiny", overrides=["events=[]", override])
