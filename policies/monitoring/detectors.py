"""How far prices have moved: detectors that look back from today, over all listings at once.

The combined one flags a wide range within a month or a long drift over a quarter, each only where
the price moved both by itself and against its category: a shop that stands still while others hold
a sale has not moved, and one that passes on a cost as others do has not moved against them. Simple
ones stand beside it for comparison. Each is a score in units of its own; what exceeds a threshold
is abnormal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.monitoring.relative_prices import (
    PriceWindow,
    medians,
    own_extremes,
    relative_extremes,
    relative_log_prices,
)

MONTH = 30
"""Days of the range, today included."""

QUARTER = 90
"""Days of the drift, today included."""

SPAN = 14
"""Days at either end of the drift whose median is its level; a promotion is shorter."""

KNOWN = SPAN // 2
"""Days at either end of the drift on which a listing must have been on offer."""

MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation, of a normal distribution."""

MAX_RANGE = 0.40
"""Log points of range in a month beyond which a move is abnormal: a price up by a half."""

MAX_DRIFT = 0.24
"""Log points of drift in a quarter beyond which a move is abnormal: a price up 27 %."""

LEAST_SPREAD = 0.01
"""Log points; the spread of a price that hardly ever moves is taken to be this."""


def ages_of_moves(days: int) -> list[int]:
    """Days ago that range and drift look at, of a window of `days` days before today."""
    recent, old = range(MONTH), range(QUARTER - SPAN, QUARTER)
    return [age for age in (*recent, *old) if age <= days]


def price_range(window: PriceWindow, rows: IntArray, least: float = 0.0) -> NDArray[np.float64]:
    """Highest over lowest price of the last 30 days, the smaller of own and relative.

    Args:
        window: prices of the past and of today.
        rows: (R,) listings.
        least: log points; ranges that are seen to be no wider may count as 0, which is faster.

    Returns:
        (R,) log points, >= 0.

    Source: the range of a moving window, as in Parkinson (1980), Journal of Business 53(1).
    """
    lowest, highest = own_extremes(window, rows, 0, MONTH - 1)
    own = highest / lowest
    wide = np.flatnonzero(own > np.exp(least))
    lowest, highest = relative_extremes(window, rows[wide], 0, MONTH - 1)
    found = np.zeros(len(rows))
    found[wide] = np.log(np.minimum(own[wide], highest / lowest))
    return found


def price_drift(window: PriceWindow, rows: IntArray, least: float = 0.0) -> NDArray[np.float64]:
    """The median of the last two weeks against that of two weeks a quarter ago.

    Args:
        window: prices of the past and of today.
        rows: (R,) listings.
        least: log points; drifts that are seen to be no longer may count as 0, which is faster.

    Returns:
        (R,) log points, > 0 upwards: the smaller of own and relative drift, 0 where they differ in
        sign or the listing is too young.
    """
    drift = np.zeros(len(rows))
    if window.days < QUARTER - 1:
        return drift
    lowest_now, highest_now = own_extremes(window, rows, 0, SPAN - 1)
    lowest_then, highest_then = own_extremes(window, rows, QUARTER - SPAN, QUARTER - 1)
    # Medians lie between the extremes, so that these bound what the medians can show.
    bound = np.maximum(highest_now / lowest_then, highest_then / lowest_now)
    some = np.flatnonzero(bound > np.exp(least))
    now = medians(window, rows[some], 0, SPAN - 1)
    then = medians(window, rows[some], QUARTER - SPAN, QUARTER - 1)
    known = (now.known >= KNOWN) & (then.known >= KNOWN)
    own, relative = np.log(now.own / then.own), np.log(now.relative / then.relative)
    smaller = np.sign(own) * np.minimum(np.abs(own), np.abs(relative))
    drift[some] = np.where(known & (own * relative > 0.0), smaller, 0.0)
    return drift


def range_or_drift(
    window: PriceWindow,
    rows: IntArray,
    max_range: float = MAX_RANGE,
    max_drift: float = MAX_DRIFT,
) -> NDArray[np.float64]:
    """The combined detector: range or drift, whichever is larger for what is allowed of it.

    Args:
        window: prices of the past and of today.
        rows: (R,) listings.
        max_range: log points, > 0.
        max_drift: log points, > 0.

    Returns:
        (R,) multiples of what is allowed: beyond 1 is abnormal. What is within it may count as 0.
    """
    drift = np.abs(price_drift(window, rows, least=max_drift))
    score: NDArray[np.float64] = np.maximum(
        price_range(window, rows, least=max_range) / max_range, drift / max_drift
    )
    return score


def price_step(window: PriceWindow, rows: IntArray) -> NDArray[np.float64]:
    """Today's relative price against yesterday's: the simplest detector.

    Args:
        window: prices of the past and of today, with the deflators of ages 0 and 1.
        rows: (R,) listings.

    Returns:
        (R,) log points, >= 0; 0 where the listing was not on offer yesterday.
    """
    logs = relative_log_prices(window, rows, 1)
    step: NDArray[np.float64] = np.nan_to_num(np.abs(logs[-1] - logs[0]))
    return step


def hampel_score(window: PriceWindow, rows: IntArray) -> NDArray[np.float64]:
    """Today's relative price against the median of the 30 days before, in robust deviations.

    Args:
        window: prices of the past and of today, with the deflators of ages 0 to 30.
        rows: (R,) listings.

    Returns:
        (R,) deviations, >= 0; 0 where fewer than half of the days are known.

    Source: Hampel (1974), JASA 69(346); as a filter: Pearson (2002), IEEE Transactions on Control
    Systems Technology 10(1).
    """
    logs = relative_log_prices(window, rows, MONTH)
    score = np.zeros(len(rows))
    known = np.flatnonzero(
        (np.isfinite(logs[:-1]).sum(axis=0) >= MONTH // 2) & (window.today[rows] > 0)
    )
    past, now = logs[:-1, known], logs[-1, known]
    middle = np.nanmedian(past, axis=0)
    spread = MAD_TO_SD * np.nanmedian(np.abs(past - middle), axis=0)
    score[known] = np.abs(now - middle) / np.maximum(spread, LEAST_SPREAD)
    return score
