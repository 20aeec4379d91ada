"""What a merchant who knows demand is told is what consumers then do."""

import numpy as np
import pytest

from experiments.running import resolve
from scenarios.build import build
from sim.demand import demand_knowledge
from sim.market import Marketplace
from sim.merchants.pricing import REFERENCE_MEMORY

BUYERS = 1_000_000
FIXED = "merchants.strategies={fixed=1.0, best_response=0.0}"


def duopoly(*overrides: str) -> Marketplace:
    scenario, folder = resolve("duopoly", overrides=[FIXED, *overrides])
    return build(scenario, folder=folder)


def live_a_day(market: Marketplace, price: int, reference: float) -> None:
    """Let the first merchant ask a price on a day on which consumers remember `reference`."""
    listings = market.listings
    listings.price[0] = price
    # The morning's smoothing of reference prices must end at `reference`.
    listings.reference_price[:] = reference
    listings.reference_price -= (1.0 - REFERENCE_MEMORY) * listings.price
    listings.reference_price /= REFERENCE_MEMORY
    market.step()
    np.testing.assert_allclose(listings.reference_price, reference)


def shares(market: Marketplace) -> np.ndarray:
    """(L,) units sold today a buyer."""
    orders = market.orders
    today = market.today.orders
    units = np.bincount(
        orders["listing"][today], orders["quantity"][today], minlength=len(market.listings)
    )
    return units / BUYERS


def predicted(market: Marketplace, price: np.ndarray) -> np.ndarray:
    """(L,) shares at the given prices if each listing is the only one of its merchant."""
    known = demand_knowledge(market, np.arange(len(market.listings)))
    weight = np.exp((known.value - price) / known.scale)
    return weight / (weight + known.others)


CASES = {
    "plain": (),
    "fee": ("platform.delivery_fee=80.0",),
    "rival": ("rival.present=true", "rival.utility=3.0", "rival.discount=0.1"),
    "reference prices": ("consumers.choice.reference_weight=0.5",),
    "subsidy": ('policies.subsidy.name="flat"', "policies.subsidy.amount=120.0"),
    "all": (
        "platform.delivery_fee=80.0",
        "rival.present=true",
        "rival.utility=3.0",
        "consumers.choice.reference_weight=0.5",
        'policies.subsidy.name="flat"',
        "policies.subsidy.amount=120.0",
    ),
}


@pytest.mark.parametrize("overrides", CASES.values(), ids=CASES.keys())
def test_a_merchant_who_knows_demand_foresees_the_sales_of_any_price(overrides) -> None:
    market = duopoly(*overrides)
    live_a_day(market, 150_000, 155_000.0)
    np.testing.assert_allclose(predicted(market, market.listings.price), shares(market), atol=2e-6)
    other_price = market.listings.price.copy()
    other_price[0] = 120_000
    foreseen = predicted(market, other_price)[0]
    other = duopoly(*overrides)
    live_a_day(other, 120_000, 155_000.0)
    assert shares(other)[0] == pytest.approx(foreseen, abs=2e-6)
    assert foreseen > 1.02 * shares(market)[0]


def test_surplus_of_the_whole_market_is_the_log_sum_over_everything() -> None:
    rival = ("rival.present=true", "rival.utility=3.0", "rival.discount=0.1")
    market = duopoly(*rival)
    market.step()
    utility = (2000.0 - market.listings.price / 100) / 250.0
    elsewhere = np.exp(3.0 - 4.0 * 0.9)
    total = np.log(np.exp(utility).sum() + elsewhere + 1.0) * 250.0
    assert market.health.latest()["market_surplus_per_visit"] == pytest.approx(total)


def test_a_rival_that_is_sold_out_or_closed_does_not_compete() -> None:
    market = duopoly()
    live_a_day(market, 150_000, 150_000.0)
    alone = 1.0
    both = demand_knowledge(market, np.array([0])).others[0]
    assert both > alone
    market.listings.stock[1] = 0
    assert demand_knowledge(market, np.array([0])).others[0] == pytest.approx(alone)
    market.listings.stock[1] = 1
    market.listings.delisted_until[1] = market.day + 1
    assert demand_knowledge(market, np.array([0])).others[0] == pytest.approx(alone)


def test_the_sellers_subsidy_is_no_part_of_what_buyers_value() -> None:
    plain, subsidised = (
        duopoly('policies.subsidy.name="flat"', "policies.subsidy.to_seller=true", amount)
        for amount in ("policies.subsidy.amount=0.0", "policies.subsidy.amount=100.0")
    )
    for market in (plain, subsidised):
        live_a_day(market, 150_000, 150_000.0)
    np.testing.assert_array_equal(
        demand_knowledge(plain, np.array([0, 1])).value,
        demand_knowledge(subsidised, np.array([0, 1])).value,
    )


def test_remembered_prices_make_best_responses_lower() -> None:
    scenario, folder = resolve("duopoly", overrides=["consumers.choice.reference_weight=0.5"])
    market = build(scenario, folder=folder)
    for _ in range(120):
        market.step()
    # In the long run the reference price is the price, but each cent still counts 1.5 fold.
    price = market.listings.price.astype(float)
    quantity = shares(market)
    np.testing.assert_allclose(price - 100_000, 25_000 / 1.5 / (1.0 - quantity), rtol=1e-3)
