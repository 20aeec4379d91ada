"""Incidence: of each unit of currency spent on subsidies, what each side of the market gains.

Two scenarios under the same luck differ by their subsidies; what a side gains by them is the
difference of its total, and its share that over the difference of what the platform spent. What the
sides lose together, nobody has: the deadweight. Couriers' pay counts as their gain whole, for what
their time is worth elsewhere is not known; so does the rival's profit before its running costs.
Consumers may gain more than is spent, where a price below the remembered one is a gain of its own.
A platform that bears less than 1 of each unit earns the rest back by commissions on more sales.

The interval of a ratio of two means is Fieller's; where the subsidies of the two hardly differ, it
is without ends, the ratio says nothing, and none is told.

Source: Weyl & Fabinger (2013), "Pass-through as an economic tool", Journal of Political Economy
121(3); Fieller (1954), "Some problems in interval estimation", Journal of the Royal Statistical
Society B 16(2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

SIDES = {
    "consumers": "consumer_surplus",
    "merchants": "merchant_profit",
    "couriers": "courier_pay",
    "platform": "profit",
    "rival platform": "rival_profit",
    "treasury": "fines",
}
"""Indicators that hold the day's total of each side."""

SPENT = "subsidy_spend"
"""The indicator that holds what the platform spends on subsidies a day."""

COLUMNS = ("scenario", "span", "indicator", "mean", "difference", "low", "high", "n")

DEADWEIGHT = "deadweight"

PREFIX = "incidence: "
"""What the names of incidences begin with in tables of indicators."""


def incidence(
    means: pd.DataFrame, labels: Sequence[str], spans: Sequence[str], confidence: float
) -> pd.DataFrame:
    """What each side gains for each unit of currency that a scenario spends more than the base.

    Args:
        means: means over days; index (scenario, span, replication), a column an indicator.
        labels: the scenarios, the base first.
        spans: names of spans of days.
        confidence: chance that such an interval holds the truth, in (0, 1).

    Returns:
        One row a scenario other than the base, span and side, in the columns of tables of
        comparisons: `scenario`, `span`, `indicator` ("incidence: consumers"), `mean` (nan: a
        scenario alone has none), `difference` (currency gained a unit of subsidy), `low`, `high`,
        `n`. For the deadweight it is what all sides together lose.
    """
    rows = []
    for span in spans:
        base = means.xs((labels[0], span))
        for label in labels[1:]:
            other = means.xs((label, span))
            spent = (other[SPENT] - base[SPENT]).to_numpy(float)
            gains = {
                side: np.nan_to_num((other[name] - base[name]).to_numpy(float))
                for side, name in SIDES.items()
            }
            gains[DEADWEIGHT] = -np.sum(list(gains.values()), axis=0)
            for side, gain in gains.items():
                ratio, low, high = ratio_interval(gain, spent, confidence)
                rows.append(
                    {
                        "scenario": label,
                        "span": span,
                        "indicator": f"{PREFIX}{side}",
                        "mean": math.nan,
                        "difference": ratio,
                        "low": low,
                        "high": high,
                        "n": len(spent),
                    }
                )
    return pd.DataFrame(rows, columns=[*COLUMNS])


def ratio_interval(
    gain: NDArray[np.float64], spent: NDArray[np.float64], confidence: float
) -> tuple[float, float, float]:
    """The ratio of two means of pairs, with Fieller's interval.

    Args:
        gain: (R,) differences under the same luck.
        spent: (R,) differences of what was spent.
        confidence: chance that such an interval holds the truth, in (0, 1).

    Returns:
        Mean gain over mean spent, lower and upper end; all nan where it may be that nothing more
        was spent, nan ends of a single pair.
    """
    n, mean = len(spent), float(spent.mean())
    if not spent.any() or mean == 0.0:
        return math.nan, math.nan, math.nan
    ratio = float(gain.mean()) / mean
    if n < 2:
        return ratio, math.nan, math.nan
    covariance = np.cov(gain, spent, ddof=1)
    of_gain, of_both, of_spent = (float(covariance[place]) for place in ((0, 0), (0, 1), (1, 1)))
    t = float(stats.t.ppf(0.5 + confidence / 2.0, n - 1))
    g = t * t * of_spent / (n * mean * mean)
    if g >= 1.0:
        return math.nan, math.nan, math.nan
    slope = of_both / of_spent if of_spent > 0.0 else 0.0
    spread = of_gain - 2.0 * ratio * of_both + ratio * ratio * of_spent
    spread -= g * (of_gain - slope * of_both)
    half = t / abs(mean) * math.sqrt(max(spread, 0.0) / n)
    middle = ratio - g * slope
    return ratio, (middle - half) / (1.0 - g), (middle + half) / (1.0 - g)
