"""Finalists of a search on fresh seeds: how much of what the search promised was luck.

The best of many noisy means is better than the truth on average: the search has chosen it for its
luck too (the winner's, or optimiser's, curse). Fresh seeds, which the search never saw, judge
without that.

Source: Smith & Winkler (2006), "The optimizer's curse", Management Science 52(3). Intervals of
optimism: Welch (1947), Biometrika 34, for seeds of the search and fresh seeds are independent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.searching.optimising import Evaluate, FloatArray, Goal, SearchError, Trial
from experiments.statistics.best_set import BestSet, best_set
from experiments.statistics.intervals import (
    CONFIDENCE,
    Interval,
    bootstrap_t,
    differences,
    simultaneous,
)


@dataclass(frozen=True, slots=True)
class Finalist:
    """A setting in the search and on fresh seeds; gains are over the base, and > 0 is better."""

    values: Mapping[str, Any]  # by key of a lever
    trial: int | None  # its number; None: the base
    in_search: Interval  # mean of the deciding outcome on the seeds of the search
    fresh: Interval  # on fresh seeds
    optimism: Interval  # by how much the search made it look better than fresh seeds do
    gain_in_search: Interval
    gain: Interval  # on fresh seeds; the intervals of all finalists hold jointly
    gain_optimism: Interval  # by how much the search made the gain look larger


@dataclass(frozen=True, slots=True)
class Retest:
    """Base and finalists, compared on fresh seeds; S settings, the base first."""

    finalists: tuple[Finalist, ...]
    best: BestSet  # on fresh seeds
    fresh: FloatArray  # (S, M) deciding outcome on fresh seeds
    mean_optimism: Interval  # of the finalists without the base, of their means
    mean_gain_optimism: Interval  # the same of gains over the base


def retest(
    goal: Goal,
    base: Mapping[str, Any],
    finalists: Sequence[Trial],
    evaluate: Evaluate,
    replications: int,
    fresh: int,
) -> Retest:
    """Compare base and finalists on seeds that the search never used.

    Args:
        goal: what was looked for.
        base: the setting that others are compared with.
        finalists: of the search; the base among them is not tested twice.
        evaluate: as in the search.
        replications: R runs of each setting that the search saw: seeds 0 to R - 1 on.
        fresh: M fresh seeds, R to R + M - 1 on.

    Raises:
        SearchError: if there are fewer than two fresh seeds, or the base gave no value.
    """
    if fresh < 2:
        raise SearchError(f"fresh = {fresh}: must be at least 2")
    others = [one for one in finalists if one.values != base]
    points = [base, *(one.values for one in others)]
    seen = evaluate(points, range(replications))
    new = evaluate(points, range(replications, replications + fresh))
    sign = 1.0 if goal.higher else -1.0
    old: FloatArray = sign * seen[:, :, goal.place]
    now: FloatArray = sign * new[:, :, goal.place]
    if not np.isfinite(now[0]).any():
        raise SearchError("the base gave no value on fresh seeds; look at the failed runs")
    old_gain, gain = differences(old[0], old), differences(now[0], now)
    joint = list(simultaneous(gain[1:])) if others else []
    none = Interval(0.0, 0.0, 0.0, fresh, CONFIDENCE)
    lines = [(line, new[:, :, place]) for place, line in goal.red_lines]
    found = tuple(
        Finalist(
            values,
            None if number == 0 else others[number - 1].number,
            bootstrap_t(seen[number, :, goal.place]),
            bootstrap_t(new[number, :, goal.place]),
            welch(old[number], now[number]),
            bootstrap_t(old_gain[number]),
            none if number == 0 else joint[number - 1],
            welch(old_gain[number], gain[number]),
        )
        for number, values in enumerate(points)
    )
    return Retest(
        found,
        best_set(new[:, :, goal.place], higher=goal.higher, red_lines=lines),
        new[:, :, goal.place],
        welch(_over_settings(old[1:]), _over_settings(now[1:])),
        welch(_over_settings(old_gain[1:]), _over_settings(gain[1:])),
    )


def welch(first: FloatArray, second: FloatArray, confidence: float = CONFIDENCE) -> Interval:
    """The difference of two independent means, first less second.

    Args:
        first: (R,) values; nan is left out.
        second: (M,) values.
        confidence: of the interval.

    Returns:
        The interval; `n` is the smaller number of values; nan ends where one has fewer than two.
    """
    one, two = first[np.isfinite(first)], second[np.isfinite(second)]
    n = min(len(one), len(two))
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0, confidence)
    mean = float(one.mean() - two.mean())
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, confidence)
    errors = np.array([one.var(ddof=1) / len(one), two.var(ddof=1) / len(two)])
    variance = float(errors.sum())
    if variance == 0.0:
        return Interval(mean, mean, mean, n, confidence)
    freedom = 1.0 / float(((errors / variance) ** 2 / [len(one) - 1, len(two) - 1]).sum())
    half = float(stats.t.ppf(0.5 + 0.5 * confidence, freedom)) * math.sqrt(variance)
    return Interval(mean, mean - half, mean + half, n, confidence)


def _over_settings(values: NDArray[np.floating[Any]]) -> FloatArray:
    """(R,) means over settings of (S, R) values, of seeds under which all have one."""
    return np.asarray(values.mean(axis=0), dtype=np.float64) if len(values) else np.empty(0)
