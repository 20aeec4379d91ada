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
        from policies.dispatch.first_there import first_there

        seen, jobs, fleet = observation, observation.jobs, observation.fleet
        idle = fleet.on_shift & (fleet.route_length == 0) & (fleet.load == 0)
        couriers = np.flatnonzero(idle & (fleet.free_at <= seen.now))
        waiting = seen.waiting[np.lexsort((seen.waiting, jobs.placed[seen.waiting]))]
        taken, chosen = first_there(waiting, couriers, seen)
        return DispatchPlan(
            courier=chosen,
            route_job=np.column_stack([taken, taken]),
            route_is_dropoff=np.tile([False, True], (len(taken), 1)),
        )
