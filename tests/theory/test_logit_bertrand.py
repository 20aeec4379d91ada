"""Closed forms of logit-Bertrand competition, in the simulator's own market.

One unit of theory is 1000 currency units or 100,000 cents. Source of the figures: Anderson, de
Palma & Thisse (1992), "Discrete Choice Theory of Product Differentiation", ch. 7.
"""

import math

import numpy as np
import pytest

from experiments.replications.logit_bertrand import (
    ENTRIES,
    LogitBertrand,
    firms_by_day,
    settle,
)
from experiments.replications.logit_market import MU, firms
from experiments.replications.logit_theory import (
    Logit,
    firms_of_free_entry,
    firms_welfare_wants,
)
from experiments.replications.protocol import Outcome
from experiments.replications.study import Study, quietly

pytestmark = pytest.mark.xdist_group("logit_bertrand")  # its market is lived once, on one core

DUOPOLY = Study("duopoly", workers=1)

FIGURES = {
    2: (1.472927, 1.924981, 0.222927, 0.337490, 0.715098, 0.327078),
    3: (1.370163, 2.000000, 0.120163, 0.250000, 0.911111, 0.346574),
    5: (1.311521, 2.097231, 0.061521, 0.169446, 1.094003, 0.369771),
}
"""By number of firms: price, profit a firm and surplus, each of Nash and of monopoly."""

QUANTITIES = (
    "Nash price, n = {}",
    "monopoly price, n = {}",
    "Nash profit a product, n = {}",
    "monopoly profit a product, n = {}",
    "consumer surplus at Nash prices, n = {}",
    "consumer surplus at monopoly prices, n = {}",
)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return LogitBertrand().measure(DUOPOLY, quietly)


def test_the_replication_reproduces_all_of_it(outcome: Outcome) -> None:
    missed = [row for row in outcome.rows if not row.reproduced]
    assert not missed


@pytest.mark.parametrize("n", list(FIGURES))
def test_the_market_gives_the_textbook_figures(outcome: Outcome, n: int) -> None:
    ours = {row.quantity: row.ours for row in outcome.rows}
    for quantity, exact in zip(QUANTITIES, FIGURES[n], strict=True):
        assert ours[quantity.format(n)] == pytest.approx(exact, abs=1e-4), quantity


@pytest.mark.parametrize("n", list(FIGURES))
def test_the_closed_forms_give_the_textbook_figures(n: int) -> None:
    market = Logit.symmetric(n)
    nash, joint = market.nash(), market.monopoly()
    figures = (
        nash[0],
        joint[0],
        (nash[0] - 1.0) * market.shares(nash)[0],
        (joint[0] - 1.0) * market.shares(joint)[0],
        market.surplus(nash),
        market.surplus(joint),
    )
    np.testing.assert_allclose(figures, FIGURES[n], atol=1e-6)


def test_one_owner_charges_more_than_rivals_do_for_unequal_products_too() -> None:
    values, costs = [2.0, 2.4, 1.9], [1.0, 1.3, 0.8]
    theory = Logit(np.array(values), np.array(costs), MU)
    owned = settle(DUOPOLY, firms(values, costs, [1.5, 1.5, 1.5], one_owner=True)).day
    rivals = settle(DUOPOLY, firms(values, costs, [1.5, 1.5, 1.5]), days=60).day
    np.testing.assert_allclose(owned.price, theory.monopoly(), atol=1e-4)
    np.testing.assert_allclose(rivals.price, theory.nash(), atol=1e-4)
    assert owned.profit.sum() > rivals.profit.sum()
    assert owned.surplus < rivals.surplus


def test_where_prices_start_does_not_matter() -> None:
    low = settle(DUOPOLY, firms([2.0, 2.0], [1.0, 1.0], [1.01, 1.02])).day
    high = settle(DUOPOLY, firms([2.0, 2.0], [1.0, 1.0], [2.9, 2.5])).day
    np.testing.assert_allclose(low.price, high.price, atol=2e-5)


@pytest.mark.parametrize(("cost", "founders"), [(0.06, 3), (0.2, 4), (0.4, 2)])
def test_free_entry_leaves_the_firms_whose_profit_covers_their_cost(cost, founders) -> None:
    assert (cost, founders) not in ENTRIES
    by_day = firms_by_day(DUOPOLY, cost, founders)
    assert by_day[0] == founders
    assert set(by_day[-10:]) == {math.floor(1.0 + MU / cost)}


@pytest.mark.parametrize("cost", [0.12, 0.08, 0.049, 0.02])
def test_free_entry_has_one_firm_more_than_welfare_wants(cost: float) -> None:
    n = np.arange(1, 40)
    best = n[np.argmax(MU * np.log(n) - n * cost)]
    assert firms_welfare_wants(MU, cost) == best
    assert firms_of_free_entry(MU, cost) == math.floor(1.0 + MU / cost)
    assert MU / cost <= firms_of_free_entry(MU, cost) <= 1.0 + MU / cost


def test_another_demand_is_not_taken_for_the_textbook_one() -> None:
    changed = Study("duopoly", overrides=("consumers.choice.outside_utility=1.0",))
    market = settle(changed).day
    assert np.abs(market.price - Logit.symmetric(2).nash()).min() > 1e-3
