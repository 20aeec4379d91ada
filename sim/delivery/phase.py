"""The couriers' part of the day. Activation: events in the order of their minutes."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.delivery.acceptance import answers
from sim.delivery.carriers import Condition
from sim.delivery.couriers import todays_shifts
from sim.delivery.endings import call_off_unbegun, end_day, give_up, settle
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.parcels import pack
from sim.delivery.pay import pay_couriers
from sim.delivery.post import post
from sim.delivery.records import DayOutcome
from sim.delivery.rush import slowdown
from sim.delivery.sharing import live_day
from sim.event_tables import OrderStatus

if TYPE_CHECKING:
    from sim.market import Marketplace


def deliver(market: Marketplace) -> None:
    """Bring today's and carried-over parcels to their doors, and settle what arrived."""
    if market.settings.couriers.count == 0:
        post(market)
    else:
        _send_couriers(market)


def _send_couriers(market: Marketplace) -> None:
    jobs, shifts, driving = market.deliveries, todays_shifts(market), market.driving
    called_off = call_off_unbegun(market)
    pack(market, shifts)
    give_up(market)
    open_ = _to_be_fetched(market)
    jobs["ready"][open_] = np.maximum(jobs["ready"][open_], _opening(market, open_))
    if driving is None:
        raise AssertionError("couriers need travel times")
    # Traffic has rush hours of its own.
    peak = market.settings.delivery.peak_slowdown if driving.traffic is None else 1.0
    todays = _todays_jobs(market, open_)
    world = Condition(
        _conditions(market),
        driving.at,
        partial(slowdown, peak=peak),
        answers(market, todays, shifts),
    )
    outcome = live_day(market, todays, shifts, world)
    _enter(market, shifts, outcome)
    driving.end_day()
    pay_couriers(market, shifts, outcome)
    settle(market, called_off)


def _todays_jobs(market: Marketplace, open_: IntArray) -> Jobs:
    table, delivery, n = market.deliveries, market.settings.delivery, len(open_)
    further = table["units"][open_] - 1
    # Whose parcel has a time window is called when the shop begins, or a courier would wait there.
    windowed = table["not_before"][open_] > 0.0
    heard = np.where(windowed, table["begins"][open_], table["placed"][open_])
    return Jobs(
        number=open_,
        pickup=table["pickup"][open_],
        dropoff=table["dropoff"][open_],
        known_at=np.maximum(heard, market.day * 1440.0),
        placed=table["placed"][open_],
        expected_ready=_expected_ready(market, open_),
        ready=table["ready"][open_],
        pickup_by=np.full(n, np.inf),
        not_before=table["not_before"][open_],
        due=table["due"][open_],
        deadline=table["deadline"][open_],
        units=table["units"][open_],
        pickup_service=delivery.pickup_service_minutes + delivery.pickup_minutes_per_unit * further,
        dropoff_service=delivery.dropoff_service_minutes
        + delivery.dropoff_minutes_per_unit * further,
        fails=_nobody_home(market, open_),
        tried=table["attempts"][open_],
        cancelled_at=table["patience"][open_],
    )


def _conditions(market: Marketplace) -> Conditions:
    delivery = market.settings.delivery
    return Conditions(
        attempts=delivery.attempts,
        retry_after=delivery.retry_minutes if delivery.retry == "same_day" else math.inf,
        pay_per_delivery=market.settings.couriers.pay_per_delivery,
        last_call=(market.day + 1) * 1440.0,
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
    end_day(market, outcome)
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
    jobs = market.deliveries
    begins = jobs["begins"] < (market.day + 1) * 1440.0
    return np.flatnonzero(begins & (jobs["status"] == OrderStatus.OPEN))


def _opening(market: Marketplace, jobs: IntArray) -> FloatArray:
    """A parcel that comes back, or was not ready yesterday, can be fetched when shops open."""
    tried = market.deliveries["attempts"][jobs] > 0
    opening = market.day * 1440.0 + market.settings.merchants.opening_hour * 60.0
    return np.where(tried, opening, 0.0)


def _expected_ready(market: Marketplace, open_: IntArray) -> FloatArray:
    """When merchants expect parcels to be ready: the start of preparation and its mean length."""
    jobs = market.deliveries
    expected = jobs["begins"][open_] + market.settings.merchants.preparation_minutes
    return np.where(jobs["attempts"][open_] > 0, jobs["ready"][open_], expected)


def _nobody_home(market: Marketplace, open_: IntArray) -> BoolArray:
    """(n, T) whether the next tries at the door fail: drawn by consumer, day of the order and try.

    Where parcels are not tried again on the same day, there is one.
    """
    jobs, delivery = market.deliveries, market.settings.delivery
    tries = 1 + np.arange(delivery.attempts if delivery.retry == "same_day" else 1)
    placed = (jobs["placed"][open_] // 1440).astype(np.int64)
    draw = np.ones((len(open_), len(tries)))
    for day in np.unique(placed).tolist():
        rows = open_[placed == day]
        consumer, attempt = jobs["consumer"][rows, None], jobs["attempts"][rows, None] + tries
        draw[placed == day] = market.streams.uniform("nobody_home", day, consumer, attempt)
    nobody: BoolArray = draw < delivery.failure_rate
    return nobody
