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
        """Parcels in the order of their placement, each to the nearest courier without work."""
        idle = (observation.route_length == 0) & (observation.load == 0)
        idle &= observation.free_at <= observation.now
        chosen: list[int] = []
        jobs: list[int] = []
        for row in range(len(observation.job)):
            if not idle.any():
                break
            minutes = observation.travel.minutes[observation.place, observation.pickup[row]]
            arrival = observation.now + minutes * observation.speed
            possible = idle & (arrival <= observation.shift_end)
            possible &= observation.units[row] <= observation.capacity
            if not possible.any():
                continue
            courier = int(np.argmin(np.where(possible, arrival, np.inf)))
            idle[courier] = False
            chosen.append(courier)
            jobs.append(int(observation.job[row]))
        return DispatchPlan(
            courier=np.array(chosen, dtype=np.int64),
            route_job=np.array([[job, job] for job in jobs], dtype=np.int64).reshape(-1, 2),
            route_is_dropoff=np.tile([False, True], (len(jobs), 1)),
        )
