"""Bootstrap-t intervals of means and of paired differences, one by one or jointly.

The mean less quantiles of the studentised mean's resamples gives ends that follow the skewness of
the data. With few replications and heavy tails such an end can come too near. So an end that lies
nearer to the mean than Student's t would have it is moved half way to that: measured over normal,
skewed and heavy-tailed cases (`docs/statistics.md`) this errs nearest to 5 %.

What is missing (nan) is left out, a pair whole; fewer than two values give nan ends; values that
are all the same give no width, so that a difference of exactly 0 stays exactly 0; an infinite value
gives nan ends.

Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", ch. 12.5; Hall (1988),
"Theoretical comparison of bootstrap confidence intervals", Annals of Statistics 16(3); DiCiccio &
Efron (1996), "Bootstrap confidence intervals", Statistical Science 11(3). Joint intervals: Romano &
Wolf (2005), "Exact and approximate stepdown methods for multiple hypothesis testing", Journal of
the American Statistical Association 100(469).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.statistics.resampling import (
    RESAMPLES,
    Studentised,
    confidence_in_range,
    cut,
    order,
    studentised,
)
from policies.arrays import FloatArray, IntArray

CONFIDENCE = 0.95

_AT_ONCE = 256
"""Columns resampled at once; more would only take more memory."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the ends of its interval."""

    mean: float
    low: float
    high: float
    n: int  # values, or pairs
    confidence: float

    @property
    def half_width(self) -> float:
        """From the mean to the end that is farther away."""
        return max(self.mean - self.low, self.high - self.mean)

    @property
    def is_exact(self) -> bool:
        """Whether all values were the same, so that the interval has no width."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Intervals:
    """K intervals as columns; `intervals[k]` is one of them."""

    mean: FloatArray  # (K,)
    low: FloatArray  # (K,)
    high: FloatArray  # (K,)
    n: IntArray  # (K,)
    confidence: float

    def __len__(self) -> int:
        return len(self.mean)

    def __getitem__(self, k: int) -> Interval:
        return Interval(
            float(self.mean[k]),
            float(self.low[k]),
            float(self.high[k]),
            int(self.n[k]),
            self.confidence,
        )

    def __iter__(self) -> Iterator[Interval]:
        return (self[k] for k in range(len(self)))

    @property
    def half_width(self) -> FloatArray:
        """(K,) from each mean to the end that is farther away."""
        farther: FloatArray = np.maximum(self.mean - self.low, self.high - self.mean)
        return farther


def bootstrap_t(
    values: FloatArray, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """The bootstrap-t interval of a mean.

    Args:
        values: (R,) a value a replication; nan is left out.
        confidence: chance that such an interval holds the truth, in (0, 1).
        resamples: how many; the same for the same `R`, `resamples` and `seed`.
        seed: of the resamples' named stream.

    Returns:
        The interval; nan ends with fewer than two values or an infinite one, no width where all are
        the same.

    Raises:
        ValueError: if the confidence is none, or needs more resamples.
    """
    return bootstrap_t_many(np.atleast_2d(values), confidence, resamples, seed)[0]


def bootstrap_t_many(
    values: FloatArray, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> Intervals:
    """Bootstrap-t intervals of K means, each by itself.

    Args:
        values: (K, R) a row a mean, a value a replication; nan is left out.
        confidence: as in `bootstrap_t`.
        resamples: as in `bootstrap_t`.
        seed: as in `bootstrap_t`.

    Returns:
        The intervals, each as `bootstrap_t` gives it.

    Raises:
        ValueError: as `bootstrap_t`.
    """
    tail = 0.5 * (1.0 - confidence_in_range(confidence))
    place = order(tail, resamples)
    values = np.asarray(values, dtype=float)
    parts = [
        _own_ends(studentised(values[first : first + _AT_ONCE], resamples, seed), tail, place)
        for first in range(0, len(values), _AT_ONCE)
    ]
    if not parts:
        nothing = np.empty(0)
        return Intervals(nothing, nothing, nothing, np.empty(0, dtype=np.int64), confidence)
    mean, low, high, n = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Intervals(mean, low, high, n, confidence)


def paired(
    base: FloatArray,
    other: FloatArray,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The bootstrap-t interval of the mean difference `other - base` under the same luck.

    Args:
        base: (R,) outcomes of the base; nan where there was nothing to measure.
        other: (R,) outcomes of another setting, replication by replication under the same luck.
        confidence: as in `bootstrap_t`.
        resamples: as in `bootstrap_t`.
        seed: as in `bootstrap_t`.

    Returns:
        The interval, `n` the pairs that have both values.

    Raises:
        ValueError: as `bootstrap_t`.
    """
    return bootstrap_t(differences(base, other), confidence, resamples, seed)


