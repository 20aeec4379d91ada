"""Sales below cost: prices under average variable cost on too many days."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams


class BelowCost:
    """Offers sold below their variable cost now and on at least `days` of the last `window` days.

    The gain is the revenue of units that were sold so, as far as recent sales show.

    Source: Areeda & Turner (1975), "Predatory pricing and related practices under section 2 of the
    Sherman Act", Harvard Law Review 88(4); Price Law of the People's Republic of China, Article 14.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "below_cost"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        days: int = Field(
            7, ge=1, le=60, description="days below cost that make a breach; at most `window`"
        )
        window: int = Field(14, ge=1, le=60, description="days within which they are counted")

        @model_validator(mode="after")
        def _breach_can_happen(self) -> Self:
            if self.days > self.window:
                raise ValueError(
                    f"days = {self.days} can never be reached within window = {self.window} days; "
                    "lower the former"
                )
            return self

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings of grade A, by listing."""
        listings, books, rows = observation.listings, observation.books, observation.rows
        past = books.was_below_cost[-self.params.window :]
        below = past[:, rows].sum(axis=0)
        now = listings.checkout_price[rows] < books.unit_cost[rows]
        found = np.flatnonzero(listings.on_sale[rows] & now & (below >= self.params.days))
        return [
            Finding(
                rule=self.name,
                listing=listing,
                merchant=int(listings.merchant[listing]),
                grade="A",
                illegal_gain=round(
                    float(listings.checkout_price[listing]) * float(listings.sold_recently[listing])
                ),
                evidence=(
                    f"Sold at {listings.checkout_price[listing] / 100:.2f}, below its unit cost of "
                    f"{books.unit_cost[listing] / 100:.2f}, on {count} of the last {len(past)} "
                    "days."
                ),
            )
            for listing, count in zip(rows[found].tolist(), below[found].tolist(), strict=True)
        ]
