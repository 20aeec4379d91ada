"""Whether a dispatcher's plan can be driven."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from policies.observations.dispatching import DispatchPlan
from sim.delivery.fleet import FleetColumns, Route
from sim.delivery.known_jobs import PLANNED, WAITING, JobColumns


class DispatchError(ValueError):
    """A dispatch policy answered with a plan that cannot be driven."""


Routes = dict[int, Route]
"""New stops of each changed courier."""

PADDING: Final = -1
"""What stands in a route where no stop is."""

LATEST_DEPARTURE: Final = 1440.0
"""Minutes after the end of its shift at which a courier sets out at the latest."""


def columns_of(who: str, plan: object) -> DispatchPlan:
    """A policy's answer with all columns as arrays, of the types that a plan has.

    Raises:
        DispatchError: It is no plan, or a column is something else.
    """
    if not isinstance(plan, DispatchPlan):
        raise DispatchError(f"{who} must return a DispatchPlan, not {type(plan).__name__}")
    return DispatchPlan(
        *[_column(who, name, getattr(plan, name), *allowed) for name, allowed in _COLUMNS.items()]
    )


_COLUMNS = {
    "courier": ("iu", "whole numbers", np.int64),
    "route_job": ("iu", "whole numbers", np.int64),
    "route_is_dropoff": ("b", "true or false", np.bool_),
    "leave_at": ("iuf", "finite minutes", np.float64),
    "moved": ("iu", "whole numbers", np.int64),
    "moved_to": ("iu", "whole numbers", np.int64),
}
"""Kinds of NumPy types that are allowed in each column of a plan, in words, and what it becomes."""


def _column(who: str, name: str, given: Any, kinds: str, allowed: str, kind: type) -> NDArray[Any]:
    try:
        column = np.asarray(given)
    except ValueError as error:  # lists of unequal lengths
        raise DispatchError(f"{who}: {name} is no array: {error}") from error
    if column.size == 0 and column.ndim:
        return column.astype(kind)  # an empty list has no type of its own
    if column.dtype.kind not in kinds:
        raise DispatchError(f"{who}: {name} must be {allowed}, not {column.dtype}")
    if kinds == "iuf" and not np.isfinite(column).all():
        strange = column[~np.isfinite(column)][0]
        raise DispatchError(f"{who}: {name} must be {allowed}, not {strange}")
    return column


def planned_routes(who: str, plan: DispatchPlan, fleet: FleetColumns) -> Routes:
    """The routes of a plan, once its columns fit together.

    Raises:
        DispatchError: They do not, or the plan names couriers not on shift.
    """
    index = plan.courier
    shapes = index.shape, plan.route_job.shape, plan.route_is_dropoff.shape
    if all(0 in shape for shape in shapes) and plan.leave_at.shape == (0,):
        return {}  # a plan that changes no route
    if len(shapes[0]) != 1 or len(shapes[1]) != 2 or shapes[1] != shapes[2]:
        raise DispatchError(f"{who}: courier (U,) and routes (U, R) have the shapes {shapes}")
    if shapes[0][0] != shapes[1][0]:
        raise DispatchError(f"{who}: plans {shapes[0][0]} couriers, but {shapes[1][0]} routes")
    _check_couriers(who, index, fleet)
    _check_departures(who, plan.leave_at, index, fleet)
    if plan.route_job.size and plan.route_job.min() < PADDING:
        raise DispatchError(
            f"{who}: fetches job {plan.route_job.min()}; rows of jobs are 0 or more, and "
            f"{PADDING} is no stop"
        )
    routes = {
        k: [(job, drop) for job, drop in zip(jobs, drops, strict=True) if job != PADDING]
        for k, jobs, drops in zip(
            index.tolist(), plan.route_job.tolist(), plan.route_is_dropoff.tolist(), strict=True
        )
    }
    if len(routes) < len(index):
        raise DispatchError(f"{who}: plans a courier twice")
    return routes


def planned_moves(who: str, plan: DispatchPlan, fleet: FleetColumns, places: int) -> dict[int, int]:
    """Where a plan sends couriers without a route.

    Raises:
        DispatchError: A courier is not on shift or is sent twice, or a place does not exist.
    """
    rows, targets = plan.moved, plan.moved_to
    if rows.shape != targets.shape or rows.ndim != 1:
        raise DispatchError(f"{who}: moves {rows.shape} couriers to {targets.shape} places")
    if len(rows) == 0:
        return {}
    _check_couriers(who, rows, fleet)
    strange = targets[(targets < 0) | (targets >= places)]
    if len(strange):
        raise DispatchError(f"{who}: sends a courier to place {int(strange[0])} of {places}")
    moves = dict(zip(rows.tolist(), targets.tolist(), strict=True))
    if len(moves) < len(rows):
        raise DispatchError(f"{who}: moves a courier twice")
    return moves


def check_routes(who: str, routes: Routes, fleet: FleetColumns, jobs: JobColumns) -> set[int]:
    """Refuse routes that cannot be driven.

    Args:
        who: the policy, for messages.
        routes: the new routes.
        fleet: the couriers with their present routes.
        jobs: the known jobs.

    Returns:
        The jobs that the new routes fetch.

    Raises:
        DispatchError: A job is not to be had, is dropped off before it is fetched or never, or does
            not fit into the bag.
    """
    fetched: set[int] = set()
    units = jobs.units
    for k, route in routes.items():
        name = f"{who}: courier {int(fleet.courier[k])}"
        most = fleet.route_job.shape[1]
        if len(route) > most:
            raise DispatchError(f"{name}: a route has at most {most} stops, not {len(route)}")
        bag, load, capacity = set(fleet.bag[k]), int(fleet.load[k]), int(fleet.capacity[k])
        for job, is_dropoff in route:
            if is_dropoff:
                if job not in bag:
                    raise DispatchError(f"{name}: drops job {job} off before fetching it")
                bag.remove(job)
                load -= int(units[job])
                continue
            if job >= jobs.known or job in fetched or not _to_be_had(job, jobs, routes):
                raise DispatchError(f"{name}: fetches job {job}, which is not to be had")
            fetched.add(job)
            bag.add(job)
            load += int(units[job])
            if load > capacity:
                raise DispatchError(
                    f"{name}: carries {load} units with job {job}, but only {capacity} fit"
                )
        if bag:
            raise DispatchError(f"{name}: never drops off job(s) {sorted(bag)}")
    return fetched


def _to_be_had(job: int, jobs: JobColumns, routes: Routes) -> bool:
    state = jobs.state[job]
    return state == WAITING or (state == PLANNED and jobs.holder[job] in routes)


def _check_couriers(who: str, rows: np.ndarray, fleet: FleetColumns) -> None:
    count = len(fleet.courier)
    strange = rows[(rows < 0) | (rows >= count)]
    if len(strange):
        raise DispatchError(
            f"{who}: plans for courier row {int(strange[0])}, but there are {count}: rows of the "
            f"fleet are 0 to {count - 1}"
        )
    away = rows[~fleet.on_shift[rows]]
    if len(away):
        raise DispatchError(f"{who}: plans for courier row {int(away[0])}, who is not on shift")


def _check_departures(who: str, minutes: np.ndarray, rows: np.ndarray, fleet: FleetColumns) -> None:
    if minutes.shape not in {(0,), rows.shape}:
        raise DispatchError(
            f"{who}: leave_at has {minutes.size} minutes for {len(rows)} couriers, in the shape "
            f"{minutes.shape}"
        )
    if not len(minutes):
        return
    late = np.flatnonzero(minutes > fleet.shift_end[rows] + LATEST_DEPARTURE)
    if len(late):
        k = int(rows[late[0]])
        raise DispatchError(
            f"{who}: leave_at = {minutes[late[0]]:g}: courier row {k}, whose shift ends at "
            f"{fleet.shift_end[k]:g}, must leave within {LATEST_DEPARTURE:g} minutes of that"
        )
