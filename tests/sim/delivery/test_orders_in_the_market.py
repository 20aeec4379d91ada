"""What buyers choose and endure in a market: windows, promises, cancellations, cold chains."""

import numpy as np
import pytest

from sim.delivery.promises import _load, _of_the_most_alike
from sim.event_tables import Ending, OrderStatus
from sim.ledger import Purpose
from sim.market import Marketplace
from tests.quiet_markets import founded, lived

DAY = 1440.0
COLD = 'delivery.cold_chain_categories=["Kitchen"]'
NO_RETURNS = (
    "consumers.response.return_rate=0.0",
    'policies.protection={name = "refund_none"}',
    'policies.subsidy={name = "none"}',
)


def ended(market: Marketplace, ending: Ending) -> np.ndarray:
    return np.flatnonzero(market.deliveries["ending"] == ending)


def test_buyers_choose_windows_within_opening_hours_and_get_their_parcels_in_them() -> None:
    market = lived(4, "delivery.window_share=0.5", "delivery.window_minutes=90.0")
    jobs, merchants = market.deliveries, market.settings.merchants
    windowed = jobs["not_before"] > 0.0
    assert 0.35 < windowed.mean() < 0.65
    begins, ends = jobs["not_before"][windowed], jobs["due"][windowed]
    np.testing.assert_allclose(ends - begins, 90.0)
    assert (begins % 60.0 == 0.0).all()
    assert (begins % DAY >= merchants.opening_hour * 60.0).all()
    assert (ends % DAY <= merchants.closing_hour * 60.0).all()
    assert (begins >= jobs["placed"][windowed]).all()
    arrived = windowed & (jobs["ending"] == Ending.DELIVERED)
    assert arrived.sum() > 30
    assert (jobs["delivered"][arrived] >= jobs["not_before"][arrived]).all()
    assert (jobs["delivered"][arrived] <= jobs["due"][arrived]).mean() > 0.8


def test_whoever_waits_too_long_calls_the_order_off_and_has_the_money_back() -> None:
    slow = ("couriers.count=2", "delivery.give_up_days=5", *NO_RETURNS)
    patient = lived(4, *slow)
    market = lived(4, *slow, "delivery.cancel_rate=1.0")
    jobs, gone = market.deliveries, ended(market, Ending.CALLED_OFF)
    assert len(ended(patient, Ending.CALLED_OFF)) == 0
    assert len(gone) > 20
    assert (jobs["patience"][gone] > jobs["due"][gone]).all()
    assert np.isnan(jobs["delivered"][gone]).all()
    orders = market.orders
    theirs = np.isin(orders["job"], gone)
    assert (orders["status"][theirs] == OrderStatus.CANCELLED).all()
    paid = orders["unit_price"] * orders["quantity"] + orders["delivery_fee"]
    np.testing.assert_array_equal(orders["refunded"][theirs], paid[theirs])
    # Who has been brought the parcel in time never waited longer than patience.
    done = ended(market, Ending.DELIVERED)
    waited = jobs["picked_up"][done] > jobs["patience"][done]
    assert waited.mean() < 0.05  # a courier had set out before
    assert market.health.frame()["cancelled_share"].max() > 0.0


def test_who_cancels_does_not_depend_on_the_rate_of_others() -> None:
    rare, often = (
        lived(1, f"delivery.cancel_rate={rate}").deliveries["patience"] for rate in (0.5, 1.0)
    )
    due = lived(1).deliveries["due"]
    np.testing.assert_allclose(rare - due, 2.0 * (often - due))


