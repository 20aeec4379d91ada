"""Approximate Bayesian computation: rejection with regression adjustment, in rounds.

Each round draws parameters from the prior, simulates their moments, adds the errors that target
and simulation have, keeps the draws nearest to the targets, and moves these by a local linear
regression of parameters on moments to where the targets are. The next round draws from the prior
within the range that the last one's posterior had, so that runs are spent where they tell
something.

Sources: rejection and adjustment: Beaumont, Zhang & Balding (2002), Genetics 162(4); errors as a
part of the model: Wilkinson (2013), Statistical Applications in Genetics and Molecular Biology
12(2); a pilot round that truncates the prior: Fearnhead & Prangle (2012), JRSS B 74(3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.calibration.moments import CalibrationError, MomentProblem, nearest_place
from experiments.calibration.priors import DRAW_SEED, spread_draws
from experiments.calibration.schema import RejectionSettings
from policies.arrays import FloatArray

COPIES = 16
"""How often a simulated draw is used, each with errors of its own: they cost no runs."""

MARGIN = 0.25
"""Share of a posterior's range that the next round's range goes beyond it, on each side."""

INSIDE = 1e-6
"""How far from the walls of its box a draw is kept, so that its logit is finite."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: where it drew, and what came of it."""

    low: FloatArray  # (P,) of the box, in the unit cube
    high: FloatArray
    unit: FloatArray  # (D, P) draws
    runs: FloatArray  # (D, R, M) their moments
    usable: int  # draws of which all runs gave all moments


@dataclass(frozen=True, slots=True)
class Posterior:
    """Weighted draws from the posterior, in the unit cube of the priors."""

    unit: FloatArray  # (n, P)
    weight: FloatArray  # (n,) sum 1
    kept: int  # simulated draws that are among them
    tolerance: float  # largest distance kept, in scales of the moments
    rounds: tuple[Round, ...]

    @property
    def effective(self) -> float:
        """Draws of equal weight that would tell as much."""
        return float(1.0 / (self.weight**2).sum())


def sample(problem: MomentProblem, settings: RejectionSettings) -> Posterior:
    """The approximate posterior.

    Args:
        problem: targets and model.
        settings: draws, rounds, share accepted, adjustment.

    Returns:
        Kept draws with weights; the same for the same runs.

    Raises:
        CalibrationError: if too few draws gave all moments.
    """
    low: FloatArray = np.zeros(problem.parameters)
    high: FloatArray = np.ones(problem.parameters)
    rounds: list[Round] = []
    kept: _Kept | None = None
    for number in range(settings.rounds):
        if kept is not None:
            low, high = _box(kept, low, high)
        unit = spread_draws(settings.draws, low, high, number)
        runs = problem.simulate(unit, range(problem.replications))
        usable = np.isfinite(runs).all(axis=(1, 2))
        rounds.append(Round(low, high, unit, runs, int(usable.sum())))
        if usable.sum() < len(problem.target) + 2:
            raise CalibrationError(
                f"only {usable.sum()} of {len(unit)} draws gave all moments; look at the failed "
                "runs, or at windows in which an indicator has no value"
            )
        means = runs[usable].mean(axis=1)
        noise = problem.noise(nearest_place(problem, unit[usable], means)[0])
        rng = np.random.default_rng([DRAW_SEED, number, 1])
        kept = _kept(unit[usable], means, noise, (low, high), problem, settings, rng)
    assert kept is not None  # there is a round at least
    return Posterior(kept.unit, kept.weight, kept.simulated, kept.tolerance, tuple(rounds))


@dataclass(frozen=True, slots=True)
class _Kept:
    unit: FloatArray
    weight: FloatArray
    simulated: int
    tolerance: float


def _kept(
    unit: FloatArray,
    moments: FloatArray,
    noise: FloatArray,
    box: tuple[FloatArray, FloatArray],
    problem: MomentProblem,
    settings: RejectionSettings,
    rng: np.random.Generator,
) -> _Kept:
    draw = np.repeat(np.arange(len(unit)), COPIES)
    errors = rng.multivariate_normal(np.zeros(len(noise)), noise, len(draw), method="eigh")
    away = moments[draw] + errors - problem.target  # (n, M)
    scaled = away / _scale(away, noise) * np.sqrt(problem.weight)
    distance = np.sqrt((scaled**2).sum(axis=1))
    count = max(int(np.ceil(settings.accepted * len(draw))), 2)
    near = np.argsort(distance, kind="stable")[:count]
    tolerance = float(distance[near[-1]])
    kernel = _epanechnikov(distance[near], tolerance)
    place = _logit(unit[draw[near]], *box)
    if settings.adjustment == "local_linear":
        place = _adjusted(place, away[near], kernel)
    simulated = len(np.unique(draw[near[kernel > 0.0]]))
    return _Kept(_from_logit(place, *box), kernel / kernel.sum(), simulated, tolerance)


def _scale(away: FloatArray, noise: FloatArray) -> FloatArray:
    """(M,) median absolute deviation of each moment over the draws; its error where that is 0."""
    spread = np.median(np.abs(away - np.median(away, axis=0)), axis=0)
    return np.where(spread > 0.0, spread, np.sqrt(np.diag(noise)))


def _epanechnikov(distance: FloatArray, tolerance: float) -> FloatArray:
    kernel = 1.0 - (distance / tolerance) ** 2 if tolerance > 0.0 else np.zeros(len(distance))
    return kernel if (kernel > 0.0).sum() > 1 else np.ones(len(distance))


def _adjusted(place: FloatArray, away: FloatArray, kernel: FloatArray) -> FloatArray:
    """Draws at the targets: each less what the regression says of its distance from them."""
    root = np.sqrt(kernel)[:, None]
    design = np.column_stack([np.ones(len(away)), away])
    largest = np.abs(design).max(axis=0)
    size = np.where(largest > 0.0, largest, 1.0)
    slopes, *_ = np.linalg.lstsq(root * design / size, root * place, rcond=1e-10)
    return np.asarray(place - away @ (slopes / size[:, None])[1:])


def _logit(unit: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    inside = np.clip((unit - low) / (high - low), INSIDE, 1.0 - INSIDE)
    return np.asarray(np.log(inside / (1.0 - inside)))


def _from_logit(place: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    return np.asarray(low + (high - low) / (1.0 + np.exp(-np.clip(place, -700.0, 700.0))))


def _box(kept: _Kept, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The range of all kept draws with weight, and a margin, within the last box."""
    counted = kept.unit[kept.weight > 0.0]
    bottom, top = counted.min(axis=0), counted.max(axis=0)
    margin = MARGIN * (top - bottom) + 1e-3
    return np.maximum(bottom - margin, low), np.minimum(top + margin, high)
