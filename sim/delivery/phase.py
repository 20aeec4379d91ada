"""The couriers' part of the day. Activation: events in the order of their minutes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, IntArray
from sim.delivery.carriers import Condition
from sim.delivery.couriers import todays_shifts
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.parcels import pack, preparation_start
from sim.delivery.records import DayOutcome
from sim.delivery.rush import slowdown
from sim.delivery.sharing import live_day
from sim.event_tables import OrderStatus
from sim.ledger import Owner, Purpose
from sim.settlement import cancel, pay_out

if TYPE_CHECKING:
    from sim.market import Marketplace


def deliver(market: Marketplace) -> None:
    """Bring today's and carried-over parcels to their doors, and settle what arrived."""
    if market.settings.couriers.count == 0:
        _post(market)
    else:
        _send_couriers(market)


def _send_couriers(market: Marketplace) -> None:
    jobs = market.deliveries
    pack(market)
    given_up = _give_up(market)
    open_ = _to_be_fetched(market)
    jobs["ready"][open_] = np.maximum(jobs["ready"][open_], _opening(market, open_))
    shifts, driving = todays_shifts(market), market.driving
    if driving is None:
        raise AssertionError("couriers need travel times")
    # Traffic has rush hours of its own.
    peak = market.settings.delivery.peak_slowdown if driving.traffic is None else 1.0
    world = Condition(_conditions(market), driving.at, partial(slowdown, peak=peak))
    outcome = live_day(market, _todays_jobs(market, open_), shifts, world)
    _enter(market, shifts, outcome)
    driving.end_day()
    _pay_couriers(market, shifts, outcome)
    lost = np.concatenate([given_up, outcome.cancelled, outcome.spoiled])
    _settle(market, outcome.delivered, lost)


def _todays_jobs(market: Marketplace, open_: IntArray) -> Jobs:
    table, delivery, n = market.deliveries, market.settings.delivery, len(open_)
    return Jobs(
        number=open_,
        pickup=table["pickup"][open_],
        dropoff=table["dropoff"][open_],
        known_at=np.maximum(table["placed"][open_], market.day * 1440.0),
        placed=table["placed"][open_],
        expected_ready=_expected_ready(market)[open_],
        ready=table["ready"][open_],
        pickup_by=np.full(n, np.inf),
        not_before=np.zeros(n),
        due=table["due"][open_],
        deadline=np.full(n, np.inf),
        units=table["units"][open_],
        pickup_service=np.full(n, delivery.pickup_service_minutes),
        dropoff_service=np.full(n, delivery.dropoff_service_minutes),
        fails=_nobody_home(market, open_)[:, None],
        tried=table["attempts"][open_],
        cancelled_at=np.full(n, np.inf),
    )


def _conditions(market: Marketplace) -> Conditions:
    delivery = market.settings.delivery
    return Conditions(
        attempts=delivery.attempts,
        pay_per_delivery=market.settings.couriers.pay_per_delivery,
    )


def _enter(market: Marketplace, shifts: Shifts, outcome: DayOutcome) -> None:
    """Write into the tables what the day did."""
    jobs, legs = market.deliveries, market.legs
    fetched = outcome.courier >= 0
    jobs["courier"][outcome.job[fetched]] = shifts.courier[outcome.courier[fetched]]
    first = np.flatnonzero(~np.isnan(outcome.picked_up))
    jobs["picked_up"][outcome.job[first]] = outcome.picked_up[first]
    jobs["delivered"][outcome.job] = outcome.handed_over
    jobs["attempts"][outcome.job] += outcome.tries.astype(np.int8)
    jobs["status"][outcome.delivered] = OrderStatus.DELIVERED
    jobs["status"][np.concatenate([outcome.cancelled, outcome.spoiled])] = OrderStatus.CANCELLED
    driven = [stop for stop in outcome.stops if stop.left < stop.arrived]
    market.today.first_leg = len(legs)
    if driven:
        columns = list(zip(*driven, strict=True))
        names = ("courier", "kind", "job", "origin", "destination", "start", "end")
        legs.append(
            **(dict(zip(names, map(list, columns), strict=False)) | {"parcels": list(columns[8])})
            | {"courier": shifts.courier[list(columns[0])]}
        )


def _to_be_fetched(market: Marketplace) -> IntArray:
    """Open parcels whose shop has begun, or will begin, to prepare them today.

    What is ordered after closing is prepared tomorrow: the shop calls a courier only then, or one
    would wait at its door all night, paid by the hour.
    """
    jobs, merchants = market.deliveries, market.settings.merchants
    open_: IntArray = np.flatnonzero(jobs["status"] == OrderStatus.OPEN)
    start = preparation_start(
        jobs["placed"][open_], merchants.opening_hour * 60.0, merchants.closing_hour * 60.0
    )
    return open_[start < (market.day + 1) * 1440.0]