@pytest.mark.parametrize("bears", ["platform", "merchant"])
@pytest.mark.parametrize("unlimited", ["true", "false"])
def test_spoiled_goods_are_paid_back_and_thrown_away(bears: str, unlimited: str) -> None:
    market = lived(
        3,
        COLD,
        "delivery.cold_chain_minutes=25.0",
        "couriers.count=3",
        f'delivery.spoiled_at_cost_of="{bears}"',
        f"merchants.unlimited_stock={unlimited}",
        *NO_RETURNS,
    )
    orders, jobs = market.orders, market.deliveries
    spoiled = orders["spoiled"]
    assert spoiled.sum() > 10
    assert (orders["category"][spoiled] == market.category_names.index("Kitchen")).all()
    assert (jobs["ending"][orders["job"][spoiled]] == Ending.SPOILED).all()
    assert (orders["status"][spoiled] == OrderStatus.REFUNDED).all()
    paid = orders["unit_price"] * orders["quantity"] + orders["delivery_fee"]
    np.testing.assert_array_equal(orders["refunded"][spoiled], paid[spoiled])
    transfers = market.ledger.transfers
    of_spoiled = np.isin(transfers["order"], np.flatnonzero(spoiled))
    payouts = of_spoiled & (transfers["purpose"] == Purpose.PAYOUT)
    net = (orders["unit_price"] * orders["quantity"] - orders["commission"])[spoiled].sum()
    assert transfers["amount"][payouts].sum() == (net if bears == "platform" else 0)
    bought = of_spoiled & (transfers["purpose"] == Purpose.STOCK)
    cost = (orders["unit_cost"] * orders["quantity"])[spoiled].sum()
    assert transfers["amount"][bought].sum() == (cost if unlimited == "true" else 0)
    assert market.ledger.total() == 0


def test_nothing_cold_is_handed_over_after_its_deadline() -> None:
    market = lived(4, COLD, "delivery.cold_chain_minutes=40.0", "couriers.count=4")
    jobs = market.deliveries
    done = ended(market, Ending.DELIVERED)
    assert (jobs["delivered"][done] <= jobs["deadline"][done]).all()
    assert np.isfinite(jobs["deadline"][done]).sum() > 20
    assert len(ended(market, Ending.SPOILED)) > 0


