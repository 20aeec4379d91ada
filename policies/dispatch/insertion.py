"""Kernels of insertion: what a route costs, and where another parcel costs least.

A route is a row of stops, each with its place, promise, ready minute and load. Arrays are small
(a dozen stops) and there are many, so the kernels are compiled and build no arrays.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def cost_with_parcel(  # type: ignore[no-untyped-def]
    i, j, job, start, now, speed, load, capacity, latest_pickup, n, place, is_dropoff, due, ready,
    units, minutes, services, weights, give_up_at, asked,
):  # fmt: skip
    """Cost in minutes of a route with a parcel's pickup before stop i and drop-off before stop j.

    Cost is the minutes until the route ends, plus `weights[1]` times the minutes until parcels
    arrive, plus `weights[0]` times the minutes they are late.

    Args:
        i: place of the pickup among the n stops, 0..n; -1: the route without the parcel.
        j: place of the drop-off, i..n.
        job: pickup, drop-off, due, ready and units of the parcel.
        start: place where the courier is.
        now: minute at which it can leave.
        speed: factor on travel minutes.
        load: units on board.
        capacity: units that fit.
        latest_pickup: minute after which no pickup may begin.
        n: stops of the route.
        place: (R,) place of each stop.
        is_dropoff: (R,) kind of each stop.
        due: (R,) promise of each stop's parcel.
        ready: (R,) ready minute of each stop's parcel.
        units: (R,) load of each stop's parcel.
        minutes: (P, P) travel minutes.
        services: minutes at a pickup and at a drop-off.
        weights: of lateness and of the minutes to the door.
        give_up_at: a cost at which it is no use to go on.
        asked: minute of the decision, from which the minutes to the door count: they include what a
            courier is busy with until `now`.

    Returns:
        The cost; inf if the bag overflows or a pickup would begin too late.
    """
    clock = now
    at = start
    cost = 0.0
    stops = n if i < 0 else n + 2
    for s in range(stops):
        if i < 0 or s < i:
            k = s
        elif s == i:
            k = -1
        elif s <= j:
            k = s - 1
        elif s == j + 1:
            k = -2
        else:
            k = s - 2
        if k == -1:
            there, drop, promised, from_, weight = job[0], False, job[2], job[3], job[4]
        elif k == -2:
            there, drop, promised, from_, weight = job[1], True, job[2], job[3], job[4]
        else:
            there, drop, promised, from_, weight = (
                place[k],
                is_dropoff[k],
                due[k],
                ready[k],
                units[k],
            )
        clock += minutes[at, there] * speed
        at = there
        if drop:
            clock += services[1]
            load -= weight
            cost += weights[1] * (clock - asked) + weights[0] * max(clock - promised, 0.0)
        else:
            if clock > latest_pickup:
                return np.inf
            load += weight
            if load > capacity:
                return np.inf
            clock = max(clock, from_) + services[0]
        if cost + clock - now >= give_up_at:
            return np.inf
    return cost + clock - now


@njit(cache=True)
def cheapest_place(  # type: ignore[no-untyped-def]
    job, start, now, speed, load, capacity, latest_pickup, length, place, is_dropoff, due, ready,
    units, minutes, services, weights, most_stops, asked,
):  # fmt: skip
    """The courier and the two places of its route at which a parcel costs least.

    Args:
        job: as in `cost_with_parcel`.
        start: (K,) where couriers are.
        now: (K,) when they can leave.
        speed: (K,) factors on travel minutes.
        load: (K,) units on board.
        capacity: (K,) units that fit.
        latest_pickup: (K,) minutes after which no pickup may begin.
        length: (K,) stops planned.
        place: (K, R) places of the stops.
        is_dropoff: (K, R) kinds of the stops.
        due: (K, R) promises.
        ready: (K, R) ready minutes.
        units: (K, R) loads.
        minutes: (P, P) travel minutes.
        services: minutes at a pickup and at a drop-off.
        weights: of lateness and of the minutes to the door.
        most_stops: stops that a route may have with the parcel.
        asked: minute of the decision.

    Returns:
        Added cost (inf if it fits nowhere), courier, place of the pickup, place of the drop-off.
    """
    best = np.inf
    best_k, best_i, best_j = -1, 0, 0
    for k in range(len(start)):
        n = length[k]
        if n + 2 > most_stops:
            continue
        before = cost_with_parcel(
            -1, -1, job, start[k], now[k], speed[k], load[k], capacity[k], np.inf, n, place[k],
            is_dropoff[k], due[k], ready[k], units[k], minutes, services, weights, np.inf, asked,
        )  # fmt: skip
        for i in range(n + 1):
            for j in range(i, n + 1):
                cost = cost_with_parcel(
                    i, j, job, start[k], now[k], speed[k], load[k], capacity[k], latest_pickup[k],
                    n, place[k], is_dropoff[k], due[k], ready[k], units[k], minutes, services,
                    weights, before + best, asked,
                )  # fmt: skip
                if cost - before < best:
                    best = cost - before
                    best_k, best_i, best_j = k, i, j
    return best, best_k, best_i, best_j


@njit(cache=True)
def put_in(row, n, i, j, first, second):  # type: ignore[no-untyped-def]
    """Put `first` before place i and `second` before place j >= i of a row's first n values."""
    for s in range(n - 1, j - 1, -1):
        row[s + 2] = row[s]
    row[j + 1] = second
    for s in range(j - 1, i - 1, -1):
        row[s + 1] = row[s]
    row[i] = first
