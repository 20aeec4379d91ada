"""Dated shocks and interventions: what begins on one day and may end on another."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.settings.base import Settings


class _Event(Settings):
    day: int = Field(ge=0, le=100_000, description="first day on which it holds")
    label: str = Field("", max_length=60, description="what charts and reports call it")


class _Lasting(_Event):
    until: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="first day on which it no longer holds; absent: for good",
    )


class DemandSurge(_Lasting):
    """More (or fewer) visits than usual."""

    kind: Literal["demand_surge"]
    factor: float = Field(ge=0.0, le=100.0, description="factor on the visits of a day")


class RivalPriceWar(_Lasting):
    """The rival platform subsidises its prices."""

    kind: Literal["rival_price_war"]
    discount: float = Field(
        ge=0.0, le=0.99, description="subsidy on its prices, share of the price"
    )


class CourierShortage(_Lasting):
    """Couriers stay away: a strike, an epidemic, bad weather."""

    kind: Literal["courier_shortage"]
    share: float = Field(ge=0.0, le=1.0, description="share of couriers who do not come")


class CourierDropout(_Lasting):
    """Couriers go offline in the middle of their shifts: an outage, a storm, a wildcat strike."""

    kind: Literal["courier_dropout"]
    rate: float = Field(
        ge=0.0, le=60.0, description="rate an hour at which couriers go offline, beside the usual"
    )


class RoadClosure(_Lasting):
    """Streets around a point are closed."""

    kind: Literal["road_closure"]
    share: float = Field(
        0.02, ge=0.0, le=0.5, description="share of links, nearest to the centre, that are closed"
    )
    slowdown: float = Field(
        20.0, ge=1.0, le=1000.0, description="factor on travel minutes there: detours on foot"
    )
    closed: bool = Field(
        False,
        description="whether they are really closed: then only trips that cannot go round pass, "
        "slowed down, and taking as long as the longest open trip on top",
    )


class SupplyShock(_Lasting):
    """Goods cost merchants more (or less)."""

    kind: Literal["supply_shock"]
    factor: float = Field(gt=0.0, le=100.0, description="factor on unit costs")
    category: str = Field("", description="name of the category hit; empty: all")


class CounterfeitWave(_Lasting):
    """More merchants begin to sell counterfeits."""

    kind: Literal["counterfeit_wave"]
    share: float = Field(
        ge=0.0, le=1.0, description="share of honest merchants that turn while it lasts"
    )


class Emergency(_Lasting):
    """An emergency is declared: a flood, an epidemic, a blackout."""

    kind: Literal["emergency"]
    category: str = Field("", description="name of the category that it is about; empty: all")


class DataBreach(_Event):
    """The platform's log falls into strange hands, on one day."""

    kind: Literal["data_breach"]

    @property
    def until(self) -> int:
        """The day after: what was stolen is gone."""
        return self.day + 1


class Change(_Lasting):
    """Any field of the scenario takes another value: a policy begins, a fee is raised."""

    kind: Literal["change"]
    key: str = Field(description="dotted name of the field, such as policies.subsidy.amount")
    value: Any = Field(description="its value while the change holds")


Event = Annotated[
    DemandSurge
    | RivalPriceWar
    | CourierShortage
    | CourierDropout
    | RoadClosure
    | SupplyShock
    | CounterfeitWave
    | Emergency
    | DataBreach
    | Change,
    Field(discriminator="kind"),
]
