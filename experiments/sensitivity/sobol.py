"""Sobol indices: which share of an outcome's variance each factor explains, alone and in all.

SALib's estimators are applied to the means over replications. Luck that is left in the means makes
first-order indices too small and total ones too large. So the indices that count here are those of
the expected outcome: each product of two means is replaced by its unbiased estimate, the product
less the covariance over replications divided by their number. Both members of a product have the
same seeds, so luck that they share is taken out as well, and a factor that no agent feels has a
total index of exactly 0.

Intervals add two variances: that of resampled Saltelli blocks (choice of points, and own luck), and
that of the jackknife over replications (luck that points share). Own luck is in both, so intervals
are on the safe side.

Source: Saltelli et al. (2010), Computer Physics Communications 181(2) (estimators of first-order
and total indices); Saltelli (2002), Computer Physics Communications 145(2) (second order);
Archer, Saltelli & Sobol' (1997), Journal of Statistical Computation and Simulation 58(2)
(bootstrap); Marrel et al. (2012), Statistics and Computing 22(3) (stochastic simulators); Cameron,
Gelbach & Miller (2011), Journal of Business & Economic Statistics 29(2) (variances of two-way
clusters).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from experiments.sensitivity.asking import (
    CONFIDENCE,
    UNKNOWN,
    Estimate,
    SensitivityError,
    labels_of,
    outcome_of,
)
from experiments.sensitivity.blocks import Blocks, whole_blocks
from experiments.sensitivity.noise import Noise, is_constant, noise_of
from experiments.sensitivity.saltelli import centred, indices
from experiments.sensitivity.spread import (
    RESAMPLES,
    SEED,
    estimates,
    even,
    jackknife_variance,
    weights,
)
from experiments.studies.points import problem_of
from experiments.studies.results import StudyResults
from experiments.studies.schema import Sobol
from policies.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """Sobol indices of an outcome, k factors."""

    labels: tuple[str, ...]  # (k,)
    first: tuple[Estimate, ...]  # (k,) of the expected outcome; nan where all may be luck
    total: tuple[Estimate, ...]  # (k,) likewise
    second: dict[tuple[int, int], Estimate]  # by a pair of factors; empty unless designed for
    first_of_means: FloatArray  # (k,) as SALib has it for the means, luck included
    total_of_means: FloatArray  # (k,) likewise
    first_half_width: FloatArray  # (k,) SALib's, of `first_of_means`: choice of points alone
    total_half_width: FloatArray  # (k,) likewise
    noise: Noise
    blocks: int  # Saltelli blocks that are whole
    dropped: int  # blocks that are not


def sobol(results: StudyResults, outcome: str = "") -> SobolIndices:
    """Sobol indices of a study with a Sobol design.

    Args:
        results: of the study.
        outcome: its name; empty: the one that the study decides by.

    Raises:
        SensitivityError: if the study has another design, or too few of its blocks are whole.
    """
    asked = outcome_of(results, outcome)
    design = results.loaded.study.design
    if not isinstance(design, Sobol):
        raise SensitivityError(
            f'Sobol indices need a study with design.method = "sobol", not {design.method!r}'
        )
    return sobol_indices(
        results.by_point(asked.name), labels_of(results), second_order=design.second_order
    )


def sobol_indices(
    values: FloatArray, labels: tuple[str, ...], *, second_order: bool = False
) -> SobolIndices:
    """Sobol indices from runs of SALib's Saltelli sample.

    Args:
        values: (points, R) outcome by point, in the design's order, and replication, the same
            seeds at every point; nan: no such run.
        labels: (k,) what tables call the factors.
        second_order: whether the sample has the points for second-order indices.

    Returns:
        The indices; all nan where the outcome is the same at every point.

    Raises:
        SensitivityError: if too few blocks are whole.
    """
    k = len(labels)
    blocks = whole_blocks(values, 2 * k + 2 if second_order else k + 2, "blocks")
    noise = noise_of(blocks.values[:, [0, -1]].reshape(-1, blocks.values.shape[-1]))
    pairs = list(itertools.combinations(range(k), 2)) if second_order else []
    found = [UNKNOWN] * (2 * k + len(pairs))
    means = (np.full(k, math.nan),) * 4
    if not is_constant(blocks.points):
        means = _of_means(blocks, labels, second_order)
        if not noise.is_all:
            found = _of_expectation(blocks, k, pairs)
    return SobolIndices(
        labels,
        first=tuple(found[:k]),
        total=tuple(found[k : 2 * k]),
        second=dict(zip(pairs, found[2 * k :], strict=True)),
        first_of_means=means[0],
        total_of_means=means[1],
        first_half_width=means[2],
        total_half_width=means[3],
        noise=noise,
        blocks=len(blocks.kept),
        dropped=blocks.dropped,
    )


def _of_means(
    blocks: Blocks, labels: tuple[str, ...], second_order: bool
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """SALib's indices of the means, with half-widths of their intervals."""
    from SALib.analyze import sobol as salib  # half a second that other commands do not need

    found = salib.analyze(
        problem_of(labels),
        np.nanmean(centred(blocks), axis=-1).ravel(),
        calc_second_order=second_order,
        num_resamples=RESAMPLES,
        conf_level=CONFIDENCE,
        seed=SEED,
    )
    first, total, first_half, total_half = (
        np.asarray(found[one], dtype=float) for one in ("S1", "ST", "S1_conf", "ST_conf")
    )
    return first, total, first_half, total_half


def _of_expectation(blocks: Blocks, k: int, pairs: list[tuple[int, int]]) -> list[Estimate]:
    """First-order, total and second-order indices of the expected outcome, in this order."""

    def estimate(some: Blocks) -> FloatArray:
        found: FloatArray = indices(some, even(len(some.kept)), k, pairs)[0]
        return found

    resampled = indices(blocks, weights(len(blocks.kept)), k, pairs)
    variance = resampled.var(axis=0, ddof=1) + jackknife_variance(blocks, estimate)
    return estimates(estimate(blocks), variance)
