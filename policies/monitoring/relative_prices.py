"""Prices relative to their category: what is left of a move once the category's own is taken out.

The level of a category is the median of its listings' price relatives, so that a cost that all
pass on moves it and a few sellers cannot. It is worked out backwards from today: a past price times
the deflator of its day is that price in terms of today's level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from policies.compiled import compiled

PEERS = 200
"""Listings of a category whose median sets its level; a fixed choice of them where there are more.

The standard error of such a median is 1.25 / sqrt(200), a ninth of the spread of price relatives.
"""

FEWEST_PEERS = 5
"""Listings that must have been on offer on both days for a category to have a level of its own."""

_FEW = 0.25  # share of the listings up to which they are picked out of each day

_BLOCK = 2048  # listings at a time, whose running extremes stay in the cache


@dataclass(frozen=True, slots=True)
class PriceWindow:
    """The last days of all listings with today's prices, and what their categories did meanwhile.

    Days count backwards: 0 is today, `age` days ago is `history[-age]`.
    """

    history: IntArray  # (H, L) cents, oldest first, today excluded; 0: not listed
    today: IntArray  # (L,) cents; 0: not listed
    category: IntArray  # (L,)
    deflator: FloatArray  # (H + 1, C) by age; nan where it was not asked for

    @property
    def days(self) -> int:
        """H, the days before today."""
        return len(self.history)


def price_window(
    history: IntArray, today: IntArray, category: IntArray, ages: Sequence[int] | None = None
) -> PriceWindow:
    """Work out what each category did on some days of the past.

    Args:
        history: (H, L) cents of the days before today, oldest first; 0: not listed.
        today: (L,) cents; 0: not listed.
        category: (L,) category of each listing, from 0.
        ages: days ago, at most H, whose deflators are wanted; None: all.

    Source: the median of price relatives as a robust elementary index: ILO et al. (2020), Consumer
    Price Index Manual, chapter 8; Hampel et al. (1986), "Robust Statistics", for the median.
    """
    wanted = range(len(history) + 1) if ages is None else ages
    kinds = int(category.max(initial=-1)) + 1
    deflator = np.full((len(history) + 1, kinds), np.nan)
    peers, first = _peers(today, category, kinds)
    ages_wanted = np.array([age for age in wanted if age > 0], dtype=np.int64)
    deflator[0] = 1.0
    deflator[ages_wanted] = _median_relatives(history, today, peers, first, ages_wanted)
    return PriceWindow(history, today, category, deflator)


def by_category(today: IntArray, category: IntArray) -> NDArray[np.int64]:
    """(n,) the listings on offer today, by category and there in their order."""
    offered = np.flatnonzero(today > 0)
    # Small integers are sorted by radix, in linear time.
    small = int(category.max(initial=0)) < 2**15
    kind = category[offered].astype(np.int16 if small else np.int64)
    return offered[np.argsort(kind, kind="stable")]


def _peers(today: IntArray, category: IntArray, kinds: int) -> tuple[IntArray, IntArray]:
    """Listings that set the levels, by category, and where each category begins (C + 1)."""
    offered = by_category(today, category)
    count = np.bincount(category[offered], minlength=kinds)
    end = np.cumsum(count)
    taken = np.minimum(count, PEERS)
    number = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
    place = number * np.repeat(count, taken) // np.maximum(np.repeat(taken, taken), 1)
    peers: IntArray = offered[np.repeat(end - count, taken) + place]
    return peers, np.concatenate([[0], np.cumsum(taken)])


@compiled
def _median_relatives(history, today, peers, first, ages):  # type: ignore[no-untyped-def]
    """(A, C) median of today's price over that of each age, of peers on offer on both days."""
    kinds = len(first) - 1
    level = np.ones((len(ages), kinds))
    relatives = np.empty(PEERS)
    for number in range(len(ages)):
        then = history[len(history) - ages[number]]
        for kind in range(kinds):
            count = 0
            for row in peers[first[kind] : first[kind + 1]]:
                if then[row] > 0:
                    relatives[count] = today[row] / then[row]
                    count += 1
            if count >= FEWEST_PEERS:
                level[number, kind] = np.median(relatives[:count])
    return level


