"""Forced losses: the platform sells merchants' goods below cost, or punishes who refuses."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import FloatArray
from policies.observations import NO_LISTING, PLATFORM, Finding, InspectionObservation
from policies.params import PolicyParams

FEWEST_DAYS = 3
"""Days with records that a comparison of attention needs before a refusal, and after it."""


class ForcedLoss:
    """Prices that the platform sets below a merchant's variable cost without its consent.

    And punishment of those who refuse: in the `window` days from a refusal the attention that the
    inspected listings of refusing merchants get falls by more than `fall` against that of matched
    sellers, those of the same category whom the platform neither puts into a campaign nor was
    refused by (where there are none, all who did not refuse). It counts in sum over all who refused
    in the last two windows, and for most of them one by one. Merchants who agreed are exempt, and
    so are those who themselves ask less than their variable cost. The gain is what merchants lost
    on units sold so, as far as recent sales show.

    Source: Anti-Unfair Competition Law of the People's Republic of China (2025), Article 14:
    platforms may not force merchants, openly or in disguise, to sell below cost.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "forced_loss"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        fall: float = Field(
            0.2,
            ge=0.0,
            le=1.0,
            description="fall of attention after a refusal, against matched sellers, that is "
            "tolerated; share",
        )
        window: int = Field(
            7, ge=FEWEST_DAYS, le=14, description="days before and after a refusal that count"
        )
        refusals: int = Field(
            2,
            ge=1,
            le=1000,
            description="merchants that must have refused for their attention to be compared",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """At most two findings of grade A and B against the platform: force, and punishment."""
        if len(observation.platform.forced.set_by_platform) == 0:
            return []
        return [*self._forced(observation), *self._punished(observation)]

    def _forced(self, observation: InspectionObservation) -> list[Finding]:
        book, listings, rows = observation.platform.forced, observation.listings, observation.rows
        cost, price = observation.books.average_variable_cost, listings.checkout_price
        forced = (book.set_by_platform & ~book.opted_in & listings.on_sale)[rows]
        forced &= (price < cost)[rows] & (book.asked >= cost)[rows]
        found = rows[forced]
        if len(found) == 0:
            return []
        deepest = int(found[np.argmax((cost - price)[found])])
        lost = ((cost - price) * listings.sold_recently)[found].sum()
        return [
            Finding(
                rule=self.name,
                listing=NO_LISTING,
                merchant=PLATFORM,
                grade="A",
                illegal_gain=round(float(lost)),
                evidence=(
                    f"The platform set prices of {len(found)} inspected listings below their "
                    f"variable cost without consent; of listing {deepest}, for which "
                    f"{book.asked[deepest] / 100:.2f} was asked, {price[deepest] / 100:.2f} "
                    f"against {cost[deepest] / 100:.2f}."
                ),
            )
        ]

    def _punished(self, observation: InspectionObservation) -> list[Finding]:
        now, expected = self._attention(observation)
        if len(now) < self.params.refusals or expected.sum() <= 0.0:
            return []
        fall = 1.0 - now.sum() / expected.sum()
        worse_off = float((now < (1.0 - self.params.fall) * expected).mean())
        if fall <= self.params.fall or worse_off <= 0.5:
            return []
        return [
            Finding(
                rule=self.name,
                listing=NO_LISTING,
                merchant=PLATFORM,
                grade="B",
                illegal_gain=0,
                evidence=(
                    f"{len(now)} merchants who refused a campaign were shown {fall:.0%} less after "
                    f"it than matched sellers; {worse_off:.0%} of them fell by more than "
                    f"{self.params.fall:.0%}."
                ),
            )
        ]

    def _attention(self, observation: InspectionObservation) -> tuple[FloatArray, FloatArray]:
        """(R,) attention a day after refusals, by merchant, and what matched sellers' implies."""
        refused_on, listings = observation.platform.forced.refused_on, observation.listings
        inspected = np.zeros(len(refused_on), dtype=np.bool_)
        inspected[observation.rows] = True
        lately = inspected & (refused_on >= 0)
        lately &= refused_on > observation.day - 2 * self.params.window
        now: list[FloatArray] = [np.empty(0)]
        expected: list[FloatArray] = [np.empty(0)]
        for day in np.unique(refused_on[lately]).tolist():
            before, after = self._around(observation, day)
            if before is None or after is None:
                continue
            trend = _trend_of_matched(observation, before, after)[listings.category]
            own = lately & (refused_on == day) & np.isfinite(trend)
            merchant = listings.merchant[own]
            implied = np.bincount(merchant, before[own] * trend[own]).astype(np.float64)
            shown = np.bincount(merchant, after[own]).astype(np.float64)
            now.append(shown[implied > 0.0])
            expected.append(implied[implied > 0.0])
        return np.concatenate(now), np.concatenate(expected)

    def _around(
        self, observation: InspectionObservation, day: int
    ) -> tuple[FloatArray | None, FloatArray | None]:
        """(L,) mean attention in the windows before and after a day; None: too few records."""
        past, window = observation.platform.exposure.exposure, self.params.window
        first = len(past) - (observation.day - day)
        return (
            _mean(past[max(first - window, 0) : max(first, 0)]),
            _mean(past[max(first, 0) : max(first + window, 0)]),
        )


def _trend_of_matched(
    observation: InspectionObservation, before: FloatArray, after: FloatArray
) -> FloatArray:
    """(C,) attention of matched sellers after a day over that before; nan where there is none."""
    book, listings = observation.platform.forced, observation.listings
    categories = len(listings.category_names)
    trend = np.full(categories, np.nan)
    willing = book.refused_on < 0
    for matched in (willing, willing & ~book.set_by_platform):
        category = listings.category[matched]
        earlier = np.bincount(category, before[matched], minlength=categories)
        later = np.bincount(category, after[matched], minlength=categories)
        np.divide(later, earlier, out=trend, where=earlier > 0.0)
    return trend


def _mean(days: FloatArray) -> FloatArray | None:
    """(L,) mean of the days with records, None if there are too few."""
    recorded = days[~np.isnan(days).any(axis=1)]
    if len(recorded) < FEWEST_DAYS:
        return None
    mean: FloatArray = recorded.mean(axis=0, dtype=np.float64)
    return mean
