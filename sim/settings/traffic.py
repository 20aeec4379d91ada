"""Settings of congestion."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sim.settings.base import Settings

PositiveNumber = Annotated[float, Field(gt=0.0, le=1_000_000.0)]
Ratio = Annotated[float, Field(ge=0.0, le=10.0)]
Hour = Annotated[int, Field(ge=0, le=23)]

WEEKDAY = (
    0.15, 0.10, 0.08, 0.08, 0.12, 0.30, 0.65, 1.00, 0.95, 0.75, 0.70, 0.72,
    0.75, 0.75, 0.78, 0.85, 0.95, 1.00, 0.90, 0.70, 0.52, 0.42, 0.35, 0.25,
)  # fmt: skip
"""Traffic of each hour of a working day over that of the busiest: two peaks, a flat midday."""


class TrafficSettings(Settings):
    """Congestion: minutes by the hour, from other traffic and from the couriers' own."""

    on: bool = Field(
        False,
        description="whether minutes depend on traffic; then `delivery.peak_slowdown` counts no "
        "more",
    )
    trips: str = Field(
        "",
        description="trip table of the busiest hour: a TNTP file of trips, or CSV with origin, "
        "destination, trips; a path is relative to the scenario's folder; empty: volumes by road "
        "class",
    )
    demand_factor: float = Field(
        1.0, ge=0.0, le=100.0, description="factor on the trips, or on the volumes by road class"
    )
    hourly: tuple[Ratio, ...] = Field(
        WEEKDAY,
        min_length=24,
        max_length=24,
        description="other traffic of each hour of the day, over that of the busiest",
    )
    periods: tuple[Hour, ...] = Field(
        (0, 7, 9, 16, 19, 22),
        min_length=1,
        max_length=24,
        description="hours at which the day's periods begin; within one, minutes are the same",
    )
    volume_to_capacity: dict[str, Ratio] = Field(
        default_factory=dict,
        description="other traffic over capacity in the busiest hour by road class, where there is "
        "no trip table; those not named keep their usual ones",
    )
    capacity: dict[str, PositiveNumber] = Field(
        default_factory=dict,
        description="vehicles an hour in a direction by road class; those not named have the "
        "network's, or the usual ones",
    )
    capacity_factor: float = Field(
        1.0, ge=0.01, le=100.0, description="factor on all capacities: rain, road works"
    )
    courier_equivalent: float = Field(
        1.0,
        ge=0.0,
        le=10_000.0,
        description="cars that take the room of a courier; above 1 where one stands for several",
    )
    smoothing: float = Field(
        0.3,
        gt=0.0,
        le=1.0,
        description="weight of the last day in the couriers' load that minutes are made of",
    )
    tolerance: float = Field(
        0.01,
        ge=0.0,
        le=1.0,
        description="share by which some link's minutes must have changed for tables to be renewed",
    )

    @field_validator("periods")
    @classmethod
    def _periods_cover_the_day(cls, periods: tuple[int, ...]) -> tuple[int, ...]:
        if periods[0] != 0 or sorted(set(periods)) != list(periods):
            raise ValueError("must begin with 0, and each hour must be later than the one before")
        return periods
