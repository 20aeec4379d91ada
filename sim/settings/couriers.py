"""Settings of couriers and of delivery."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.settings.base import Settings


class CourierSettings(Settings):
    """The fleet. Without couriers parcels go by post."""

    count: int = Field(100, ge=0, le=100_000, description="number of couriers; 0: post only")
    shift_hours: float = Field(5.0, ge=0.5, le=16.0, description="length of a shift, hours")
    days_per_week: float = Field(5.0, ge=0.0, le=7.0, description="mean shifts a week and courier")
    capacity: int = Field(
        4,
        ge=1,
        le=200,
        description="units a courier carries at a time; a parcel of more fills the bag",
    )
    speed_factor_sd: float = Field(
        0.1, ge=0.0, le=1.0, description="spread of couriers' travel minutes around the road's"
    )
    pay_per_delivery: float = Field(
        3.5, ge=0.0, le=1000.0, description="piece rate, currency units a delivery"
    )
    hourly_guarantee: float = Field(
        9.0, ge=0.0, le=1000.0, description="pay an hour on shift at least, currency units"
    )
    carriers: int = Field(
        1, ge=1, le=4, description="carriers among whom couriers and merchants are divided"
    )
    carrier_shares: tuple[Annotated[float, Field(gt=0.0, le=1.0)], ...] = Field(
        (),
        description="each carrier's share of the couriers and of the merchants' contracts; sum 1; "
        "empty: equal shares",
    )
    multi_carrier_share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of merchants that work with all carriers, each parcel going to one by "
        "lot; the others have a contract with one",
    )

    @model_validator(mode="after")
    def _carriers_have_shares(self) -> Self:
        shares, wrong = self.carrier_shares, []
        if shares and len(shares) != self.carriers:
            wrong.append(
                f"carrier_shares has {len(shares)} shares, but carriers = {self.carriers}: give "
                "one for each, or none"
            )
        elif shares and abs(sum(shares) - 1.0) > 1e-6:
            wrong.append(f"carrier_shares must sum to 1, not {sum(shares):g}")
        if 0 < self.count < self.carriers:
            wrong.append(f"carriers = {self.carriers}, but count = {self.count}: some have nobody")
        if wrong:
            raise ValueError("\n".join(wrong))
        return self


class DeliverySettings(Settings):
    """The delivery of parcels."""

    pickup: Literal["merchant", "hub"] = Field(
        "merchant", description="where parcels are fetched: at the merchant's door or at one hub"
    )
    sharing: Literal["none", "forecasts", "positions", "full"] = Field(
        "full",
        description="what platform and carriers share: nothing (carriers hear of parcels when "
        "these are ready), besides orders as they are placed and their forecast, besides live "
        "positions (a new parcel goes to the carrier that can be at the shop first), or all "
        "(parcels and couriers of all carriers are planned together)",
    )
    addresses: int = Field(
        1_500, ge=1, le=100_000, description="distinct road nodes at which consumers live"
    )
    promise_minutes: float = Field(
        60.0, ge=1.0, le=20_160.0, description="minutes from order to door that are promised"
    )
    pickup_service_minutes: float = Field(
        3.0,
        ge=0.0,
        le=120.0,
        description="minutes a pickup takes, half of them before the handover",
    )
    dropoff_service_minutes: float = Field(
        3.0,
        ge=0.0,
        le=120.0,
        description="minutes a drop-off takes, half of them before the handover",
    )
    preparation_noise: float = Field(
        0.3, ge=0.0, le=2.0, description="spread of preparation times (sd of their logarithm)"
    )
    failure_rate: float = Field(
        0.03, ge=0.0, le=1.0, description="chance that nobody answers the door"
    )
    attempts: int = Field(2, ge=1, le=10, description="tries before a parcel is cancelled")
    give_up_days: int = Field(
        2, ge=1, le=60, description="days after which an undelivered order is cancelled"
    )
    postal_days: int = Field(2, ge=0, le=60, description="days that the post takes")
    postage: float = Field(
        3.0,
        ge=0.0,
        le=1000.0,
        description="postage that the platform pays a parcel, currency units",
    )
    peak_slowdown: float = Field(
        1.3, ge=1.0, le=5.0, description="factor on travel minutes in the two rush hours"
    )
    grams_co2_per_km: float = Field(
        60.0, ge=0.0, le=1000.0, description="grams of CO2 a kilometre that a courier drives"
    )
