"""Who gains by subsidies: against the duopoly's closed forms, and intervals of ratios."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from in_process import one_thread

from experiments import comparison as comparing
from experiments.commands.compare import print_incidence
from experiments.comparison import compare_in_full
from experiments.incidence import ratio_interval
from experiments.reporting.comparison_page import render
from experiments.running import resolve
from experiments.varying import Span
from scenarios.build import build

SUBSIDY = '{name = "flat", amount = 100.0, to_seller = false}'
TO_SELLERS = '{name = "flat", amount = 100.0, to_seller = true}'
NO_SUBSIDY = '{name = "none"}'


@pytest.fixture
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "ProcessPoolExecutor", one_thread)


def by_side(rows: pd.DataFrame, label: str, span: str) -> dict[str, float]:
    own = rows[(rows["scenario"] == label) & (rows["span"] == span)]
    return {
        name.removeprefix("incidence: "): value
        for name, value in zip(own["indicator"], own["difference"], strict=True)
    }


@pytest.mark.usefixtures("_in_this_process")
def test_in_the_duopoly_each_side_gains_what_theory_says_whoever_is_paid() -> None:
    """At s = .1: surplus .715098 to .80293, profits 2 * (.23064 - .222927), bill .09597."""
    settled = Span("settled", first=39)
    comparison = compare_in_full(
        ["duopoly"],
        vary={"policies.subsidy": (NO_SUBSIDY, SUBSIDY, TO_SELLERS)},
        spans=[settled],
        replications=2,
        workers=1,
    )
    bill = 0.09597
    for label in comparison.labels[1:]:
        told = by_side(comparison.incidence, label, "settled")
        assert told["consumers"] == pytest.approx((0.80293 - 0.715098) / bill, abs=2e-3)
        assert told["merchants"] == pytest.approx(2 * (0.23064 - 0.222927) / bill, abs=2e-3)
        assert told["platform"] == pytest.approx(-1.0, abs=1e-6)
        assert told["deadweight"] == pytest.approx(1.0 - (0.08783 + 0.015426) / bill, abs=3e-3)
        assert told["couriers"] == told["rival platform"] == told["treasury"] == 0.0


@pytest.mark.parametrize("to_seller", ["true", "false"])
def test_a_run_tells_the_pass_through_of_the_duopoly(to_seller: str) -> None:
    change = (
        '{kind = "change", day = 40, key = "policies.subsidy", value = '
        f'{{name = "flat", amount = 100.0, to_seller = {to_seller}}}}}'
    )
    scenario, folder = resolve("duopoly", overrides=[f"events=[{change}]", "days=80"])
    market = build(scenario, folder=folder)
    for _ in range(80):
        market.step()
    told = market.health.frame()["subsidy_pass_through"].to_numpy()
    assert np.isnan(told[:41]).all()
    assert told[79] == pytest.approx((1.472927 - 1.38064) / 0.1, abs=2e-4)


def test_pass_through_leaves_out_what_moves_the_prices_of_all() -> None:
    """Costs of all goods double when one category is subsidised, of whose prices buyers get it."""
    scenario, folder = resolve(
        "tiny",
        overrides=[
            "consumers.count=800",
            "commerce.generated.categories=3",
            "policies.price_regulation.name=none",
            "merchants.strategies={cost_plus = 1.0}",
            "merchants.unlimited_stock=true",
            "policies.merchant_pricing.cost_plus.adjustment=1.0",
            (
                'events=[{kind = "supply_shock", day = 3, factor = 1.5}, '
                '{kind = "change", day = 2, key = "policies.subsidy", value = {name = "flat", '
                'share = 0.2, categories = ["Shoes"]}}]'
            ),
        ],
    )
    market = build(scenario, folder=folder)
    for _ in range(6):
        market.step()
    told = market.health.frame()["subsidy_pass_through"].to_numpy()
    assert (np.diff(np.log(market.price_history[-5:]), axis=0) > 0.3).any()
    assert told[5] == pytest.approx(1.0, abs=0.05)


def test_a_ratios_interval_covers_its_truth_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(2_000):
        spent = rng.normal(10.0, 2.0, 12)
        gain = 0.7 * spent + rng.normal(0.0, 1.5, 12)
        _, low, high = ratio_interval(gain, spent, 0.95)
        covered += low <= 0.7 <= high
    assert 0.93 < covered / 2_000 < 0.97


@pytest.mark.parametrize("spent", [[0.0, 0.0, 0.0], [-1.0, 2.0, 0.5]])
def test_a_ratio_over_what_may_be_nothing_is_not_told(spent: list[float]) -> None:
    found = ratio_interval(np.array([1.0, 2.0, 3.0]), np.array(spent), 0.95)
    assert all(math.isnan(one) for one in found)


def test_a_ratio_of_a_single_pair_has_no_ends() -> None:
    ratio, low, high = ratio_interval(np.array([3.0]), np.array([2.0]), 0.95)
    assert ratio == 1.5
    assert math.isnan(low)
    assert math.isnan(high)


def test_a_ratio_of_what_never_varies_has_no_width() -> None:
    assert ratio_interval(np.full(4, 3.0), np.full(4, 2.0), 0.95) == (1.5, 1.5, 1.5)


@pytest.mark.usefixtures("_in_this_process")
def test_terminal_and_page_tell_incidence_where_subsidies_differ(
    capsys: pytest.CaptureFixture[str],
) -> None:
    comparison = compare_in_full(
        ["duopoly"],
        vary={"policies.subsidy": (NO_SUBSIDY, SUBSIDY)},
        replications=2,
        days=3,
        workers=1,
    )
    print_incidence(comparison.incidence[comparison.incidence["span"] == "whole run"])
    told = capsys.readouterr().out
    assert "of 1.00 more subsidy" in told
    assert "lost to all (deadweight)" in told
    varied = {"policies.subsidy": (NO_SUBSIDY, SUBSIDY)}
    page = render(comparison, varied)
    assert "Who gains by subsidies" in page
    assert "Lost to all (deadweight)" in page
    same = comparison.incidence.assign(difference=math.nan)
    assert "Who gains" not in render(dataclasses.replace(comparison, incidence=same), varied)
    print_incidence(same)
    assert capsys.readouterr().out == ""
