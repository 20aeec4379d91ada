"""Subsidies and commissions in the logit duopoly: the figures that a policy designer relies on.

Source: the equilibrium of Anderson, de Palma & Thisse (1992), ch. 7, with costs less subsidies and
over what a commission leaves.
"""

import numpy as np
import pytest

from experiments.replications.protocol import Outcome
from experiments.replications.study import Study, quietly
from experiments.replications.subsidy_duopoly import SubsidyDuopoly, settled, subsidised

pytestmark = pytest.mark.xdist_group("subsidy_duopoly")  # its market is lived once, on one core

DUOPOLY = Study("duopoly", workers=1)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return SubsidyDuopoly().measure(DUOPOLY, quietly)


@pytest.fixture(scope="module")
def ours(outcome: Outcome) -> dict[str, float]:
    return {row.quantity: row.ours for row in outcome.rows}


def test_the_replication_reproduces_all_of_it(outcome: Outcome) -> None:
    missed = [row for row in outcome.rows if not row.reproduced]
    assert not missed


@pytest.mark.parametrize("whom", ["sellers", "buyers"])
@pytest.mark.parametrize(
    ("s", "net", "profit", "consumers", "bill"),
    [(0.1, 1.38064, 0.23064, 0.80293, 0.09597), (0.2, 1.28639, 0.23639, 0.89400, 0.19440)],
)
def test_it_does_not_matter_who_gets_the_subsidy(
    ours, whom, s, net, profit, consumers, bill
) -> None:
    assert ours[f"net price, s = {s} to {whom}"] == pytest.approx(net, abs=2e-5)
    assert ours[f"profit a firm, s = {s} to {whom}"] == pytest.approx(profit, abs=5e-5)
    assert ours[f"consumer surplus, s = {s} to {whom}"] == pytest.approx(consumers, abs=5e-5)
    assert ours[f"bill, s = {s} to {whom}"] == pytest.approx(bill, abs=5e-5)


def test_welfare_is_largest_where_the_subsidy_makes_up_for_the_margin(ours) -> None:
    assert ours["welfare without subsidy"] == pytest.approx(1.16095, abs=5e-5)
    best = ours["subsidy at which welfare is largest, both firms"]
    assert best == pytest.approx(0.4955, abs=1e-3)
    assert ours["largest welfare, both firms"] == pytest.approx(1.17557, abs=5e-5)
    assert ours["net price where welfare is largest (cost is 1)"] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("s", "own", "rival", "own_profit", "rival_profit", "consumers"),
    [
        (0.1, 1.4108, 1.4473, 0.2608, 0.1973, 0.7573),
        (0.2, 1.3528, 1.4245, 0.3028, 0.1745, 0.7977),
        (0.5, 1.2038, 1.3723, 0.4538, 0.1223, 0.9059),
    ],
)
def test_a_war_chest_hurts_the_rival_while_consumers_gain(
    ours, s, own, rival, own_profit, rival_profit, consumers
) -> None:
    one = f"s = {s} to one firm"
    assert ours[f"its net price, {one}"] == pytest.approx(own, abs=1e-4)
    assert ours[f"its rival's price, {one}"] == pytest.approx(rival, abs=1e-4)
    assert ours[f"its profit, {one}"] == pytest.approx(own_profit, abs=1e-4)
    assert ours[f"its rival's profit, {one}"] == pytest.approx(rival_profit, abs=1e-4)
    assert ours[f"consumer surplus, {one}"] == pytest.approx(consumers, abs=1e-4)


def test_the_indicators_disagree_about_a_war_chest(ours) -> None:
    best = ours["subsidy at which welfare is largest, one firm"]
    assert best == pytest.approx(0.2090, abs=1e-3)
    back = ours["subsidy that brings welfare back to its start, one firm"]
    assert back == pytest.approx(0.4612, abs=1e-3)
    assert ours["least fall of the rival's profit from one subsidy to the next"] > 0.0


@pytest.mark.parametrize(
    ("tau", "price", "revenue", "consumers"),
    [(0.1, 1.57278, 0.14422, 0.62217), (0.2, 1.69331, 0.29536, 0.51418)],
)
def test_a_commission_raises_prices_as_theory_says(ours, tau, price, revenue, consumers) -> None:
    assert ours[f"price, commission {tau}"] == pytest.approx(price, abs=2e-5)
    assert ours[f"platform's revenue, commission {tau}"] == pytest.approx(revenue, abs=5e-5)
    assert ours[f"consumer surplus, commission {tau}"] == pytest.approx(consumers, abs=5e-5)


def test_a_subsidy_for_one_firm_goes_to_that_firm_alone() -> None:
    day = settled(DUOPOLY, *subsidised(0.2, to_seller=False, first_alone=True))
    np.testing.assert_allclose(day.subsidy, [0.2, 0.0])
    np.testing.assert_allclose(day.net_price, [1.3528, 1.4245], atol=1e-4)
    assert day.bill == pytest.approx(0.2 * day.share[0], abs=1e-9)
