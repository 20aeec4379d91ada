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

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

VIOLATION = 1e9
"""Cost of one rule broken."""

ROUNDING = 1e-9
"""Minutes by which sums of the same numbers may differ."""


class Work(NamedTuple):
    """The known jobs, as in `policies.observations.KnownJobs`. M jobs; minutes and places."""

    pickup: NDArray[np.int64]  # (M,)
    dropoff: NDArray[np.int64]  # (M,)
    ready: NDArray[np.float64]  # (M,)
    pickup_by: NDArray[np.float64]  # (M,)
    not_before: NDArray[np.float64]  # (M,)
    due: NDArray[np.float64]  # (M,)
    deadline: NDArray[np.float64]  # (M,)
    units: NDArray[np.int64]  # (M,)
    pickup_service: NDArray[np.float64]  # (M,)
    dropoff_service: NDArray[np.float64]  # (M,)


class Team(NamedTuple):
    """The couriers, as they are after what they are committed to. K couriers."""

    takes_work: NDArray[np.bool_]  # (K,)
    place: NDArray[np.int64]  # (K,)
    base: NDArray[np.int64]  # (K,)
    start: NDArray[np.float64]  # (K,) minute from which it can leave, not in the past
    shift_end: NDArray[np.float64]  # (K,)
    speed: NDArray[np.float64]  # (K,) factor on travel minutes, the slowdown of now included
    load: NDArray[np.int64]  # (K,) units on board
    capacity: NDArray[np.int64]  # (K,) units
    opening: NDArray[np.float64]  # (K,) cost of giving it anything to do
    per_job: NDArray[np.float64]  # (K,) cost of each parcel it is given


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
    """Routes, and what their evaluation found after each stop. K couriers, R stops at most."""

    length: NDArray[np.int64]  # (K,)
    stop: NDArray[np.int64]  # (K, R)
    clock: NDArray[np.float64]  # (K, R + 1) minute of leaving, after this many stops
    rest: NDArray[np.float64]  # (K, R + 1) service after the handover that the next may share; -1
    spent: NDArray[np.float64]  # (K, R + 1) cost of this many stops
    latest: NDArray[np.float64]  # (K, R + 1) clock from which on a rule would be broken
    load: NDArray[np.int64]  # (K, R + 1) units on board
    parcels: NDArray[np.int64]  # (K, R + 1) on board
    leg: NDArray[np.float64]  # (K, R) minutes driven to each stop
    slack: NDArray[np.float64]  # (K,) minutes by which leaving may wait
    total: NDArray[np.float64]  # (K,) cost of the route


def empty_sheet(couriers: int, stops: int) -> Sheet:
    """A sheet of routes without stops."""
    wide = (couriers, stops + 1)
    return Sheet(
        np.zeros(couriers, np.int64),
        np.zeros((couriers, stops), np.int64),
        np.zeros(wide),
        np.zeros(wide),
        np.zeros(wide),
        np.zeros(wide),
        np.zeros(wide, np.int64),
        np.zeros(wide, np.int64),
        np.zeros((couriers, stops)),
        np.zeros(couriers),
        np.zeros(couriers),
    )


@njit(cache=True)
def place_after(k: int, stops: int, sheet: Sheet, work: Work, team: Team) -> int:
    """Where courier k is after this many stops of its route."""
    if stops == 0:
        return team.place[k]
    stop = sheet.stop[k, stops - 1]
    return work.dropoff[stop >> 1] if stop & 1 else work.pickup[stop >> 1]


@njit(cache=True)
def place_of(stop: int, work: Work) -> int:
    """Where a stop is."""
    return work.dropoff[stop >> 1] if stop & 1 else work.pickup[stop >> 1]


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
        there = work.dropoff[job]
        drive = minutes[at, there] * team.speed[k]
        service = work.dropoff_service[job]
        handover = max(clock + drive + before * service, work.not_before[job])
        late = max(handover - work.due[job], 0.0)
        cost = terms.driven * drive + terms.door * (handover - terms.now) + terms.late * late
        if handover > work.deadline[job]:
            cost += VIOLATION
        return handover + (1.0 - before) * service, there, -1.0, handover, cost
    there = work.pickup[job]
    if rest >= 0.0 and at == there:
        drive = 0.0
        arrival = clock - rest
        handover = max(arrival, work.ready[job])
    else:
        drive = minutes[at, there] * team.speed[k]
        arrival = clock + drive
        service = work.pickup_service[job]
        handover = max(arrival + before * service, work.ready[job])
        rest = (1.0 - before) * service
    cost = terms.driven * drive + team.per_job[k]
    if arrival > min(team.shift_end[k], work.pickup_by[job]) or handover > work.deadline[job]:
        cost += VIOLATION
    return handover + rest, there, rest if terms.shared_pickup else -1.0, handover, cost


