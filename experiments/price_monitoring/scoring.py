"""How well detectors of abnormal prices do on series whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.price_monitoring.series import KINDS, ORDINARY, PriceSeries
from policies.arrays import BoolArray, FloatArray, IntArray
from policies.monitoring.detectors import MONTH, QUARTER
from policies.monitoring.episodes import Episodes
from policies.monitoring.relative_prices import PriceWindow, price_window

Detector = Callable[[PriceWindow, IntArray], NDArray[np.float64]]

WARM_UP = QUARTER
"""Days at the start on which nothing is scored: the longest past that a detector looks at."""

GRACE = MONTH
"""Days after its end within which an abnormal move may still be found."""

DAYS_A_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Performance:
    """What a detector finds and what it raises false alarms about."""

    recall: float  # share of abnormal moves with an alarm between their first day and their grace
    false_alarms: float  # episodes that begin before any abnormal move, a series and year
    days_to_detection: float  # median over the moves that are found
    recall_by_kind: dict[str, float]


def online_scores(series: PriceSeries, detector: Detector, every: int = 1) -> FloatArray:
    """(T, n) a detector's score of each day, from that day's and earlier prices alone.

    Args:
        series: the series.
        detector: takes a window of prices and the listings to look at.
        every: days between two looks; in between the score is 0.
    """
    days, n = series.price.shape
    rows = np.arange(n)
    scores = np.zeros((days, n))
    for day in range(WARM_UP, days, every):
        window = price_window(
            series.price[max(day - 4 * MONTH, 0) : day], series.price[day], series.category
        )
        scores[day] = np.where(series.price[day] > 0, np.abs(detector(window, rows)), 0.0)
    return scores


def performance(series: PriceSeries, alarm: BoolArray) -> Performance:
    """Judge alarms by the truth.

    False alarms are counted on the days before a series' abnormal move, of ordinary series on all;
    alarms that follow each other within a month are one episode.

    Args:
        series: the series and the truth about them.
        alarm: (T, n) days on which the detector says that a price is abnormal.
    """
    days = len(alarm)
    day = np.arange(days)[:, None]
    within = (day >= series.begins) & (day < np.minimum(series.ends + GRACE, days))
    hits: BoolArray = alarm & within
    found: BoolArray = np.any(hits, axis=0)
    abnormal = series.kind != ORDINARY
    clean = (day >= WARM_UP) & (day < series.begins) & (series.price > 0)
    false = int((_episodes(alarm) & clean).sum())
    delay = (hits.argmax(axis=0) - series.begins)[abnormal & found]
    return Performance(
        recall=float(found[abnormal].mean()),
        false_alarms=false / (float(clean.sum()) / DAYS_A_YEAR),
        days_to_detection=float(np.median(delay)) if len(delay) else float("nan"),
        recall_by_kind={
            kind: float(found[series.kind == number].mean())
            for number, kind in enumerate(KINDS)
            if number in series.kind
        },
    )


def best_within(
    series: PriceSeries, scores: FloatArray, false_alarms: float, steps: int = 20
) -> tuple[float, Performance]:
    """The threshold with the highest recall at no more than so many false alarms.

    It is chosen on the very series on which it is judged, which flatters the detector.

    Args:
        series: the series and the truth about them.
        scores: (T, n) as `online_scores` gives them.
        false_alarms: largest number a series and year.
        steps: halvings of the interval of thresholds.
    """
    low, high = 0.0, float(scores.max()) + 1.0
    best = high, performance(series, scores > high)
    # The fewer alarms, the fewer false ones: nearly so, as episodes may merge.
    for _ in range(steps):
        middle = (low + high) / 2.0
        found = performance(series, scores > middle)
        if found.false_alarms <= false_alarms:
            high = middle
            if found.recall >= best[1].recall:
                best = middle, found
        else:
            low = middle
    return best


def _episodes(alarm: BoolArray) -> BoolArray:
    """(T, n) the first day of each episode of alarms."""
    episodes, rows = Episodes(), np.arange(alarm.shape[1])
    return np.array([episodes.begun(rows, today, day, MONTH) for day, today in enumerate(alarm)])
