"""Small markets with every feature of delivery at once: orders end once, and money is conserved."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.running import resolve
from scenarios.build import build
from sim.event_tables import Ending, OrderStatus
from sim.ledger import Owner, Purpose
from sim.market import Marketplace

DAYS = 4

WORLD = (
    "roads.rows=5",
    "roads.columns=5",
    "commerce.generated.listings=60",
    "commerce.generated.merchants=12",
    "commerce.generated.categories=3",
    "commerce.population.visits_per_day=0.5",
    "consumers.count=60",
    "consumers.response.community=40",
    "delivery.addresses=15",
    "delivery.cold_chain_categories=['Shoes']",
    'policies.protection={name = "refund_none"}',
    "consumers.response.return_rate=0.0",
    "merchants.capital_days=1.0",
    "merchants.grace_days=0",
)

EVENTS = (
    '{kind = "courier_dropout", day = 1, until = 3, rate = 1.0}',
    '{kind = "road_closure", day = 1, until = 4, share = 0.2, closed = true}',
    '{kind = "courier_shortage", day = 2, until = 3, share = 0.8}',
    '{kind = "demand_surge", day = 2, until = 4, factor = 3.0}',
)

VEHICLES = (
    'couriers.vehicles=[{name = "bicycle", share = 0.5, capacity = 2, minutes_factor = 1.5, '
    'grams_co2_per_km = 0.0}, {name = "van", share = 0.5, capacity = 9, cost_per_km = 0.3, '
    f"hourly = {[1.0] * 16 + [2.0] * 8}}}]"
)


def number(least: float, most: float) -> st.SearchStrategy[float]:
    return st.floats(least, most).map(lambda value: round(value, 3))


FEATURES = {
    "seed": st.integers(0, 1000),
    "couriers.count": st.integers(2, 8),
    "couriers.break_minutes": st.sampled_from([0.0, 30.0]),
    "couriers.break_after_hours": number(0.0, 4.0),
    "couriers.acceptance": number(0.3, 1.0),
    "couriers.overtime_factor": number(1.0, 2.0),
    "couriers.dropout_rate": number(0.0, 0.5),
    "delivery.pickup": st.sampled_from(['"merchant"', '"hub"']),
    "delivery.promise": st.sampled_from(['"fixed"', '"adaptive"']),
    "delivery.window_share": number(0.0, 0.6),
    "delivery.window_minutes": number(30.0, 240.0),
    "delivery.dropoff_minutes_per_unit": number(0.0, 3.0),
    "delivery.failure_rate": number(0.0, 0.5),
    "delivery.retry": st.sampled_from(['"another_day"', '"same_day"']),
    "delivery.retry_minutes": number(0.0, 90.0),
    "delivery.cancel_rate": number(0.0, 2.0),
    "delivery.cold_chain_minutes": number(20.0, 240.0),
    "delivery.spoiled_at_cost_of": st.sampled_from(['"platform"', '"merchant"']),
    "delivery.give_up_days": st.integers(1, 2),
    "merchants.unlimited_stock": st.sampled_from(["true", "false"]),
    "policies.dispatch.name": st.sampled_from(
        ['"nearest"', '"cheapest_insertion"', '"batch_matching"', '"local_search"']
    ),
}


def founded(features: dict[str, Any], *more: str) -> Marketplace:
    given = [f"{key}={value}" for key, value in features.items()]
    scenario, folder = resolve("tiny", overrides=(*WORLD, *given, *more))
    return build(scenario, folder=folder)


def bytes_of(market: Marketplace) -> list[bytes]:
    tables = [market.orders, market.deliveries, market.shifts, market.legs, market.ledger.transfers]
    return [column.tobytes() for table in tables for column in table.to_dict().values()]


def check_parcels(market: Marketplace) -> None:
    """Every parcel is open, or ended once and in the way that its columns say."""
    jobs, give_up = market.deliveries, market.settings.delivery.give_up_days
    status, ending, delivered = jobs["status"], jobs["ending"], jobs["delivered"]
    statuses = {
        Ending.OPEN: OrderStatus.OPEN,
        Ending.DELIVERED: OrderStatus.DELIVERED,
        Ending.SPOILED: OrderStatus.REFUNDED,
    }
    for kind in Ending:
        assert (status[ending == kind] == statuses.get(kind, OrderStatus.CANCELLED)).all()
    arrived = ending == Ending.DELIVERED
    np.testing.assert_array_equal(np.isfinite(delivered), arrived)
    assert (delivered[arrived] >= jobs["picked_up"][arrived]).all()
    assert (jobs["picked_up"][arrived] >= jobs["begins"][arrived]).all()
    assert (delivered[arrived] >= jobs["not_before"][arrived]).all()
    assert (delivered[arrived] <= jobs["deadline"][arrived]).all()
    assert (jobs["attempts"] <= market.settings.delivery.attempts).all()
    nobody = ending == Ending.NOBODY_HOME
    assert (jobs["attempts"][nobody] == market.settings.delivery.attempts).all()
    called_off = ending == Ending.CALLED_OFF
    assert (jobs["patience"][called_off] > jobs["due"][called_off]).all()
    since = np.maximum(jobs["placed"], jobs["not_before"])[ending == Ending.OPEN]
    assert (since >= (market.day - 1 - give_up) * 1440.0).all()


def check_orders(market: Marketplace) -> None:
    """Orders end with their parcels, and buyers have their money back where nothing came."""
    orders, jobs = market.orders, market.deliveries
    status, ending = orders["status"], jobs["ending"][orders["job"]]
    delivered = ending == Ending.DELIVERED
    alone = np.isin(status, [OrderStatus.CANCELLED]) & np.isin(
        ending, [Ending.OPEN, Ending.DELIVERED]
    )  # taken out of its parcel
    assert (orders["closed"][alone] % 1440.0 == 0.0).all()
    assert (status[(ending == Ending.OPEN) & ~alone] == OrderStatus.OPEN).all()
    assert (status[delivered & ~alone] == OrderStatus.DELIVERED).all()
    ended = status != OrderStatus.OPEN
    assert np.isfinite(orders["closed"][ended]).all()
    gone = ended & (status != OrderStatus.DELIVERED)
    each = orders["unit_price"] + orders["markup"] - orders["unit_subsidy"]
    paid = each * orders["quantity"] + orders["delivery_fee"] - orders["fee_subsidy"]
    np.testing.assert_array_equal(orders["refunded"][gone], paid[gone])
    assert (orders["refunded"][status == OrderStatus.DELIVERED] == 0).all()
    np.testing.assert_array_equal(orders["spoiled"], status == OrderStatus.REFUNDED)
    given_back = market.ledger.transfers["purpose"] == Purpose.REFUND
    assert market.ledger.transfers["amount"][given_back].sum() == paid[gone].sum()
    once = market.ledger.transfers["order"][given_back]
    assert len(once) == len(np.unique(once))


def check_shifts(market: Marketplace) -> None:
    """Nobody does more than there is time for."""
    shifts = market.shifts
    what = ("driving", "serving", "waiting", "resting")
    busy = sum(shifts[f"minutes_{one}"] for one in what)
    assert (busy <= shifts["end"] - shifts["start"] + 1e-6).all()
    for courier in np.unique(shifts["courier"]):
        own = shifts["courier"] == courier
        assert (shifts["start"][own][1:] >= shifts["end"][own][:-1]).all()
    assert shifts["deliveries"].sum() == (market.deliveries["ending"] == Ending.DELIVERED).sum()


def live_a_market(features: dict[str, Any], events: list[str], vehicles: bool) -> None:
    """Live one market twice, and check it every day."""
    more = [f"events=[{', '.join(events)}]", *([VEHICLES] if vehicles else [])]
    market, again = founded(features, *more), founded(features, *more)
    for _ in range(DAYS):
        market.step()
        again.step()
        assert market.ledger.total() == 0
        assert market.ledger.balance_of(Owner.CONSUMER).min() >= 0
        assert market.listings.stock.min() >= 0
        check_parcels(market)
        check_orders(market)
    check_shifts(market)
    assert bytes_of(market) == bytes_of(again)


MARKETS = (
    st.fixed_dictionaries(FEATURES),
    st.lists(st.sampled_from(EVENTS), unique=True),
    st.booleans(),
)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(*MARKETS)
def test_every_order_ends_once_and_money_is_conserved(
    features: dict[str, Any], events: list[str], vehicles: bool
) -> None:
    live_a_market(features, events, vehicles)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(*MARKETS)
def test_so_it_is_in_many_markets(
    features: dict[str, Any], events: list[str], vehicles: bool
) -> None:
    live_a_market(features, events, vehicles)