def own_extremes(
    window: PriceWindow, rows: IntArray, newest: int, oldest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(R,) lowest and (R,) highest price in cents between two ages, both included.

    Args:
        window: prices of the past and of today.
        rows: (R,) listings.
        newest: days ago, 0 for today.
        oldest: days ago, at least `newest`; what lies before the window is left out.

    Returns:
        inf and 0 where a listing was not on offer on any of the days.
    """
    oldest = min(oldest, window.days)
    if len(rows) < len(window.today) * _FEW:
        low, high = _own_extremes(window.history, window.today, rows, newest, oldest)
        return low, high
    # Whole days are read faster than chosen listings of them; a day off sale is the exception.
    past = window.history[window.days - oldest : window.days - max(newest, 1) + 1]
    lowest, highest = past.min(axis=0), past.max(axis=0)
    if newest == 0:
        np.minimum(lowest, window.today, out=lowest)
        np.maximum(highest, window.today, out=highest)
    low, high = lowest[rows].astype(np.float64), highest[rows].astype(np.float64)
    gaps = np.flatnonzero(low <= 0.0)
    low[gaps], high[gaps] = _own_extremes(window.history, window.today, rows[gaps], newest, oldest)
    return low, high


@compiled
def _own_extremes(history, today, rows, newest, oldest):  # type: ignore[no-untyped-def]
    n = len(rows)
    low, high = np.full(n, np.inf), np.zeros(n)
    for start in range(0, n, _BLOCK):
        end = min(start + _BLOCK, n)
        for age in range(newest, oldest + 1):
            prices = today if age == 0 else history[len(history) - age]
            for i in range(start, end):
                price = float(prices[rows[i]])
                if price > 0.0:
                    low[i], high[i] = min(low[i], price), max(high[i], price)
    return low, high


def relative_extremes(
    window: PriceWindow, rows: IntArray, newest: int, oldest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(R,) lowest and (R,) highest price in terms of today's level between two ages.

    Args:
        window: prices; its deflators of these ages must have been asked for.
        rows: (R,) listings.
        newest: days ago, 0 for today.
        oldest: days ago, at least `newest`; what lies before the window is left out.

    Returns:
        inf and 0 where a listing was not on offer on any of the days.
    """
    low, high = _relative_extremes(
        window.history,
        window.today,
        window.category,
        window.deflator,
        rows,
        newest,
        min(oldest, window.days),
    )
    return low, high


@compiled
def _relative_extremes(history, today, category, deflator, rows, newest, oldest):  # type: ignore[no-untyped-def]
    n = len(rows)
    low, high = np.full(n, np.inf), np.zeros(n)
    for start in range(0, n, _BLOCK):
        end = min(start + _BLOCK, n)
        for age in range(newest, oldest + 1):
            prices = today if age == 0 else history[len(history) - age]
            for i in range(start, end):
                row = rows[i]
                price = prices[row] * deflator[age, category[row]]
                if price > 0.0:
                    low[i], high[i] = min(low[i], price), max(high[i], price)
    return low, high


@dataclass(frozen=True, slots=True)
class Medians:
    """Median price of some days; nan where a listing was not on offer on any of them."""

    own: FloatArray  # (R,) cents
    relative: FloatArray  # (R,) cents in terms of today's level
    known: IntArray  # (R,) days on which it was on offer


def medians(window: PriceWindow, rows: IntArray, newest: int, oldest: int) -> Medians:
    """The medians between two ages, both included.

    Args:
        window: prices; its deflators of these ages must have been asked for.
        rows: (R,) listings.
        newest: days ago, 0 for today.
        oldest: days ago, at most H.
    """
    return Medians(
        *_medians(
            window.history, window.today, window.category, window.deflator, rows, newest, oldest
        )
    )


@compiled
def _medians(history, today, category, deflator, rows, newest, oldest):  # type: ignore[no-untyped-def]
    n = len(rows)
    own, relative = np.full(n, np.nan), np.full(n, np.nan)
    known = np.zeros(n, dtype=np.int64)
    some, some_relative = np.empty(oldest - newest + 1), np.empty(oldest - newest + 1)
    for i in range(n):
        row, count = rows[i], 0
        for age in range(newest, oldest + 1):
            price = today[row] if age == 0 else history[len(history) - age, row]
            if price > 0:
                _insert(some, count, float(price))
                _insert(some_relative, count, price * deflator[age, category[row]])
                count += 1
        known[i] = count
        if count > 0:
            own[i] = (some[(count - 1) // 2] + some[count // 2]) / 2.0
            relative[i] = (some_relative[(count - 1) // 2] + some_relative[count // 2]) / 2.0
    return own, relative, known


@compiled
def _insert(values, count, new):  # type: ignore[no-untyped-def]
    """Put `new` in its place among the first `count` values, which ascend."""
    place = count
    while place > 0 and values[place - 1] > new:
        values[place] = values[place - 1]
        place -= 1
    values[place] = new


def relative_log_prices(window: PriceWindow, rows: IntArray, oldest: int) -> NDArray[np.float64]:
    """(oldest + 1, R) log prices in terms of today's level, oldest first; nan: not listed.

    Args:
        window: prices; its deflators of these ages must have been asked for.
        rows: (R,) listings.
        oldest: days ago; what lies before the window is left out.
    """
    oldest = min(oldest, window.days)
    history = window.history[window.days - oldest :, rows]
    price = np.concatenate([history, window.today[None, rows]]).astype(np.float64)
    price *= window.deflator[oldest::-1, window.category[rows]]
    price[price <= 0.0] = np.nan
    logs: NDArray[np.float64] = np.log(price)
    return logs
