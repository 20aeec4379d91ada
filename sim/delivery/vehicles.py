"""What couriers drive: types of vehicles, and who has which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import FloatArray, IntArray
from sim.settings.couriers import CourierSettings
from sim.settings.vehicles import VehicleSettings
from sim.streams import Streams

if TYPE_CHECKING:
    from sim.market import Marketplace


def vehicle_types(market: Marketplace) -> tuple[VehicleSettings, ...]:
    """The types of vehicles as the scenario has them today: at least one."""
    couriers = market.settings.couriers
    if couriers.vehicles:
        return couriers.vehicles
    return (
        VehicleSettings(
            name="vehicle",
            share=1.0,
            capacity=couriers.capacity,
            grams_co2_per_km=market.settings.delivery.grams_co2_per_km,
            cost_per_km=couriers.cost_per_km,
        ),
    )


def vehicles_of_couriers(settings: CourierSettings, streams: Streams) -> IntArray:
    """(K,) the type of each courier's vehicle: as many as each one's share, drawn by lot."""
    draw = streams.uniform("vehicle", 0, np.arange(settings.count))
    rank = np.empty(settings.count, dtype=np.int64)
    rank[np.argsort(draw, kind="stable")] = np.arange(settings.count)
    bound = np.cumsum([one.share for one in settings.vehicles])[:-1]
    kind: IntArray = np.searchsorted(bound, (rank + 0.5) / max(settings.count, 1), side="right")
    return kind.astype(np.int64)


def minutes_factors(market: Marketplace, own: FloatArray, vehicle: IntArray) -> FloatArray:
    """Couriers' factors on travel minutes.

    Args:
        market: the market.
        own: (K,) each courier's own factor.
        vehicle: (K,) types of their vehicles.

    Returns:
        (K,) theirs times their vehicles', or (K, 24) by the hour where a type has hours.
    """
    types = vehicle_types(market)
    factor: FloatArray = own * np.array([one.minutes_factor for one in types])[vehicle]
    if not any(one.hourly for one in types):
        return factor
    hourly = np.array([one.hourly or (1.0,) * 24 for one in types])
    by_hour: FloatArray = factor[:, None] * hourly[vehicle]
    return by_hour
