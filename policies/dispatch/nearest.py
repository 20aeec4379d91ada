"""Nearest courier: what a dispatcher without a computer does."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams


class NearestCourier:
    """Gives each waiting parcel to the idle courier who can fetch it first, one at a time."""

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "nearest"

    class Params(PolicyParams):
        """The nearest-courier rule."""

        decide_every: float = Field(
            0.0,
            ge=0.0,
            le=120.0,
            description="minutes between decisions; 0: whenever something happens",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def decides_every(self) -> float:
        """Minutes between decisions; 0: whenever something happens."""
        return self.params.decide_every

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Parcels in the order of their promises, each to the nearest courier without work."""
        seen, jobs, fleet = observation, observation.jobs, observation.fleet
        idle = fleet.on_shift & (fleet.route_length == 0) & (fleet.load == 0)
        couriers = np.flatnonzero(idle & (fleet.free_at <= seen.now))
        pace = fleet.speed[couriers] * seen.slowdown
        waiting = seen.waiting[np.lexsort((seen.waiting, jobs.placed[seen.waiting]))]
        chosen: list[int] = []
        taken: list[int] = []
        for job in waiting.tolist():
            if not len(couriers):
                break
            minutes = seen.travel.minutes[fleet.place[couriers], jobs.pickup[job]]
            arrival = seen.now + minutes * pace
            handover = np.maximum(
                arrival + seen.service_before * jobs.pickup_service[job], jobs.ready[job]
            )
            possible = (handover <= fleet.shift_end[couriers]) & (arrival <= jobs.pickup_by[job])
            possible &= jobs.units[job] <= fleet.capacity[couriers]
            leaves = handover + (1.0 - seen.service_before) * jobs.pickup_service[job]
            ride = seen.travel.minutes[jobs.pickup[job], jobs.dropoff[job]] * pace
            parking = seen.service_before * jobs.dropoff_service[job]
            door = np.maximum(leaves + ride + parking, jobs.not_before[job])
            possible &= door <= jobs.deadline[job]
            if seen.must_return:
                gone = door + (1.0 - seen.service_before) * jobs.dropoff_service[job]
                home = seen.travel.minutes[jobs.dropoff[job], fleet.base[couriers]] * pace
                possible &= gone + home <= fleet.shift_end[couriers]
            for k in seen.refused[seen.refused[:, 1] == job, 0].tolist():
                possible &= couriers != k
            if not possible.any():
                continue
            row = int(np.argmin(np.where(possible, arrival, np.inf)))
            chosen.append(int(couriers[row]))
            taken.append(job)
            couriers, pace = np.delete(couriers, row), np.delete(pace, row)
        return DispatchPlan(
            courier=np.array(chosen, dtype=np.int64),
            route_job=np.array([[job, job] for job in taken], dtype=np.int64).reshape(-1, 2),
            route_is_dropoff=np.tile([False, True], (len(taken), 1)),
        )
