"""Dear supplies: unit costs rise while a shock lasts, in its category, and fall back after it."""

import numpy as np

from experiments.running import resolve
from scenarios.build import build
from sim.market import Marketplace

HONEST = "merchants.misconduct.counterfeit_share=0.0"
SHOCK = 'events=[{kind="supply_shock", day=2, until=4, factor=1.5, category="Pets"}]'


def market_of(events: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[events, HONEST])
    return build(scenario, folder=folder)


def test_a_supply_shock_raises_the_costs_of_its_category_and_is_undone() -> None:
    market = market_of(SHOCK)
    costs = []
    for _ in range(6):
        market.step()
        first = market.listings.listed_on == 0
        costs.append(market.listings.unit_cost[first].copy())
    hit = market.listings.category[first] == market.category_names.index("Pets")
    genuine = market.listings.genuine_cost[first]
    dear = [day for day, cost in enumerate(costs) if not np.array_equal(cost, genuine)]
    assert dear == [2, 3]
    for day in dear:
        np.testing.assert_array_equal(costs[day][hit], np.rint(genuine[hit] * 1.5))
        np.testing.assert_array_equal(costs[day][~hit], genuine[~hit])
    np.testing.assert_array_equal(costs[5], genuine)


def test_merchants_pass_dear_supplies_on() -> None:
    calm, shocked = market_of("events=[]"), market_of(SHOCK)
    for _ in range(4):
        calm.step()
        shocked.step()
    pets = calm.category_names.index("Pets")
    hit = (calm.listings.category == pets) & (calm.listings.listed_on == 0)
    before = calm.listings.price[hit].mean()
    assert shocked.listings.price[: len(hit)][hit].mean() > 1.02 * before
