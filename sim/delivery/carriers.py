"""Several carriers on one clock: each plans its own couriers and parcels, and what is shared.

Every carrier lives a `DeliveryDay` of its own, with a dispatcher of its own. Where the platform
sees all couriers' positions, it gives each new parcel to the carrier that can be at the shop first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np

from policies.arrays import FloatArray, IntArray
from policies.observations import TravelTimes
from policies.protocols import Dispatch
from sim.delivery.engine import DeliveryDay
from sim.delivery.first_at_shop import first_carrier
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.records import DayOutcome

Accepts = Callable[[int, int], bool]
Forecast = Callable[[float], FloatArray]


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who works for whom. C carriers, J jobs, K couriers of the day's shifts."""

    dispatch: Sequence[Dispatch]  # (C,) each carrier's dispatcher
    of_job: IntArray  # (J,) carrier that is to bring it
    of_courier: IntArray  # (K,)
    first_at_shop: bool  # new parcels go to the carrier whose courier can be at the shop first


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds for all carriers alike; see `DeliveryDay`."""

    conditions: Conditions
    travel_at: Callable[[float], TravelTimes]
    slowdown: Callable[[float], float]
    accepts: Accepts = lambda _courier, _job: True


def live_together(
    jobs: Jobs,
    shifts: Shifts,
    carriers: Carriers,
    world: Condition,
    forecasts: Sequence[Forecast | None],
) -> tuple[DayOutcome, IntArray]:
    """Live the day of all carriers, minute by minute beside one another.

    Args:
        jobs: the parcels of all carriers.
        shifts: the couriers of all carriers.
        carriers: who works for whom.
        world: what holds for all alike.
        forecasts: (C,) what each carrier is told of orders to come; None: nothing.

    Returns:
        What came of the day, couriers as rows of `shifts`, and (J,) the carrier of each job.
    """
    count = len(carriers.dispatch)
    of_job = carriers.of_job.copy()
    rows = [np.flatnonzero(carriers.of_courier == c) for c in range(count)]
    days = [
        _day(c, jobs, _some(shifts, rows[c]), carriers, world, forecasts[c], rows[c])
        for c in range(count)
    ]
    if carriers.first_at_shop:
        for minute in np.unique(jobs.known_at[np.isfinite(jobs.known_at)]).tolist():
            _advance(days, math.nextafter(minute, -math.inf))
            given = [0] * count
            for index in np.flatnonzero(jobs.known_at == minute).tolist():
                c = first_carrier(days, given, index, minute, int(of_job[index]))
                given[c] += 1
                of_job[index] = c
                days[c].admit(index, minute)
    _advance(days, math.inf)
    return _together([day.close() for day in days], rows, len(shifts.courier)), of_job


def _day(
    carrier: int,
    jobs: Jobs,
    shifts: Shifts,
    carriers: Carriers,
    world: Condition,
    forecast: Forecast | None,
    rows: IntArray,
) -> DeliveryDay:
    own = np.zeros(len(jobs.number), dtype=np.bool_)
    if not carriers.first_at_shop:
        own = carriers.of_job == carrier
    return DeliveryDay(
        replace(jobs, known_at=np.where(own, jobs.known_at, np.inf)),
        shifts,
        world.conditions,
        carriers.dispatch[carrier],
        world.travel_at,
        accepts=partial(_of_all, world.accepts, rows),
        slowdown=world.slowdown,
        forecast=forecast,
    )


def _of_all(accepts: Accepts, rows: IntArray, courier: int, job: int) -> bool:
    return accepts(int(rows[courier]), job)


def _advance(days: list[DeliveryDay], until: float) -> None:
    while (minute := min(day.next_minute() for day in days)) <= until and minute < math.inf:
        for day in days:
            day.advance(minute)


def _some(shifts: Shifts, rows: IntArray) -> Shifts:
    return Shifts(*(getattr(shifts, one.name)[rows] for one in fields(Shifts)))


_OF_JOBS = (
    "job", "assigned", "picked_up", "handed_over", "tries", "delivered", "cancelled", "spoiled",
)  # fmt: skip
_OF_COURIERS = (
    "end", "deliveries", "pickups", "pickup_visits", "metres", "empty_metres", "driving",
    "waiting", "serving", "resting", "offers", "refusals",
)  # fmt: skip


def _together(outcomes: list[DayOutcome], rows: list[IntArray], couriers: int) -> DayOutcome:
    """One outcome of several carriers' days; couriers are rows of all shifts."""
    columns = {name: np.concatenate([getattr(one, name) for one in outcomes]) for name in _OF_JOBS}
    for name in _OF_COURIERS:
        parts = [getattr(one, name) for one in outcomes]
        columns[name] = np.zeros(couriers, dtype=np.result_type(*parts))
        for part, own in zip(parts, rows, strict=True):
            columns[name][own] = part
    last = [
        np.where(one.courier < 0, -1, np.append(own, -1)[one.courier])
        for one, own in zip(outcomes, rows, strict=True)
    ]
    stops = [
        stop._replace(courier=int(own[stop.courier]))
        for one, own in zip(outcomes, rows, strict=True)
        for stop in one.stops
    ]
    return DayOutcome(
        courier=np.concatenate(last),
        relays=sum(one.relays for one in outcomes),
        stops=sorted(stops, key=lambda stop: stop.handover),
        **columns,
    )
