"""Insertion of parcels into couriers' routes, where each costs least: compiled, and plain.

A route is a row of stops behind the one that its courier is committed to. It costs the minutes
until it ends, plus a weight times the minutes until each of its parcels is at the door, plus a
weight times the minutes that each is late. A stop's service counts half before the handover and
half after it, as in Reyes et al. (2018).

Source: Solomon (1987), Operations Research 35(2), insertion with time windows; for pickups and
deliveries: Jaw, Odoni, Psaraftis & Wilson (1986), Transportation Research B 20(3).
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Parcels(NamedTuple):
    """Parcels to be inserted, in the order in which they are. J parcels; minutes and places."""

    job: NDArray[np.int64]  # (J,)
    pickup: NDArray[np.int64]  # (J,)
    dropoff: NDArray[np.int64]  # (J,)
    due: NDArray[np.float64]  # (J,)
    ready: NDArray[np.float64]  # (J,)
    units: NDArray[np.int64]  # (J,)


class Fleet(NamedTuple):
    """Couriers on shift, as they are after what they are committed to. K couriers."""

    place: NDArray[np.int64]  # (K,)
    free_at: NDArray[np.float64]  # (K,) minute
    speed: NDArray[np.float64]  # (K,) factor on travel minutes
    load: NDArray[np.int64]  # (K,) units on board
    capacity: NDArray[np.int64]  # (K,) units
    shift_end: NDArray[np.float64]  # (K,) minute after which no pickup may begin


class Routes(NamedTuple):
    """The couriers' stops, which insertion changes. K couriers, R stops at most."""

    length: NDArray[np.int64]  # (K,)
    job: NDArray[np.int64]  # (K, R) -1 padded
    place: NDArray[np.int64]  # (K, R)
    is_dropoff: NDArray[np.bool_]  # (K, R)
    due: NDArray[np.float64]  # (K, R) promise of the stop's parcel
    ready: NDArray[np.float64]  # (K, R) ready minute of the stop's parcel
    units: NDArray[np.int64]  # (K, R) load of the stop's parcel


class Terms(NamedTuple):
    """What counts, and how far to go."""

    now: float  # minute
    pickup_service: float  # minutes
    dropoff_service: float  # minutes
    lateness_weight: float  # minutes of a courier that a minute late is worth
    door_weight: float  # minutes of a courier that a minute to the door is worth
    most_stops: int  # of a route that a parcel is put into
    patience: int  # parcels in a row that fit nowhere after which no more are tried


@njit(cache=True)
def release(routes: Routes) -> Parcels:
    """Take everything that is not yet fetched out of the routes; what is on board stays.

    Args:
        routes: changed in place.

    Returns:
        The parcels taken out, by courier and place in its route.
    """
    taken = 0
    for k in range(len(routes.length)):
        for s in range(routes.length[k]):
            taken += not routes.is_dropoff[k, s]
    parcels = Parcels(
        np.empty(taken, np.int64),
        np.empty(taken, np.int64),
        np.empty(taken, np.int64),
        np.empty(taken, np.float64),
        np.empty(taken, np.float64),
        np.empty(taken, np.int64),
    )
    first = row = 0
    for k in range(len(routes.length)):
        first = row
        kept = 0
        for s in range(routes.length[k]):
            job = routes.job[k, s]
            if not routes.is_dropoff[k, s]:
                parcels.job[row] = job
                parcels.pickup[row] = routes.place[k, s]
                parcels.due[row] = routes.due[k, s]
                parcels.ready[row] = routes.ready[k, s]
                parcels.units[row] = routes.units[k, s]
                row += 1
                continue
            on_board = True
            for p in range(first, row):
                if parcels.job[p] == job:
                    parcels.dropoff[p] = routes.place[k, s]
                    on_board = False
            if on_board:
                routes.job[k, kept] = job
                routes.place[k, kept] = routes.place[k, s]
                routes.is_dropoff[k, kept] = True
                routes.due[k, kept] = routes.due[k, s]
                routes.ready[k, kept] = routes.ready[k, s]
                routes.units[k, kept] = routes.units[k, s]
                kept += 1
        routes.job[k, kept:] = -1
        routes.is_dropoff[k, kept:] = False
        routes.length[k] = kept
    return parcels


class _SoFar(NamedTuple):
    """Where a courier stands after the first s stops of its route. K couriers, R stops at most."""

    clock: NDArray[np.float64]  # (K, R + 1) minute
    load: NDArray[np.int64]  # (K, R + 1) units
    cost: NDArray[np.float64]  # (K, R + 1) of the doors so far
    allowed: NDArray[np.bool_]  # (K, R + 1) whether the bag held and no pickup began too late


@njit(cache=True, inline="always")
def _drop(clock, due, terms):  # type: ignore[no-untyped-def]
    """Clock after a drop-off that is reached at `clock`, and what its door costs."""
    door = clock + 0.5 * terms.dropoff_service
    late = max(door - due, 0.0)
    cost = terms.door_weight * (door - terms.now)
    return clock + terms.dropoff_service, cost, terms.lateness_weight * late


