"""The couriers' part of the day in a small market: parcels, tries, leftovers, pay, and post."""

import numpy as np
import pytest

from sim.event_tables import OrderStatus
from sim.ledger import Owner, Purpose
from sim.market import Marketplace
from tests.quiet_markets import lived

DAY = 1440.0


def moved(market: Marketplace, purpose: Purpose) -> np.ndarray:
    """Cents of each payment made for one purpose."""
    transfers = market.ledger.transfers
    return transfers["amount"][transfers["purpose"] == purpose]


def test_orders_of_one_visit_at_one_shop_travel_together() -> None:
    market = lived(4)
    orders, jobs = market.orders, market.deliveries
    assert (orders["job"] >= 0).all()
    first = np.zeros(len(jobs), dtype=np.int64)
    first[orders["job"][::-1]] = np.arange(len(orders))[::-1]
    for column in ("day", "consumer"):
        np.testing.assert_array_equal(orders[column], orders[column][first][orders["job"]])
    pickup = market.books.pickup[orders["merchant"]]
    np.testing.assert_array_equal(pickup, jobs["pickup"][orders["job"]])
    bags = np.stack([orders["day"], orders["consumer"], pickup])
    assert len(jobs) == np.unique(bags, axis=1).shape[1]
    load = np.bincount(orders["job"], orders["quantity"], minlength=len(jobs))
    np.testing.assert_array_equal(
        jobs["units"], np.minimum(load, market.settings.couriers.capacity)
    )
    np.testing.assert_array_equal(orders["due"], jobs["due"][orders["job"]])


def test_orders_end_with_their_parcels() -> None:
    market = lived(8, "delivery.failure_rate=0.3")
    orders, jobs = market.orders, market.deliveries
    ended = jobs["status"][orders["job"]]
    assert set(ended.tolist()) == {0, 1, 2}
    np.testing.assert_array_equal(
        orders["status"] == OrderStatus.OPEN, jobs["status"][orders["job"]] == OrderStatus.OPEN
    )
    np.testing.assert_array_equal(
        orders["status"] == OrderStatus.CANCELLED,
        jobs["status"][orders["job"]] == OrderStatus.CANCELLED,
    )
    arrived = ended == OrderStatus.DELIVERED
    np.testing.assert_array_equal(
        orders["closed"][arrived], jobs["delivered"][orders["job"]][arrived]
    )


