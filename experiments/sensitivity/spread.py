"""How much an estimate from blocks and replications varies: resampled blocks, and a jackknife.

The two are added by the sensitivity estimates here. Source: Efron & Tibshirani (1993), "An
Introduction to the Bootstrap", ch. 6 and 11.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from experiments.sensitivity.asking import CONFIDENCE, Estimate
from experiments.sensitivity.blocks import Blocks, without_replication
from policies.arrays import FloatArray
from sim.streams import Streams

RESAMPLES = 500
"""Resamples of blocks."""

SEED = 1
"""Of resamples; SALib takes 0 for none."""


def weights(count: int, resamples: int = RESAMPLES) -> FloatArray:
    """(B, N) share of each of N blocks in each of B resamples; a row adds up to 1."""
    draw = Streams(SEED).generator("sensitivity resamples")
    times = draw.multinomial(count, np.full(count, 1.0 / count), size=resamples)
    found: FloatArray = times / count
    return found


def even(count: int) -> FloatArray:
    """(1, N) equal shares: the estimate itself."""
    return np.full((1, count), 1.0 / count)


def jackknife_variance(blocks: Blocks, estimate: Callable[[Blocks], FloatArray]) -> FloatArray:
    """Variance of an estimate over the choice of replications.

    Args:
        blocks: all that were run.
        estimate: gives (E,) estimates of blocks.

    Returns:
        (E,) variances; 0 with fewer than three replications, where leaving out one leaves nothing
        to compare.
    """
    count = blocks.values.shape[-1]
    if count < 3:
        return np.zeros_like(estimate(blocks))
    found = np.stack([estimate(without_replication(blocks, one)) for one in range(count)])
    spread: FloatArray = (count - 1) * found.var(axis=0)
    return spread


def estimates(value: FloatArray, variance: FloatArray) -> list[Estimate]:
    """Estimates with normal intervals from (E,) values and (E,) variances."""
    half = float(stats.norm.ppf(0.5 + 0.5 * CONFIDENCE)) * np.sqrt(variance)
    return [
        Estimate(float(one), float(one - width), float(one + width))
        for one, width in zip(value, half, strict=True)
    ]
