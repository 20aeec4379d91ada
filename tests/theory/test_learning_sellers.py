"""Sellers that learn to collude, and steering against it, in the simulator's own market.

Profits are those of the market's orders and its ledger. One unit of theory is 1000 currency units.
"""

import numpy as np
import pytest

from experiments.running import resolve
from scenarios.build import build
from sim.ledger import Owner
from sim.market import Marketplace
from sim.steering import own_brand

UNIT = 100_000  # cents
BUYERS = 1_000_000
NASH, MONOPOLY = 0.222927, 0.337490
NASH_PRICE, MONOPOLY_PRICE = 1.472927, 1.924981
FAST = (
    "policies.merchant_pricing.q_learning.beta=2e-4",
    "policies.merchant_pricing.q_learning.patience=2000",
)


def lived(scenario: str, *overrides: str, days: int = 12, seed: int = 1) -> Marketplace:
    made, folder = resolve(scenario, overrides=overrides)
    market = build(made.model_copy(update={"seed": seed}), folder=folder)
    for _ in range(days):
        market.step()
    return market


def profit_by_day(market: Marketplace) -> np.ndarray:
    """(days, merchants) profits a buyer in units of theory, from orders."""
    orders = market.orders.to_dict()
    profit = np.zeros((market.day, len(market.books)))
    margin = (orders["unit_price"] - orders["unit_cost"]) * orders["quantity"].astype(float)
    np.add.at(profit, (orders["day"], orders["merchant"]), margin / UNIT / BUYERS)
    return profit


def test_the_ledger_says_what_the_orders_say() -> None:
    market = lived("calvano", *FAST, days=0)
    before = market.ledger.balance_of(Owner.MERCHANT).copy()
    for _ in range(12):
        market.step()
    earned = (market.ledger.balance_of(Owner.MERCHANT) - before) / UNIT / BUYERS
    np.testing.assert_allclose(earned, profit_by_day(market).sum(axis=0), atol=1e-9)


def test_prices_of_the_market_are_those_of_the_sellers_grid() -> None:
    market = lived("calvano", *FAST)
    margin = 0.1 * (MONOPOLY_PRICE - NASH_PRICE)
    grid = np.linspace(NASH_PRICE - margin, MONOPOLY_PRICE + margin, 15)
    asked = market.price_history[-12:] / UNIT
    assert np.abs(asked[..., None] - grid).min(axis=-1).max() < 2e-5


def test_sellers_collude_in_the_market() -> None:
    gains = []
    for seed in range(4):
        market = lived("calvano", seed=seed, days=16)
        (rehearsal,) = market.policies.merchant_pricing["q_learning"].rehearsals()
        assert rehearsal.converged
        gains.append((profit_by_day(market)[4:].mean() - NASH) / (MONOPOLY - NASH))
    assert np.mean(gains) > 0.6


def test_the_same_seed_gives_the_same_prices_and_another_other_ones() -> None:
    first, again, other = (lived("calvano", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.price_history, again.price_history)
    assert not np.array_equal(first.price_history, other.price_history)


def test_unequal_firms_ask_prices_of_their_own_grids() -> None:
    listings = (
        "commerce.written.listings=["
        '{merchant = "Dear", value = 2300.0, unit_cost = 1200.0, price = 1500.0}, '
        '{merchant = "Cheap", value = 1800.0, unit_cost = 700.0, price = 1500.0}]'
    )
    market = lived("calvano", listings, *FAST, "policies.merchant_pricing.q_learning.m=7")
    (played,) = market.policies.merchant_pricing["q_learning"]._played.values()
    asked = market.price_history[-12:]
    assert not np.array_equal(played.game.price[0], played.game.price[1])
    for firm in range(2):
        assert set(asked[:, firm].tolist()) <= set(played.game.price[firm].tolist())


def shown_each_day(market: Marketplace, days: int) -> list[list[int]]:
    rows = []
    for _ in range(days):
        market.step()
        rows.append(np.flatnonzero(market.today.steering.shown).tolist())
    return rows


def test_only_who_is_shown_sells() -> None:
    market = lived(
        "steering", *FAST, 'policies.steering={name = "price_directed_prominence"}', days=0
    )
    for _ in range(10):
        (shown,) = shown_each_day(market, 1)
        sold = market.orders["listing"][market.today.orders].tolist()
        assert sold == shown
        assert market.listings.price[shown[0]] == market.listings.price.min()


def test_the_holder_keeps_its_place_in_the_market() -> None:
    market = lived("steering", days=0)
    holders = shown_each_day(market, 12)
    asked = market.price_history[-12:]
    assert all(len(one) == 1 for one in holders)
    for day in range(1, 12):
        (before,), (now,) = holders[day - 1], holders[day]
        raised = asked[day, before] > asked[day - 1, before]
        undercut = asked[day].min() < asked[day, before] * 0.97
        assert (now == before) == (not raised and not undercut) or asked[day, now] == (
            asked[day].min()
        )


def surplus(steering: str, seeds: int) -> float:
    daily = []
    for seed in range(seeds):
        market = lived("steering", f"policies.steering={steering}", seed=seed, days=6)
        for _ in range(14):
            market.step()
            daily.append(market.today.session_surplus.mean() / UNIT)
        market.end()
    return float(np.mean(daily))


@pytest.mark.slow
def test_dynamic_prominence_helps_consumers_against_learning_sellers() -> None:
    free = surplus('{name = "none"}', 12)
    dynamic = surplus('{name = "dynamic_prominence", tolerance = 0.03}', 6)
    assert dynamic > 1.2 * free


@pytest.mark.parametrize(("n", "k"), [(2, 1), (3, 1), (5, 2), (10, 4)])
def test_showing_the_k_cheapest_at_cost_beats_competition_from_the_k_of_theory_on(n, k) -> None:
    firms = ", ".join(
        f'{{merchant = "Firm {i}", value = 2000.0, unit_cost = 1000.0, price = 1300.0}}'
        for i in range(n)
    )
    listings = f"commerce.written.listings=[{firms}]"

    def consumers(*settings: str, days: int) -> float:
        market = lived("duopoly", listings, *settings, days=days)
        return float(market.today.session_surplus.mean()) / UNIT

    competition = consumers(days=40)
    at_cost = (
        "merchants.strategies={cost_plus = 1.0}",
        "policies.merchant_pricing.cost_plus={markup = 0.0, adjustment = 1.0}",
    )
    steered = [
        consumers(*at_cost, f'policies.steering={{name = "k_cheapest", k = {one}}}', days=2)
        for one in (k - 1, k)
        if one > 0
    ]
    assert steered[-1] > competition
    assert all(less < competition for less in steered[:-1])


def test_the_own_brand_is_seen_first_and_sells_more() -> None:
    world = (
        "roads.rows=5",
        "roads.columns=5",
        "commerce.generated.listings=120",
        "consumers.count=300",
        "platform.own_brand_merchants=3",
        "events=[]",
    )

    def sold(steering: str) -> tuple[int, int]:
        market = lived("tiny", *world, f'policies.steering={{name = "{steering}"}}', days=5)
        ours = own_brand(market)
        assert len(np.unique(market.listings.merchant[ours])) == 3
        orders = market.orders
        return int(orders["quantity"][:][ours[orders["listing"][:]]].sum()), int(
            ours[market.today.slate[:, 0]].sum()
        )

    neutral, first = sold("none"), sold("self_preferencing")
    assert first[0] > neutral[0]
    assert first[1] > neutral[1]
