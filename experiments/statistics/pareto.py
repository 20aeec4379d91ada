"""The Pareto front of settings over several outcomes, and how sure it is.

A setting is dominated if another is at least as good in every outcome and better in one: by the
means, or for sure, where joint intervals of the paired differences say so. What is not dominated
for sure may belong to the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.statistics.intervals import CONFIDENCE, differences, simultaneous
from experiments.statistics.resampling import RESAMPLES
from policies.arrays import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class ParetoFront:
    """Which of S settings no other beats in all outcomes."""

    on_front: BoolArray  # (S,) not dominated by means
    may_be_on_front: BoolArray  # (S,) not dominated for sure
    dominates: BoolArray  # (S, S) the row's setting dominates the column's by means
    dominates_for_sure: BoolArray  # (S, S) the same for sure
    measured: BoolArray  # (S,) has a finite mean in every outcome; others are on no front
    confidence: float  # chance that no domination for sure is wrong


def pareto_front(
    values: FloatArray,
    higher: Sequence[bool],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> ParetoFront:
    """The front of settings by means, and of those that may belong to it.

    Args:
        values: (O, S, R) O outcomes of S settings, a value a replication, all under the same luck;
            nan is missing, and leaves its pairs out.
        higher: (O,) whether more of an outcome is better.
        confidence: chance that no setting is wrongly said to be dominated for sure, in (0, 1).
        resamples: as in `intervals.bootstrap_t`.
        seed: as in `intervals.bootstrap_t`.

    Returns:
        The front. Equal settings do not dominate each other; one alone is on the front; with fewer
        than two pairs nothing is sure.

    Raises:
        ValueError: as `intervals.bootstrap_t`; if shapes do not agree.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 3 or len(values) != len(higher) or not len(values):
        raise ValueError("outcomes must be an array (outcomes, settings, replications)")
    sign = np.array([1.0 if more else -1.0 for more in higher])
    signed = sign[:, None, None] * values
    outcomes, settings, replications = values.shape
    some = np.isfinite(values).any(axis=2) & ~np.isinf(values).any(axis=2)
    measured = np.asarray(some.all(axis=0))
    first, second = np.triu_indices(settings, 1)
    both = measured[first] & measured[second]
    first, second = first[both], second[both]
    gaps = differences(signed[:, second], signed[:, first]).reshape(-1, replications)
    found = simultaneous(gaps, confidence, resamples, seed)
    means, lows, highs = (
        end.reshape(outcomes, len(first)) for end in (found.mean, found.low, found.high)
    )
    by_means = _relation(settings, first, second, means, means)
    for_sure = _relation(settings, first, second, lows, highs)
    return ParetoFront(
        on_front=measured & ~by_means.any(axis=0),
        may_be_on_front=measured & ~for_sure.any(axis=0),
        dominates=by_means,
        dominates_for_sure=for_sure,
        measured=measured,
        confidence=confidence,
    )


def _relation(
    settings: int, first: np.ndarray, second: np.ndarray, low: FloatArray, high: FloatArray
) -> BoolArray:
    """(S, S) who dominates whom, from ends (O, P) of what the first of a pair is better by."""
    relation = np.zeros((settings, settings), dtype=bool)
    relation[first, second] = (low >= 0.0).all(axis=0) & (low > 0.0).any(axis=0)
    relation[second, first] = (high <= 0.0).all(axis=0) & (high < 0.0).any(axis=0)
    return relation
