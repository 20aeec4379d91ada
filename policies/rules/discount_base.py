"""The base of a discount: what was really paid before it, and no raise for its sake."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.compiled import compiled
from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams
from policies.rules.reductions import (
    FREE,
    ROUNDING,
    Reductions,
    announced_reductions,
    days_before,
    exceeds_all_asked,
    lowest_before,
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
        base, recent, doubtful = self._base(observation, all_)
        false = (base > 0) & (all_.was > base * (1.0 + self.params.tolerance) + ROUNDING)
        found = [
            self._by_base(observation, all_, one, int(base[one]), bool(recent[one]))
            for one in np.flatnonzero(false).tolist()
        ]
        raised = self._by_raise(observation, all_.only(~false))
        found += raised
        nothing = (base == 0) | doubtful
        nothing &= ~np.isin(all_.listing, [one.listing for one in raised])
        nothing &= exceeds_all_asked(observation.prices, all_, self.params.tolerance)
        sold = np.flatnonzero(nothing & doubtful)
        checkout = observation.prices.checkout
        nothing[sold] = ~_ever_cheaper(checkout, all_.listing[sold], all_.was[sold])
        found += never_asked(self.name, observation, all_.only(nothing), self.params.tolerance)
        return sorted(found, key=lambda one: one.listing)

    def _base(
        self, observation: InspectionObservation, all_: Reductions
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """What the price before may be at most.

        Returns:
            (n,) cents, 0 if nothing was sold; (n,) whether it was sold in the days before; (n,)
            whether an older sale was no cheaper than announced, which counts as the base only where
            something cheaper was ever asked.
        """
        record, days = observation.prices, self.params.deal_days
        lowest, latest = _sales_before(
            record.checkout, record.units, record.last_sold, all_.listing, all_.began, days
        )
        recent = lowest < FREE
        return np.where(recent, lowest, latest), recent, ~recent & (latest >= all_.was)

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
        lowest, known = lowest_before(record.advertised, all_.listing, all_.began, first, last)
        possible = (2 * known >= params.usual_days) & (
            all_.was > np.minimum(lowest, all_.was) * (1.0 + params.max_raise)
        )
        all_ = all_.only(possible)
        if len(all_.listing) == 0:
            return []
        usual = days_before(record.advertised, all_.listing, all_.began, first, last)
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


@compiled
def _sales_before(checkout, units, last_sold, listing, began, days):  # type: ignore[no-untyped-def]
    """(n,) lowest price at a sale within `days` days before, `FREE` if none; (n,) the last before.

    The latter is 0 where the former is known, or nothing was ever sold before.
    """
    n, length = len(listing), len(checkout)
    lowest, latest = np.full(n, FREE), np.zeros(n, dtype=np.int64)
    for i in range(n):
        j = listing[i]
        if not 0 < last_sold[j] <= length:
            continue
        for back in range(max(began[i] + 1, last_sold[j]), length + 1):
            if back > began[i] + days and lowest[i] < FREE:
                break
            row = length - back
            if units[row, j] <= 0:
                continue
            if back > began[i] + days:
                latest[i] = checkout[row, j]
                break
            if checkout[row, j] > 0:
                lowest[i] = min(lowest[i], checkout[row, j])
    return lowest, latest


@compiled
def _ever_cheaper(checkout, listing, price):  # type: ignore[no-untyped-def]
    """(n,) whether an offer was ever cheaper, within the record, than a price (n,)."""
    cheaper = np.zeros(len(listing), dtype=np.bool_)
    for i in range(len(listing)):
        for row in range(len(checkout)):
            if 0 < checkout[row, listing[i]] < price[i]:
                cheaper[i] = True
                break
    return cheaper
