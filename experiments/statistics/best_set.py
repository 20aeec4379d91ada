"""Which settings may be the best: multiple comparisons with the best under common random numbers.

Of each setting it is asked whether it can be the best: it is out if some other is better by more
than chance explains. With setting i as the control, the largest studentised difference to any other
is resampled (max-t, shared weights); i stays in the set as long as what was seen is not beyond the
quantile of that. Only the comparisons of the true best with the others have to hold for the set to
hold it, so that nothing need be paid for all pairs; ties, unequal variances and the correlation
that common random numbers bring are in the resamples. The larger of the resampled quantile and its
symmetrised version counts, which guards against heavy tails; and no pair is told apart that its own
two-sided interval of that confidence would not tell, which matters with two or three settings.

Under a red line a setting that breaks it for sure is out of the contest, and only one that keeps it
for sure can put another out. Half of the error goes to the verdicts on red lines, jointly over all
settings and lines, and half to the set.

Source: Hsu (1984), "Constrained simultaneous confidence intervals for multiple comparisons with the
best", Annals of Statistics 12(3); Edwards & Hsu (1983), "Multiple comparisons with the best
treatment", JASA 78(384) (intervals with unequal errors); Nelson & Matejcik (1995), "Using common
random numbers for indifference-zone selection and multiple comparisons in simulation", Management
Science 41(12); Romano & Wolf (2005), JASA 100(469) (max-t by resampling).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.statistics.intervals import CONFIDENCE, differences
from experiments.statistics.red_lines import RedLine, Verdict, together, verdicts
from experiments.statistics.resampling import (
    RESAMPLES,
    confidence_in_range,
    cut,
    order,
    studentised,
)
from policies.arrays import BoolArray, FloatArray, IntArray

_ROUNDING = 1e-12
"""What 1 - confidence may be off by."""


@dataclass(frozen=True, slots=True)
class BestSet:
    """The settings that cannot be told from the best; arrays have an entry for each of S."""

    in_set: BoolArray  # (S,) may be the best, and does not break a red line for sure
    best: int  # the one with the best mean of those not out by a red line; -1: there is none
    mean: FloatArray  # (S,) nan where nothing was measured
    n: IntArray  # (S,) values
    pairs: IntArray  # (S,) fewest pairs with another in the contest; its own values if alone
    p: FloatArray  # (S,) out at every confidence below 1 - p; nan out of the contest
    critical: FloatArray  # (S,) quantile that its difference to the best other is held against
    low: FloatArray  # (S,) joint interval of the mean less that of the best of the others
    high: FloatArray  # (S,) its other end; 0 and inf where there is no other
    verdicts: tuple[Verdict, ...]  # S, on all red lines together; "kept" where there are none
    by_line: tuple[tuple[Verdict, ...], ...]  # a tuple a red line, of S
    higher: bool  # whether more is better
    confidence: float  # chance that the set holds the true best
    all_equal: bool  # several are in the contest and give exactly the same

    @property
    def contest(self) -> BoolArray:
        """(S,) which settings were compared: measured, and not out by a red line."""
        compared: BoolArray = ~np.isnan(self.p)
        return compared

    @property
    def nothing_told(self) -> bool:
        """Whether no setting of the contest could be told from the best."""
        return bool((self.in_set == self.contest).all())


def best_set(
    values: FloatArray,
    *,
    higher: bool = True,
    red_lines: Sequence[tuple[RedLine, FloatArray]] = (),
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> BestSet:
    """The set of settings that holds the true best with a given confidence.

    Args:
        values: (S, R) outcome of each setting, a value a replication, all under the same luck; nan
            is missing, and leaves its pairs out. A setting without a value, or with an infinite
            one, is not in the contest. With fewer than two pairs nothing can be told: it stays.
        higher: whether more is better.
        red_lines: limits, each with its own outcome (S, R).
        confidence: chance that the set holds the best of the settings that keep all red lines.
        resamples: as in `intervals.bootstrap_t`.
        seed: as in `intervals.bootstrap_t`.

    Returns:
        The set with its intervals, which hold jointly. Settings that equal the best are in it.

    Raises:
        ValueError: as `intervals.bootstrap_t`; if shapes do not agree.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or any(np.shape(other) != values.shape for _, other in red_lines):
        raise ValueError("outcomes must be arrays (settings, replications) of one shape")
    error = 1.0 - confidence_in_range(confidence)
    share = 0.5 * error if red_lines else error
    settings = len(values)
    by_line = verdicts(red_lines, 1.0 - share, resamples, seed)
    verdict = [together([line[s] for line in by_line]) for s in range(settings)]
    measured = np.isfinite(values).any(axis=1) & ~np.isinf(values).any(axis=1)
    sure = measured & np.array([one == "kept" for one in verdict], dtype=bool)
    contest = measured & np.array([one != "broken" for one in verdict], dtype=bool)

    sign = 1.0 if higher else -1.0
    places = np.flatnonzero(contest)
    found = _contest(sign * values[places], sure[places], share, resamples, seed)
    p = np.full(settings, np.nan)
    critical, low, high = p.copy(), p.copy(), p.copy()
    p[places], critical[places] = found.p, found.critical
    low[places], high[places] = (found.low, found.high) if higher else (-found.high, -found.low)
    n = (~np.isnan(values)).sum(axis=1)
    pairs = n.copy()
    pairs[places] = np.minimum(found.pairs, n[places])
    mean = studentised(values, resamples=1).mean
    in_set = np.zeros(settings, dtype=bool)
    in_set[places] = found.p > share + _ROUNDING
    rows = values[places]
    return BestSet(
        in_set=in_set,
        best=int(places[np.argmax(sign * mean[places])]) if len(places) else -1,
        mean=mean,
        n=n,
        pairs=pairs,
        p=p,
        critical=critical,
        low=low,
        high=high,
        verdicts=tuple(verdict),
        by_line=tuple(tuple(line) for line in by_line),
        higher=higher,
        confidence=confidence,
        all_equal=len(rows) > 1
        and all(np.array_equal(rows[0], row, equal_nan=True) for row in rows[1:]),
    )


