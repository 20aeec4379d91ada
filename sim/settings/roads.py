"""Settings of the city."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from sim.settings.base import Settings
from sim.settings.traffic import TrafficSettings

Coordinates = Literal["auto", "lonlat", "metres"]
"""What x and y of a GraphML file are; auto: as its crs and its values say."""

LengthUnit = Literal["m", "km", "mi", "ft"]
"""Units of length that a TNTP file, which names none, may be in."""

METRES: Mapping[LengthUnit, float] = MappingProxyType(
    {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048}
)
"""Metres in each."""


class RoadSettings(Settings):
    """Which streets the market lives on."""

    network: str = Field(
        "coquimbo",
        description="coquimbo, munich_centre, grid, or a file: TNTP network (.tntp) or GraphML; a "
        "path is relative to the scenario's folder",
    )
    coordinates: Coordinates = Field(
        "auto",
        description="what x and y of a GraphML file are; auto: as its crs and its values say",
    )
    length_unit: LengthUnit = Field(
        "m",
        description="unit of the lengths in a TNTP file, which names none: m, km, mi or ft; "
        "kilometres, CO2 and costs follow",
    )
    rows: int = Field(12, ge=2, le=500, description="rows of crossings of a generated grid")
    columns: int = Field(12, ge=2, le=500, description="columns of crossings of a generated grid")
    spacing_m: float = Field(
        250.0, ge=1.0, le=10_000.0, description="metres between crossings of a generated grid"
    )
    speed_kph: float = Field(
        30.0, ge=1.0, le=200.0, description="speed on a generated grid, kilometres an hour"
    )
    attribution: str = Field(
        "",
        max_length=200,
        description="whom maps of these streets must name, beside those whom the network itself "
        "names (the cities that ship name OpenStreetMap)",
    )
    traffic: TrafficSettings = Field(
        default_factory=TrafficSettings, description="congestion of the streets"
    )
