"""Cheapest insertion: every parcel goes where it costs the least, promises counted."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams

HOPELESS = 8
"""Parcels in a row that fit nowhere after which the rest of the queue is not tried."""


class CheapestInsertion:
    """Puts each parcel into the route where it adds least time and lateness; routes carry several.

    The earliest promise comes first. While a courier is idle, what is planned but not fetched is
    planned anew, so that a parcel behind a busy courier goes to another who has become free.
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "cheapest_insertion"

    class Params(PolicyParams):
        """Parameters of the insertion."""

        lateness_weight: float = Field(
            2.0, ge=0.0, le=100.0, description="minutes of a courier that a minute late is worth"
        )
        door_weight: float = Field(
            2.0,
            ge=0.0,
            le=100.0,
            description="minutes of a courier that a minute until the door is worth",
        )
        most_stops: int = Field(
            12, ge=2, le=24, description="stops planned ahead for a courier; other parcels wait"
        )
        replan: bool = Field(
            True,
            description="while a courier is idle, plan anew what is planned but not fetched",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Insert the parcels one after the other."""
        from policies.dispatch.insertion import (
            Couriers,
            Parcels,
            Routes,
            Terms,
            insert_in_turn,
            release,
        )

        seen, params, jobs, fleet = observation, self.params, observation.jobs, observation.fleet
        rows = np.flatnonzero(fleet.on_shift)
        job = fleet.route_job[rows]
        is_dropoff = fleet.route_is_dropoff[rows]
        routes = Routes(
            fleet.route_length[rows],
            job,
            np.where(is_dropoff, jobs.dropoff[job], jobs.pickup[job]),
            is_dropoff,
            jobs.due[job],
            jobs.ready[job],
            jobs.units[job],
            np.where(is_dropoff, jobs.dropoff_service[job], jobs.pickup_service[job]),
        )
        before = job.copy(), is_dropoff.copy()
        wait = seen.waiting
        columns = [
            wait,
            jobs.pickup[wait],
            jobs.dropoff[wait],
            jobs.due[wait],
            jobs.ready[wait],
            jobs.units[wait],
            jobs.pickup_service[wait],
            jobs.dropoff_service[wait],
        ]
        free_at = np.maximum(fleet.free_at[rows], seen.now)
        idle = (routes.length == 0) & (fleet.free_at[rows] <= seen.now)
        if params.replan and idle.any():
            columns = [np.concatenate(pair) for pair in zip(columns, release(routes), strict=True)]
        order = np.lexsort((columns[0], columns[3]))
        parcels = Parcels(*(column[order] for column in columns))
        terms = Terms(
            float(seen.now),
            float(seen.service_before),
            bool(seen.shared_pickup),
            float(params.lateness_weight),
            float(params.door_weight),
            min(params.most_stops, job.shape[1]),
            HOPELESS,
        )
        couriers = Couriers(
            fleet.place[rows],
            free_at,
            fleet.lingers[rows],
            fleet.speed[rows] * seen.slowdown,
            fleet.load[rows],
            fleet.capacity[rows],
            fleet.shift_end[rows],
        )
        insert_in_turn(parcels, couriers, routes, seen.travel.minutes, terms)
        changed = (routes.job != before[0]) | (routes.is_dropoff != before[1])
        new = np.flatnonzero(changed.any(axis=1))
        return DispatchPlan(rows[new], routes.job[new], routes.is_dropoff[new])