@pytest.mark.parametrize("policy", ["cheapest_insertion", "nearest"])
def test_nobody_waits_all_night_at_a_closed_shop(policy: str) -> None:
    market = lived(10, f'policies.dispatch={{name="{policy}"}}')
    merchants, shifts, jobs = market.settings.merchants, market.shifts, market.deliveries
    late = jobs["placed"] % DAY >= merchants.closing_hour * 60
    fetched = late & np.isfinite(jobs["picked_up"])
    assert fetched.sum() > 20
    opens = (jobs["placed"][fetched] // DAY + 1) * DAY + merchants.opening_hour * 60
    assert (jobs["picked_up"][fetched] > opens).all()
    hours = (shifts["end"] - shifts["start"]) / 60
    assert hours.max() < market.settings.couriers.shift_hours + 1.5
    for courier in np.unique(shifts["courier"]):
        own = shifts["courier"] == courier
        assert (shifts["start"][own][1:] >= shifts["end"][own][:-1]).all()


def test_the_next_day_brings_what_was_left_over() -> None:
    market = lived(6, "couriers.count=2", "delivery.give_up_days=5")
    jobs = market.deliveries
    done = jobs["status"] == OrderStatus.DELIVERED
    later = done & (jobs["delivered"] // DAY > jobs["placed"] // DAY)
    early = jobs["placed"] % DAY < market.settings.merchants.closing_hour * 60
    assert (later & early).sum() > 5
    assert (jobs["picked_up"][done] >= jobs["ready"][done]).all()


def test_nobody_at_home_means_a_second_try_on_another_day_and_then_the_money_back() -> None:
    market = lived(1, "delivery.failure_rate=1.0", "delivery.give_up_days=30")
    jobs = market.deliveries
    tried = np.flatnonzero(jobs["attempts"] == 1)
    first = jobs["picked_up"][tried].copy()
    assert len(tried) > 20
    assert (jobs["status"] == OrderStatus.OPEN).all()
    while market.day < 6:
        market.step()
    assert not (jobs["status"] == OrderStatus.DELIVERED).any()
    assert (jobs["attempts"][tried] == 2).all()
    assert (jobs["status"][tried] == OrderStatus.CANCELLED).all()
    opening = market.settings.merchants.opening_hour * 60
    assert (jobs["picked_up"][tried] >= (first // DAY + 1) * DAY + opening).all()
    np.testing.assert_array_equal(jobs["status"] == OrderStatus.CANCELLED, jobs["attempts"] == 2)
    orders = market.orders
    lost = orders["status"] == OrderStatus.CANCELLED
    goods = (orders["unit_price"] - orders["unit_subsidy"]) * orders["quantity"]
    np.testing.assert_array_equal(orders["refunded"][lost], (goods + orders["delivery_fee"])[lost])
    assert moved(market, Purpose.REFUND).sum() == orders["refunded"].sum()
    assert len(moved(market, Purpose.PAYOUT)) == 0
    assert market.ledger.total() == 0


def test_without_couriers_on_shift_orders_are_given_up_after_the_days_that_the_scenario_says() -> (
    None
):
    market = lived(2, "couriers.days_per_week=0.0", "delivery.give_up_days=1")
    orders = market.orders
    assert (orders["status"] == OrderStatus.OPEN).all()
    market.step()
    np.testing.assert_array_equal(orders["status"] == OrderStatus.CANCELLED, orders["day"] == 0)
    assert len(market.shifts) == 0
    assert (orders["closed"][orders["day"] == 0] == 3 * DAY).all()


def test_chance_is_the_same_whatever_the_dispatcher_does() -> None:
    ours = lived(1, "delivery.failure_rate=0.4").deliveries
    theirs = lived(1, "delivery.failure_rate=0.4", 'policies.dispatch={name="nearest"}').deliveries
    np.testing.assert_array_equal(ours["consumer"], theirs["consumer"])
    np.testing.assert_array_equal(ours["ready"], theirs["ready"])
    assert len(np.unique(ours["ready"] - ours["placed"])) > len(ours) // 2
    assert not np.array_equal(ours["delivered"], theirs["delivered"], equal_nan=True)
    both = (ours["attempts"] == 1) & (theirs["attempts"] == 1)
    failed = ours["status"][both] == OrderStatus.OPEN
    assert failed.any()
    np.testing.assert_array_equal(failed, theirs["status"][both] == OrderStatus.OPEN)


def test_pay_is_the_larger_of_piece_rate_and_hourly_guarantee() -> None:
    market = lived(6, "couriers.pay_per_delivery=5.5", "couriers.hourly_guarantee=8.25")
    shifts, ledger = market.shifts, market.ledger
    by_piece = 0
    for row in range(len(shifts)):
        hours = (shifts["end"][row] - shifts["start"][row]) / 60
        piece, guarantee = 550 * int(shifts["deliveries"][row]), round(825 * hours)
        assert shifts["pay"][row] == max(piece, guarantee)
        by_piece += piece > guarantee
    assert 0 < by_piece < len(shifts)
    assert moved(market, Purpose.COURIER_PAY).sum() == shifts["pay"].sum()
    assert (ledger.balance_of(Owner.COURIER) == 0).all()  # what they earn they spend
    delivered = market.deliveries["status"] == OrderStatus.DELIVERED
    assert shifts["deliveries"].sum() == delivered.sum()


def test_legs_add_up_to_the_shifts() -> None:
    market = lived(3)
    legs, shifts, travel = market.legs, market.shifts, market.driving.at(720.0)
    way = travel.metres[legs["origin"], legs["destination"]].astype(np.float64)
    assert way.sum() == pytest.approx(shifts["metres"].sum(), rel=1e-6)
    assert way[legs["parcels"] == 0].sum() == pytest.approx(shifts["empty_metres"].sum(), rel=1e-6)
    driven = (legs["end"] - legs["start"]).sum()
    assert driven == pytest.approx(shifts["minutes_driving"].sum(), rel=1e-4)


def test_shifts_lie_between_opening_and_shortly_after_closing() -> None:
    market = lived(6)
    merchants, shifts = market.settings.merchants, market.shifts
    start = shifts["start"] - shifts["day"] * DAY
    assert (start >= merchants.opening_hour * 60).all()
    assert (
        start + market.settings.couriers.shift_hours * 60 <= merchants.closing_hour * 60 + 75
    ).all()
    per_day = np.bincount(shifts["day"], minlength=6)
    assert (per_day <= market.settings.couriers.count).all()
    worked = np.unique(np.stack([shifts["day"], shifts["courier"]]), axis=1)
    assert worked.shape[1] == len(shifts)  # one shift a day at most


@pytest.mark.parametrize(("days", "closes"), [(2, 2 * DAY + 720), (0, None)])
def test_the_post_brings_orders_at_noon_after_its_days(days: int, closes: float | None) -> None:
    market = lived(5, "couriers.count=0", f"delivery.postal_days={days}", "delivery.postage=3.25")
    orders = market.orders
    placed = orders["day"] * DAY + orders["minute"]
    due = orders["day"] * DAY + days * DAY + 720
    due = due if closes else np.maximum(due, placed)
    arrived = due < 5 * DAY
    assert arrived.sum() > 50
    np.testing.assert_allclose(orders["closed"][arrived], due[arrived])
    assert (orders["closed"][arrived] >= placed[arrived]).all()
    np.testing.assert_array_equal(orders["status"] == OrderStatus.OPEN, ~arrived)
    parcels = np.unique(np.stack([orders["day"], orders["consumer"]]), axis=1).shape[1]
    assert parcels < len(orders)
    assert moved(market, Purpose.POSTAGE).sum() == 325 * parcels
    assert (orders["job"] == -1).all()
    assert len(market.deliveries) == 0
