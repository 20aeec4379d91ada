"""Settings of the platform, its rival and the regulator."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.settings.base import Settings


class PlatformSettings(Settings):
    """Fees and means of the platform."""

    commission: float = Field(
        0.12, ge=0.0, le=0.9, description="share of the price that the platform keeps"
    )
    delivery_fee: float = Field(
        1.5, ge=0.0, le=1000.0, description="fee a visit that orders, currency units"
    )
    capital: float = Field(
        100_000.0, ge=0.0, le=1e12, description="start-up capital, currency units"
    )
    running_cost_per_day: float = Field(
        100.0, ge=0.0, le=1e9, description="cost of running the platform, currency units a day"
    )
    log_days: int = Field(
        56, ge=1, le=3650, description="days of behaviour that the platform keeps at most"
    )
    logs: Literal["seen", "shown"] = Field(
        "seen",
        description="seen: the log holds what came into a visitor's view; shown: all that was on "
        "the page, as where nobody can tell how far it was read, so that upper places are bought "
        "from more often for being upper ones",
    )
    own_brand_merchants: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="merchants that are the platform's own brand: those with most listings at the "
        "start",
    )
    complaint_staff: int = Field(2, ge=0, le=100_000, description="people at the complaint desk")
    complaint_cost: float = Field(
        4.0, ge=0.0, le=1000.0, description="cost of handling a complaint, currency units"
    )
    complaints_per_staff: int = Field(
        30, ge=1, le=10_000, description="complaints that one person handles a day"
    )
    fee_notice_days: int = Field(
        7,
        ge=0,
        le=365,
        description="days from the publication of a rise of fees until it holds; cuts hold at once",
    )
    forced_discount: float = Field(
        0.0,
        ge=0.0,
        le=0.9,
        description="how far the platform sets prices in its campaigns below what merchants ask, "
        "at their cost, share of the price; 0: no such campaigns",
    )
    forced_share: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="share of merchants that the platform puts into these campaigns",
    )
    asks_consent: bool = Field(
        False,
        description="true: merchants are asked before the platform sets their prices, and agree "
        "for goods that still pay their variable cost",
    )
    retaliation: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of its places in slates and search results that a merchant loses while "
        "it refuses a campaign",
    )
    parity_clause: bool = Field(
        False,
        description="true: contracts forbid merchants to sell cheaper elsewhere, so that the rival "
        "asks at least what is usual here, before its own subsidy",
    )
    auto_follow: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of merchants whose prices the platform lets follow the rival's "
        "discount on the same day",
    )


class RivalSettings(Settings):
    """The rival platform: one more alternative in every choice."""

    present: bool = Field(True, description="false: buying nothing is the only alternative")
    price_level: float = Field(
        1.0,
        ge=0.01,
        le=10.0,
        description="its prices as a share of each category's reference price",
    )
    discount: float = Field(
        0.0, ge=0.0, le=0.99, description="subsidy on its prices, share of the price"
    )
    utility: float = Field(
        1.0, ge=-50.0, le=50.0, description="utility of its offer before the price, logit units"
    )
    commission: float = Field(
        0.12, ge=0.0, le=0.9, description="share of its prices before subsidy that it keeps"
    )


class RegulatorSettings(Settings):
    """The regulator's means."""

    inspect_every_days: int = Field(1, ge=1, le=365, description="days between two inspections")
    inspections_per_day: int | None = Field(
        None,
        ge=0,
        le=10_000_000,
        description="listings that an inspection can look at; absent: all that are on sale",
    )
    risk_share: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="share of limited inspections, beyond those of open cases, that goes by risk: "
        "earlier findings and complaints; the rest is drawn at random",
    )
    risk_memory_days: int = Field(
        90, ge=1, le=3650, description="days for which findings count in that risk"
    )
    restitution_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="days of purchases whose buyers share in what a merchant must give back",
    )
    appeal_success: float = Field(
        0.5, ge=0.0, le=1.0, description="chance that a wrongly sanctioned merchant wins the appeal"
    )
    appeal_days: int = Field(7, ge=1, le=365, description="days that an appeal takes")
    deterrence_days: int = Field(
        30,
        ge=0,
        le=3650,
        description="days that a sanctioned merchant keeps to the rules, where "
        "`merchants.deterrence.model` is after_sanction",
    )
