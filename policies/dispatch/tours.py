"""Routes where windows are hard and only driving costs: kept so that a place is judged at once.

Whether one more stop fits is read from the time of leaving the stop before it and from the latest
arrival at the stop after it; what it costs is the detour. So of all pairs of places in a route few
are looked at, and what was found is kept until the route changes.

Source: forward and backward slack: Savelsbergh (1992), ORSA Journal on Computing 4(2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.evaluation import Records
from policies.dispatch.insertion import draw

STOP = np.dtype(
    [
        ("early", np.float64),  # minute before which its service does not begin
        ("late", np.float64),  # minute of arrival after which it may not begin
        ("service", np.float64),  # minutes
        ("units", np.int64),  # taken on board; negative: handed over
    ]
)
"""A stop: 2 j and 2 j + 1 of job j; then every courier's beginning; then every courier's end."""

STEP = np.dtype(
    [
        ("stop", np.int64),
        ("leave", np.float64),  # minute
        ("latest", np.float64),  # minute of arrival after which a rule would be broken
        ("leg", np.float64),  # minutes driven to the next
        ("load", np.int64),  # units on board from here
    ]
)
"""A stop of a route; the first is the courier's beginning, the one behind the last its end."""

TOUR = np.dtype(
    [
        ("length", np.int64),  # stops, its beginning and end not counted
        ("cost", np.float64),
        ("version", np.int64),  # changes whenever its stops do
        ("capacity", np.int64),
        ("opening", np.float64),  # cost of giving it anything to do
        ("is_open", np.bool_),  # whether it takes work
    ]
)
"""A route."""

PLACE = np.dtype(
    [
        ("version", np.int64),  # of the route, when it was looked at
        ("cost", np.float64),  # added; where `first` is -1: nothing is below this
        ("first", np.int64),  # present stops before the pickup
        ("second", np.int64),  # and before the drop-off
    ]
)
"""The cheapest places for a job in a route."""


class Tours(NamedTuple):
    """All routes. J jobs, K couriers, S = 2 J + 2 K stops, R stops of a route at most."""

    stop: Records  # (S,) STOP
    step: Records  # (K, R + 2) STEP
    tour: Records  # (K,) TOUR
    minutes: NDArray[np.float64]  # (2, S, S) driven from row to column; from column to row
    place: Records  # (J, K) PLACE
    scratch: NDArray[np.float64]  # (2, R + 2)
    counter: NDArray[np.int64]  # (1,) versions given out
    weight: float  # cost of a minute driven


@njit(cache=True)
def time_tour(k, tours):  # type: ignore[no-untyped-def]
    """Work out times, loads and cost of route k from its stops; whether it breaks no rule."""
    stop, step, minutes = tours.stop, tours.step, tours.minutes
    n = tours.tour[k].length
    clock, load, driven, fits = step[k, 0].leave, step[k, 0].load, 0.0, True
    capacity = tours.tour[k].capacity
    for s in range(1, n + 2):
        before, here = step[k, s - 1].stop, step[k, s].stop
        leg = minutes[0, before, here]
        step[k, s - 1].leg = leg
        driven += leg
        clock += leg
        load += stop[here].units
        fits &= clock <= stop[here].late and load <= capacity
        clock = max(clock, stop[here].early) + stop[here].service
        step[k, s].leave, step[k, s].load = clock, load
    latest = stop[step[k, n + 1].stop].late
    step[k, n + 1].latest = latest
    for s in range(n, 0, -1):
        here = step[k, s].stop
        latest = min(latest - step[k, s].leg - stop[here].service, stop[here].late)
        step[k, s].latest = latest
    tours.tour[k].cost = 0.0
    if n > 0:
        tours.tour[k].cost = tours.weight * driven + tours.tour[k].opening
    tours.counter[0] += 1
    tours.tour[k].version = tours.counter[0]
    return fits


@njit(cache=True)
def take_jobs_out(k, is_out, tours):  # type: ignore[no-untyped-def]
    """Take all jobs out of route k that are marked."""
    n, kept = tours.tour[k].length, 1
    for s in range(1, n + 2):
        here = tours.step[k, s].stop
        if s == n + 1 or not is_out[here >> 1]:
            tours.step[k, kept].stop = here
            kept += 1
    tours.tour[k].length = kept - 2
    time_tour(k, tours)


@njit(cache=True)
def put_job_in(k, first, second, job, tours):  # type: ignore[no-untyped-def]
    """Put a job's two stops into route k, after so many of its present stops each."""
    n = tours.tour[k].length
    for s in range(n + 1, second, -1):
        tours.step[k, s + 2].stop = tours.step[k, s].stop
    tours.step[k, second + 2].stop = 2 * job + 1
    for s in range(second, first, -1):
        tours.step[k, s + 1].stop = tours.step[k, s].stop
    tours.step[k, first + 1].stop = 2 * job
    tours.tour[k].length = n + 2
    return time_tour(k, tours)