@njit(cache=True)
def ending(clock, at, k, team, minutes, terms):  # type: ignore[no-untyped-def]
    """What it costs courier k to have its last stop behind it at `clock`."""
    if not terms.must_return:
        return terms.busy * (clock - team.start[k])
    drive = minutes[at, team.base[k]] * team.speed[k]
    cost = terms.driven * drive + terms.busy * (clock + drive - team.start[k])
    return cost + (VIOLATION if clock + drive > team.shift_end[k] else 0.0)


@njit(cache=True)
def idle_before(k, stop, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Minutes by which courier k may leave later for its first stop without any delay."""
    job = stop >> 1
    arrival = team.start[k] + minutes[team.place[k], place_of(stop, work)] * team.speed[k]
    if stop & 1:
        begin = arrival + terms.service_before * work.dropoff_service[job]
        return max(work.not_before[job] - begin, 0.0)
    return max(work.ready[job] - arrival - terms.service_before * work.pickup_service[job], 0.0)


@njit(cache=True)
def evaluate(
    k: int, sheet: Sheet, work: Work, team: Team, minutes: NDArray[Any], terms: Terms
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
    n = sheet.length[k]
    clock, at, rest, spent = team.start[k], team.place[k], -1.0, 0.0
    if n > 0:
        spent = team.opening[k]
    fetched = 0
    for s in range(n):
        fetched += 1 - (sheet.stop[k, s] & 1)
    load, parcels = team.load[k], n - 2 * fetched
    sheet.clock[k, 0], sheet.rest[k, 0], sheet.spent[k, 0] = clock, rest, spent
    sheet.load[k, 0], sheet.parcels[k, 0] = load, parcels
    for s in range(n):
        stop = sheet.stop[k, s]
        sheet.leg[k, s] = minutes[at, place_of(stop, work)] * team.speed[k]
        clock, at, rest, _, cost = serve(clock, at, rest, stop, k, work, team, minutes, terms)
        spent += cost
        sign = 1 - 2 * (stop & 1)
        load += sign * work.units[stop >> 1]
        parcels += sign
        sheet.clock[k, s + 1], sheet.rest[k, s + 1], sheet.spent[k, s + 1] = clock, rest, spent
        sheet.load[k, s + 1], sheet.parcels[k, s + 1] = load, parcels
    if n == 0:
        sheet.slack[k], sheet.total[k], sheet.latest[k, 0] = 0.0, 0.0, np.inf
        return
    sheet.slack[k] = idle_before(k, sheet.stop[k, 0], work, team, minutes, terms)
    sheet.total[k] = spent + ending(clock, at, k, team, minutes, terms)
    sheet.total[k] -= terms.busy * sheet.slack[k]
    _latest(k, sheet, work, team, minutes, terms)


@njit(cache=True)
def _latest(k, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """The latest departures of courier k; rules that its route breaks already do not count."""
    n = sheet.length[k]
    latest = np.inf
    if terms.must_return:
        at = place_after(k, n, sheet, work, team)
        home = team.shift_end[k] - minutes[at, team.base[k]] * team.speed[k]
        if sheet.clock[k, n] <= home:
            latest = home
    sheet.latest[k, n] = latest
    before = terms.service_before
    for s in range(n - 1, -1, -1):
        stop = sheet.stop[k, s]
        job = stop >> 1
        kept = sheet.spent[k, s + 1] - sheet.spent[k, s] < VIOLATION
        if stop & 1:
            service = work.dropoff_service[job]
            latest -= (1.0 - before) * service
            if kept:
                latest = min(latest, work.deadline[job])
            latest -= before * service + sheet.leg[k, s]
        elif sheet.rest[k, s] >= 0.0 and place_after(k, s, sheet, work, team) == work.pickup[job]:
            if kept:
                begin = min(team.shift_end[k], work.pickup_by[job], work.deadline[job])
                latest = min(latest, begin + sheet.rest[k, s])
        else:
            service = work.pickup_service[job]
            latest -= (1.0 - before) * service
            if kept:
                latest = min(latest, work.deadline[job])
            latest -= before * service
            if kept:
                latest = min(latest, team.shift_end[k], work.pickup_by[job])
            latest -= sheet.leg[k, s]
        sheet.latest[k, s] = latest


@njit(cache=True)
def evaluate_all(
    sheet: Sheet, work: Work, team: Team, minutes: NDArray[Any], terms: Terms
) -> None:
    """Fill the whole sheet from the routes' stops."""
    for k in range(len(sheet.length)):
        evaluate(k, sheet, work, team, minutes, terms)
