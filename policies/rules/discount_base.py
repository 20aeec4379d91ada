"""The base of a discount: what was really paid before it, and no raise for its sake."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams
from policies.rules.reductions import (
    ROUNDING,
    Reductions,
    announced_reductions,
    days_before,
    lowest_asked,
    never_asked,
    paid_above,
)


class DiscountBase:
    """Offers whose discount goes by more than was paid before it, or by a price raised for it.

    Pages name a price before discount and not what it is: then it must be no more than the lowest
    price at which the offer was sold in the week before, or without a sale then, the last one at
    which it was sold. Beside that, a price that was raised above its usual level shortly before,
    and is announced as the price before, is found, and a price before of an offer that was never
    sold before its discount and never asked as much. The gain is what buyers paid above the base
    since the discount began; of a raise, what they paid above the usual level since it. Sales of
    the week before are clear evidence (grade A), an older one and a raise need context (B).

    Source: Internet Platform Pricing Behaviour Rules of China (issued 20 December 2025, in force 10
    April 2026): no false discount. The days and shares are proposals; what the provisions on clear
    prices and price fraud say of them is to be looked up.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "discount_base"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        tolerance: float = Field(
            0.005,
            ge=0.0,
            le=5.0,
            description="tolerated excess of the announced price before over the base, share of "
            "the latter",
        )
        deal_days: int = Field(
            7, ge=1, le=60, description="days before the discount whose lowest sale is the base"
        )
        raised_days: int = Field(
            14, ge=1, le=30, description="days before the discount in which a raise counts"
        )
        usual_days: int = Field(
            46, ge=7, le=60, description="days before these whose median price is the usual one"
        )
        max_raise: float = Field(
            0.05,
            ge=0.0,
            le=5.0,
            description="rise above the usual price that is no raise yet, share of the latter",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings by listing, at most one each: by the base, a raise, or no price before."""
        none_exempt = np.zeros(len(observation.listings.category_names), dtype=np.bool_)
        all_ = announced_reductions(observation, none_exempt)
        base, recent = self._base(observation, all_)
        false = (base > 0) & (all_.was > base * (1.0 + self.params.tolerance) + ROUNDING)
        found = [
            self._by_base(observation, all_, one, int(base[one]), bool(recent[one]))
            for one in np.flatnonzero(false).tolist()
        ]
        raised = self._by_raise(observation, all_.only(~false))
        found += raised
        nothing = (base == 0) & ~np.isin(all_.listing, [one.listing for one in raised])
        found += never_asked(self.name, observation, all_.only(nothing), self.params.tolerance)
        return sorted(found, key=lambda one: one.listing)

    def _base(
        self, observation: InspectionObservation, all_: Reductions
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(n,) cents, 0 if nothing was sold; (n,) whether it was sold in the days before."""
        record, days = observation.prices, self.params.deal_days
        sold = days_before(record.units, all_.listing, all_.began, 1, days) > 0
        asked = days_before(record.checkout, all_.listing, all_.began, 1, days)
        lowest, deals = lowest_asked(np.where(sold, asked, 0))
        recent = deals > 0
        base = np.where(recent, lowest, 0)
        looking = np.flatnonzero(~recent)
        # A last sale can only be the base of a false discount where something cheaper was asked.
        asked = record.checkout.take(all_.listing[looking], axis=1)
        looking = looking[lowest_asked(asked)[0] < all_.was[looking]]
        row = len(record.units) - all_.began[looking] - days - 1
        while len(looking):
            looking, row = looking[row >= 0], row[row >= 0]
            listing = all_.listing[looking]
            sold_then = record.units[row, listing] > 0
            base[looking[sold_then]] = record.checkout[row[sold_then], listing[sold_then]]
            looking, row = looking[~sold_then], row[~sold_then] - 1
        return base, recent

    def _by_base(
        self,
        observation: InspectionObservation,
        all_: Reductions,
        one: int,
        base: int,
        recent: bool,
    ) -> Finding:
        listing = int(all_.listing[one])
        basis = (
            f"the lowest sale of the {self.params.deal_days} days before"
            if recent
            else "the last sale before"
        )
        return Finding(
            rule=self.name,
            listing=listing,
            merchant=int(observation.listings.merchant[listing]),
            grade="A" if recent else "B",
            illegal_gain=paid_above(observation.prices, listing, base, int(all_.began[one])),
            evidence=(
                f"Announces {all_.was[one] / 100:.2f} as the price before discount; {basis} was at "
                f"{base / 100:.2f}."
            ),
            lawful_price=base,
        )

    def _by_raise(self, observation: InspectionObservation, all_: Reductions) -> list[Finding]:
        params, record = self.params, observation.prices
        first, last = params.raised_days + 1, params.raised_days + params.usual_days
        usual = days_before(record.advertised, all_.listing, all_.began, first, last)
        lowest, known = lowest_asked(usual)
        possible = (2 * known >= params.usual_days) & (
            all_.was > np.minimum(lowest, all_.was) * (1.0 + params.max_raise)
        )
        all_, usual = all_.only(possible), usual[:, possible]
        if len(all_.listing) == 0:
            return []
        level = np.nanmedian(np.where(usual > 0, usual, np.nan), axis=0)
        peak = days_before(record.advertised, all_.listing, all_.began, 1, params.raised_days)
        limit = level * (1.0 + params.max_raise) + ROUNDING
        raised = (peak.max(axis=0) > limit) & (all_.was > limit)
        return [
            Finding(
                rule=self.name,
                listing=listing,
                merchant=int(observation.listings.merchant[listing]),
                grade="B",
                illegal_gain=paid_above(record, listing, usually, int(began) + params.raised_days),
                evidence=(
                    f"Raised its price to {highest / 100:.2f} within {params.raised_days} days "
                    f"before it announced {was / 100:.2f} as the price before discount; usually it "
                    f"asked {usually / 100:.2f}."
                ),
                lawful_price=round(usually),
            )
            for listing, began, was, usually, highest in zip(
                all_.listing[raised].tolist(),
                all_.began[raised].tolist(),
                all_.was[raised].tolist(),
                level[raised].tolist(),
                peak.max(axis=0)[raised].tolist(),
                strict=True,
            )
        ]
