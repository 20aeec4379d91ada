"""Morris's elementary effects: which factors do anything, steadily or depending on the others.

An elementary effect is the change of the outcome over a step of one factor, in terms of the whole
range of that factor; mu is its mean over trajectories, mu* that of its size, sigma its standard
deviation (SALib's, of means over replications). Both ends of a step have the same seeds, so the
luck that they share cancels. What own luck is left is measured by how much an effect differs
between replications: it makes mu* of a factor that does nothing larger than 0 (the noise floor) and
adds to sigma.

Intervals add the variances of resampled trajectories and of the jackknife over replications.

Source: Morris (1991), Technometrics 33(2); Campolongo, Cariboni & Saltelli (2007), Environmental
Modelling & Software 22(10) (mu*); Leone, Nelson & Nottingham (1961), Technometrics 3(4) (mean size
of what is normal about 0: the noise floor).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.sensitivity.asking import Estimate, SensitivityError, labels_of, outcome_of
from experiments.sensitivity.blocks import Blocks, whole_blocks
from experiments.sensitivity.noise import ROUNDING, SIGNIFICANCE, Noise, noise_of
from experiments.sensitivity.spread import SEED, even, jackknife_variance, weights
from experiments.sensitivity.spread import estimates as told
from experiments.studies.points import problem_of
from experiments.studies.results import StudyResults
from experiments.studies.schema import Morris
from policies.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class ElementaryEffects:
    """Morris's measures of an outcome, k factors; in the outcome's unit over a factor's range."""

    labels: tuple[str, ...]  # (k,)
    mu: tuple[Estimate, ...]  # (k,) mean effect
    mu_star: tuple[Estimate, ...]  # (k,) mean size of effects
    sigma: tuple[Estimate, ...]  # (k,) their standard deviation over trajectories
    sigma_without_noise: FloatArray  # (k,) what is left of it without luck; nan: cannot be told
    noise_floor: FloatArray  # (k,) mu* that luck alone would give; nan with one replication
    noise_share: FloatArray  # (k,) of the mean square of effects, in [0, 1]; nan likewise
    p_value: FloatArray  # (k,) chance of such effects by luck alone; nan likewise
    noise: Noise  # of the points
    trajectories: int  # that are whole
    dropped: int  # that are not

    @property
    def above_noise(self) -> list[bool | None]:
        """(k,) whether a factor does more than luck, jointly at 5 % (Bonferroni); None: unknown."""
        limit = SIGNIFICANCE / len(self.labels)
        return [None if math.isnan(one) else bool(one < limit) for one in self.p_value]


def morris(results: StudyResults, outcome: str = "") -> ElementaryEffects:
    """Elementary effects of a study with a Morris design.

    Args:
        results: of the study.
        outcome: its name; empty: the one that the study decides by.

    Raises:
        SensitivityError: if the study has another design, or too few trajectories are whole.
    """
    asked = outcome_of(results, outcome)
    design, unit = results.loaded.study.design, results.loaded.layout.unit
    if not isinstance(design, Morris) or unit is None:
        raise SensitivityError(
            f'elementary effects need a study with design.method = "morris", not {design.method!r}'
        )
    return elementary_effects(
        unit, results.by_point(asked.name), labels_of(results), design.grid_levels
    )


