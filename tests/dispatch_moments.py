"""Moments at which a dispatcher is asked, drawn at random and small enough to try everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from policies.observations import DispatchObservation
from policies.observations.dispatching import Fleet, KnownJobs

NOW = 600.0
PLACES = 9


@dataclass(frozen=True)
class Travel:
    """Minutes between points of a plane."""

    minutes: np.ndarray
    metres: np.ndarray


def plane(rng: np.random.Generator, places: int = PLACES, side: float = 15.0) -> Travel:
    points = rng.uniform(0, side, (places, 2))
    minutes = np.linalg.norm(points[:, None] - points, axis=2)
    return Travel(minutes, minutes * 400)


def moment(
    seed: int,
    *,
    waiting: int = 1,
    couriers: int = 3,
    on_board: int = 2,
    stops: int = 24,
    strict: bool = False,
    must_return: bool = False,
    service_before: float = 0.5,
    shared_pickup: bool = True,
    **changes: Any,
) -> DispatchObservation:
    """Couriers with some parcels on board and some that wait.

    Args:
        seed: of chance.
        waiting: jobs that wait.
        couriers: on shift.
        on_board: most parcels on board of one.
        stops: that a route holds.
        strict: whether deadlines, windows and short shifts are drawn as well.
        must_return: whether couriers end at their bases.
        service_before: share of the service before the handover.
        shared_pickup: whether parcels fetched together share a service.
        changes: columns of the fleet that are set.
    """
    rng = np.random.default_rng(seed)
    carried = rng.integers(0, on_board + 1, couriers)
    n = waiting + int(carried.sum())
    service = rng.choice([0.0, 2.0, 4.0], PLACES)  # at each shop
    service[PLACES // 2 :] = 0.0
    pickup = rng.integers(0, PLACES // 2, n)
    ready = NOW + rng.uniform(-10, 25, n)
    none = np.full(n, np.inf)
    jobs = KnownJobs(
        number=np.arange(n) + 70,
        pickup=pickup,
        dropoff=rng.integers(0, PLACES, n),
        placed=NOW - rng.uniform(0, 20, n),
        ready=ready,
        pickup_by=NOW + rng.uniform(0, 60, n) if strict else none,
        not_before=NOW + rng.uniform(-30, 40, n) if strict else np.zeros(n),
        due=NOW + rng.uniform(10, 80, n),
        deadline=NOW + rng.uniform(30, 140, n) if strict else none,
        units=rng.integers(1, 3, n),
        pickup_service=service[pickup],
        dropoff_service=rng.choice([0.0, 3.0], n),
        waits=np.arange(n) < waiting,
    )
    route = np.full((couriers, stops), -1)
    row = waiting
    for k in range(couriers):
        route[k, : carried[k]] = np.arange(row, row + carried[k])
        row += int(carried[k])
    load = np.array([jobs.units[r[r >= 0]].sum() for r in route])
    place = rng.integers(0, PLACES, couriers)
    busy = rng.random(couriers) < 0.5
    columns: dict[str, Any] = {
        "courier": np.arange(couriers) + 40,
        "on_shift": np.ones(couriers, np.bool_),
        "base": rng.integers(0, PLACES, couriers),
        "place": place,
        "free_at": NOW + rng.uniform(0, 8, couriers) * busy,
        "lingers": busy * shared_pickup * (1.0 - service_before) * service[place],
        "shift_end": NOW + rng.uniform(20 if strict else 100, 200, couriers),
        "capacity": rng.integers(2, 7, couriers).clip(min=load),
        "speed": rng.uniform(0.7, 1.4, couriers),
        "load": load,
        "earned": rng.uniform(0, 40, couriers),
        "minutes_on_shift": rng.uniform(10, 200, couriers),
        "route_length": carried,
        "route_job": route,
        "route_is_dropoff": route >= 0,
    }
    return DispatchObservation(
        now=NOW,
        jobs=jobs,
        waiting=np.arange(waiting),
        fleet=Fleet(**columns | changes),
        changed=np.ones(couriers, np.bool_),
        slowdown=1.0,
        service_before=service_before,
        shared_pickup=shared_pickup,
        must_return=must_return,
        refused=np.empty((0, 2), np.int64),
        forecast=np.empty(0),
        travel=plane(rng),
    )
