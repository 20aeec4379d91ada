"""Other traffic: flows by link and period of the day, from a trip table or by road class."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from sim.roads.arrays import FloatArray
from sim.roads.assignment import user_equilibrium
from sim.roads.capacity import peak_ratios
from sim.roads.errors import RoadDataError
from sim.roads.loading import load
from sim.roads.network import RoadNetwork
from sim.roads.trips import TripTable
from sim.settings.traffic import TrafficSettings

GAP = 1e-4
"""Relative gap of the equilibria: minutes are then right to a hundredth of a per cent."""

REMEMBERED = 8
"""Backgrounds that a process remembers."""


def hours(periods: tuple[int, ...]) -> FloatArray:
    """Hours (T,) that each period of a day lasts."""
    return np.diff([*periods, 24]).astype(np.float64)


def factors(settings: TrafficSettings) -> FloatArray:
    """Other traffic (T,) of each period over that of the busiest hour: the mean of its hours."""
    starts = np.array(settings.periods)
    means = np.add.reduceat(np.array(settings.hourly), starts) / hours(settings.periods)
    return settings.demand_factor * means


def background(
    network: RoadNetwork, trips: TripTable | None, settings: TrafficSettings
) -> FloatArray:
    """Other vehicles an hour (T, L) on each link in each period.

    With a trip table they are in user equilibrium, each period for itself; trips that closures
    leave without a road are not made. Without one they are a share of the capacity, but for closed
    links, whose traffic goes elsewhere (we do not say where).

    Args:
        network: roads with BPR parameters, as they are today.
        trips: demand of the busiest hour.
        settings: of traffic.
    """
    level = factors(settings)
    if trips is not None:
        return _in_equilibrium(_Key.of(network, trips, level))
    if network.bpr is None:
        raise RoadDataError.at(network.name, "its links have no capacities", "with_capacities()")
    # The capacity that roads usually have: rain or works make them fuller, not emptier.
    usual = network.bpr.capacity / settings.capacity_factor
    ratio = peak_ratios(network, settings.volume_to_capacity) * network.is_open
    flows: FloatArray = level[:, None] * (ratio * usual)
    return flows


@dataclass(frozen=True, slots=True)
class _Key:
    """What equilibria depend on; equal when the content is equal."""

    content: str
    network: RoadNetwork = field(compare=False)
    trips: TripTable = field(compare=False)
    level: FloatArray = field(compare=False)

    @classmethod
    def of(cls, network: RoadNetwork, trips: TripTable, level: FloatArray) -> _Key:
        digest = hashlib.sha256((network.content_hash() + trips.content_hash()).encode())
        digest.update(level.tobytes())
        return cls(digest.hexdigest(), network, trips, level)


@lru_cache(maxsize=REMEMBERED)
def _in_equilibrium(key: _Key) -> FloatArray:
    network, level = key.network, key.level
    drivable = np.isfinite(load(network, key.trips, gaps=True).minutes)
    trips = key.trips.take(drivable)
    flows = np.zeros((len(level), network.n_links))
    flow: FloatArray | None = None
    reached = 1.0
    # From the emptiest period up: the last one's flows, scaled, are where the next begins.
    for factor in np.unique(level[level > 0]).tolist():
        start = None if flow is None else flow * (factor / reached)
        flow = user_equilibrium(network, trips.scaled(factor), gap=GAP, start=start).flow
        flows[level == factor] = flow
        reached = factor
    flows.flags.writeable = False
    return flows
