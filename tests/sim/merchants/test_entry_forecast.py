"""What newcomers expect before they open."""

import numpy as np
import pytest

from experiments.replications.logit_market import BUYERS, UNIT, firms
from experiments.replications.logit_theory import Logit
from experiments.replications.study import Study
from sim.market import Marketplace
from sim.merchants.entry_forecast import expected_profit, settled_markups
from sim.merchants.turnover import _planned


def test_markups_settle_where_no_firm_wants_another() -> None:
    theory = Logit(np.array([2.0, 2.3, 1.8]), np.array([1.0, 1.2, 0.7]), 0.25)
    attraction = np.exp((theory.a - theory.c) / 0.25)
    markup = settled_markups(attraction, np.array([0, 1, 2]), 1.0, 3)
    np.testing.assert_allclose(0.25 * markup, theory.nash() - theory.c, rtol=1e-6)


def test_two_products_of_one_firm_carry_the_monopoly_markup() -> None:
    theory = Logit(np.array([2.0, 2.3]), np.array([1.0, 1.2]), 0.25)
    attraction = np.exp((theory.a - theory.c) / 0.25)
    (markup,) = settled_markups(attraction, np.array([0, 0]), 1.0, 1)
    np.testing.assert_allclose(0.25 * markup, theory.monopoly() - theory.c, rtol=1e-6)


def settled(n: int, *overrides: str) -> Marketplace:
    prices = list(np.linspace(1.3, 1.7, n))
    market = Study("duopoly").market(firms([2.0] * n, [1.0] * n, prices), *overrides)
    for _ in range(30):
        market.step()
    return market


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("commission", [0.0, 0.1])
def test_a_newcomer_expects_the_profit_that_it_would_make(n: int, commission: float) -> None:
    copies = ("merchants.entrant_variation=0.0", "merchants.entrant_listings=1")
    market = settled(n, *copies, f"platform.commission={commission}")
    planned = _planned(market, np.array([n])).listings
    theory = Logit.symmetric(n + 1)
    price = theory.nash(commission=commission)
    profit = (price[0] * (1.0 - commission) - 1.0) * theory.shares(price)[0]
    expected = expected_profit(market, planned) / UNIT / BUYERS
    assert expected == pytest.approx(profit, abs=2e-4)


def test_nobody_enters_where_a_further_firm_would_not_pay() -> None:
    costly = "merchants.fixed_cost_per_listing=100_000_000.0"  # .1 a buyer, as theory counts
    rules = ("merchants.entry_rate=0.5", "merchants.entry_forecast=true", costly)
    copies = ("merchants.entrant_variation=0.0", "merchants.entrant_listings=1")
    two = settled(2, *rules, *copies, "merchants.capital_days=3650.0")
    assert two.books.is_open.sum() == 3  # a third earns .120, a fourth would earn .082
    blind = settled(2, rules[0], costly, *copies, "merchants.capital_days=3650.0")
    assert blind.books.is_open.sum() > 5
