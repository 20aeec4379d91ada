"""Cheapest insertion: every parcel goes where it costs the least, promises counted."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.dispatch.insertion import cheapest_place, with_two_more
from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams


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

    def __init__(self, params: Params) -> None:
        self.params = params

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Insert waiting parcels one after the other, the oldest first."""
        length = observation.route_length.astype(np.int64)
        most = observation.route_job.shape[1]
        columns = {
            "job": observation.route_job.copy(),
            "place": observation.route_place.astype(np.int32),
            "drop": observation.route_is_dropoff.copy(),
            "due": observation.route_due.copy(),
            "ready": observation.route_ready.copy(),
            "units": observation.route_units.astype(np.int32),
        }
        changed: dict[int, None] = {}
        for row in range(len(observation.job)):
            job = {
                "job": (observation.job[row],) * 2,
                "place": (observation.pickup[row], observation.dropoff[row]),
                "drop": (False, True),
                "due": (observation.due[row],) * 2,
                "ready": (observation.ready[row],) * 2,
                "units": (observation.units[row],) * 2,
            }
            added, k, i, j = cheapest_place(
                observation.pickup[row],
                observation.dropoff[row],
                observation.due[row],
                observation.ready[row],
                observation.units[row],
                observation.place,
                observation.free_at,
                observation.speed,
                observation.load,
                observation.capacity,
                observation.shift_end,
                length,
                columns["place"],
                columns["drop"],
                columns["due"],
                columns["ready"],
                columns["units"],
                observation.travel.minutes,
                observation.pickup_service,
                observation.dropoff_service,
                self.params.lateness_weight,
                self.params.door_weight,
                most,
            )
            if not np.isfinite(added):
                continue
            n = length[k]
            for name, (first, second) in job.items():
                columns[name][k, : n + 2] = with_two_more(columns[name][k], n, i, j, first, second)
            length[k] += 2
            changed[int(k)] = None
        couriers = np.array(list(changed), dtype=np.int64)
        route = np.where(np.arange(most) < length[couriers, None], columns["job"][couriers], -1)
        return DispatchPlan(couriers, route, columns["drop"][couriers])
