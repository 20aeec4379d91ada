"""The table of `docs/price-monitoring.md`: detectors side by side on the same fresh series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from experiments.price_monitoring.scoring import (
    Detector,
    Performance,
    best_within,
    online_scores,
    performance,
)
from experiments.price_monitoring.series import WEEK, PriceSeries, generate
from policies.monitoring.detectors import (
    MAX_DRIFT,
    MAX_RANGE,
    hampel_score,
    price_drift,
    price_range,
    price_step,
)
from policies.monitoring.kernel_change import is_installed, kernel_change

LIMIT = 0.2
"""False alarms a series and year at which detectors are compared."""

KERNEL_CATEGORIES = 8
"""Categories on which kernel change points are tried, as each look at a series costs a search."""


@dataclass(frozen=True, slots=True)
class Row:
    """One detector's line."""

    detector: str
    threshold: str  # in the detector's own unit
    performance: Performance


def compare(
    seed: int,
    categories: int = 72,
    listings: int = 40,
    share: float = 0.3,
    kernel: bool = True,
) -> list[Row]:
    """Detectors on fresh series.

    The combined detector has the thresholds that the rule `price_monitor` has by default. Each
    single one has those with which it does best on these very series.

    Args:
        seed: of the series.
        categories: number of categories.
        listings: series a category.
        share: of the series that move abnormally.
        kernel: try kernel change points too, where `ruptures` is installed.
    """
    series = generate(np.random.default_rng(seed), categories, listings, abnormal=share)
    rows = list(_rows(series))
    return [*rows, _kernel(series)] if kernel and is_installed() else rows


def _rows(series: PriceSeries) -> Iterator[Row]:
    ranges, drifts = online_scores(series, price_range), online_scores(series, price_drift)
    abnormal = (ranges > MAX_RANGE) | (drifts > MAX_DRIFT)
    turn = np.add.outer(np.arange(len(abnormal)), np.arange(abnormal.shape[1])) % WEEK == 0
    for when, alarm in (("", abnormal), (", each listing once a week", abnormal & turn)):
        yield Row(
            f"30-day range or 90-day drift, own and relative{when}",
            f"{MAX_RANGE} or {MAX_DRIFT}",
            performance(series, alarm),
        )
    alone = replace(series, category=np.arange(len(series.category)))
    for name, scores in (
        ("30-day range, own and relative", ranges),
        ("90-day drift, own and relative", drifts),
        ("30-day range of the price itself", online_scores(alone, price_range)),
        ("90-day drift of the price itself", online_scores(alone, price_drift)),
        ("step, relative", online_scores(series, price_step)),
        ("Hampel (median and MAD of 30 days), relative", online_scores(series, hampel_score)),
    ):
        threshold, result = best_within(series, scores, LIMIT)
        yield Row(name, f"{threshold:.3g}", result)


def _kernel(series: PriceSeries) -> Row:
    """Kernel change points, looked for once a week in the first few categories."""
    some = series.category < KERNEL_CATEGORIES
    few = PriceSeries(
        series.price[:, some],
        series.category[some],
        series.kind[some],
        series.begins[some],
        series.ends[some],
    )
    weekly: Detector = kernel_change
    threshold, result = best_within(few, online_scores(few, weekly, every=WEEK), LIMIT)
    return Row(
        f"kernel change point (ruptures), relative, weekly, {KERNEL_CATEGORIES} categories",
        f"{threshold:.3g}",
        result,
    )
