"""The posterior predictive check: what a fitted model says the data should have been.

Source: Rubin (1984), Annals of Statistics 12(4); Gelman, Meng & Stern (1996), Statistica Sinica 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.calibration.priors import DRAW_SEED
from policies.arrays import FloatArray

Simulate = Callable[[FloatArray, Sequence[range]], FloatArray]
"""From (n, P) places and the replications of each to (n, R, M) moments."""

INNER, OUTER = 0.9, 0.99
"""Shares of the predictive distribution within which a target is met, and not yet missed."""

RANKED = 19
"""Draws from which ranks can tell what lies outside the middle 90 %."""


@dataclass(frozen=True, slots=True)
class MomentCheck:
    """One moment's predictive distribution against its target."""

    draws: int  # that gave the moment
    mean: float
    sd: float
    low: float  # 5 % of what is predicted lies below
    high: float  # 5 % lies above
    z: float  # (target - mean) / sd; nan where all draws are the same
    p_value: float  # two-sided: how rare a target as far out is in what is predicted

    @property
    def word(self) -> str:
        """met, doubtful or missed."""
        if np.isnan(self.p_value):
            return "not measured"
        if self.p_value > 1.0 - INNER:
            return "met"
        return "doubtful" if self.p_value > 1.0 - OUTER else "missed"


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

    Ranks among n draws tell no probability below 2 / (n + 1). So where fewer than `RANKED` draws
    gave the moment, interval and probability are Student's t of one more draw; and beyond all draws
    the smaller of the two probabilities counts.

    Args:
        predicted: (n, M) as `predict` gives them.
        target: (M,).

    Source: Geisser (1993), Predictive Inference, ch. 2 (the t distribution of one more draw).
    """
    return tuple(_one(predicted[:, place], float(goal)) for place, goal in enumerate(target))


def _one(predicted: FloatArray, target: float) -> MomentCheck:
    known = predicted[np.isfinite(predicted)]
    draws = len(known)
    if draws < 2:
        nan = float("nan")
        return MomentCheck(draws, nan, nan, nan, nan, nan, nan)
    mean, sd = float(known.mean()), float(known.std(ddof=1))
    z = (target - mean) / sd if sd > 0.0 else float("nan")
    scale = float(np.sqrt(1.0 + 1.0 / draws))
    beyond = min(int((known >= target).sum()), int((known <= target).sum()))
    ranked = min(2.0 * (1 + beyond) / (1 + draws), 1.0)
    by_t = float(2.0 * stats.t.sf(abs(z) / scale, draws - 1)) if sd > 0.0 else float(beyond > 0)
    if draws < RANKED:
        reach = float(stats.t.ppf(0.5 + 0.5 * INNER, draws - 1)) * scale * sd
        return MomentCheck(draws, mean, sd, mean - reach, mean + reach, z, by_t)
    tail = 0.5 * (1.0 - INNER)
    low, high = (float(one) for one in np.quantile(known, [tail, 1.0 - tail]))
    p_value = ranked if beyond > 0 else min(ranked, by_t)
    return MomentCheck(draws, mean, sd, low, high, z, p_value)
