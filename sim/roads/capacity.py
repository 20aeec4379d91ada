"""How many vehicles a road of a class carries in an hour, where its file does not say.

Capacities are lanes times vehicles a lane as MATSim gives them to OpenStreetMap's classes; a road
whose class is unknown counts as one of the class whose usual speed is nearest to its own. The BPR
function's b and power are those of the Bureau of Public Roads.

Source: MATSim, `OsmNetworkReader` (defaults of highways), in Horni, Nagel & Axhausen (2016), The
Multi-Agent Transport Simulation MATSim; Bureau of Public Roads (1964), Traffic Assignment Manual.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType

import numpy as np

from sim.roads.arrays import FloatArray
from sim.roads.bpr import BprParameters
from sim.roads.classes import DEFAULT_SPEED_KPH, UNKNOWN_CLASS
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork

OTHER = "other"
"""Stands for every class that a table does not name."""

CAPACITY = MappingProxyType(
    {
        "motorway": 4000.0,
        "motorway_link": 1500.0,
        "trunk": 2000.0,
        "trunk_link": 1500.0,
        "primary": 1500.0,
        "primary_link": 1500.0,
        "secondary": 1000.0,
        "tertiary": 600.0,
        "unclassified": 600.0,
        "residential": 600.0,
        "living_street": 300.0,
        OTHER: 600.0,
    }
)
"""Class of OpenStreetMap's `highway` tag to vehicles an hour in one direction."""

PEAK_RATIO = MappingProxyType(
    {
        "motorway": 1.1,
        "trunk": 1.2,
        "primary": 1.2,
        "secondary": 1.1,
        "tertiary": 0.9,
        OTHER: 0.5,
    }
)
"""Volume over capacity in the busiest hour, where no trip table says: an assumption.

With the BPR function main roads then take 1.2 to 1.3 of their free minutes, as a usual rush hour
has it, and side streets are free.
"""

BY_SPEED = ("motorway", "trunk", "primary", "secondary", "tertiary", "residential")
"""The classes among which one is chosen by its usual speed for roads whose class is unknown."""

B, POWER = 0.15, 4.0
"""Of the BPR function."""


def with_capacities(
    network: RoadNetwork, by_class: Mapping[str, float] | None = None, factor: float = 1.0
) -> RoadNetwork:
    """The network with BPR parameters: its own where it has some, else by road class.

    Args:
        network: roads.
        by_class: vehicles an hour of some classes, > 0; they win over the network's own and over
            `CAPACITY`. The class `other` stands for those that neither table names.
        factor: on all capacities, > 0.

    Raises:
        RoadDataError: a class is neither one of the network's nor known.
    """
    given = dict(by_class or {})
    _check_classes(network, given, CAPACITY)
    if network.bpr is None:
        capacity = _by_class(network, {**CAPACITY, **given})
        constant = np.ones(network.n_links)
        bpr = BprParameters(capacity, B * constant, POWER * constant)
    else:
        own = network.bpr
        named = _by_class(network, {OTHER: np.nan, **given})
        bpr = replace(own, capacity=np.where(np.isnan(named), own.capacity, named))
    return replace(network, bpr=replace(bpr, capacity=bpr.capacity * factor))


def peak_ratios(network: RoadNetwork, by_class: Mapping[str, float] | None = None) -> FloatArray:
    """Volume over capacity (L,) of each link in the busiest hour.

    Args:
        network: roads.
        by_class: ratios of some classes, >= 0; they win over `PEAK_RATIO`.

    Raises:
        RoadDataError: a class is neither one of the network's nor known.
    """
    given = dict(by_class or {})
    _check_classes(network, given, PEAK_RATIO)
    return _by_class(network, {**PEAK_RATIO, **given})


def _by_class(network: RoadNetwork, table: Mapping[str, float]) -> FloatArray:
    """Values (L,) by road class; a slip road whose class is not named has its road's value."""
    values = [_value(table, name) for name in network.class_names]
    result = np.array(values, dtype=np.float64)[network.road_class]
    if UNKNOWN_CLASS in network.class_names and UNKNOWN_CLASS not in table:
        unknown = network.road_class == network.class_names.index(UNKNOWN_CLASS)
        result[unknown] = _by_speed(network, table)[unknown]
    return result


def _by_speed(network: RoadNetwork, table: Mapping[str, float]) -> FloatArray:
    """Values (L,) of the class whose usual speed is nearest to a link's own."""
    speed = network.length_m * 0.06 / np.maximum(network.free_flow_minutes, 1e-9)
    usual = np.array([DEFAULT_SPEED_KPH[name] for name in BY_SPEED])
    nearest = np.abs(speed[:, None] - usual).argmin(axis=1)
    found: FloatArray = np.array([_value(table, name) for name in BY_SPEED])[nearest]
    return found


def _value(table: Mapping[str, float], name: str) -> float:
    return table.get(name, table.get(name.removesuffix("_link"), table[OTHER]))


def unknown_classes(
    network: RoadNetwork, given: Iterable[str], known: Mapping[str, float]
) -> dict[str, str]:
    """Classes that neither a network nor a table has, each with what is wrong.

    Args:
        network: roads.
        given: names of classes.
        known: `CAPACITY` or `PEAK_RATIO`.
    """
    allowed = tuple(dict.fromkeys((*network.class_names, *known)))
    told: dict[str, str] = {}
    for name in given:
        if name not in allowed:
            near = get_close_matches(name, allowed, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            told[name] = f"there is no road class {name!r}; allowed: {', '.join(allowed)}{hint}"
    return told


def _check_classes(network: RoadNetwork, given: Iterable[str], known: Mapping[str, float]) -> None:
    for told in unknown_classes(network, given, known).values():
        raise RoadDataError(f"{network.name}: {told}")
