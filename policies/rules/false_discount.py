"""False discounts: a price before discount above the lowest of the month before."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams
from policies.rules.categories import named_categories
from policies.rules.reductions import (
    FREE,
    ROUNDING,
    Reductions,
    announced_reductions,
    lowest_before,
    never_asked,
    paid_above,
)


class FalseDiscount:
    """Offers that announce a reduction from more than the lowest price of the 30 days before it.

    Both the price before and the percentage must go by the lowest price that was asked before the
    reduction began. A reduction that is deepened step by step goes by the price before its first
    step. An offer that was listed for a shorter time goes by what there is, if that is a week at
    least; one that announced a reduction from its first days on is found if it never asked what it
    announces. Perishable goods are exempt. The gain is what buyers paid above the lowest price
    since the reduction began, which may be nothing. The evidence is clear (grade A) with a whole
    window of days, and needs context (B) with fewer.

    Source: Directive 98/6/EC, Article 6a, as amended by Directive (EU) 2019/2161; for the
    percentage CJEU C-330/23 (Aldi Süd). Tolerances, the rule for younger offers and the exemption
    are proposals: what a member state's law says of them is to be looked up.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "false_discount"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        tolerance: float = Field(
            0.005,
            ge=0.0,
            le=5.0,
            description="tolerated excess of the announced price before over the lowest price, "
            "share of the latter",
        )
        percentage_tolerance: float = Field(
            0.005,
            ge=0.0,
            le=1.0,
            description="tolerated excess of the announced percentage over the true one, as a "
            "share of 1 (0.005: half a percentage point)",
        )
        window: int = Field(
            30, ge=1, le=60, description="days before a reduction whose lowest price counts"
        )
        known_days: int = Field(
            7,
            ge=1,
            le=60,
            description="days of these on which an offer must have been listed to be judged",
        )
        perishable: tuple[str, ...] = Field(
            (), strict=False, description="names of the categories of perishable goods, exempt"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings by listing."""
        params, record = self.params, observation.prices
        exempt = named_categories(observation.listings, params.perishable)
        all_ = announced_reductions(observation, exempt)
        lowest, known = lowest_before(record.advertised, all_.listing, all_.began, 1, params.window)
        judged = known >= min(params.known_days, params.window)
        false = np.flatnonzero(judged & self._exceeds(all_, lowest))
        found = [
            self._finding(observation, all_, one, int(lowest[one]), int(known[one]))
            for one in false.tolist()
        ]
        found += never_asked(self.name, observation, all_.only(~judged), params.tolerance)
        return sorted(found, key=lambda one: one.listing)

    def _exceeds(self, all_: Reductions, lowest: np.ndarray) -> np.ndarray:
        """(n,) whether price before or percentage is more than the lowest price allows."""
        params = self.params
        too_high = all_.was > lowest * (1.0 + params.tolerance) + ROUNDING
        true_share = 1.0 - all_.price / lowest
        exceeds: np.ndarray = (lowest < FREE) & (
            too_high | (all_.share > true_share + params.percentage_tolerance + ROUNDING)
        )
        return exceeds

    def _finding(
        self,
        observation: InspectionObservation,
        all_: Reductions,
        one: int,
        lowest: int,
        known: int,
    ) -> Finding:
        listing = int(all_.listing[one])
        return Finding(
            rule=self.name,
            listing=listing,
            merchant=int(observation.listings.merchant[listing]),
            grade="A" if known >= self.params.window else "B",
            illegal_gain=paid_above(observation.prices, listing, lowest, int(all_.began[one])),
            evidence=(
                f"Announces {all_.share[one]:.0%} off {all_.was[one] / 100:.2f}; the lowest of the "
                f"{known} days before the reduction was {lowest / 100:.2f}, and today it asks "
                f"{all_.price[one] / 100:.2f}."
            ),
            lawful_price=lowest,
        )