@njit(cache=True)
def cheapest_places(k, job, limit, blinks, tours, luck):  # type: ignore[no-untyped-def]
    """The cheapest places in route k for a job's pickup and drop-off.

    Args:
        k: the courier.
        job: row of the job.
        limit: added cost that is of no interest any more.
        blinks: share of places of the pickup that are overlooked by chance.
        tours: all routes.
        luck: state of the generator.

    Returns:
        The added cost (infinite if there is nothing below `limit`), the number of present stops
        before the pickup, the number before the drop-off, and whether a place was overlooked.
    """
    step, stop, minutes = tours.step[k], tours.stop, tours.minutes
    n, capacity = tours.tour[k].length, tours.tour[k].capacity
    if n + 4 > len(step):
        return np.inf, -1, -1, False
    pickup, dropoff = 2 * job, 2 * job + 1
    to_pickup, from_pickup = minutes[1, pickup], minutes[0, pickup]
    to_door, from_door = minutes[1, dropoff], minutes[0, dropoff]
    apart, units = from_pickup[dropoff], stop[pickup].units
    door_early, door_late = stop[dropoff].early, stop[dropoff].late
    door_service = stop[dropoff].service
    early, late, service = stop[pickup].early, stop[pickup].late, stop[pickup].service
    fixed = tours.tour[k].opening if n == 0 else 0.0
    best = (limit - fixed) / tours.weight  # minutes
    first = second = -1
    overlooked = False
    detour, least = tours.scratch[0], tours.scratch[1]
    least[n + 1] = lowest = np.inf
    for s in range(n, -1, -1):
        here, then = step[s].stop, step[s + 1].stop
        more = to_door[here] + from_door[then] - step[s].leg
        if more < best:
            arrival = step[s].leave + to_door[here]
            leave = max(arrival, door_early) + door_service
            if arrival > door_late or leave + from_door[then] > step[s + 1].latest:
                more = np.inf
        detour[s] = more
        lowest = min(lowest, more)
        least[s] = lowest
    for i in range(n + 1):
        here, then = step[i].stop, step[i + 1].stop
        arrival = step[i].leave + to_pickup[here]
        if arrival > late:
            break  # later stops are left later
        way = to_pickup[here] - (step[i].leg if n > 0 else 0.0)
        together = way + apart + from_door[then]
        way += from_pickup[then]
        if min(way + least[i + 1], together) >= best or step[i].load + units > capacity:
            continue
        if blinks > 0.0 and draw(luck) < blinks:
            overlooked = True
            continue
        clock = max(arrival, early) + service
        if together < best:
            leave = max(clock + apart, door_early) + door_service
            if clock + apart <= door_late and leave + from_door[then] <= step[i + 1].latest:
                best, first, second = together, i, i
        clock += from_pickup[then]
        for j in range(i + 1, n + 1):
            if way + least[j] >= best:
                break
            if clock > step[j].latest or step[j].load + units > capacity:
                break
            here, then = step[j].stop, step[j + 1].stop
            clock = max(clock, stop[here].early) + stop[here].service
            if way + detour[j] < best:
                arrival = clock + to_door[here]
                if arrival > door_late:
                    break
                leave = max(arrival, door_early) + door_service
                if leave + from_door[then] <= step[j + 1].latest:
                    best, first, second = way + detour[j], i, j
            clock += step[j].leg
    if first < 0:
        return np.inf, -1, -1, overlooked
    return tours.weight * best + fixed, first, second, overlooked


@njit(cache=True)
def cheapest_tour(job, blinks, tours, luck):  # type: ignore[no-untyped-def]
    """The courier to whose route a job adds least; -1: it fits nowhere; and the two places."""
    best, best_k, best_i, best_j = np.inf, -1, -1, -1
    for k in range(len(tours.tour)):
        if not tours.tour[k].is_open:
            continue
        place = tours.place[job, k]
        if place.version == tours.tour[k].version:
            if place.cost >= best:
                continue
            if place.first >= 0:
                if draw(luck) >= blinks:
                    best, best_k, best_i, best_j = place.cost, k, place.first, place.second
                continue
        cost, i, j, overlooked = cheapest_places(k, job, best, blinks, tours, luck)
        if not overlooked:
            place.version, place.first, place.second = tours.tour[k].version, i, j
            place.cost = cost if i >= 0 else best
        if cost < best:
            best, best_k, best_i, best_j = cost, k, i, j
    return best_k, best_i, best_j
