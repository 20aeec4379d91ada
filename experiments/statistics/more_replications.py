"""How many more replications would tell the best setting from the others that may be the best.

"Would" means: with a stated chance (80 % unless told otherwise), if the true mean difference and
its spread are those observed. Since the best was chosen for its mean, the observed difference is
rather too large than too small, so that the number is rather too low than too high.

Source: sample size of a paired t test, with the quantile of the joint comparison in place of the
single one: Law (2015), "Simulation Modeling and Analysis", ch. 9.4 and 10.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.statistics.best_set import BestSet
from experiments.statistics.intervals import differences
from experiments.statistics.resampling import studentised
from policies.arrays import BoolArray, FloatArray

POWER = 0.8
"""Chance that the replications asked for tell two settings apart, if all is as observed."""

CAP = 10_000
"""Replications beyond which nobody is asked to go."""

_TURNS = 30
"""Turns of the fixed point; each halves the error at least."""


@dataclass(frozen=True, slots=True)
class MoreReplications:
    """What it would take to tell the best setting from the others of its set."""

    each: FloatArray  # (S,) that would tell it from the best; 0 for the best, for what is out of
    # the set and for equals; inf beyond the cap, or where nothing can be foreseen
    equal: BoolArray  # (S,) in the set, and as observed equal to the best, exactly or practically
    equal_for_sure: BoolArray  # (S,) in the set, and by its joint interval no worse than the best
    # of the others by more than the indifference
    indifference: float  # difference below which two means are practically equal
    power: float
    cap: int

    @property
    def to_narrow(self) -> int | None:
        """Further replications until one more setting is told; None: nothing within the cap."""
        some = self.each[self.each > 0.0]
        return None if not len(some) or math.isinf(some.min()) else int(some.min())

    @property
    def to_decide(self) -> int | None:
        """Further replications until only the best and its equals are left; None: beyond the cap.

        0 if that is so already.
        """
        most = self.each.max(initial=0.0)
        return None if math.isinf(most) else int(most)


def more_replications(
    values: FloatArray,
    found: BestSet,
    *,
    indifference: float = 0.0,
    power: float = POWER,
    cap: int = CAP,
) -> MoreReplications:
    """Further replications that would tell the best setting from each other of its set.

    Args:
        values: (S, R) the outcomes that `found` was made of; nan is missing.
        found: the set of the best.
        indifference: difference of means, >= 0, below which two settings are practically equal, so
            that telling them apart is not asked for; 0: only the same outcomes are equal.
        power: chance of telling them apart if all is as observed, in (0, 1).
        cap: replications in all, those done included, beyond which none are asked for.

    Returns:
        The numbers, at least 1 for every setting that is not told yet and not equal. Red lines are
        not looked at: a best that is not sure to keep them puts nobody out, whatever the number.

    Raises:
        ValueError: if the indifference is negative or the power no probability.
    """
    if not indifference >= 0.0 or not 0.0 < power < 1.0:
        raise ValueError(
            f"indifference = {indifference}, power = {power}: the first must be >= 0, the second "
            "between 0 and 1"
        )
    values = np.asarray(values, dtype=float)
    each, equal = np.zeros(len(values)), np.zeros(len(values), dtype=bool)
    if found.best >= 0:
        gaps = differences(values, values[found.best])
        seen = studentised(gaps, resamples=1)
        rivals = int(found.contest.sum()) - 1
        for s in np.flatnonzero(found.in_set):
            done, gap = int(seen.n[s]), abs(float(seen.mean[s]))
            if s == found.best:
                continue
            if done and ((gap == 0.0 and not seen.error[s] > 0.0) or gap < indifference):
                equal[s] = True
            elif done < 2 or not gap > 0.0:
                each[s] = math.inf
            else:
                spread = float(seen.error[s]) * math.sqrt(done)
                ratio = gap / spread if spread > 0.0 else math.inf
                wanted = _wanted(ratio, float(found.critical[s]), done, rivals, found, power)
                each[s] = max(math.ceil(wanted) - done, 1) if wanted <= cap else math.inf
    with np.errstate(invalid="ignore"):
        behind = found.low >= -indifference if found.higher else found.high <= indifference
    return MoreReplications(each, equal, found.in_set & behind, indifference, power, cap)


def _wanted(
    ratio: float, critical: float, done: int, rivals: int, found: BestSet, power: float
) -> float:
    """Replications in all that tell a difference of so many of its standard deviations.

    The resampled quantile falls with more replications as Student's does.
    """
    tail = (1.0 - found.confidence) / max(rivals, 1)
    scale = critical / float(stats.t.isf(tail, done - 1))
    wanted = float(done)
    for _ in range(_TURNS):
        freedom = max(wanted - 1.0, 1.0)
        reach = scale * stats.t.isf(tail, freedom) + stats.t.ppf(power, freedom)
        wanted = 0.5 * (wanted + float(np.square(reach / ratio)))
    return wanted
