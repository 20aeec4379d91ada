"""What a courier's route costs: one compiled evaluation that every dispatch policy shares.

A stop is one number: twice the job's row, plus one at the drop-off. A route costs, in minutes of a
courier: the minutes until each of its parcels is at the door and those that each is late, the
minutes that the courier is busy (from leaving, which may wait as long as that delays nothing) and
drives, and a fixed cost for beginning anew; each with its weight. What may not be (a pickup after
the shift, a handover after the deadline) costs `VIOLATION`, so that a route which breaks a rule
already can still be compared with others. `policies.dispatch.plain` says the same without arrays.

Source: the parts of the cost are those of Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018),
"The meal delivery routing problem"; evaluation by the states before each stop and the latest
departures after it: Savelsbergh (1992), ORSA Journal on Computing 4(2).
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

VIOLATION = 1e9
"""Cost of one rule broken."""

ROUNDING = 1e-9
"""Minutes by which sums of the same numbers may differ."""


JOB = np.dtype(
    [
        ("pickup", np.int64),  # place
        ("dropoff", np.int64),  # place
        ("ready", np.float64),
        ("pickup_by", np.float64),
        ("not_before", np.float64),
        ("due", np.float64),
        ("deadline", np.float64),
        ("units", np.int64),
        ("pickup_service", np.float64),
        ("dropoff_service", np.float64),
    ]
)
"""A job, as in `policies.observations.KnownJobs`; minutes."""

COURIER = np.dtype(
    [
        ("takes_work", np.bool_),
        ("place", np.int64),
        ("base", np.int64),
        ("start", np.float64),  # minute from which it can leave, not in the past
        ("lingers", np.float64),  # service that a pickup at its place would share; -1: none
        ("shift_end", np.float64),
        ("speed", np.float64),  # factor on travel minutes, the slowdown of now included
        ("load", np.int64),  # units on board
        ("capacity", np.int64),  # units
        ("opening", np.float64),  # cost of giving it anything to do
        ("per_job", np.float64),  # cost of each parcel it is given
    ]
)
"""A courier, as it is after what it is committed to."""

STEP = np.dtype(
    [
        ("stop", np.int64),  # the next stop
        ("leg", np.float64),  # minutes driven to it
        ("clock", np.float64),  # minute of leaving
        ("rest", np.float64),  # service after the handover that the next may share; -1: none
        ("spent", np.float64),  # cost of the stops so far
        ("latest", np.float64),  # clock after which a rule would be broken
        ("load", np.int64),  # units on board
        ("parcels", np.int64),  # on board
    ]
)
"""A route after some of its stops. Row s: after s stops."""

ROUTE = np.dtype(
    [
        ("length", np.int64),  # stops
        ("slack", np.float64),  # minutes by which leaving may wait
        ("total", np.float64),  # cost
    ]
)
"""A route."""

Records: TypeAlias = NDArray[Any]
"""Records of one of these kinds. Kernels take few arrays, as each one costs at every call."""


class Terms(NamedTuple):
    """What counts, and what is allowed."""

    now: float  # minute
    service_before: float  # share of the service before the handover
    shared_pickup: bool
    must_return: bool
    door: float  # weight of a minute until the door
    late: float  # weight of a minute late
    busy: float  # weight of a minute in which a courier is busy
    driven: float  # weight of a minute driven
    most_stops: int  # of a route
    most_on_board: int  # parcels
    most_detour: float  # minutes that a parcel may ride longer than by the direct way


class Sheet(NamedTuple):
    """Routes, and what their evaluation found. K couriers, R stops at most."""

    route: Records  # (K,) ROUTE
    step: Records  # (K, R + 1) STEP


def empty_sheet(couriers: int, stops: int) -> Sheet:
    """A sheet of routes without stops."""
    return Sheet(np.zeros(couriers, ROUTE), np.zeros((couriers, stops + 1), STEP))


@njit(cache=True)
def place_after(k: int, stops: int, sheet: Sheet, work: Records, team: Records) -> int:
    """Where courier k is after this many stops of its route."""
    if stops == 0:
        return team[k].place
    stop = sheet.step[k, stops - 1].stop
    return work[stop >> 1].dropoff if stop & 1 else work[stop >> 1].pickup


@njit(cache=True)
def place_of(stop: int, work: Records) -> int:
    """Where a stop is."""
    return work[stop >> 1].dropoff if stop & 1 else work[stop >> 1].pickup


@njit(cache=True)
def copy_stops(k: int, sheet: Sheet, row: NDArray[np.int64]) -> None:
    """Note the stops of route k in a row."""
    for s in range(sheet.route[k].length):
        row[s] = sheet.step[k, s].stop


@njit(cache=True)
def set_stops(k: int, row: NDArray[np.int64], length: int, sheet: Sheet) -> None:
    """Make a row's first stops route k, not evaluated yet."""
    sheet.route[k].length = length
    for s in range(length):
        sheet.step[k, s].stop = row[s]


