"""How often the statistics are right, by trials in which the truth is known.

Each function draws its own trials from a seed: figures over several seeds tell what is luck.
`python -m experiments.statistics` prints the table of `docs/statistics.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.statistics.best_set import best_set
from experiments.statistics.intervals import (
    CONFIDENCE,
    bootstrap_t_many,
    simultaneous,
)
from experiments.statistics.more_replications import more_replications
from experiments.statistics.resampling import RESAMPLES, cut, order, studentised
from experiments.statistics.stopping import StoppingRule, next_batch
from policies.arrays import FloatArray

SHARED = 0.8
"""Correlation that common random numbers bring between two settings of these trials."""

LEVELS = 11
BEST_LEVEL = 4
"""Of the quadratic surface: `-(level - BEST_LEVEL)^2` times its steepness."""

Noise = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]

NOISES: dict[str, Noise] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "exponential": lambda rng, shape: rng.exponential(size=shape) - 1.0,
    "lognormal": lambda rng, shape: rng.lognormal(size=shape) - np.exp(0.5),
    "Student's t, 3 degrees": lambda rng, shape: rng.standard_t(3, size=shape),
    "difference of two lognormals": lambda rng, shape: (
        rng.lognormal(size=shape) - rng.lognormal(size=shape)
    ),
    "one in ten is 1, others 0": lambda rng, shape: (rng.random(shape) < 0.1) - 0.1,
}
"""Noises with mean 0, by name."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of trials whose interval holds the truth, 0."""

    ours: float  # bootstrap-t, guarded
    unguarded: float  # bootstrap-t as it is
    student: float


@dataclass(frozen=True, slots=True)
class SetOfBest:
    """What becomes of the set of the best over trials."""

    holds_best: float  # share of trials
    size: float  # mean number of settings in it


def coverage(noise: str, n: int, seed: int, trials: int = 1000) -> Coverage:
    """Coverage of the 95 % intervals of a mean.

    Args:
        noise: a name of `NOISES`.
        n: replications.
        seed: of the trials.
        trials: how many.
    """
    values = NOISES[noise](np.random.default_rng([seed, n]), (trials, n))
    ours = bootstrap_t_many(values, seed=seed)
    raw = studentised(values, seed=seed)
    place = order(0.5 * (1.0 - CONFIDENCE), RESAMPLES)
    reach = stats.t.isf(0.5 * (1.0 - CONFIDENCE), n - 1) * raw.error
    low, high = raw.mean - cut(raw.t, place) * raw.error, raw.mean + cut(-raw.t, place) * raw.error
    return Coverage(
        _share_with_zero(ours.low, ours.high),
        _share_with_zero(low, high),
        _share_with_zero(raw.mean - reach, raw.mean + reach),
    )


def rejections(noise: str, n: int, seed: int, trials: int = 400) -> float:
    """Share of comparisons of a setting with itself under other luck that find a difference.

    Args:
        noise: a name of `NOISES`.
        n: replications.
        seed: of the trials.
        trials: how many.
    """
    rng = np.random.default_rng([seed, n])
    base, other = (NOISES[noise](rng, (trials, n)) for _ in range(2))
    found = bootstrap_t_many(other - base, seed=seed)
    return 1.0 - _share_with_zero(found.low, found.high)


