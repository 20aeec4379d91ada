"""Each rule against merchants finds the misconduct that it is meant for, and leaves others alone.

A merchant is guilty of a rule if it did, by the hidden truth, what the rule is meant to find.
Nobody is punished here: sanctions would end the misconduct that is to be found.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from experiments.running import resolve
from policies.arrays import IntArray
from policies.merchant_pricing.fixed import FixedPrice
from policies.observations import PricingView
from scenarios.build import build
from sim.market import Marketplace
from sim.wrongdoing import MISCONDUCT_OF_RULE, is_wrongful

WORLD = (
    "commerce.generated.listings=240",
    "commerce.generated.merchants=48",
    "commerce.generated.categories=4",
    "consumers.count=800",
    "couriers.count=0",
    "events=[]",
    'policies.subsidy.name="none"',
    'policies.sanctions.name="none"',
    'policies.fraud.name="none"',
    'policies.privacy.name="keep_all"',
    *(
        f"merchants.misconduct.{kind}_share=0.0"
        for kind in ("counterfeit", "fake_list_price", "bait", "bought_review", "below_cost")
    ),
)
ORDINARY = "merchants.strategies={cost_plus = 0.5, adaptive = 0.5}"
EMERGENCY = 'events=[{kind = "emergency", day = 15}]'


def mixed(strategy: str) -> str:
    """Three in ten merchants use a strategy that is misconduct."""
    return f"merchants.strategies={{{strategy} = 0.3, cost_plus = 0.4, adaptive = 0.3}}"


@cache
def lived(rule: str, days: int, *world: str) -> tuple[Marketplace, frozenset[tuple[int, int]]]:
    """A market with one rule, and all merchants and listings that it found."""
    overrides = (*WORLD, f"policies.rules={{{rule} = {{}}}}", f"days={days}", *world)
    scenario, folder = resolve("tiny", overrides=overrides)
    market = build(scenario, folder=folder)
    found: set[tuple[int, int]] = set()
    for _ in range(days):
        market.step()
        found |= {(one.merchant, one.listing) for one in market.today.findings}
    return market, frozenset(found)


GUILTY = [
    ("false_discount", 45, (ORDINARY, "merchants.misconduct.fake_list_price_share=0.3")),
    ("false_discount", 45, (mixed("fake_list_price"),)),
    ("discount_base", 45, (ORDINARY, "merchants.misconduct.fake_list_price_share=0.3")),
    ("discount_base", 45, (mixed("fake_list_price"),)),
    (
        "below_cost",
        30,
        (ORDINARY, "merchants.misconduct.below_cost_share=0.5", "merchants.large_share=0.5"),
    ),
    ("below_cost", 30, (mixed("predation"),)),
    ("gouging", 30, (mixed("gouging"), EMERGENCY)),
    ("bait_price", 10, (ORDINARY, "merchants.misconduct.bait_share=0.3")),
]


@pytest.mark.parametrize(("rule", "days", "world"), GUILTY)
def test_the_guilty_are_found_and_the_honest_are_not(
    rule: str, days: int, world: tuple[str, ...]
) -> None:
    market, found = lived(rule, days, *world)
    right = [not is_wrongful(market, merchant, rule, listing) for merchant, listing in found]
    done = market.deeds.done(MISCONDUCT_OF_RULE[rule], market.day)
    guilty = set(market.listings.merchant[done].tolist())
    caught = {merchant for merchant, _ in found}
    assert len(guilty) >= 8
    assert np.mean(right) >= 0.95
    assert len(guilty & caught) / len(guilty) >= 0.8


@pytest.mark.parametrize(
    "rule", ["false_discount", "discount_base", "below_cost", "gouging", "bait_price"]
)
def test_honest_merchants_are_hardly_found(rule: str) -> None:
    _, found = lived(rule, 30, ORDINARY, EMERGENCY)
    assert len(found) <= 0.02 * 240


def test_a_supply_shock_is_no_deed_though_prices_stay_below_cost() -> None:
    shock = 'events=[{kind = "supply_shock", day = 10, factor = 5.0}]'
    market, found = lived("below_cost", 25, "merchants.strategies={cost_plus = 1.0}", shock)
    assert len(found) > 20
    assert all(is_wrongful(market, merchant, "below_cost", one) for merchant, one in found)
    assert all(is_wrongful(market, merchant, "below_cost") for merchant, _ in found)


def test_costs_that_are_passed_on_in_an_emergency_are_no_gouging() -> None:
    dear = (
        'events=[{kind = "emergency", day = 15}, {kind = "supply_shock", day = 15, factor = 1.25}]'
    )
    _, found = lived("gouging", 30, "merchants.strategies={cost_plus = 1.0}", dear)
    assert found == frozenset()


class Cartel(FixedPrice):
    """Keeps the opening price, but for one member that cuts it, and the week that punishes it."""

    name = "fixed"

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices of the agreement, or of its breach."""
        agreed = view.price if view.day == 0 else self.agreed[view.listing]
        if view.day == 0:
            self.agreed = np.zeros(int(view.listing.max()) + 1, dtype=np.int64)
            self.agreed[view.listing] = agreed
        breach = np.where(view.merchant == view.merchant.min(), 0, 3)
        cheap = (view.day >= 20 + breach) & (view.day < 30)
        return np.where(cheap, np.rint(agreed * 0.7), agreed).astype(np.int64)


def cartel_of(days: int, strategy: str) -> set[int]:
    """Merchants whom the screen finds in markets of four sellers, beside one of forty."""
    few = [("salt", f"few {k}", 1.9) for k in range(4)]
    many = [("tea", f"many {k}", 1.3) for k in range(40)]
    listings = ", ".join(
        f'{{merchant = "{who}", category = "{what}", value = 25.0, unit_cost = 8.0, '
        f"price = {8.0 * markup:.2f}}}"
        for what, who, markup in (*few, *many)
    )
    world = (
        'commerce.source="written"',
        f"commerce.written={{reference_price = 20.0, listings = [{listings}]}}",
        f"merchants.strategies={{{strategy} = 1.0}}",
        "merchants.unlimited_stock=true",
        "merchants.entry_rate=0.0",
        "merchants.fixed_cost_per_listing=1.0",
        "merchants.capital_days=1000.0",
        "policies.rules={collusion = {signs = 3}}",
    )
    scenario, folder = resolve("tiny", overrides=(*WORLD, f"days={days}", *world))
    market = build(scenario, folder=folder)
    if strategy == "fixed":
        policies = market.policies.merchant_pricing
        policies["fixed"] = Cartel(policies["fixed"].params)
    found: set[int] = set()
    for _ in range(days):
        market.step()
        found |= {one.merchant for one in market.today.findings}
    return found


def test_a_cartel_that_punishes_is_screened_out_and_competitors_are_not() -> None:
    assert cartel_of(45, "fixed") == {0, 1, 2, 3}
    assert cartel_of(45, "adaptive") == set()
