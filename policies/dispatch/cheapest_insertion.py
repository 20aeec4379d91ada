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
            Fleet,
            Parcels,
            Routes,
            Terms,
            insert_in_turn,
            release,
        )

        seen, params = observation, self.params
        routes = Routes(
            seen.route_length.astype(np.int64),
            seen.route_job.astype(np.int64),
            seen.route_place.astype(np.int64),
            seen.route_is_dropoff.astype(np.bool_),
            seen.route_due.astype(np.float64),
            seen.route_ready.astype(np.float64),
            seen.route_units.astype(np.int64),
        )
        columns = [seen.job, seen.pickup, seen.dropoff, seen.due, seen.ready, seen.units]
        idle = (seen.route_length == 0) & (seen.free_at <= seen.now)
        if params.replan and idle.any():
            columns = [np.concatenate(pair) for pair in zip(columns, release(routes), strict=True)]
        order = np.lexsort((columns[0], columns[3]))
        job, pickup, dropoff, due, ready, units = (column[order] for column in columns)
        parcels = Parcels(
            job.astype(np.int64),
            pickup.astype(np.int64),
            dropoff.astype(np.int64),
            due.astype(np.float64),
            ready.astype(np.float64),
            units.astype(np.int64),
        )
        fleet = Fleet(
            seen.place.astype(np.int64),
            seen.free_at.astype(np.float64),
            seen.speed.astype(np.float64),
            seen.load.astype(np.int64),
            seen.capacity.astype(np.int64),
            seen.shift_end.astype(np.float64),
        )
        terms = Terms(
            float(seen.now),
            float(seen.pickup_service),
            float(seen.dropoff_service),
            float(params.lateness_weight),
            float(params.door_weight),
            min(params.most_stops, routes.job.shape[1]),
            HOPELESS,
        )
        insert_in_turn(parcels, fleet, routes, seen.travel.minutes, terms)
        changed = (routes.job != seen.route_job) | (routes.is_dropoff != seen.route_is_dropoff)
        couriers = np.flatnonzero(changed.any(axis=1))
        return DispatchPlan(couriers, routes.job[couriers], routes.is_dropoff[couriers])