def _opening(market: Marketplace, jobs: IntArray) -> np.ndarray:
    """A parcel that comes back, or was not ready yesterday, can be fetched when shops open."""
    tried = market.deliveries["attempts"][jobs] > 0
    opening = market.day * 1440.0 + market.settings.merchants.opening_hour * 60.0
    return np.where(tried, opening, 0.0)


def _expected_ready(market: Marketplace) -> np.ndarray:
    """When merchants expect parcels to be ready: the start of preparation and its mean length."""
    jobs, merchants = market.deliveries, market.settings.merchants
    start = preparation_start(
        jobs["placed"].copy(), merchants.opening_hour * 60.0, merchants.closing_hour * 60.0
    )
    expected = start + merchants.preparation_minutes
    return np.where(jobs["attempts"] > 0, jobs["ready"], expected)


def _nobody_home(market: Marketplace, open_: IntArray) -> BoolArray:
    """Whether the next try at the door fails: drawn by consumer, day of the order and try.

    A parcel is tried once a day at most.
    """
    jobs = market.deliveries
    placed = (jobs["placed"][open_] // 1440).astype(np.int64)
    draw = np.ones(len(open_))
    for day in np.unique(placed).tolist():
        rows = open_[placed == day]
        consumer, attempt = jobs["consumer"][rows], jobs["attempts"][rows] + 1
        draw[placed == day] = market.streams.uniform("nobody_home", day, consumer, attempt)
    nobody: BoolArray = draw < market.settings.delivery.failure_rate
    return nobody


def _give_up(market: Marketplace) -> IntArray:
    """Cancel parcels that nobody has brought for too many days."""
    jobs = market.deliveries
    old = market.day * 1440.0 - market.settings.delivery.give_up_days * 1440.0
    late = np.flatnonzero((jobs["status"] == OrderStatus.OPEN) & (jobs["placed"] < old))
    jobs["status"][late] = OrderStatus.CANCELLED
    return late


def _pay_couriers(market: Marketplace, shifts: Shifts, outcome: DayOutcome) -> None:
    """The larger of piece rate and hourly guarantee for each shift, from the platform."""
    settings, ledger = market.settings.couriers, market.ledger
    hours = (outcome.end - shifts.start) / 60.0
    piece = outcome.deliveries * market.cents(settings.pay_per_delivery)
    guarantee = np.rint(hours * settings.hourly_guarantee * 100.0).astype(np.int64)
    pay = np.maximum(piece, guarantee)
    for row, end in zip(shifts.courier.tolist(), outcome.end.tolist(), strict=True):
        market.couriers[row].busy_until = end
    account = ledger.account(Owner.COURIER, shifts.courier)
    ledger.transfer(market.day, ledger.account(Owner.PLATFORM), account, pay, Purpose.COURIER_PAY)
    ledger.transfer(
        market.day, account, ledger.account(Owner.OUTSIDE), pay, Purpose.COURIER_SPENDING
    )
    market.shifts.append(
        day=market.day,
        courier=shifts.courier,
        carrier=[market.couriers[row].carrier for row in shifts.courier.tolist()],
        start=shifts.start,
        end=outcome.end,
        deliveries=outcome.deliveries,
        metres=outcome.metres,
        empty_metres=outcome.empty_metres,
        minutes_driving=outcome.driving,
        pay=pay,
    )


def _settle(market: Marketplace, delivered: IntArray, cancelled: IntArray) -> None:
    """Orders end with their parcels."""
    orders, jobs = market.orders, market.deliveries
    open_ = np.flatnonzero(orders["status"] == OrderStatus.OPEN)
    job = orders["job"][open_]
    arrived = open_[np.isin(job, delivered)]
    lost = open_[np.isin(job, cancelled)]
    orders["closed"][arrived] = jobs["delivered"][orders["job"][arrived]]
    orders["closed"][lost] = (market.day + 1) * 1440.0
    pay_out(market, arrived)
    cancel(market, lost)
    market.today.delivered, market.today.closed = arrived, lost


def _post(market: Marketplace) -> None:
    """Parcels go by post: delivered at noon after the days that the post takes."""
    orders, settings, ledger = market.orders, market.settings.delivery, market.ledger
    today = market.today.orders
    noon = (market.day + settings.postal_days) * 1440.0 + 720.0
    placed = market.day * 1440.0 + orders["minute"][today].astype(np.float64)
    orders["due"][today] = np.maximum(noon, placed)
    postage = market.cents(settings.postage) * len(np.unique(orders["consumer"][today]))
    ledger.transfer(
        market.day,
        ledger.account(Owner.PLATFORM),
        ledger.account(Owner.OUTSIDE),
        postage,
        Purpose.POSTAGE,
    )
    first = market.first_open_order
    open_ = first + np.flatnonzero(orders["status"][first:] == OrderStatus.OPEN)
    arrived = open_[orders["due"][open_] < (market.day + 1) * 1440.0]
    orders["closed"][arrived] = orders["due"][arrived]
    pay_out(market, arrived)
    market.today.delivered = arrived
    still = orders["status"][first:] == OrderStatus.OPEN
    market.first_open_order = first + int(np.argmax(still)) if still.any() else len(orders)
