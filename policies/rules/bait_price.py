"""Bait prices: checkout asks more than the page advertised."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams
from policies.rules.reductions import ROUNDING


class BaitPrice:
    """Offers that ask more at checkout than their page advertises and the fees it discloses.

    The gain is what buyers paid above the advertised price in the last `window` days.

    Source: Internet Platform Pricing Behaviour Rules of China (issued 20 December 2025, in force 10
    April 2026): no lower price on the home page than on the product's. The figures are proposals.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "bait_price"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        disclosed_fee: float = Field(
            0.0,
            ge=0.0,
            le=1000.0,
            description="fees a unit that pages disclose beside the price (deposit, packaging), "
            "currency units",
        )
        tolerance: float = Field(
            0.0,
            ge=0.0,
            le=1.0,
            description="tolerated excess of the checkout price, share of the advertised one",
        )
        window: int = Field(
            30, ge=1, le=60, description="days whose buyers count for the illegal gain"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings of grade A, by listing."""
        listings, rows = observation.listings, observation.rows
        rows = rows[listings.checkout_price[rows] > listings.price[rows]]
        promised = listings.price[rows] * (1.0 + self.params.tolerance)
        fee = round(self.params.disclosed_fee * 100)
        promised += fee
        found = listings.on_sale[rows] & (listings.checkout_price[rows] > promised + ROUNDING)
        return [
            Finding(
                rule=self.name,
                listing=listing,
                merchant=int(listings.merchant[listing]),
                grade="A",
                illegal_gain=self._gain(observation, listing),
                evidence=(
                    f"Advertises {listings.price[listing] / 100:.2f} and asks "
                    f"{listings.checkout_price[listing] / 100:.2f} at checkout."
                ),
                lawful_price=int(listings.price[listing]) + fee,
            )
            for listing in rows[found].tolist()
        ]

    def _gain(self, observation: InspectionObservation, listing: int) -> int:
        """Cents."""
        record, days = observation.prices, slice(-self.params.window, None)
        fee = round(self.params.disclosed_fee * 100)
        above = record.checkout[days, listing] - record.advertised[days, listing] - fee
        return int((np.maximum(above, 0) * record.units[days, listing]).sum())