@njit(cache=True)
def serve(  # type: ignore[no-untyped-def]
    clock, at, rest, stop, k, work, team, minutes, terms
):
    """Courier k, who leaves `at` at `clock`, drives to a stop and serves it.

    Args:
        clock: minute of leaving.
        at: place that is left.
        rest: service that a further pickup at this place would share; -1: none.
        stop: the stop.
        k: the courier.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.

    Returns:
        The minute of leaving the stop, its place, the new `rest`, the minute of the handover, and
        the cost, the drive included.
    """
    job = stop >> 1
    before = terms.service_before
    if stop & 1:
        there = work[job].dropoff
        drive = minutes[at, there] * team[k].speed
        service = work[job].dropoff_service
        handover = max(clock + drive + before * service, work[job].not_before)
        late = max(handover - work[job].due, 0.0)
        cost = terms.driven * drive + terms.door * (handover - terms.now) + terms.late * late
        if handover > work[job].deadline:
            cost += VIOLATION
        return handover + (1.0 - before) * service, there, -1.0, handover, cost
    there = work[job].pickup
    if rest >= 0.0 and at == there:
        drive = 0.0
        arrival = clock - rest
        handover = max(arrival, work[job].ready)
    else:
        drive = minutes[at, there] * team[k].speed
        arrival = clock + drive
        service = work[job].pickup_service
        handover = max(arrival + before * service, work[job].ready)
        rest = (1.0 - before) * service
    cost = terms.driven * drive + team[k].per_job
    if arrival > work[job].pickup_by or handover > min(team[k].shift_end, work[job].deadline):
        cost += VIOLATION
    return handover + rest, there, rest if terms.shared_pickup else -1.0, handover, cost


@njit(cache=True)
def ending(clock, at, k, team, minutes, terms):  # type: ignore[no-untyped-def]
    """What it costs courier k to have its last stop behind it at `clock`."""
    if not terms.must_return:
        return terms.busy * (clock - team[k].start)
    drive = minutes[at, team[k].base] * team[k].speed
    cost = terms.driven * drive + terms.busy * (clock + drive - team[k].start)
    return cost + (VIOLATION if clock + drive > team[k].shift_end else 0.0)


@njit(cache=True)
def idle_before(k, stop, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Minutes by which courier k may leave later for its first stop without any delay."""
    job = stop >> 1
    arrival = team[k].start + minutes[team[k].place, place_of(stop, work)] * team[k].speed
    if stop & 1:
        begin = arrival + terms.service_before * work[job].dropoff_service
        return max(work[job].not_before - begin, 0.0)
    return max(work[job].ready - arrival - terms.service_before * work[job].pickup_service, 0.0)


@njit(cache=True)
def evaluate(
    k: int, sheet: Sheet, work: Records, team: Records, minutes: NDArray[Any], terms: Terms
) -> None:
    """Fill the sheet's row of courier k from its stops.

    Args:
        k: the courier.
        sheet: changed in place.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes, which obey the triangle inequality.
        terms: what counts.
    """
    n = sheet.route[k].length
    clock, at, rest, spent = team[k].start, team[k].place, team[k].lingers, 0.0
    if n > 0:
        spent = team[k].opening
    fetched = 0
    for s in range(n):
        fetched += 1 - (sheet.step[k, s].stop & 1)
    load, parcels = team[k].load, n - 2 * fetched
    sheet.step[k, 0].clock, sheet.step[k, 0].rest, sheet.step[k, 0].spent = clock, rest, spent
    sheet.step[k, 0].load, sheet.step[k, 0].parcels = load, parcels
    for s in range(n):
        stop = sheet.step[k, s].stop
        sheet.step[k, s].leg = minutes[at, place_of(stop, work)] * team[k].speed
        clock, at, rest, _, cost = serve(clock, at, rest, stop, k, work, team, minutes, terms)
        spent += cost
        sign = 1 - 2 * (stop & 1)
        load += sign * work[stop >> 1].units
        parcels += sign
        sheet.step[k, s + 1].clock, sheet.step[k, s + 1].rest, sheet.step[k, s + 1].spent = (
            clock,
            rest,
            spent,
        )
        sheet.step[k, s + 1].load, sheet.step[k, s + 1].parcels = load, parcels
    if n == 0:
        sheet.route[k].slack, sheet.route[k].total, sheet.step[k, 0].latest = 0.0, 0.0, np.inf
        return
    sheet.route[k].slack = idle_before(k, sheet.step[k, 0].stop, work, team, minutes, terms)
    sheet.route[k].total = spent + ending(clock, at, k, team, minutes, terms)
    sheet.route[k].total -= terms.busy * sheet.route[k].slack
    _latest(k, sheet, work, team, minutes, terms)


@njit(cache=True)
def _latest(k, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """The latest departures of courier k; rules that its route breaks already do not count."""
    n = sheet.route[k].length
    latest = np.inf
    if terms.must_return:
        at = place_after(k, n, sheet, work, team)
        home = team[k].shift_end - minutes[at, team[k].base] * team[k].speed
        if sheet.step[k, n].clock <= home:
            latest = home
    sheet.step[k, n].latest = latest
    before = terms.service_before
    for s in range(n - 1, -1, -1):
        stop = sheet.step[k, s].stop
        job = stop >> 1
        kept = sheet.step[k, s + 1].spent - sheet.step[k, s].spent < VIOLATION
        if stop & 1:
            service = work[job].dropoff_service
            latest -= (1.0 - before) * service
            if kept:
                latest = min(latest, work[job].deadline)
            latest -= before * service + sheet.step[k, s].leg
        elif (
            sheet.step[k, s].rest >= 0.0
            and place_after(k, s, sheet, work, team) == work[job].pickup
        ):
            if kept:
                begin = min(team[k].shift_end, work[job].pickup_by, work[job].deadline)
                latest = min(latest, begin + sheet.step[k, s].rest)
        else:
            service = work[job].pickup_service
            latest -= (1.0 - before) * service
            if kept:
                latest = min(latest, team[k].shift_end, work[job].deadline)
            latest -= before * service
            if kept:
                latest = min(latest, work[job].pickup_by)
            latest -= sheet.step[k, s].leg
        sheet.step[k, s].latest = latest


@njit(cache=True)
def evaluate_all(
    sheet: Sheet, work: Records, team: Records, minutes: NDArray[Any], terms: Terms
) -> None:
    """Fill the whole sheet from the routes' stops."""
    for k in range(len(sheet.route)):
        evaluate(k, sheet, work, team, minutes, terms)
