"""Settings of how merchants restock: by recent sales, or by a forecast and a service level."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.settings.base import Settings


class RestockingSettings(Settings):
    """When merchants order stock, and what they expect to sell until it comes."""

    method: Literal["recent_sales", "smoothing", "croston_sba", "tsb", "hierarchical"] = Field(
        "recent_sales",
        description="recent_sales: order when what is left covers the lead time and half of "
        "`stock_cover_days` at the recent rate of sale; the others forecast demand and order when "
        "what is left no longer lasts with the service level: smoothing of days, Croston's method "
        "as Syntetos and Boylan correct it, that of Teunter, Syntetos and Babai, or smoothing "
        "drawn to the mean of the category",
    )
    service_level: float = Field(
        0.95,
        ge=0.5,
        le=0.999,
        description="probability with which stock shall last until an order arrives; without "
        "effect with recent_sales",
    )
    smoothing: float = Field(
        0.05,
        ge=0.001,
        le=1.0,
        description="weight of the newest day in a forecast, of the newest sale in Croston's; "
        "without effect with recent_sales",
    )
    window_days: int = Field(
        90,
        ge=7,
        le=120,
        description="days of sales that a forecast is made from; without effect with recent_sales",
    )