def simultaneous(
    values: FloatArray, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> Intervals:
    """Intervals of K means, or of K differences from one base, that hold all at once.

    The farthest of the K studentised means is resampled (max-t), so that what they have in common
    is made use of: with common random numbers such intervals are narrower than Bonferroni's. An
    end nearer than that of the symmetric intervals is moved half way to it.

    Args:
        values: (K, R) a row a mean, all under the same luck; nan is left out.
        confidence: chance that all K hold the truth, in (0, 1).
        resamples: as in `bootstrap_t`.
        seed: as in `bootstrap_t`.

    Returns:
        The intervals; as in `bootstrap_t` where there is little or no spread.

    Raises:
        ValueError: as `bootstrap_t`.
    """
    tail = 0.5 * (1.0 - confidence_in_range(confidence))
    place, both = order(tail, resamples), order(2.0 * tail, resamples)
    values = np.asarray(values, dtype=float)
    highest = np.full(resamples, -np.inf)
    lowest = np.full(resamples, np.inf)
    means, errors, counts = [], [], []
    for first in range(0, len(values), _AT_ONCE):
        part = studentised(values[first : first + _AT_ONCE], resamples, seed)
        np.maximum(highest, part.t.max(axis=0), out=highest)
        np.minimum(lowest, part.t.min(axis=0), out=lowest)
        means.append(part.mean)
        errors.append(part.error)
        counts.append(part.n)
    if not means:
        return bootstrap_t_many(values, confidence, resamples, seed)
    symmetric = cut(np.maximum(highest, -lowest), both)
    below = _half_way(cut(highest, place), symmetric)
    above = _half_way(cut(-lowest, place), symmetric)
    mean, error = np.concatenate(means), np.concatenate(errors)
    return Intervals(
        mean, mean - below * error, mean + above * error, np.concatenate(counts), confidence
    )


def differences(base: FloatArray, other: FloatArray) -> FloatArray:
    """Outcomes less the base's under the same luck, exactly 0 where they are the same.

    Args:
        base: (R,) or any shape that broadcasts against `other`.
        other: (..., R).

    Returns:
        (..., R) `other - base`; nan where either is missing, or both are infinite.
    """
    with np.errstate(invalid="ignore"):
        found: FloatArray = np.asarray(other, dtype=float) - np.asarray(base, dtype=float)
    return found


def student_t(values: FloatArray, confidence: float = CONFIDENCE) -> Interval:
    """The interval of a mean by Student's t, for comparison.

    Args:
        values: (R,) a value a replication; nan is left out.
        confidence: as in `bootstrap_t`.

    Returns:
        The interval, with nan ends and without width where `bootstrap_t` has them.

    Raises:
        ValueError: if the confidence is none.
    """
    tail = 0.5 * (1.0 - confidence_in_range(confidence))
    one = studentised(np.atleast_2d(np.asarray(values, dtype=float)), resamples=1)
    mean, error, n = float(one.mean[0]), float(one.error[0]), int(one.n[0])
    half = float(stats.t.isf(tail, max(n - 1, 1))) * error
    return Interval(mean, mean - half, mean + half, n, confidence)


def _own_ends(
    found: Studentised, tail: float, place: int
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    """Mean, low, high and n of columns that are told one by one."""
    student = np.asarray(stats.t.isf(tail, np.maximum(found.n - 1, 1)))
    below = _half_way(cut(found.t, place), student)
    above = _half_way(cut(-found.t, place), student)
    low, high = found.mean - below * found.error, found.mean + above * found.error
    return found.mean, low, high, found.n


def _half_way(own: FloatArray, guard: FloatArray) -> FloatArray:
    """Each distance, moved half way to the guard where that is larger."""
    moved: FloatArray = 0.5 * (own + np.maximum(own, guard))
    return moved