@dataclass(frozen=True, slots=True)
class _Contest:
    """What comparing C settings gives, more being better."""

    p: FloatArray  # (C,)
    critical: FloatArray  # (C,)
    low: FloatArray  # (C,)
    high: FloatArray  # (C,)
    pairs: IntArray  # (C,)


def _contest(
    values: FloatArray, sure: BoolArray, error: float, resamples: int, seed: int
) -> _Contest:
    """Compare each setting as a control with all others.

    Args:
        values: (C, R) of which more is better.
        sure: (C,) those that can put another out.
        error: chance that is left for the true best to be put out.
        resamples: as in `best_set`.
        seed: as in `best_set`.
    """
    size = len(values)
    p, critical = np.ones(size), np.zeros(size)
    gap, width = np.full((size, size), -np.inf), np.zeros((size, size))
    pairs = np.full(size, values.shape[1], dtype=np.int64)
    one, two = order(error, resamples), order(error, 2 * resamples)
    for i in range(size if size > 1 else 0):
        others = np.flatnonzero(np.arange(size) != i)
        found = studentised(differences(values[i], values[others]), resamples, seed)
        either = np.abs(found.t)
        top, bottom = np.sort(found.t.max(axis=0)), -found.t.min(axis=0)
        pool = np.sort(np.concatenate([top, bottom]))
        reach = np.maximum(max(top[-one], pool[-two]), cut(either, one))
        told = np.isfinite(found.error)
        gap[i, others] = np.where(told, found.mean, -np.inf)
        width[i, others] = np.where(told, reach * found.error, np.inf)
        critical[i] = reach[np.argmax(gap[i, others])]
        pairs[i] = found.n.min()
        with np.errstate(invalid="ignore", divide="ignore"):
            seen = np.where(found.mean == 0.0, 0.0, found.mean / found.error)
        ahead = told & sure[others] & (seen > 0.0)
        if ahead.any():
            chances = np.maximum(_beyond(top, seen), _beyond(pool, seen))
            alone = (1 + (either >= seen[:, None]).sum(axis=1)) / (resamples + 1)
            p[i] = np.maximum(chances, alone)[ahead].min()
    return _Contest(p, critical, *_constrained(gap, width), pairs)


def _beyond(resampled: FloatArray, seen: FloatArray) -> FloatArray:
    """Chance of values like those seen or beyond, from sorted resampled ones."""
    size = len(resampled)
    chance: FloatArray = (1 + size - np.searchsorted(resampled, seen)) / (size + 1)
    return chance


def _constrained(gap: FloatArray, width: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hsu's intervals of each mean less that of the best of the others.

    Args:
        gap: (C, C) by how much the mean of the column's setting exceeds that of the row's.
        width: (C, C) half-widths with the row's setting as the control.

    Returns:
        (C,) lower and upper ends; only a best may exceed 0, and only others fall below it.
    """
    other = ~np.eye(len(gap), dtype=bool)
    reach = np.where(other, width - gap, np.inf).min(axis=1, initial=np.inf)
    behind = np.where(other & (reach >= 0.0)[:, None], gap - width, np.inf)
    return np.minimum(behind.min(axis=0, initial=np.inf), 0.0), np.maximum(reach, 0.0)
