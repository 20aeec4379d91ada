"""Whether a dispatcher's plan can be driven."""

from __future__ import annotations

import numpy as np

from policies.observations.dispatching import DispatchPlan
from sim.delivery.fleet import FleetColumns, Route
from sim.delivery.known_jobs import PLANNED, WAITING, JobColumns


class DispatchError(ValueError):
    """A dispatch policy answered with a plan that cannot be driven."""


Routes = dict[int, Route]
"""New stops of each changed courier."""


def planned_routes(who: str, plan: DispatchPlan, fleet: FleetColumns) -> Routes:
    """The routes of a plan, once its columns fit together.

    Raises:
        DispatchError: They do not, or the plan names couriers not on shift.
    """
    index = np.asarray(plan.courier)
    shapes = index.shape, np.shape(plan.route_job), np.shape(plan.route_is_dropoff)
    if 0 in shapes[0]:
        return {}  # a plan that changes no route
    if len(shapes[0]) != 1 or len(shapes[1]) != 2 or shapes[1] != shapes[2]:
        raise DispatchError(f"{who}: courier (U,) and routes (U, R) have the shapes {shapes}")
    if shapes[0][0] != shapes[1][0]:
        raise DispatchError(f"{who}: plans {shapes[0][0]} couriers, but {shapes[1][0]} routes")
    if len(plan.leave_at) not in (0, len(index)):
        raise DispatchError(
            f"{who}: leave_at has {len(plan.leave_at)} minutes for {len(index)} couriers"
        )
    _check_couriers(who, index, fleet)
    routes = {
        k: [(job, drop) for job, drop in zip(jobs, drops, strict=True) if job >= 0]
        for k, jobs, drops in zip(
            index.tolist(),
            np.asarray(plan.route_job).tolist(),
            np.asarray(plan.route_is_dropoff).tolist(),
            strict=True,
        )
    }
    if len(routes) < len(index):
        raise DispatchError(f"{who}: plans a courier twice")
    return routes


def planned_moves(who: str, plan: DispatchPlan, fleet: FleetColumns, places: int) -> dict[int, int]:
    """Where a plan sends couriers without a route.

    Raises:
        DispatchError: A courier is not on shift or a place does not exist.
    """
    rows, targets = np.asarray(plan.moved), np.asarray(plan.moved_to)
    if rows.shape != targets.shape or rows.ndim != 1:
        raise DispatchError(f"{who}: moves {rows.shape} couriers to {targets.shape} places")
    if len(rows) == 0:
        return {}
    _check_couriers(who, rows, fleet)
    strange = targets[(targets < 0) | (targets >= places)]
    if len(strange):
        raise DispatchError(f"{who}: sends a courier to place {int(strange[0])} of {places}")
    return dict(zip(rows.tolist(), targets.tolist(), strict=True))


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
