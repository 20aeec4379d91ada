"""Routes as lists of stops, for policies that are not compiled."""

from __future__ import annotations

import numpy as np

from policies.arrays import FloatArray
from policies.observations import DispatchObservation, DispatchPlan

Route = list[tuple[int, bool]]
"""The (job, is it the drop-off) of each stop."""


def route_of(seen: DispatchObservation, k: int) -> Route:
    """The stops planned for a courier."""
    fleet, n = seen.fleet, int(seen.fleet.route_length[k])
    return list(
        zip(fleet.route_job[k, :n].tolist(), fleet.route_is_dropoff[k, :n].tolist(), strict=True)
    )


def on_board(route: Route) -> Route:
    """The stops of a route for what is on board, or being fetched."""
    fetched = {job for job, is_dropoff in route if not is_dropoff}
    return [(job, is_dropoff) for job, is_dropoff in route if job not in fetched]


def plan_of(routes: dict[int, Route], leave_at: FloatArray | None = None) -> DispatchPlan:
    """A plan from the new routes of couriers, by row of the fleet."""
    width = max((len(route) for route in routes.values()), default=0)
    job = np.full((len(routes), width), -1, dtype=np.int64)
    is_dropoff = np.zeros((len(routes), width), dtype=np.bool_)
    for row, route in enumerate(routes.values()):
        for stop, (number, drop) in enumerate(route):
            job[row, stop], is_dropoff[row, stop] = number, drop
    couriers = np.array(list(routes), dtype=np.int64)
    minutes = np.empty(0) if leave_at is None else leave_at
    return DispatchPlan(couriers, job, is_dropoff, minutes)