@njit(cache=True, inline="always")
def _fetch(clock, ready, terms):  # type: ignore[no-untyped-def]
    """Clock after a pickup that is reached at `clock`."""
    return max(clock + 0.5 * terms.pickup_service, ready) + 0.5 * terms.pickup_service


@njit(cache=True)
def _serve(k, s, clock, at, load, cost, fleet, routes, minutes, terms):  # type: ignore[no-untyped-def]
    """Drive on to stop s of route k; returns clock, place, load, cost, and whether it may be."""
    there = routes.place[k, s]
    clock += minutes[at, there] * fleet.speed[k]
    if routes.is_dropoff[k, s]:
        clock, door, late = _drop(clock, routes.due[k, s], terms)
        return clock, there, load - routes.units[k, s], cost + door + late, True
    load += routes.units[k, s]
    allowed = clock <= fleet.shift_end[k] and load <= fleet.capacity[k]
    return _fetch(clock, routes.ready[k, s], terms), there, load, cost, allowed


@njit(cache=True)
def _follow(k, so_far, fleet, routes, minutes, terms):  # type: ignore[no-untyped-def]
    """Write down how route k goes as it is; returns its cost."""
    clock, at, load, cost = fleet.free_at[k], fleet.place[k], fleet.load[k], 0.0
    allowed = True
    for s in range(routes.length[k] + 1):
        so_far.clock[k, s], so_far.load[k, s], so_far.cost[k, s] = clock, load, cost
        so_far.allowed[k, s] = allowed
        if s < routes.length[k]:
            clock, at, load, cost, may = _serve(
                k, s, clock, at, load, cost, fleet, routes, minutes, terms
            )
            allowed = allowed and may
    return cost + clock - terms.now


@njit(cache=True)
def _best_place(  # type: ignore[no-untyped-def]
    p, k, best, before, so_far, parcels, fleet, routes, minutes, terms
):
    """Where parcel p adds less than `best` to route k, whose cost is `before`.

    Costs only grow along a route, so one that has reached the least known cost is left at once.

    Returns:
        The cost added, the place of the pickup (-1: nowhere), the place of the drop-off.
    """
    n, speed = routes.length[k], fleet.speed[k]
    pickup, dropoff, units = parcels.pickup[p], parcels.dropoff[p], parcels.units[p]
    best_i, best_j = -1, 0
    for i in range(n + 1):
        clock, cost = so_far.clock[k, i], so_far.cost[k, i]
        if not so_far.allowed[k, i] or cost + clock - terms.now >= before + best:
            break
        load = so_far.load[k, i] + units
        clock += minutes[fleet.place[k] if i == 0 else routes.place[k, i - 1], pickup] * speed
        if clock > fleet.shift_end[k]:
            continue
        if load > fleet.capacity[k]:
            continue
        clock, at = _fetch(clock, parcels.ready[p], terms), pickup
        for j in range(i, n + 1):
            if cost + clock - terms.now >= before + best:
                break
            end = clock + minutes[at, dropoff] * speed
            end, door, late = _drop(end, parcels.due[p], terms)
            total = cost + door + late
            place, carried, may = dropoff, load - units, True
            for s in range(j, n):
                if total + end - terms.now >= before + best:
                    break
                end, place, carried, total, may = _serve(
                    k, s, end, place, carried, total, fleet, routes, minutes, terms
                )
                if not may:
                    break
            if may and total + end - terms.now < before + best:
                added = total + end - terms.now - before
                if added < best:
                    best, best_i, best_j = added, i, j
            if j < n:
                clock, at, load, cost, may = _serve(
                    k, j, clock, at, load, cost, fleet, routes, minutes, terms
                )
                if not may:
                    break
    return best, best_i, best_j


@njit(cache=True)
def _least(p, k, parcels, fleet, minutes, terms):  # type: ignore[no-untyped-def]
    """A cost that adding parcel p to route k cannot undercut: courier k brings it at once.

    Stops in between only add, as fastest paths obey the triangle inequality.
    """
    pickup = fleet.free_at[k] + minutes[fleet.place[k], parcels.pickup[p]] * fleet.speed[k]
    if pickup > fleet.shift_end[k] or parcels.units[p] > fleet.capacity[k]:
        return np.inf
    handover = max(pickup + 0.5 * terms.pickup_service, parcels.ready[p])
    drive = minutes[parcels.pickup[p], parcels.dropoff[p]] * fleet.speed[k]
    door = handover + 0.5 * (terms.pickup_service + terms.dropoff_service) + drive
    late = max(door - parcels.due[p], 0.0)
    return terms.door_weight * (door - terms.now) + terms.lateness_weight * late


@njit(cache=True)
def _put_in(row, n, i, j, first, second):  # type: ignore[no-untyped-def]
    """Put `first` before place i and `second` before place j >= i of a row's first n values."""
    for s in range(n - 1, j - 1, -1):
        row[s + 2] = row[s]
    row[j + 1] = second
    for s in range(j - 1, i - 1, -1):
        row[s + 1] = row[s]
    row[i] = first


