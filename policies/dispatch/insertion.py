"""Kernels of insertion: what a route costs, and where another parcel costs least.

A route is a row of stops, each with its place, promise, ready minute and load. Arrays are small
(a dozen stops) and there are many, so the kernels are compiled.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def route_cost(  # type: ignore[no-untyped-def]  # noqa: PLR0913
    start, now, speed, load, capacity, latest_pickup, n, place, is_dropoff, due, ready, units,
    minutes, pickup_service, dropoff_service, lateness_weight, door_weight,
):
    """Cost of driving a route, in minutes; inf if it cannot be driven.

    Cost is the minute at which the route ends, plus `door_weight` times the minutes at which
    parcels arrive, plus `lateness_weight` times the minutes they are late. It cannot be driven if
    the bag overflows or a pickup would begin after `latest_pickup`.
    """
    clock = now
    at = start
    cost = 0.0
    for s in range(n):
        clock += minutes[at, place[s]] * speed
        at = place[s]
        if is_dropoff[s]:
            clock += dropoff_service
            load -= units[s]
            cost += door_weight * (clock - now) + lateness_weight * max(clock - due[s], 0.0)
        else:
            if clock > latest_pickup:
                return np.inf
            load += units[s]
            if load > capacity:
                return np.inf
            clock = max(clock, ready[s]) + pickup_service
    return cost + clock - now


@njit(cache=True)
def with_two_more(values, n, i, j, first, second):  # type: ignore[no-untyped-def]
    """The first n values with `first` put at place i and `second` at place j >= i behind it."""
    wide = np.empty(n + 2, values.dtype)
    k = 0
    for s in range(n + 1):
        if s == i:
            wide[k] = first
            k += 1
        if s == j:
            wide[k] = second
            k += 1
        if s < n:
            wide[k] = values[s]
            k += 1
    return wide


@njit(cache=True)
def cheapest_place(  # type: ignore[no-untyped-def]  # noqa: PLR0913
    job_pickup, job_dropoff, job_due, job_ready, job_units, start, now, speed, load, capacity,
    latest_pickup, length, place, is_dropoff, due, ready, units, minutes, pickup_service,
    dropoff_service, lateness_weight, door_weight, most_stops,
):
    """The courier and the two places of its route at which a parcel costs least.

    Returns:
        Added cost (inf if it fits nowhere), courier, place of the pickup, place of the drop-off.
    """
    best = np.inf
    best_k = -1
    best_i = 0
    best_j = 0
    for k in range(len(start)):
        n = length[k]
        if n + 2 > most_stops:
            continue
        before = route_cost(
            start[k], now[k], speed[k], load[k], capacity[k], np.inf, n, place[k], is_dropoff[k],
            due[k], ready[k], units[k], minutes, pickup_service, dropoff_service, lateness_weight,
            door_weight,
        )
        reach = now[k] + minutes[start[k], job_pickup] * speed[k]
        if n == 0 and reach > latest_pickup[k]:
            continue
        for i in range(n + 1):
            for j in range(i, n + 1):
                cost = route_cost(
                    start[k], now[k], speed[k], load[k], capacity[k], latest_pickup[k], n + 2,
                    with_two_more(place[k], n, i, j, job_pickup, job_dropoff),
                    with_two_more(is_dropoff[k], n, i, j, False, True),
                    with_two_more(due[k], n, i, j, job_due, job_due),
                    with_two_more(ready[k], n, i, j, job_ready, job_ready),
                    with_two_more(units[k], n, i, j, job_units, job_units),
                    minutes, pickup_service, dropoff_service, lateness_weight, door_weight,
                )
                if cost - before < best:
                    best = cost - before
                    best_k = k
                    best_i = i
                    best_j = j
    return best, best_k, best_i, best_j
