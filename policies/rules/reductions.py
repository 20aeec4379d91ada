"""Announced reductions: who announces one, when it began, what was asked before it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.compiled import compiled
from policies.observations import Finding, InspectionObservation, PriceRecord

FREE = np.iinfo(np.int64).max
"""Stands above every price where a lowest one is looked for among none."""


ROUNDING = 1e-6
"""Cents, or share of 1, by which binary fractions may miss a threshold."""


WEEK = 7
"""Days of record without which nothing is said of an offer."""

_FEW = 16
"""One offer in so many, of all listings, below which they are picked out of each day."""

_BLOCK = 2048
"""Offers at a time that a day of the record is read for: what is known of them stays in cache."""


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
        announced.began[rows],
    )


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
    today = began == 0
    shown = column[max(length - last, 0) : length - first + 1, listing[today]]
    days[: len(shown), today] = shown[::-1]
    earlier = np.flatnonzero(~today)
    row = length - began[earlier] - np.arange(first, last + 1)[:, None]
    values = column[np.maximum(row, 0), listing[earlier]]
    days[:, earlier] = np.where(row >= 0, values, 0)
    return days


def lowest_before(
    column: IntArray, listing: IntArray, began: IntArray, first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest price of the days from `first` to `last` before reductions began.

    Arguments as of `days_before`.

    Returns:
        (n,) lowest price that was asked, `FREE` if none was, and (n,) on how many days.
    """
    lowest, known = np.empty(len(began), dtype=np.int64), np.empty(len(began), dtype=np.int64)
    # Whole days are read faster than chosen offers of them, if they are many and began of late.
    left, span = np.ones(len(began), dtype=np.bool_), last - first + 1
    for later in range(0, len(column) - last - span + 2, span):
        alike = (began >= later) & (began < later + span)
        if alike.sum() * _FEW < column.shape[1]:
            break
        left &= ~alike
        places = np.flatnonzero(alike)
        lowest[places], known[places] = _by_whole_days(
            column[: len(column) - later], listing[places], began[places] - later, first, last
        )
    places = np.flatnonzero(left)
    lowest[places], known[places] = _lowest_before(
        column, listing[places], began[places], first, last
    )
    return lowest, known


def _by_whole_days(
    column: IntArray, listing: IntArray, began: IntArray, first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`lowest_before` where `began` is so short that all the spans of days have one in common.

    Spans are put together from what comes before a day that all have, and what comes from it on:
    the lowest price so far is carried along either way.
    """
    lowest, known = np.full(len(began), FREE), np.zeros(len(began), dtype=np.int64)
    if len(began) == 0:
        return lowest, known
    length, most = len(column), int(began.max())
    start = length - last
    alike = [np.flatnonzero(began == days) for days in range(most + 1)]
    so_far = np.full(column.shape[1], FREE), np.zeros(column.shape[1], dtype=np.int64)
    for row in range(start, length - first + 1):
        _take_in(column[row], *so_far)
        ends = length - first - row
        if ends <= most:
            here = alike[ends]
            lowest[here], known[here] = so_far[0][listing[here]], so_far[1][listing[here]]
    so_far = np.full(column.shape[1], FREE), np.zeros(column.shape[1], dtype=np.int64)
    for days in range(1, most + 1):
        _take_in(column[start - days], *so_far)
        here = alike[days]
        lowest[here] = np.minimum(lowest[here], so_far[0][listing[here]])
        known[here] += so_far[1][listing[here]]
    return lowest, known


@compiled
def _take_in(price, lowest, known):  # type: ignore[no-untyped-def]
    """Carry the lowest price of all listings, and the number of days, on by a day."""
    for j in range(len(price)):
        lowest[j] = min(lowest[j], price[j] if price[j] > 0 else FREE)
        known[j] += price[j] > 0


@compiled
def _lowest_before(column, listing, began, first, last):  # type: ignore[no-untyped-def]
    n, length = len(listing), len(column)
    lowest, known = np.full(n, FREE), np.zeros(n, dtype=np.int64)
    for start in range(0, n, _BLOCK):
        for back in range(first, last + 1):
            for i in range(start, min(start + _BLOCK, n)):
                row = length - began[i] - back
                if row < 0:
                    continue
                price = column[row, listing[i]]
                if price > 0:
                    known[i] += 1
                    lowest[i] = min(lowest[i], price)
    return lowest, known


def paid_above(prices: PriceRecord, listing: int, lawful: float, days: int) -> int:
    """Cents that buyers of the last `days` days paid above a lawful price."""
    if days <= 0:
        return 0
    paid: float = _paid_above(prices.checkout, prices.units, listing, float(lawful), days)
    return round(paid)


@compiled
def _paid_above(checkout, units, listing, lawful, days):  # type: ignore[no-untyped-def]
    length, paid = len(checkout), 0.0
    for row in range(max(length - days, 0), length):
        if units[row, listing] > 0:
            paid += max(checkout[row, listing] - lawful, 0.0) * units[row, listing]
    return paid


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
    exceeds = exceeds_all_asked(observation.prices, reductions, tolerance)
    some = reductions.only(exceeds)
    history = observation.prices.advertised[:, some.listing]
    highest = history.max(axis=0, initial=0)
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


def exceeds_all_asked(
    prices: PriceRecord, reductions: Reductions, tolerance: float
) -> NDArray[np.bool_]:
    """(n,) whether reductions, of earlier days, go by more than was asked on any day of a record.

    Arguments as of `never_asked`; a record of less than a week says nothing.
    """
    exceeds: NDArray[np.bool_] = _exceeds_all(
        prices.advertised, reductions.listing, reductions.began, reductions.was, tolerance
    )
    return exceeds


@compiled
def _exceeds_all(advertised, listing, began, was, tolerance):  # type: ignore[no-untyped-def]
    n, length = len(listing), len(advertised)
    exceeds = np.zeros(n, dtype=np.bool_)
    for i in range(n):
        if began[i] == 0:
            continue
        known = 0
        for back in range(1, length + 1):
            # From the eve backwards, then the days since: most asked as much on the eve.
            price = advertised[(length - began[i] - back) % length, listing[i]]
            known += price > 0
            if was[i] <= max(price, 0) * (1.0 + tolerance) + ROUNDING:
                known = 0
                break
        exceeds[i] = known >= WEEK
    return exceeds
