"""Sensitivity in a Latin hypercube: partial rank correlations, and shares of variance.

A partial rank correlation tells which way a factor works and how steadily, with the other factors
held; it is sound where outcomes rise or fall throughout, which R2 of the regression on ranks tells.
First-order indices by RBD-FAST see what rises and falls as well. Both are of means over
replications; luck in the means makes the indices too small, by a share that the analysis of
variance tells and that is taken out.

Source: Marino, Hogue, Ray & Kirschner (2008), Journal of Theoretical Biology 254(1) (partial rank
correlation; intervals by Fisher's z, less the factors held); Tarantola, Gatelli & Mara (2006),
Reliability Engineering & System Safety 91(6), and Tissot & Prieur (2012), ibid. 107 (RBD-FAST and
its bias; SALib's).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.sensitivity.asking import (
    CONFIDENCE,
    UNKNOWN,
    Estimate,
    SensitivityError,
    outcome_of,
)
from experiments.sensitivity.noise import Noise, is_constant, luck_effects, noise_of
from experiments.sensitivity.sampled import as_numbers, sampled
from experiments.sensitivity.spread import RESAMPLES, SEED
from experiments.statistics.intervals import differences
from experiments.studies.points import problem_of
from experiments.studies.results import StudyResults
from policies.arrays import FloatArray

_SPARE = 4
"""Points beyond the number of factors below which no partial correlation has an interval."""

_PER_HARMONIC = 8
"""Points that a harmonic of RBD-FAST needs; SALib resamples half of them."""

_MOST_HARMONICS = 10


@dataclass(frozen=True, slots=True)
class RankMeasures:
    """Measures of k factors from n points, or worlds."""

    labels: tuple[str, ...]  # (k,)
    correlation: tuple[Estimate, ...]  # (k,) partial rank correlation, -1 to 1
    first: tuple[Estimate, ...]  # (k,) first-order index of the expected outcome; nan: too few
    r_squared: float  # share of the ranks' variance that the factors' ranks explain
    noise: Noise
    points: int
    dropped: int  # points without a finished run


def ranks(
    results: StudyResults, outcome: str = "", setting: int | None = None, base: int | None = None
) -> RankMeasures:
    """Rank correlations of a study whose factors vary together.

    Args:
        results: of a study with a Latin hypercube or Sobol design, or a grid over crossed or
            sampled worlds.
        outcome: its name; empty: the one that the study decides by.
        setting: in a grid: number of the setting that is looked at; absent: the base setting.
        base: in a grid: number of a setting whose outcome is subtracted first, by pairs; absent:
            none is.

    Raises:
        SensitivityError: if the design or the setting is another, or too few points have runs.
    """
    asked = outcome_of(results, outcome)
    sample = sampled(results)
    own = sample.setting(setting, results.loaded.base_setting if sample.of_grid else 0)
    values = sample.values(asked.name, own)
    if base is not None:
        values = differences(sample.values(asked.name, sample.setting(base, 0)), values)
    return rank_measures(as_numbers(sample), values, sample.labels)


def rank_measures(x: FloatArray, values: FloatArray, labels: tuple[str, ...]) -> RankMeasures:
    """Partial rank correlations and first-order indices.

    Args:
        x: (n, k) values of the factors.
        values: (n, R) outcome by point and replication, the same seeds at every point; nan: no such
            run.
        labels: (k,) what tables call the factors.

    Returns:
        The measures; all nan where the outcome, or a factor, is the same at every point.

    Raises:
        SensitivityError: if too few points have runs.
    """
    has = np.asarray(np.isfinite(values).any(axis=1), dtype=bool)
    total = len(values)
    x, values = np.asarray(x, dtype=float)[has], np.where(np.isfinite(values), values, np.nan)[has]
    n, k = x.shape
    if n < k + _SPARE:
        raise SensitivityError(
            f"only {n} of {total} points have finished runs, and {k + _SPARE} are needed for "
            f"{k} factors"
        )
    noise = noise_of(values)
    nothing = (UNKNOWN,) * k
    if is_constant(values):
        return RankMeasures(labels, nothing, nothing, math.nan, noise, n, total - n)
    effects, _ = luck_effects(values)
    means = np.nanmean(values - effects, axis=1)
    correlation, r_squared = _partial_ranks(x, means)
    harmonics = min(n // _PER_HARMONIC, _MOST_HARMONICS)
    first = nothing if noise.is_all or harmonics < 2 else _first_order(x, means, harmonics, noise)
    return RankMeasures(labels, correlation, first, r_squared, noise, n, total - n)


def _partial_ranks(x: FloatArray, means: FloatArray) -> tuple[tuple[Estimate, ...], float]:
    """Partial rank correlations with Fisher's intervals, and R2 of the regression on ranks."""
    n, k = x.shape
    ranked = stats.rankdata(np.column_stack([x, means]), axis=0)
    if (np.ptp(ranked, axis=0) == 0.0).any():
        return (UNKNOWN,) * k, math.nan
    inverse = np.linalg.pinv(np.corrcoef(ranked, rowvar=False))
    r_squared = 1.0 - 1.0 / inverse[-1, -1]
    partial = -inverse[:-1, -1] / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])
    half = float(stats.norm.ppf(0.5 + 0.5 * CONFIDENCE)) / math.sqrt(n - (k - 1) - 3)
    z = np.arctanh(np.clip(partial, -1.0, 1.0) * (1.0 - 1e-12))
    ends = np.tanh(np.stack([z, z - half, z + half], axis=1))
    return tuple(Estimate(*map(float, one)) for one in ends), float(r_squared)


def _first_order(
    x: FloatArray, means: FloatArray, harmonics: int, noise: Noise
) -> tuple[Estimate, ...]:
    """First-order indices by RBD-FAST, of the variance that is not luck."""
    from SALib.analyze import rbd_fast as salib  # half a second that other commands do not need

    labels = [str(one) for one in range(x.shape[1])]
    found = salib.analyze(
        problem_of(labels), x, means, M=harmonics, num_resamples=RESAMPLES, seed=SEED
    )
    luck = 0.0 if math.isnan(noise.of_means.value) else noise.of_means.value
    told = np.stack([np.asarray(found[one], float) for one in ("S1", "S1_conf")]) / (1.0 - luck)
    return tuple(Estimate(float(one), float(one - half), float(one + half)) for one, half in told.T)