@njit(cache=True)
def insert_in_turn(
    parcels: Parcels,
    fleet: Fleet,
    routes: Routes,
    minutes: NDArray[np.float32],
    terms: Terms,
) -> None:
    """Insert parcels one after the other, each where it adds the least cost; some may fit nowhere.

    Args:
        parcels: in the order of insertion.
        fleet: the couriers.
        routes: changed in place.
        minutes: (P, P) travel minutes, which obey the triangle inequality.
        terms: what counts.
    """
    couriers, stops = routes.job.shape
    so_far = _SoFar(
        np.empty((couriers, stops + 1)),
        np.empty((couriers, stops + 1), np.int64),
        np.empty((couriers, stops + 1)),
        np.empty((couriers, stops + 1), np.bool_),
    )
    before = np.empty(couriers)
    for k in range(couriers):
        before[k] = _follow(k, so_far, fleet, routes, minutes, terms)
    refused = 0
    for p in range(len(parcels.job)):
        if refused == terms.patience:
            return
        best = np.inf
        best_k, best_i, best_j = -1, 0, 0
        for k in range(couriers):
            full = routes.length[k] + 2 > terms.most_stops
            if full or _least(p, k, parcels, fleet, minutes, terms) >= best:
                continue
            added, i, j = _best_place(
                p, k, best, before[k], so_far, parcels, fleet, routes, minutes, terms
            )
            if i >= 0:
                best, best_k, best_i, best_j = added, k, i, j
        if best_k < 0:
            refused += 1
            continue
        refused = 0
        k, i, j, n = best_k, best_i, best_j, routes.length[best_k]
        _put_in(routes.job[k], n, i, j, parcels.job[p], parcels.job[p])
        _put_in(routes.place[k], n, i, j, parcels.pickup[p], parcels.dropoff[p])
        _put_in(routes.is_dropoff[k], n, i, j, False, True)
        _put_in(routes.due[k], n, i, j, parcels.due[p], parcels.due[p])
        _put_in(routes.ready[k], n, i, j, parcels.ready[p], parcels.ready[p])
        _put_in(routes.units[k], n, i, j, parcels.units[p], parcels.units[p])
        routes.length[k] = n + 2
        before[k] += best
        _follow(k, so_far, fleet, routes, minutes, terms)


_Stop: TypeAlias = tuple[int, bool, int, float, float, int]
"""Job, whether the drop-off, place, due, ready, units."""


def insert_in_turn_plainly(
    parcels: Parcels,
    fleet: Fleet,
    routes: Routes,
    minutes: NDArray[np.float32],
    terms: Terms,
) -> list[list[tuple[int, bool]]]:
    """`insert_in_turn` written with lists, every place tried: what the kernel is tested on.

    Returns:
        The new (job, is it the drop-off) of each route; its arguments are left as they are.
    """

    def stops_of(k: int) -> list[_Stop]:
        return [
            (
                int(routes.job[k, s]),
                bool(routes.is_dropoff[k, s]),
                int(routes.place[k, s]),
                float(routes.due[k, s]),
                float(routes.ready[k, s]),
                int(routes.units[k, s]),
            )
            for s in range(int(routes.length[k]))
        ]

    def cost(k: int, route: list[_Stop], *, as_it_is: bool = False) -> float:
        clock, at, load = float(fleet.free_at[k]), int(fleet.place[k]), int(fleet.load[k])
        total = 0.0
        for _, drop, there, due, ready, units in route:
            clock += float(minutes[at, there]) * float(fleet.speed[k])
            at = there
            if drop:
                door = clock + terms.dropoff_service / 2
                total += terms.door_weight * (door - terms.now)
                total += terms.lateness_weight * max(door - due, 0.0)
                clock, load = clock + terms.dropoff_service, load - units
            else:
                load += units
                if not as_it_is and (clock > fleet.shift_end[k] or load > fleet.capacity[k]):
                    return np.inf
                clock = max(clock + terms.pickup_service / 2, ready) + terms.pickup_service / 2
        return total + clock - terms.now

    plan = [stops_of(k) for k in range(len(routes.length))]
    refused = 0
    for p in range(len(parcels.job)):
        if refused == terms.patience:
            break
        job, due, ready = int(parcels.job[p]), float(parcels.due[p]), float(parcels.ready[p])
        units = int(parcels.units[p])
        pickup: _Stop = (job, False, int(parcels.pickup[p]), due, ready, units)
        dropoff: _Stop = (job, True, int(parcels.dropoff[p]), due, ready, units)
        options = [
            (cost(k, new) - cost(k, route, as_it_is=True), k, new)
            for k, route in enumerate(plan)
            if len(route) + 2 <= terms.most_stops
            for i in range(len(route) + 1)
            for j in range(i, len(route) + 1)
            for new in [[*route[:i], pickup, *route[i:j], dropoff, *route[j:]]]
        ]
        added, k, new = min(options, key=lambda option: option[0], default=(np.inf, -1, []))
        if np.isfinite(added):
            plan[k] = new
        refused = 0 if np.isfinite(added) else refused + 1
    return [[(stop[0], stop[1]) for stop in route] for route in plan]
