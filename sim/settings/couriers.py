"""Settings of couriers and of delivery."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.settings.base import Settings
from sim.settings.vehicles import VehicleSettings


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
    overtime_factor: float = Field(
        1.0,
        ge=1.0,
        le=10.0,
        description="factor on the guarantee of hours after the planned end of a shift; what lies "
        "above 1 is paid on top of everything",
    )
    break_after_hours: float = Field(
        3.0, ge=0.0, le=16.0, description="hours of a shift after which a break is due"
    )
    break_minutes: float = Field(
        0.0,
        ge=0.0,
        le=240.0,
        description="length of a break, taken when nothing is on board; 0: none",
    )
    paid_breaks: bool = Field(False, description="whether breaks count as hours of the guarantee")
    acceptance: float = Field(
        1.0,
        ge=0.0,
        le=1.0,
        description="chance that a courier accepts a parcel offered to it; it answers once a day",
    )
    dropout_rate: float = Field(
        0.0,
        ge=0.0,
        le=60.0,
        description="rate an hour at which couriers on shift go offline for the day; what they "
        "carry others fetch from them",
    )
    cost_per_km: float = Field(
        0.0,
        ge=0.0,
        le=100.0,
        description="what a kilometre costs the platform beside pay, currency units",
    )
    vehicles: tuple[VehicleSettings, ...] = Field(
        (),
        description="types of vehicles; empty: one, with `couriers.capacity`, "
        "`couriers.cost_per_km` and `delivery.grams_co2_per_km`",
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

    @model_validator(mode="after")
    def _vehicles_have_shares_and_names(self) -> Self:
        names, total = [one.name for one in self.vehicles], sum(one.share for one in self.vehicles)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"vehicles: {', '.join(twice)} is named twice")
        if names and abs(total - 1.0) > 1e-6:
            raise ValueError(f"vehicles: the shares must sum to 1, not {total:g}")
        return self

    @property
    def largest_load(self) -> int:
        """Units that the largest vehicle carries."""
        return max((one.capacity for one in self.vehicles), default=self.capacity)


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
    promise: Literal["fixed", "adaptive"] = Field(
        "fixed",
        description="what buyers are promised: `promise_minutes`, or what deliveries of late have "
        "taken at that hour",
    )
    promise_minutes: float = Field(
        60.0,
        ge=1.0,
        le=20_160.0,
        description="minutes from order to door that are promised; adaptive: while little is known",
    )
    promise_quantile: float = Field(
        0.9,
        gt=0.0,
        lt=1.0,
        description="adaptive: share of recent deliveries that the promise would have kept",
    )
    promise_least_minutes: float = Field(
        15.0, ge=1.0, le=20_160.0, description="adaptive: shortest promise"
    )
    promise_most_minutes: float = Field(
        240.0, ge=1.0, le=20_160.0, description="adaptive: longest promise"
    )
    window_share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of parcels for which the buyer chooses a time window; it is the promise",
    )
    window_minutes: float = Field(
        120.0, ge=15.0, le=720.0, description="length of the windows that buyers choose from"
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
    pickup_minutes_per_unit: float = Field(
        0.0, ge=0.0, le=60.0, description="handling: minutes of a pickup for each further unit"
    )
    dropoff_minutes_per_unit: float = Field(
        0.0, ge=0.0, le=60.0, description="handling: minutes of a drop-off for each further unit"
    )
    preparation_noise: float = Field(
        0.3, ge=0.0, le=2.0, description="spread of preparation times (sd of their logarithm)"
    )
    failure_rate: float = Field(
        0.03, ge=0.0, le=1.0, description="chance that nobody answers the door"
    )
    attempts: int = Field(2, ge=1, le=10, description="tries before a parcel is cancelled")
    retry: Literal["another_day", "same_day"] = Field(
        "another_day",
        description="when a parcel is tried again: on another day, or, if the shift lasts long "
        "enough, by the same courier on the same day",
    )
    retry_minutes: float = Field(
        60.0, ge=0.0, le=720.0, description="same day: minutes until the courier tries again"
    )
    cancel_rate: float = Field(
        0.0,
        ge=0.0,
        le=60.0,
        description="rate an hour past the promise at which buyers cancel what no courier has set "
        "out for",
    )
    cold_chain_categories: tuple[str, ...] = Field(
        (), description="names of the categories whose goods must stay cold on the way"
    )
    cold_chain_minutes: float = Field(
        60.0,
        ge=1.0,
        le=1440.0,
        description="minutes that these keep from when the shop expects them ready; a parcel that "
        "comes later is spoiled, and refunded",
    )
    spoiled_at_cost_of: Literal["platform", "merchant"] = Field(
        "platform",
        description="who bears spoiled goods: the platform pays the merchant as if they had "
        "arrived, or the merchant gets nothing",
    )
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

    @model_validator(mode="after")
    def _promises_have_a_range(self) -> Self:
        least, most = self.promise_least_minutes, self.promise_most_minutes
        if least > most:
            raise ValueError(
                f"promise_least_minutes = {least:g}: must not exceed promise_most_minutes, {most:g}"
            )
        return self
