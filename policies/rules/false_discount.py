"""False discounts: a price before discount above the lowest of the month before."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams

WINDOW = 30
"""Days before a reduction whose lowest price is the prior price."""

KNOWN_DAYS = 7
"""Days of these on which an offer must have been listed for its prior price to be known."""


class FalseDiscount:
    """Offers whose announced price before discount exceeds the lowest of the 30 days before.

    The 30 days end where the present reduction began: prices that only fall are one reduction, as
    the law has it for progressive ones. The gain is what recent buyers paid above the prior price,
    which may be nothing. The evidence is clear (grade A) where the prior price is the lowest of a
    whole month, and needs context (B) where the offer is younger than that.

    Source: Directive 98/6/EC, Article 6a, as amended by Directive (EU) 2019/2161; CJEU C-330/23
    (Aldi Süd).
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "false_discount"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        tolerance: float = Field(
            0.1,
            ge=0.0,
            le=5.0,
            description="tolerated excess of a price before discount over the lowest of the 30 "
            "days before, share of the latter; EU law: 0",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings by listing."""
        listings, rows, tolerance = observation.listings, observation.rows, self.params.tolerance
        list_price, price = listings.list_price[rows], listings.price[rows]
        offers = rows[listings.on_sale[rows] & (list_price > price * (1.0 + tolerance))]
        prior, days = prior_price(observation.prices.advertised[:, offers], listings.price[offers])
        false = (days >= KNOWN_DAYS) & (listings.list_price[offers] > prior * (1.0 + tolerance))
        return [
            Finding(
                rule=self.name,
                listing=listing,
                merchant=int(listings.merchant[listing]),
                grade="A" if known >= WINDOW else "B",
                illegal_gain=round(
                    max(int(listings.checkout_price[listing]) - lowest, 0)
                    * float(listings.sold_recently[listing])
                ),
                evidence=(
                    f"Announces {listings.list_price[listing] / 100:.2f} as the price before "
                    f"discount; the lowest of the {known} days before was {lowest / 100:.2f}."
                ),
            )
            for listing, lowest, known in zip(
                offers[false].tolist(), prior[false].tolist(), days[false].tolist(), strict=True
            )
        ]


def prior_price(history: IntArray, price: IntArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest price in the 30 days before the present reduction.

    Args:
        history: (H, n) cents on the last H days, oldest first; 0: not listed.
        price: (n,) cents today.

    Returns:
        (n,) cents, 0 if there was no such day, and (n,) days on which the offer was listed then.
    """
    days, n = history.shape
    reduced_on = np.full(n, days)
    falling = np.ones(n, dtype=np.bool_)
    after = price
    for day in range(days - 1, -1, -1):
        before = history[day]
        falling &= (before >= after) & (before > 0)
        reduced_on[falling & (before > after)] = day + 1
        after = before
    row = np.arange(days)[:, None]
    counted = (row < reduced_on) & (row >= reduced_on - WINDOW) & (history > 0)
    highest = np.iinfo(np.int64).max
    lowest = np.where(counted, history, highest).min(axis=0, initial=highest)
    known = counted.sum(axis=0)
    return np.where(known > 0, lowest, 0).astype(np.int64), known.astype(np.int64)
