"""The share of noise: how much of an outcome's variance is luck of replication, not the factors.

Replication r has the same seed at every point (common random numbers), so luck has two parts: what
replication r does to all points alike, and what it does to a point of its own. With
y(p, r) = mean + point(p) + common(r) + own(p, r), a two-way analysis of variance without repeated
cells tells them apart. Common luck shifts all points alike: it cancels out of every comparison
between points, and only own luck, divided by the number of replications, is left in the variance
of the means. Where runs are missing, effects are fitted by least squares, so that a point that
lacks a lucky replication is not taken for a worse one.

Source: Searle, Casella & McCulloch (1992), "Variance Components", ch. 4 (estimates of variance
components; interval by the F distribution); Law (2015), "Simulation Modeling and Analysis", ch.
11.2 (common random numbers); Marrel et al. (2012), Statistics and Computing 22(3) (indices of
stochastic simulators: factors against the simulator's own luck).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.sensitivity.asking import CONFIDENCE, UNKNOWN, Estimate
from policies.arrays import FloatArray

ROUNDING = 1e-12
"""Spread in relation to the largest value below which numbers are taken for equal."""

_SINGULAR = 1e-9
"""Eigenvalue in relation to the largest below which it is 0."""

SIGNIFICANCE = 0.05
"""Chance that points that do not differ are said to."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Where the variance of an outcome comes from; all nan with one replication."""

    of_runs: float  # share of the variance of single runs that is luck, in [0, 1]
    common: float  # part of that share that all points have in common, in [0, of_runs]
    of_means: Estimate  # share of the variance of replicate means that is luck, in [0, 1]
    own_variance: float  # of a run's own luck, in the outcome's unit squared
    p_value: float  # chance of means that differ so much, if no factor did anything
    points: int
    replications: float  # harmonic mean over points

    @property
    def is_all(self) -> bool:
        """Whether the points' means cannot be told from luck."""
        return self.p_value >= SIGNIFICANCE


def noise_of(values: FloatArray) -> Noise:
    """Split the variance of an outcome into factors, common luck and own luck.

    Args:
        values: (P, R) by point and replication, two points with a value at least; nan: no such run.

    Returns:
        The shares; with one replication a point luck cannot be told, and they are nan.
    """
    values = values[np.isfinite(values).any(axis=1)]
    has = np.isfinite(values)
    counts = has.sum(axis=1)
    replications = float(stats.hmean(counts))
    effects, rank = luck_effects(values)
    free = int(has.sum()) - len(values) - rank
    unknown = Noise(math.nan, math.nan, UNKNOWN, math.nan, math.nan, len(values), replications)
    if free < 1 or len(values) < 2:
        return unknown
    least = (ROUNDING * float(np.nanmax(np.abs(values)))) ** 2
    rest = _squares(values - effects, 1)
    own = rest / free if rest / free > least else 0.0
    used = int(has.any(axis=0).sum())
    between = max(_squares(values, 0) - rest, 0.0) / (len(values) + rank - used)
    if between <= least and own == 0.0:
        return unknown
    shared = max(_squares(values, 1) - rest, 0.0) / max(rank, 1)
    common = max(shared - own, 0.0) / float(stats.hmean(has.sum(axis=0)[has.any(axis=0)]))
    factors = max(between - own, 0.0) / replications
    total = factors + common + own
    freedom = (len(values) + rank - used, free)
    ratio = math.inf if own == 0.0 else between / own
    return Noise(
        of_runs=(common + own) / total,
        common=common / total,
        of_means=_share(ratio, freedom),
        own_variance=own,
        p_value=float(stats.f.sf(ratio, *freedom)),
        points=len(values),
        replications=replications,
    )


def is_constant(values: FloatArray) -> bool:
    """Whether an outcome is the same at every point, whatever luck does to all points alike.

    Args:
        values: (P, R) with a value in each row at least; nan: no such run.
    """
    effects, _ = luck_effects(values)
    spread = float(np.nanmax(values - effects) - np.nanmin(values - effects))
    return spread <= ROUNDING * float(np.nanmax(np.abs(values)))


def luck_effects(values: FloatArray) -> tuple[FloatArray, int]:
    """What each replication does to all points alike, by least squares.

    Args:
        values: (P, R) with a value in each row at least; nan: no such run.

    Returns:
        (R,) effects with mean 0, and how many of them can be told from one another.
    """
    has = np.isfinite(values)
    weight = has.astype(float)
    means = np.nanmean(values, axis=1)
    rest = np.where(has, values - means[:, None], 0.0)
    equations = np.diag(weight.sum(axis=0)) - weight.T @ (weight / weight.sum(axis=1)[:, None])
    # Effects are known but for a constant, of which rounding must make no direction of its own.
    sizes, directions = np.linalg.eigh(equations)
    told = sizes > _SINGULAR * sizes.max(initial=1.0)
    found: FloatArray = directions[:, told] @ (
        (directions[:, told].T @ rest.sum(axis=0)) / sizes[told]
    )
    return found - found.mean(), int(told.sum())


def _squares(values: FloatArray, axis: int) -> float:
    """Sum of squares about the means along an axis."""
    has = np.isfinite(values)
    count = np.maximum(has.sum(axis=axis, keepdims=True), 1)
    means = np.where(has, values, 0.0).sum(axis=axis, keepdims=True) / count
    return float((np.where(has, values - means, 0.0) ** 2).sum())


def _share(ratio: float, freedom: tuple[int, int]) -> Estimate:
    """The share of luck in the means, 1 / F, with its interval."""
    tail = 0.5 * (1.0 - CONFIDENCE)
    low, high = (float(stats.f.ppf(one, *freedom)) for one in (tail, 1.0 - tail))
    share = 0.0 if math.isinf(ratio) else 1.0 / ratio if ratio > 0.0 else math.inf
    return Estimate(*(min(share * one, 1.0) for one in (1.0, low, high)))
