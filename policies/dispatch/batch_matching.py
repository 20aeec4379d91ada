"""Batch matching: every few minutes bundles of orders are matched with couriers, all at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.optimize import linear_sum_assignment

from policies.dispatch.routes import Route, on_board, plan_of, route_of
from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams

WORTH = 60.0
"""Minutes to the door that bringing one more parcel is worth."""

WAITED_WEIGHT = 10.0
"""Minutes to the door that a minute for which a parcel has waited is worth."""

IMPOSSIBLE = 1e7
"""Cost of a match that may not be; dearer than any that may."""


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Parcels of one shop that one courier brings, in the order of their doors."""

    jobs: list[int]
    pickup: int  # place
    ready: float  # minute at which all of them are
    units: int
    rides: list[float]  # minutes from leaving the shop to each handover, at pace 1
    waits: list[float]  # of these, minutes of service


class BatchMatching:
    """Bundles the parcels of each shop by how many couriers there are, and assigns the bundles.

    Parcels that are ready within the horizon are bundled, as many to a bundle as there are parcels
    for each courier who is free by then. A linear assignment gives bundles to couriers at the least
    sum of minutes to the door and of lateness. A courier leaves in time to be there when the bundle
    is ready; until it leaves, the next batch may decide otherwise.

    Source: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018), "The meal delivery routing
    problem", sections 4.1 to 4.3: its bundles, its assignment and its two stages of commitment.
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "batch_matching"

    class Params(PolicyParams):
        """Parameters of the batches."""

        decide_every: float = Field(
            2.0, gt=0.0, le=120.0, description="minutes between batches: orders are buffered"
        )
        horizon: float = Field(
            20.0,
            ge=0.0,
            le=240.0,
            description="minutes ahead within which parcels are ready and couriers free that a "
            "batch matches",
        )
        most_in_bundle: int = Field(
            3, ge=1, le=12, description="parcels of one shop that a courier carries together"
        )
        lateness_weight: float = Field(
            2.0, ge=0.0, le=100.0, description="minutes to the door that a minute late is worth"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def decides_every(self) -> float:
        """Minutes between decisions."""
        return self.params.decide_every

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Match anew all that waits, or that a courier has not left for."""
        seen, fleet = observation, observation.fleet
        couriers = np.flatnonzero(fleet.on_shift)
        routes_now = {k: route_of(seen, k) for k in couriers.tolist()}
        kept = {k: on_board(route) for k, route in routes_now.items()}
        released = [
            job for k in couriers.tolist() for job, is_dropoff in routes_now[k] if not is_dropoff
        ]
        pool = np.array([*seen.waiting.tolist(), *released], dtype=np.int64)
        place, free, load = _ends(seen, couriers, kept)
        able = free <= seen.now + self.params.horizon
        bundles = self._bundles(seen, pool, int(able.sum()))
        routes = {k: kept[k] for k, route in routes_now.items() if route != kept[k]}
        leave = dict.fromkeys(routes, seen.now)
        if bundles and able.any():
            cost, going = self._costs(seen, bundles, couriers, place, free, load, able)
            for b, c in zip(*linear_sum_assignment(cost), strict=True):
                if cost[b, c] < IMPOSSIBLE:
                    k, jobs = int(couriers[c]), bundles[b].jobs
                    fetched = [(job, False) for job in jobs]
                    routes[k] = [*kept[k], *fetched, *((job, True) for job in jobs)]
                    leave[k] = seen.now if kept[k] else float(going[b, c])
        return plan_of(routes, np.array([leave[k] for k in routes], dtype=np.float64))

    def _bundles(
        self, seen: DispatchObservation, pool: NDArray[np.int64], couriers: int
    ) -> list[_Bundle]:
        jobs = seen.jobs
        soon = pool[jobs.ready[pool] <= seen.now + self.params.horizon]
        if not len(soon):
            return []
        size = min(max(math.ceil(len(soon) / max(couriers, 1)), 1), self.params.most_in_bundle)
        bundles = []
        for shop in np.unique(jobs.pickup[soon]).tolist():
            mine = soon[jobs.pickup[soon] == shop]
            ordered = mine[np.lexsort((mine, jobs.ready[mine]))].tolist()
            bundles += [
                _bundle(seen, ordered[start : start + size])
                for start in range(0, len(ordered), size)
            ]
        return bundles

    def _costs(
        self,
        seen: DispatchObservation,
        bundles: list[_Bundle],
        couriers: NDArray[np.int64],
        place: NDArray[np.int64],
        free: NDArray[np.float64],
        load: NDArray[np.int64],
        able: NDArray[np.bool_],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(B, K) cost of each match, and the minute at which the courier would leave."""
        fleet, jobs = seen.fleet, seen.jobs
        pace = fleet.speed[couriers] * seen.slowdown
        cost = np.full((len(bundles), len(couriers)), IMPOSSIBLE)
        leave = np.zeros_like(cost)
        capacity = fleet.capacity[couriers]
        refused = {(courier, job) for courier, job in seen.refused.tolist()}
        for b, bundle in enumerate(bundles):
            drive = seen.travel.minutes[place, bundle.pickup] * pace
            service = jobs.pickup_service[bundle.jobs[0]]
            before = seen.service_before * service
            handover = np.maximum(free + drive + before, bundle.ready)
            left = handover + service - before
            minutes = np.zeros(len(couriers))
            possible = able & (load + bundle.units <= capacity)
            possible &= handover <= fleet.shift_end[couriers]
            for job, ride, wait in zip(bundle.jobs, bundle.rides, bundle.waits, strict=True):
                door = np.maximum(left + ride * pace + wait, jobs.not_before[job])
                late = np.maximum(door - jobs.due[job], 0.0)
                minutes += door - seen.now + self.params.lateness_weight * late
                possible &= (door <= jobs.deadline[job]) & (free + drive <= jobs.pickup_by[job])
                if refused:
                    possible &= [(k, job) not in refused for k in couriers.tolist()]
            # Where couriers are too few, many parcels go first, and those that have waited long.
            waited = sum(seen.now - float(jobs.placed[job]) for job in bundle.jobs)
            worth = WORTH * len(bundle.jobs) + WAITED_WEIGHT * waited
            cost[b, possible] = minutes[possible] - worth
            leave[b] = np.maximum(bundle.ready - before - drive, seen.now)
        return cost, leave


def _ends(
    seen: DispatchObservation, couriers: NDArray[np.int64], kept: dict[int, Route]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Where and when couriers are done with what is on board, and what they carry then."""
    fleet, jobs = seen.fleet, seen.jobs
    place = fleet.place[couriers].astype(np.int64)
    free = np.maximum(fleet.free_at[couriers], seen.now).astype(np.float64)
    load = fleet.load[couriers].astype(np.int64)
    for row, k in enumerate(couriers.tolist()):
        for job, _ in kept[k]:
            there = int(jobs.dropoff[job])
            drive = float(seen.travel.minutes[place[row], there]) * float(fleet.speed[k])
            free[row] += drive * seen.slowdown + float(jobs.dropoff_service[job])
            place[row] = there
            load[row] -= int(jobs.units[job])
    return place, free, load


def _bundle(seen: DispatchObservation, jobs_: list[int]) -> _Bundle:
    """A bundle whose doors are visited nearest first."""
    jobs, at = seen.jobs, int(seen.jobs.pickup[jobs_[0]])
    left, order = list(jobs_), []
    rides, waits = [], []
    ride = wait = 0.0
    while left:
        job = min(left, key=lambda one: (float(seen.travel.minutes[at, jobs.dropoff[one]]), one))
        left.remove(job)
        service = float(jobs.dropoff_service[job])
        ride += float(seen.travel.minutes[at, jobs.dropoff[job]])
        rides.append(ride)
        waits.append(wait + seen.service_before * service)
        wait += service
        at = int(jobs.dropoff[job])
        order.append(job)
    return _Bundle(
        order,
        int(jobs.pickup[jobs_[0]]),
        float(jobs.ready[jobs_].max()),
        int(jobs.units[jobs_].sum()),
        rides,
        waits,
    )
