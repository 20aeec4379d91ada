"""Cheapest insertion: every parcel goes where it costs the least, promises counted."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams

HOPELESS = 8
"""Parcels in a row that fit nowhere after which the rest of the queue is not tried."""


class CheapestInsertion:
    """Puts each parcel into the route where it adds least time and lateness; routes carry several.

    Source: Solomon (1987), Operations Research 35(2), insertion with time windows; for pickups and
    deliveries: Jaw, Odoni, Psaraftis & Wilson (1986), Transportation Research B 20(3).
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "cheapest_insertion"

    class Params(PolicyParams):
        """Parameters of the insertion."""

        lateness_weight: float = Field(
            2.0, ge=0.0, le=100.0, description="minutes of driving that a minute late is worth"
        )
        door_weight: float = Field(
            0.5,
            ge=0.0,
            le=100.0,
            description="minutes of driving that a minute until the door is worth",
        )
        most_stops: int = Field(
            12, ge=2, le=24, description="stops planned ahead for a courier; other parcels wait"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Insert waiting parcels one after the other, the oldest first."""
        from policies.dispatch.insertion import cheapest_place, put_in

        length = observation.route_length.astype(np.int64)
        width = observation.route_job.shape[1]
        route = observation.route_job.copy()
        place = observation.route_place.astype(np.int64)
        is_dropoff = observation.route_is_dropoff.copy()
        due, ready = observation.route_due.copy(), observation.route_ready.copy()
        units = observation.route_units.astype(np.int64)
        services = (float(observation.pickup_service), float(observation.dropoff_service))
        weights = (float(self.params.lateness_weight), float(self.params.door_weight))
        changed: dict[int, None] = {}
        refused = 0
        for row in range(len(observation.job)):
            if refused == HOPELESS or length.min() + 2 > self.params.most_stops:
                break
            job = (
                int(observation.pickup[row]),
                int(observation.dropoff[row]),
                float(observation.due[row]),
                float(observation.ready[row]),
                int(observation.units[row]),
            )
            added, k, i, j = cheapest_place(
                job,
                observation.place,
                observation.free_at,
                observation.speed,
                observation.load,
                observation.capacity,
                observation.shift_end,
                length,
                place,
                is_dropoff,
                due,
                ready,
                units,
                observation.travel.minutes,
                services,
                weights,
                min(self.params.most_stops, width),
                float(observation.now),
            )
            if not np.isfinite(added):
                refused += 1
                continue
            refused = 0
            number, n = observation.job[row], length[k]
            put_in(route[k], n, i, j, number, number)
            put_in(place[k], n, i, j, job[0], job[1])
            put_in(is_dropoff[k], n, i, j, False, True)
            put_in(due[k], n, i, j, job[2], job[2])
            put_in(ready[k], n, i, j, job[3], job[3])
            put_in(units[k], n, i, j, job[4], job[4])
            length[k] += 2
            changed[int(k)] = None
        couriers: IntArray = np.array(list(changed), dtype=np.int64)
        stops = np.where(np.arange(width) < length[couriers, None], route[couriers], -1)
        return DispatchPlan(couriers, stops, is_dropoff[couriers])
