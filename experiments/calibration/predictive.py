"""The posterior predictive check: what a fitted model says the data should have been.

Source: Rubin (1984), Annals of Statistics 12(4); Gelman, Meng & Stern (1996), Statistica Sinica 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibration.priors import DRAW_SEED
from policies.arrays import FloatArray

Simulate = Callable[[FloatArray, Sequence[range]], FloatArray]
"""From (n, P) places and the replications of each to (n, R, M) moments."""

INNER, OUTER = 0.9, 0.99
"""Shares of the predictive distribution within which a target is met, and not yet missed."""


@dataclass(frozen=True, slots=True)
class MomentCheck:
    """One moment's predictive distribution against its target."""

    draws: int  # that gave the moment
    mean: float
    sd: float
    low: float  # 5 % of draws are below
    high: float  # 5 % of draws are above
    z: float  # (target - mean) / sd
    p_value: float  # two-sided: how rare a target as far out is among draws

    @property
    def word(self) -> str:
        """met, doubtful or missed."""
        if np.isnan(self.p_value):
            return "not measured"
        if self.p_value > 1.0 - INNER:
            return "met"
        return "doubtful" if self.p_value > 1.0 - OUTER and abs(self.z) < 2.576 else "missed"


def draw_places(unit: FloatArray, weight: FloatArray, count: int) -> FloatArray:
    """Places drawn from a weighted posterior, evenly over its weight.

    Args:
        unit: (n, P) places.
        weight: (n,) weights, sum 1.
        count: how many to draw.

    Returns:
        (count, P); systematic resampling, so that no place comes more often than its weight says.

    Source: Kitagawa (1996), Journal of Computational and Graphical Statistics 5(1).
    """
    rng = np.random.default_rng([DRAW_SEED, 2])
    order = rng.permutation(len(unit))
    marks = (np.arange(count) + rng.uniform()) / count
    chosen = np.searchsorted(np.cumsum(weight[order]), marks * weight.sum())
    return np.asarray(unit[order[np.minimum(chosen, len(unit) - 1)]])


def predict(
    simulate: Simulate, places: FloatArray, replications: int, first: int, error: FloatArray
) -> FloatArray:
    """Targets that might have been observed.

    Args:
        simulate: the model.
        places: (n, P) drawn from the posterior.
        replications: runs of each, over which a moment is averaged.
        first: replication from which luck is fresh; every place has its own.
        error: (M,) standard errors of the targets, which observation adds.

    Returns:
        (n, M); nan where no run gave the moment.
    """
    starts = [first + place * replications for place in range(len(places))]
    runs = simulate(places, [range(start, start + replications) for start in starts])
    known = np.isfinite(runs)
    count = known.sum(axis=1)
    means = np.where(known, runs, 0.0).sum(axis=1) / np.maximum(count, 1)
    rng = np.random.default_rng([DRAW_SEED, 3])
    told = means + error * rng.standard_normal(means.shape)
    return np.where(count > 0, told, np.nan)


def check(predicted: FloatArray, target: FloatArray) -> tuple[MomentCheck, ...]:
    """Each moment's predictive distribution against its target.

    Args:
        predicted: (n, M) as `predict` gives them.
        target: (M,).
    """
    return tuple(_one(predicted[:, place], float(goal)) for place, goal in enumerate(target))


def _one(predicted: FloatArray, target: float) -> MomentCheck:
    known = predicted[np.isfinite(predicted)]
    if len(known) < 2:
        nan = float("nan")
        return MomentCheck(len(known), nan, nan, nan, nan, nan, nan)
    mean, sd = float(known.mean()), float(known.std(ddof=1))
    above, below = int((known >= target).sum()), int((known <= target).sum())
    p_value = min(2.0 * (1 + min(above, below)) / (1 + len(known)), 1.0)
    low, high = (float(one) for one in np.quantile(known, [0.05, 0.95]))
    z = (target - mean) / sd if sd > 0.0 else float("nan")
    return MomentCheck(len(known), mean, sd, low, high, z, p_value)