def test_a_second_try_on_the_same_day_comes_after_its_minutes() -> None:
    same = ('delivery.retry="same_day"', "delivery.retry_minutes=45.0", "delivery.failure_rate=0.5")
    market = lived(3, *same, "couriers.count=12")
    jobs = market.deliveries
    twice = np.flatnonzero((jobs["attempts"] == 2) & (jobs["ending"] == Ending.DELIVERED))
    same_day = twice[jobs["delivered"][twice] // DAY == jobs["begins"][twice] // DAY]
    assert len(same_day) > 10
    way = jobs["delivered"] - jobs["picked_up"]
    assert (way[same_day] >= 45.0).all()
    once = (jobs["attempts"] == 1) & (jobs["ending"] == Ending.DELIVERED)
    assert np.median(way[once]) < 20.0


def test_an_adaptive_promise_rises_with_the_load_and_is_kept_more_often() -> None:
    world = (
        'events=[{kind = "demand_surge", day = 8, factor = 4.0}]',
        "couriers.count=10",
        "delivery.promise_minutes=30.0",
    )
    fixed, adaptive = (
        lived(11, *world, f'delivery.promise="{kind}"', "delivery.promise_most_minutes=600.0")
        for kind in ("fixed", "adaptive")
    )
    promised = adaptive.health.frame()["promised_minutes"].to_numpy()
    assert promised[9:].mean() > 1.3 * promised[5:8].mean()
    assert (fixed.health.frame()["promised_minutes"] == 30.0).all()
    kept = [
        market.health.frame()["on_time_share"].to_numpy()[5:].mean() for market in (fixed, adaptive)
    ]
    assert kept[1] > kept[0]
    jobs = adaptive.deliveries
    minutes = jobs["due"] - jobs["begins"]
    assert (minutes <= 600.0).all()
    assert (minutes >= 15.0).all()


def test_the_quantile_of_the_most_alike_is_that_of_those_with_the_nearest_load() -> None:
    known = np.arange(400.0)
    asked = np.array([0.0, 200.0, 1000.0])
    found = _of_the_most_alike(known, known, asked, 0.5)
    np.testing.assert_allclose(found, [50.0, 200.0, 350.0])


def test_load_is_the_last_hours_parcels_for_each_courier_on_shift() -> None:
    begun = np.array([0.0, 30.0, 60.0, 61.0])
    load = _load(np.array([60.0, 61.0]), begun, np.array([0.0, 50.0, 61.0]), np.array([300.0] * 3))
    np.testing.assert_allclose(load, [2 / 2, 3 / 3])


def test_handling_at_the_door_takes_longer_for_every_further_unit() -> None:
    market = lived(3, "delivery.dropoff_minutes_per_unit=4.0", "delivery.failure_rate=0.2")
    jobs, shifts = market.deliveries, market.shifts
    assert jobs["units"].max() > 2
    at_doors = jobs["attempts"] * (3.0 + 4.0 * (jobs["units"] - 1))
    at_shops = 3.0 * shifts["pickup_visits"].sum()
    assert shifts["minutes_serving"].sum() == pytest.approx(at_doors.sum() + at_shops)


def test_handling_at_the_shop_takes_longer_for_every_further_unit() -> None:
    market = lived(3, "delivery.pickup_minutes_per_unit=4.0")
    jobs, shifts = market.deliveries, market.shifts
    at_shops = shifts["minutes_serving"].sum() - 3.0 * jobs["attempts"].sum()
    assert at_shops > 3.0 * shifts["pickup_visits"].sum() + 4.0 * 10
    # Parcels fetched together share the service of the first.
    each = 3.0 + 4.0 * (jobs["units"][jobs["courier"] >= 0] - 1)
    assert at_shops <= each.sum() + each.max() * (shifts["pickups"].sum() - len(each))


def test_orders_of_a_shop_that_closes_come_if_they_were_begun_and_are_paid_back_if_not() -> None:
    market = founded("delivery.give_up_days=9", "couriers.count=3", *NO_RETURNS)
    for _ in range(2):
        market.step()
    orders, jobs = market.orders, market.deliveries
    open_ = np.flatnonzero(orders["status"] == OrderStatus.OPEN)
    begun = jobs["begins"][orders["job"][open_]] < market.day * DAY
    both = set(orders["merchant"][open_[begun]]) & set(orders["merchant"][open_[~begun]])
    merchant = sorted(both)[0]
    own = orders["merchant"][open_] == merchant
    packed, waiting = open_[begun & own], open_[~begun & own]
    market.books.is_open[merchant] = False
    for _ in range(6):
        market.step()
    assert (orders["status"][waiting] == OrderStatus.CANCELLED).all()
    assert (orders["closed"][waiting] == 2 * DAY).all()
    assert np.isin(orders["status"][packed], [OrderStatus.DELIVERED, OrderStatus.CANCELLED]).all()
    assert (orders["status"][packed] == OrderStatus.DELIVERED).any()
    assert not (jobs["ending"][orders["job"][packed]] == Ending.SHOP_CLOSED).any()
    paid = orders["unit_price"] * orders["quantity"] + orders["delivery_fee"]
    np.testing.assert_array_equal(orders["refunded"][waiting], paid[waiting])
    assert market.ledger.total() == 0


def test_what_is_taken_off_sale_leaves_its_parcel_and_the_rest_comes() -> None:
    market = founded("couriers.count=1", "delivery.give_up_days=9", *NO_RETURNS)
    market.step()
    orders, jobs = market.orders, market.deliveries
    open_ = np.flatnonzero(orders["status"] == OrderStatus.OPEN)
    first, job = next(
        (row, job)
        for row, job in zip(open_.tolist(), orders["job"][open_].tolist(), strict=True)
        if len(np.unique(orders["listing"][orders["job"] == job])) > 1
    )
    jobs["begins"][job] = jobs["ready"][job] = DAY + 600.0  # ordered at night
    market.listings.delisted_until[orders["listing"][first]] = 100
    market.step()
    assert orders["status"][first] == OrderStatus.CANCELLED
    rest = (orders["job"] == job) & (orders["listing"] != orders["listing"][first])
    assert rest.any()
    assert (orders["status"][rest] != OrderStatus.CANCELLED).all()
    assert jobs["ending"][job] in (Ending.OPEN, Ending.DELIVERED)
