"""Announced reductions: who announces one, when it began, what was asked before it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import Finding, InspectionObservation, PriceRecord

FREE = np.iinfo(np.int64).max
"""Stands above every price where a lowest one is looked for among none."""


ROUNDING = 1e-6
"""Cents, or share of 1, by which binary fractions may miss a threshold."""


WEEK = 7
"""Days of record without which nothing is said of an offer."""


class Reductions(NamedTuple):
    """The reductions that pages announce today, in the order of their listings. n offers."""

    listing: IntArray  # (n,)
    price: IntArray  # (n,) cents advertised today
    was: IntArray  # (n,) cents announced as the price before
    share: FloatArray  # (n,) announced reduction, share of `was`
    began: IntArray  # (n,) how many days ago; 0: today

    def only(self, chosen: BoolArray) -> Reductions:
        """Those of them for which `chosen` (n,) holds."""
        return Reductions(
            self.listing[chosen],
            self.price[chosen],
            self.was[chosen],
            self.share[chosen],
            self.began[chosen],
        )


def announced_reductions(observation: InspectionObservation, exempt: BoolArray) -> Reductions:
    """The reductions that inspected pages announce today.

    Args:
        observation: what rules are shown.
        exempt: (C,) categories that are not looked at.
    """
    listings, announced, rows = observation.listings, observation.announced, observation.rows
    price = listings.price
    rows = rows[listings.on_sale[rows] & (announced.was[rows] > price[rows])]
    rows = rows[~exempt[listings.category[rows]]]
    return Reductions(
        rows,
        price[rows],
        announced.was[rows],
        announced.share[rows],
        began_days_ago(observation.prices, rows, price[rows]),
    )


def began_days_ago(prices: PriceRecord, listing: IntArray, price: IntArray) -> NDArray[np.int64]:
    """How many days ago the reductions began that pages announce today.

    A reduction lasts as long as it is announced, and may be deepened step by step. A cut that
    follows a rise is a new one, even if a reduction was announced all the time.

    Args:
        prices: the record.
        listing: (n,) offers that announce a reduction today.
        price: (n,) cents advertised today.

    Returns:
        (n,) days; 0: today; the length of the record: at its first day, or before.
    """
    began = np.zeros(len(listing), dtype=np.int64)
    first_cut = np.zeros(len(listing), dtype=np.int64)
    cut = np.zeros(len(listing), dtype=np.bool_)
    going, after = np.arange(len(listing)), price.astype(np.int64)
    for back in range(1, len(prices.advertised) + 1):
        before = prices.advertised[-back, listing[going]]
        reduced = (before > 0) & (prices.announced[-back, listing[going]] > before)
        anew = reduced & cut[going] & (before < after)
        began[going[anew]] = first_cut[going[anew]]
        goes_on = reduced & ~anew
        going, before, after = going[goes_on], before[goes_on], after[goes_on]
        if len(going) == 0:
            break
        began[going] = back
        deepened = going[before > after]
        cut[deepened], first_cut[deepened] = True, back - 1
        after = before
    return began


def days_before(
    column: IntArray, listing: IntArray, began: IntArray, first: int, last: int
) -> NDArray[np.int64]:
    """The days from `first` to `last` before reductions began, latest first; 0 beyond the record.

    Args:
        column: (H, L) of a record, oldest first.
        listing: (n,)
        began: (n,) days ago.
        first: day before the reduction that comes first; 1: the eve.
        last: day that comes last.

    Returns:
        (last - first + 1, n)
    """
    length = len(column)
    days = np.zeros((last - first + 1, len(listing)), dtype=np.int64)
    for back in np.unique(began).tolist():
        alike = np.flatnonzero(began == back)
        end = length - back - first + 1
        if end > 0:
            shown = column[max(end - len(days), 0) : end].take(listing[alike], axis=1)
            days[: len(shown), alike] = shown[::-1]
    return days


def lowest_asked(price: IntArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) lowest of prices (D, n) that were asked, `FREE` if none was, and on how many days."""
    asked = price > 0
    lowest = np.where(asked, price, FREE).min(axis=0, initial=FREE)
    return lowest, asked.sum(axis=0)


def paid_above(prices: PriceRecord, listing: int, lawful: float, days: int) -> int:
    """Cents that buyers of the last `days` days paid above a lawful price."""
    if days <= 0:
        return 0
    asked, units = prices.checkout[-days:, listing], prices.units[-days:, listing]
    return round(float((np.maximum(asked - lawful, 0.0) * units).sum()))


def never_asked(
    rule: str, observation: InspectionObservation, reductions: Reductions, tolerance: float
) -> list[Finding]:
    """Offers that have announced a reduction since they were new, from what they never asked.

    Nothing was asked or sold before the reduction that its price before could go by. What is on
    record of such an offer must be a week at least. The evidence needs context (grade B).

    Args:
        rule: who finds it.
        observation: what rules are shown.
        reductions: those that have no price before.
        tolerance: excess over the highest price ever asked that is tolerated, share of it.
    """
    some = reductions.only(reductions.began > 0)
    history = observation.prices.advertised.take(some.listing, axis=1)
    highest = history.max(axis=0, initial=0)
    false = (history > 0).sum(axis=0) >= WEEK
    false &= some.was > highest * (1.0 + tolerance) + ROUNDING
    some, highest = some.only(false), highest[false]
    return [
        Finding(
            rule=rule,
            listing=listing,
            merchant=int(observation.listings.merchant[listing]),
            grade="B",
            illegal_gain=0,
            evidence=(
                f"Announces {was / 100:.2f} as the price before discount for {days} days; it never "
                f"asked more than {most / 100:.2f}."
            ),
        )
        for listing, was, days, most in zip(
            some.listing.tolist(),
            some.was.tolist(),
            some.began.tolist(),
            highest.tolist(),
            strict=True,
        )
    ]