def set_of_best(
    noise: str,
    n: int,
    seed: int,
    *,
    steepness: float,
    unequal: bool = True,
    trials: int = 1000,
    confidence: float = CONFIDENCE,
) -> SetOfBest:
    """How the set of the best does on a quadratic surface of 11 levels.

    Args:
        noise: a name of `NOISES`; settings share `SHARED` of its variance.
        n: replications.
        seed: of the trials.
        steepness: loss of a level next to the best; 0: all are the same, the hardest case, where
            the best is any one of them.
        unequal: whether noise rises threefold from the first level to the last.
        trials: how many.
        confidence: of the set.
    """
    rng = np.random.default_rng([seed, n])
    levels = np.arange(LEVELS, dtype=float)
    truth = -steepness * np.square(levels - BEST_LEVEL)
    scale = np.linspace(0.5, 1.5, LEVELS) if unequal else np.ones(LEVELS)
    sets = np.array(
        [
            best_set(
                truth[:, None] + scale[:, None] * correlated(noise, rng, LEVELS, n),
                confidence=confidence,
            ).in_set
            for _ in range(trials)
        ]
    )
    return SetOfBest(float(sets[:, BEST_LEVEL].mean()), float(sets.sum(axis=1).mean()))


def joint_coverage(noise: str, n: int, seed: int, trials: int = 400) -> float:
    """Share of trials in which all of ten joint intervals of differences hold the truth.

    Args:
        noise: a name of `NOISES`.
        n: replications.
        seed: of the trials.
        trials: how many.
    """
    rng = np.random.default_rng([seed, n])
    held = 0
    for _ in range(trials):
        outcomes = correlated(noise, rng, LEVELS, n)
        found = simultaneous(outcomes[1:] - outcomes[0])
        held += bool(((found.low <= 0.0) & (found.high >= 0.0)).all())
    return held / trials


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where sequential stopping ended, over trials."""

    coverage: float  # of the interval at which it ended
    n: float  # mean number of replications


def stopped(noise: str, rule: StoppingRule, seed: int, trials: int = 400) -> Stopped:
    """Coverage of the interval at which a study stops that looks after every batch.

    Args:
        noise: a name of `NOISES`.
        rule: the rule.
        seed: of the trials.
        trials: how many.
    """
    values = NOISES[noise](np.random.default_rng([seed, rule.cap]), (trials, rule.cap))
    going, held, spent = np.arange(trials), 0, 0
    n = next_batch(np.empty(0), 0, rule)
    while len(going):
        found = bootstrap_t_many(values[going, :n])
        more = np.array(
            [next_batch(found.half_width[[k]], n, rule, found.mean[[k]]) for k in range(len(going))]
        )
        ended = more == 0
        held += int(((found.low <= 0.0) & (found.high >= 0.0))[ended].sum())
        spent += n * int(ended.sum())
        going, n = going[~ended], n + int(more.max())
    return Stopped(held / trials, spent / trials)


def told_after_more(gap: float, seed: int, trials: int = 400) -> float:
    """Share of trials in which the replications asked for tell the better of two settings.

    They are asked for by a study of 20 in which gap and spread are exactly as in truth, so that
    this is what "would" promises.

    Args:
        gap: difference of the two, in standard deviations of it.
        seed: of the trials.
        trials: how many.
    """
    rng = np.random.default_rng(seed)
    first = rng.standard_normal(20)
    first = gap + (first - first.mean()) / first.std(ddof=1)
    seen = np.stack([np.zeros(20), first])
    found = best_set(seen)
    wanted = more_replications(seen, found).to_decide
    if wanted is None or not found.in_set.all():
        raise ValueError(f"gap = {gap}: must be one that 20 replications do not tell")
    told = 0
    for _ in range(trials):
        again = gap + rng.standard_normal(20 + wanted)
        told += best_set(np.stack([np.zeros(20 + wanted), again])).in_set.tolist() == [False, True]
    return told / trials


def correlated(noise: str, rng: np.random.Generator, settings: int, n: int) -> FloatArray:
    """(settings, n) noises with the correlation `SHARED` between any two settings."""
    common, own = NOISES[noise](rng, (1, n)), NOISES[noise](rng, (settings, n))
    mixed: FloatArray = np.sqrt(SHARED) * common + np.sqrt(1.0 - SHARED) * own
    return mixed


def _share_with_zero(low: FloatArray, high: FloatArray) -> float:
    return float(((low <= 0.0) & (high >= 0.0)).mean())
