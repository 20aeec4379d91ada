"""Settings of the couriers' vehicles."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sim.settings.base import Settings

Factor = Annotated[float, Field(ge=0.05, le=20.0)]


class VehicleSettings(Settings):
    """A type of vehicle."""

    name: str = Field(min_length=1, max_length=40, description="what it is called")
    share: float = Field(gt=0.0, le=1.0, description="share of the couriers who have one; sum 1")
    capacity: int = Field(4, ge=1, le=200, description="units it carries at a time")
    minutes_factor: Factor = Field(
        1.0, description="factor on the road's travel minutes; 2: it is half as fast"
    )
    hourly: tuple[Factor, ...] = Field(
        (),
        description="further factor on its minutes in each hour of the day, 24 of them; empty: 1",
    )
    grams_co2_per_km: float = Field(60.0, ge=0.0, le=1000.0, description="grams of CO2 a kilometre")
    cost_per_km: float = Field(
        0.0,
        ge=0.0,
        le=100.0,
        description="what a kilometre costs the platform beside pay, currency units",
    )

    @field_validator("hourly")
    @classmethod
    def _a_factor_for_every_hour(cls, hourly: tuple[float, ...]) -> tuple[float, ...]:
        if len(hourly) not in (0, 24):
            raise ValueError(f"must have 24 factors, one an hour, or none, not {len(hourly)}")
        return hourly
