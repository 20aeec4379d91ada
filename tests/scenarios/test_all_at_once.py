"""All that is wrong with a scenario is told at once, also what the first errors would hide."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.errors import Problem, ScenarioError
from scenarios.loading import load_toml
from scenarios.schema import STARTS_FROM, Scenario
from scenarios.shape import Table
from scenarios.stand_ins import stand_in

FIELDS = """seed = -1
days = "long"
[consumers]
trsut = 3
[policies]
subsidy = { name = "flatt" }
"""
WHOLES = """[roads]
network = "coqimbo"
[merchants]
strategies = { cost_pluss = 1.0 }
[[events]]
kind = "demand_surge"
day = 10
until = 5
factor = 2.0
[[events]]
kind = "change"
day = 1
key = "platform.commision"
value = 0.1
[[events]]
kind = "change"
day = 1
key = "platform.commission"
value = 7.0
[commerce]
source = "imported"
imported = "nowhere"
"""


def keys_of(folder: Path, text: str, *overrides: str) -> list[str]:
    file = folder / "s.toml"
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load_toml(file, Scenario, overrides, {STARTS_FROM: folder})
    return [problem.key for problem in caught.value.problems]


def test_what_is_wrong_with_the_whole_is_told_beside_wrong_fields(tmp_path: Path) -> None:
    fields = ["seed", "days", "consumers.trsut", "policies.subsidy.name"]
    wholes = [
        "roads.network",
        "merchants.strategies",
        "events.0.until",
        "events.1.key",
        "events.2.value",
        "commerce.imported",
    ]
    assert keys_of(tmp_path, FIELDS) == fields
    assert keys_of(tmp_path, WHOLES) == wholes
    assert keys_of(tmp_path, FIELDS + WHOLES) == fields + wholes


def test_what_follows_from_a_replaced_value_is_not_held_against_the_user(tmp_path: Path) -> None:
    policy_gone = '[policies]\nsubsidy = { name = "flatt" }\n'
    lever = '[[events]]\nkind = "change"\nday = 1\nkey = "policies.subsidy.share"\nvalue = 0.1\n'
    assert keys_of(tmp_path, policy_gone + lever) == ["policies.subsidy.name"]
    bound = "[commerce.generated]\nmargin_low = 0.6\nmargin_high = 2.0\n"
    assert keys_of(tmp_path, bound) == ["commerce.generated.margin_high"]


def test_an_input_that_is_missing_is_told_of_an_override_too(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text("days = 3\n")
    for name, told in (("coqimbo", "did you mean coquimbo?"), ("a.tntp", "no such file")):
        with pytest.raises(ScenarioError, match=f"--set roads.network={name}: .*{told}") as caught:
            load_toml(file, Scenario, [f"roads.network={name}"], {STARTS_FROM: tmp_path})
        assert len(caught.value.problems) == 1
    load_toml(file, Scenario, ["roads.network=a.tntp"])  # a run's own record needs no input


def test_a_category_that_nobody_sells_is_told_with_those_that_are_sold(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        "[commerce.generated]\ncategories = 3\n"
        '[policies]\nsubsidy = { name = "flat", share = 0.1, categories = ["Shoes", "Shoos"] }\n'
        '[[events]]\nkind = "supply_shock"\nday = 1\nfactor = 2.0\ncategory = "Tea"\n'
    )
    with pytest.raises(ScenarioError) as caught:
        load_toml(file, Scenario, (), {STARTS_FROM: tmp_path})
    first, second = caught.value.problems
    assert (first.key, second.key) == ("policies.subsidy.categories", "events.0.category")
    assert "no category 'Shoos' is sold; must be one of Kitchen, Shoes, Lighting" in str(first)


def test_commissions_of_categories_that_nobody_sells_are_told(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    table = '{ name = "by_category", commissions = { Shoes = 0.1, Shoos = 0.2 } }'
    file.write_text(
        f"[commerce.generated]\ncategories = 3\n[policies]\nfees = {table}\n"
        '[[events]]\nkind = "change"\nday = 1\nkey = "policies.fees.commissions"\n'
        "value = { Tea = 0.1 }\n"
        f'[[events]]\nkind = "change"\nday = 2\nkey = "policies.fees"\nvalue = {table}\n'
    )
    with pytest.raises(ScenarioError) as caught:
        load_toml(file, Scenario, (), {STARTS_FROM: tmp_path})
    keys = [one.key for one in caught.value.problems]
    assert keys == ["policies.fees.commissions", "events.0.value", "events.1.value"]


def test_a_stand_in_for_a_whole_scenario_is_allowed() -> None:
    Scenario.model_validate(stand_in(Table(Scenario)))


SINGLE_LINES = ("seed = -1", 'days = "long"', "nmae = 3", "title = 7")


@given(st.lists(st.sampled_from(SINGLE_LINES), unique=True))
def test_every_wrong_line_is_told_whatever_the_others(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("s")
    text = "\n".join(lines) + "\n" + WHOLES
    told = keys_of(folder, text)
    assert told[: len(lines)] == [line.partition(" ")[0] for line in lines]
    assert len(told) == len(lines) + 6


def test_the_errors_of_a_worker_process_arrive_whole() -> None:
    error = ScenarioError([Problem("mine.toml", "must be at least 1", line=3, key="days")])
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert str(arrived) == str(error)
    assert arrived.problems == error.problems
