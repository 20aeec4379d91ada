"""Nearest courier: what a dispatcher without a computer does."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams


class NearestCourier:
    """Gives each waiting parcel to the idle courier who can fetch it first, one at a time."""

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "nearest"

    class Params(PolicyParams):
        """The nearest-courier rule has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Parcels in the order in which they came to wait, each to the nearest idle courier."""
        seen, jobs, fleet = observation, observation.jobs, observation.fleet
        idle = fleet.on_shift & (fleet.route_length == 0) & (fleet.load == 0)
        idle &= fleet.free_at <= seen.now
        refused = {(courier, job) for courier, job in seen.refused.tolist()}
        free = np.flatnonzero(idle)
        chosen: list[int] = []
        planned: list[int] = []
        for job in seen.waiting.tolist():
            if len(free) == 0:
                break
            minutes = seen.travel.minutes[fleet.place[free], jobs.pickup[job]]
            arrival = seen.now + minutes * fleet.speed[free] * seen.slowdown
            latest = np.minimum(fleet.shift_end[free], jobs.pickup_by[job])
            possible = (arrival <= latest) & (jobs.units[job] <= fleet.capacity[free])
            if refused:
                possible &= [(courier, job) not in refused for courier in free.tolist()]
            if not possible.any():
                continue
            nearest = int(np.argmin(np.where(possible, arrival, np.inf)))
            chosen.append(int(free[nearest]))
            planned.append(job)
            free = np.delete(free, nearest)
        return DispatchPlan(
            courier=np.array(chosen, dtype=np.int64),
            route_job=np.array([[job, job] for job in planned], dtype=np.int64).reshape(-1, 2),
            route_is_dropoff=np.tile([False, True], (len(planned), 1)),
        )
