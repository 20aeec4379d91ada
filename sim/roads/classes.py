"""How fast one drives on a road of a class when its own speed is not known.

These are the average free speeds that OSRM's car profile gives to the classes of OpenStreetMap,
not legal limits: they allow for bends, parked cars and crossings.

Source: Project OSRM, `profiles/car.lua` (version 5), table `speeds.highway`; wiki.openstreetmap.org
`Key:highway` for the meaning of the classes.
"""

from types import MappingProxyType

import numpy as np

from sim.roads.arrays import FloatArray

DEFAULT_SPEED_KPH = MappingProxyType(
    {
        "motorway": 90.0,
        "motorway_link": 45.0,
        "trunk": 85.0,
        "trunk_link": 40.0,
        "primary": 65.0,
        "primary_link": 30.0,
        "secondary": 55.0,
        "secondary_link": 25.0,
        "tertiary": 40.0,
        "tertiary_link": 20.0,
        "unclassified": 25.0,
        "residential": 25.0,
        "living_street": 10.0,
        "service": 15.0,
    }
)
"""Class of OpenStreetMap's `highway` tag to km/h."""

OTHER_SPEED_KPH = 25.0
"""Speed of every class that the table does not name, and of roads without a class: as a street."""

UNKNOWN_CLASS = "unknown"
"""Class of a road whose file names none."""


def default_speeds(road_classes: list[str]) -> FloatArray:
    """Speeds (K,) in km/h for class names (K,)."""
    return np.array([DEFAULT_SPEED_KPH.get(name, OTHER_SPEED_KPH) for name in road_classes])


def drive_minutes(length_m: FloatArray, speed_kph: FloatArray) -> FloatArray:
    """Minutes (L,) to drive metres (L,) at km/h (L,)."""
    return length_m * 0.06 / speed_kph
