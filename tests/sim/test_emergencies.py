"""Declared emergencies: since when they hold, and what is kept of their eve."""

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import resolve
from scenarios.build import build
from sim.market import Marketplace

QUIET = (
    SELDOM,
    'policies.subsidy={name = "none"}',
    "policies.rules={}",
    "merchants.strategies={adaptive = 1.0}",
)


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[*QUIET, *overrides])
    return build(scenario, folder=folder)


def emergency(day: int, until: int, category: str = "") -> str:
    where = f', category = "{category}"' if category else ""
    return f'{{kind = "emergency", day = {day}, until = {until}{where}}}'


class Listening:
    """A pricing strategy that keeps what it is shown and moves every price a cent a day."""

    knows_demand = False

    def __init__(self) -> None:
        self.seen = []

    def price(self, view):
        self.seen.append(view)
        return view.price + 1


def listening(*events: str, more: tuple[str, ...] = (), days: int = 8):
    market = market_of(f"events=[{', '.join(events)}]", *more)
    spy = Listening()
    market.policies.merchant_pricing["adaptive"] = spy
    for _ in range(days):
        market.step()
    return market, spy.seen


def test_an_emergency_holds_on_its_days_and_the_eves_prices_are_kept() -> None:
    market, seen = listening(emergency(3, 6))
    assert [bool(view.emergency.all()) for view in seen] == [3 <= day < 6 for day in range(8)]
    assert [bool(view.emergency.any()) for view in seen] == [3 <= day < 6 for day in range(8)]
    eve = seen[3].price  # of the evening of day 2
    for day, view in enumerate(seen):
        kept = eve if 3 <= day < 6 else np.zeros_like(eve)
        np.testing.assert_array_equal(view.price_before_emergency, kept)
    assert (market.emergencies.since == -1).all()


def test_an_emergency_of_one_category_is_none_of_the_others() -> None:
    names = market_of("events=[]").category_names
    market, seen = listening(emergency(2, 9, names[1]))
    in_it = seen[5].category == 1
    assert in_it.any()
    assert not in_it.all()
    np.testing.assert_array_equal(seen[5].emergency, in_it)
    np.testing.assert_array_equal(seen[5].price_before_emergency > 0, in_it)
    assert market.emergencies.since.tolist() == [-1, 2, -1, -1]


def test_emergencies_that_overlap_keep_the_eve_of_the_first() -> None:
    names = market_of("events=[]").category_names
    _, seen = listening(emergency(2, 5, names[0]), emergency(4, 7))
    first = seen[6].category == 0
    np.testing.assert_array_equal(seen[6].price_before_emergency[first], seen[2].price[first])
    np.testing.assert_array_equal(seen[6].price_before_emergency[~first], seen[4].price[~first])
    assert not seen[7].emergency.any()


def test_who_comes_in_an_emergency_has_no_price_of_its_eve() -> None:
    market, _ = listening(emergency(2, 9), more=("merchants.entry_rate=0.3",))
    new = market.listings.listed_on > 2
    assert new.any()
    assert (market.emergencies.price_before[new] == 0).all()
    assert (market.emergencies.price_before[~new & (market.listings.listed_on < 2)] > 0).all()


def test_costs_of_the_eve_are_those_before_the_shock() -> None:
    shock = '{kind = "supply_shock", day = 3, until = 9, factor = 2.0}'
    market, _ = listening(emergency(3, 9), shock)
    kept = market.emergencies.cost_before
    honest = ~market.listings.counterfeit
    np.testing.assert_allclose(market.listings.unit_cost[honest], 2 * kept[honest], atol=1)


def test_more_may_be_wanted_in_an_emergency_by_a_surge_of_the_same_days() -> None:
    surge = '{kind = "demand_surge", day = 2, until = 9, factor = 3.0}'
    calm, busy = (
        listening(*events)[0].health.frame()["orders"][3:].mean()
        for events in ((emergency(2, 9),), (emergency(2, 9), surge))
    )
    assert busy > 1.5 * calm


def test_an_unknown_category_is_told_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"events\.0\.category = .Water.: no category .*; must be"):
        market_of(f"events=[{emergency(2, 9, 'Water')}]")
