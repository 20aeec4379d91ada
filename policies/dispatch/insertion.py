"""Insertion of parcels into couriers' routes, where each costs least: compiled, and plain.

A route is a row of stops behind the one that its courier is committed to. It costs the minutes
until it ends, plus a weight times the minutes until each of its parcels is at the door, plus a
weight times the minutes that each is late.

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
    pickup_service: NDArray[np.float64]  # (J,)
    dropoff_service: NDArray[np.float64]  # (J,)


class Couriers(NamedTuple):
    """Couriers on shift, as they are after what they are committed to. K couriers."""

    place: NDArray[np.int64]  # (K,)
    free_at: NDArray[np.float64]  # (K,) minute
    lingers: NDArray[np.float64]  # (K,) minutes of it that one more pickup here may precede
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
    service: NDArray[np.float64]  # (K, R) minutes that the stop takes


class Terms(NamedTuple):
    """What counts, and how far to go."""

    now: float  # minute
    service_before: float  # share of a service that lies before the handover
    shared_pickup: bool  # parcels fetched together at one place share one service
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
        np.empty(taken, np.float64),
        np.empty(taken, np.float64),
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
                parcels.pickup_service[row] = routes.service[k, s]
                row += 1
                continue
            on_board = True
            for p in range(first, row):
                if parcels.job[p] == job:
                    parcels.dropoff[p] = routes.place[k, s]
                    parcels.dropoff_service[p] = routes.service[k, s]
                    on_board = False
            if on_board:
                routes.job[k, kept] = job
                routes.place[k, kept] = routes.place[k, s]
                routes.is_dropoff[k, kept] = True
                routes.due[k, kept] = routes.due[k, s]
                routes.ready[k, kept] = routes.ready[k, s]
                routes.units[k, kept] = routes.units[k, s]
                routes.service[k, kept] = routes.service[k, s]
                kept += 1
        routes.job[k, kept:] = -1
        routes.is_dropoff[k, kept:] = False
        routes.length[k] = kept
    return parcels


@njit(cache=True)
def _cost(  # type: ignore[no-untyped-def]
    p, k, i, j, parcels, fleet, routes, minutes, terms, give_up_at
):
    """Cost of route k with the pickup of parcel p before stop i and its drop-off before stop j.

    i = -1 leaves the parcel out. Infinite if the bag overflows, a pickup begins after the shift, or
    the cost reaches `give_up_at`.
    """
    clock, at, load = fleet.free_at[k], fleet.place[k], fleet.load[k]
    lingers = fleet.lingers[k]
    speed = fleet.speed[k]
    before = terms.service_before
    cost = 0.0
    stops = routes.length[k] if i < 0 else routes.length[k] + 2
    for stop in range(stops):
        mine = i >= 0 and stop in (i, j + 1)
        if mine:
            drop = stop == j + 1
            there = parcels.dropoff[p] if drop else parcels.pickup[p]
            due, ready, units = parcels.due[p], parcels.ready[p], parcels.units[p]
            service = parcels.dropoff_service[p] if drop else parcels.pickup_service[p]
        else:
            s = stop
            if i >= 0 and stop > i:
                s = stop - 1 if stop <= j else stop - 2
            drop, there = routes.is_dropoff[k, s], routes.place[k, s]
            due, ready, units = routes.due[k, s], routes.ready[k, s], routes.units[k, s]
            service = routes.service[k, s]
        if not drop and lingers > 0.0 and there == at:
            load += units
            if i >= 0 and load > fleet.capacity[k]:
                return np.inf
            clock = max(clock - lingers, ready) + lingers
        else:
            clock += minutes[at, there] * speed
            if drop:
                door = clock + before * service
                load -= units
                cost += terms.door_weight * (door - terms.now)
                cost += terms.lateness_weight * max(door - due, 0.0)
                clock += service
                lingers = 0.0
            else:
                load += units
                if i >= 0 and (clock > fleet.shift_end[k] or load > fleet.capacity[k]):
                    return np.inf
                lingers = (1.0 - before) * service
                clock = max(clock + before * service, ready) + lingers
                if not terms.shared_pickup:
                    lingers = 0.0
        at = there
        if cost + clock - terms.now >= give_up_at:
            return np.inf
    return cost + clock - terms.now


@njit(cache=True)
def _least(p, k, parcels, fleet, minutes, terms):  # type: ignore[no-untyped-def]
    """A cost that adding parcel p to route k cannot undercut: it is brought as soon as can be.

    Stops in between only add, as fastest paths obey the triangle inequality; a service shared with
    others before it may be saved.
    """
    if parcels.units[p] > fleet.capacity[k]:
        return np.inf
    here = fleet.place[k]
    arrival = fleet.free_at[k] + minutes[here, parcels.pickup[p]] * fleet.speed[k]
    if fleet.lingers[k] > 0.0 and parcels.pickup[p] == here:
        handover = max(fleet.free_at[k] - fleet.lingers[k], parcels.ready[p])
    elif arrival > fleet.shift_end[k]:
        return np.inf
    elif terms.shared_pickup:
        handover = max(arrival, parcels.ready[p])
    else:
        handover = max(arrival + terms.service_before * parcels.pickup_service[p], parcels.ready[p])
    drive = minutes[parcels.pickup[p], parcels.dropoff[p]] * fleet.speed[k]
    door = handover + drive + terms.service_before * parcels.dropoff_service[p]
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
    fleet: Couriers,
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
    couriers = len(routes.length)
    before = np.empty(couriers)
    for k in range(couriers):
        before[k] = _cost(0, k, -1, -1, parcels, fleet, routes, minutes, terms, np.inf)
    refused = 0
    for p in range(len(parcels.job)):
        if refused == terms.patience:
            return
        best = np.inf
        best_k, best_i, best_j = -1, 0, 0
        for k in range(couriers):
            n = routes.length[k]
            if n + 2 > terms.most_stops or _least(p, k, parcels, fleet, minutes, terms) >= best:
                continue
            for i in range(n + 1):
                for j in range(i, n + 1):
                    most = before[k] + best
                    cost = _cost(p, k, i, j, parcels, fleet, routes, minutes, terms, most)
                    if cost - before[k] < best:
                        best = cost - before[k]
                        best_k, best_i, best_j = k, i, j
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
        _put_in(routes.service[k], n, i, j, parcels.pickup_service[p], parcels.dropoff_service[p])
        routes.length[k] = n + 2
        before[k] += best


_Stop: TypeAlias = tuple[int, bool, int, float, float, int, float]
"""Job, whether the drop-off, place, due, ready, units, service."""


def insert_in_turn_plainly(
    parcels: Parcels,
    fleet: Couriers,
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
                float(routes.service[k, s]),
            )
            for s in range(int(routes.length[k]))
        ]

    def cost(k: int, route: list[_Stop], *, as_it_is: bool = False) -> float:
        clock, at, load = float(fleet.free_at[k]), int(fleet.place[k]), int(fleet.load[k])
        before, lingers, total = terms.service_before, float(fleet.lingers[k]), 0.0
        for _, drop, there, due, ready, units, service in route:
            same_visit = not drop and lingers > 0 and there == at
            if not same_visit:
                clock += float(minutes[at, there]) * float(fleet.speed[k])
            at = there
            if drop:
                door = clock + before * service
                total += terms.door_weight * (door - terms.now)
                total += terms.lateness_weight * max(door - due, 0.0)
                clock, load, lingers = clock + service, load - units, 0.0
                continue
            load += units
            late = not same_visit and clock > fleet.shift_end[k]
            if not as_it_is and (late or load > fleet.capacity[k]):
                return np.inf
            if same_visit:
                clock = max(clock - lingers, ready) + lingers
                continue
            lingers = (1 - before) * service
            clock = max(clock + before * service, ready) + lingers
            lingers = lingers if terms.shared_pickup else 0.0
        return total + clock - terms.now

    plan = [stops_of(k) for k in range(len(routes.length))]
    refused = 0
    for p in range(len(parcels.job)):
        if refused == terms.patience:
            break
        job, due, ready = int(parcels.job[p]), float(parcels.due[p]), float(parcels.ready[p])
        units = int(parcels.units[p])
        fetch, hand_over = float(parcels.pickup_service[p]), float(parcels.dropoff_service[p])
        pickup: _Stop = (job, False, int(parcels.pickup[p]), due, ready, units, fetch)
        dropoff: _Stop = (job, True, int(parcels.dropoff[p]), due, ready, units, hand_over)
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