def elementary_effects(
    unit: FloatArray, values: FloatArray, labels: tuple[str, ...], grid_levels: int = 4
) -> ElementaryEffects:
    """Elementary effects from runs of SALib's Morris sample.

    Args:
        unit: (points, k) the design in the unit cube.
        values: (points, R) outcome by point and replication, the same seeds at every point; nan: no
            such run.
        labels: (k,) what tables call the factors.
        grid_levels: levels of the design's grid.

    Raises:
        SensitivityError: if too few trajectories are whole.
    """
    from SALib.analyze import morris as salib  # half a second that other commands do not need

    k = len(labels)
    blocks = whole_blocks(values, k + 1, "trajectories")
    every = np.asarray(unit, dtype=float).reshape(-1, k + 1, k)
    x = every[blocks.kept]
    found = salib.analyze(
        problem_of(labels),
        x.reshape(-1, k),
        np.nanmean(blocks.values, axis=-1).ravel(),
        num_resamples=2,  # its interval is not used: luck that replications share is not in it
        num_levels=grid_levels,
        seed=SEED,
    )
    point = np.concatenate([np.asarray(found[one], float) for one in ("mu", "mu_star", "sigma")])

    def measures(some: Blocks) -> FloatArray:
        effects = np.nanmean(_effects(every[some.kept], some.values), axis=-1)
        found: FloatArray = _measures(effects, even(len(effects)))[0]
        return found

    effects = _effects(x, blocks.values)
    resampled = _measures(np.nanmean(effects, axis=-1), weights(len(effects)))
    variance = resampled.var(axis=0, ddof=1) + jackknife_variance(blocks, measures)
    all_told = told(point, variance)
    luck, share, p_value = _luck(effects, float(np.nanmax(np.abs(blocks.values))))
    square = np.maximum(point[2 * k :] ** 2 - luck, 0.0)
    return ElementaryEffects(
        labels,
        mu=tuple(all_told[:k]),
        mu_star=tuple(_not_below_zero(one) for one in all_told[k : 2 * k]),
        sigma=tuple(_not_below_zero(one) for one in all_told[2 * k :]),
        sigma_without_noise=np.sqrt(square),
        noise_floor=np.sqrt(2.0 * luck / math.pi),
        noise_share=share,
        p_value=p_value,
        noise=noise_of(blocks.points),
        trajectories=len(blocks.kept),
        dropped=blocks.dropped,
    )


def _effects(x: FloatArray, values: FloatArray) -> FloatArray:
    """(N, k, R) effect of each factor in each trajectory and replication.

    Args:
        x: (N, k + 1, k) places of trajectories in the unit cube; each step moves one factor.
        values: (N, k + 1, R).
    """
    steps = np.diff(x, axis=1)
    moved = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, moved[:, :, None], axis=2)
    effects = np.diff(values, axis=1) / size
    found: FloatArray = np.empty_like(effects)
    np.put_along_axis(found, np.broadcast_to(moved[:, :, None], effects.shape), effects, axis=1)
    return found


def _measures(effects: FloatArray, shares: FloatArray) -> FloatArray:
    """(B, 3 k) mu, mu* and sigma of (N, k) effects, by (B, N) shares of trajectories."""
    count = len(effects)
    mu = shares @ effects
    square = np.maximum(shares @ effects**2 - mu**2, 0.0) * count / (count - 1)
    found: FloatArray = np.concatenate([mu, shares @ np.abs(effects), np.sqrt(square)], axis=1)
    return found


def _luck(effects: FloatArray, scale: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each factor: variance of a mean effect by luck, its share, and the test against 0.

    Args:
        effects: (N, k, R).
        scale: largest outcome, against which spread is rounding.
    """
    count = np.isfinite(effects).sum(axis=-1).astype(float)
    k = effects.shape[1]
    if (count < 2).any():
        return (np.full(k, math.nan),) * 3
    own = np.nanvar(effects, axis=-1, ddof=1)
    own[own <= (ROUNDING * scale) ** 2] = 0.0
    luck = (own / count).mean(axis=0)
    square = (np.nanmean(effects, axis=-1) ** 2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(square > 0.0, np.minimum(luck / square, 1.0), 0.0)
        ratio = np.where(square > 0.0, square / luck, 0.0)
    p_value = stats.f.sf(ratio, len(effects), (count - 1.0).sum(axis=0))
    return luck, share, np.asarray(p_value, dtype=float)


def _not_below_zero(one: Estimate) -> Estimate:
    return Estimate(one.value, max(one.low, 0.0), one.high)
