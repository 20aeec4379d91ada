"""The test of costs: sold below cost on too many days, and nothing that explains it.

Rules on merchants' prices and on the platform's subsidies apply the same one.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from policies.arrays import BoolArray, IntArray
from policies.observations import InspectionObservation
from policies.params import PolicyParams
from policies.rules.categories import named_categories


class CostTestParams(PolicyParams):
    """How many days below cost make a breach, and what is exempt."""

    days: int = Field(
        7, ge=1, le=60, description="days below cost that make a breach; at most `window`"
    )
    window: int = Field(14, ge=1, le=60, description="days within which they are counted")
    cover_days: float = Field(
        60.0,
        ge=0.0,
        le=1000.0,
        description="days that stock lasts beyond which goods count as overstocked",
    )
    life_left: float = Field(
        0.25,
        ge=0.0,
        le=1.0,
        description="share of the shelf life below which goods count as near their expiry",
    )
    fresh: tuple[str, ...] = Field(
        (), strict=False, description="names of the categories of fresh goods, exempt"
    )
    seasonal: tuple[str, ...] = Field(
        (), strict=False, description="names of the categories of seasonal goods, exempt"
    )

    @model_validator(mode="after")
    def _breach_can_happen(self) -> Self:
        if self.days > self.window:
            raise ValueError(
                f"days = {self.days} can never be reached within window = {self.window} days; "
                "lower the former"
            )
        return self


def lasting(params: CostTestParams, was_below: BoolArray, rows: IntArray) -> BoolArray:
    """(n,) which of the listings `rows` were below cost on enough days; `was_below` is (H, L)."""
    lasts: BoolArray = was_below[-params.window :, rows].sum(axis=0) >= params.days
    return lasts


def exempt(params: CostTestParams, observation: InspectionObservation, rows: IntArray) -> BoolArray:
    """(n,) for which of the listings `rows` the law has a reason for a price below cost."""
    books = observation.books
    named = named_categories(observation.listings, {*params.fresh, *params.seasonal})
    is_exempt: BoolArray = (
        named[observation.listings.category[rows]]
        | (books.stock_cover_days[rows] > params.cover_days)
        | (books.life_left[rows] < params.life_left)
        | books.closing[rows]
    )
    return is_exempt
