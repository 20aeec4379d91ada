"""Sequential stopping: replicate until the intervals are as narrow as wanted.

The first look is at 20 replications, then one after each batch; all settings get the same number,
so that pairs stay whole. Looking often costs a little: the interval at which a study stops was
chosen for being narrow, and covers a little less often than one of a fixed size.
`docs/statistics.md` has the figures.

Source: Law (2015), "Simulation Modeling and Analysis", ch. 9.4.1 (sequential procedure for absolute
and relative errors); Chow & Robbins (1965), "On the asymptotic theory of fixed-width sequential
confidence intervals for the mean", Annals of Mathematical Statistics 36(2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from policies.arrays import BoolArray, FloatArray

FIRST_LOOK = 20
BATCH = 10


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """When replications suffice.

    Raises:
        ValueError: if a number is not in its range.
    """

    half_width: float  # largest allowed, > 0: absolute, or a share of the mean's size
    relative: bool = False
    cap: int = 200  # replications at which a study stops anyhow, >= 1
    first: int = FIRST_LOOK  # replications before the first look, >= 2
    batch: int = BATCH  # replications between two looks, >= 1

    def __post_init__(self) -> None:
        if not 0.0 < self.half_width < math.inf:
            raise ValueError(f"half_width = {self.half_width}: must be above 0")
        for name, least in (("cap", 1), ("first", 2), ("batch", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} = {getattr(self, name)}: must be at least {least}")


def reached(
    half_widths: FloatArray, rule: StoppingRule, means: FloatArray | None = None
) -> BoolArray:
    """Which intervals are narrow enough.

    Args:
        half_widths: (K,) from each mean to the farther end of its interval. nan, where there is
            nothing to measure, is not waited for; an infinite one is never narrow enough.
        rule: the rule.
        means: (K,) the means that a relative rule is relative to: each interval's own, or of the
            base where the intervals are of differences from it. To err by no more than a share g of
            the true mean, the half-width may be g / (1 + g) of the observed one (Law, 9.4.1). With
            a mean of 0 only an interval without width is narrow enough.

    Returns:
        (K,) whether it is reached.

    Raises:
        ValueError: if the rule is relative and there are no means.
    """
    widths = np.asarray(half_widths, dtype=float)
    allowed = np.full(widths.shape, rule.half_width)
    if rule.relative:
        if means is None:
            raise ValueError("a relative half-width needs the means that it is relative to")
        share = rule.half_width / (1.0 + rule.half_width)
        allowed = share * np.abs(np.asarray(means, dtype=float))
    enough: BoolArray = (widths <= allowed) | np.isnan(widths)
    return enough


def next_batch(
    half_widths: FloatArray, n: int, rule: StoppingRule, means: FloatArray | None = None
) -> int:
    """How many replications to run next of every setting.

    Args:
        half_widths: (K,) as in `reached`, of the n replications done; not looked at before the
            first look.
        n: replications done of every setting, >= 0.
        rule: the rule.
        means: as in `reached`.

    Returns:
        Replications; 0: stop, since all intervals are narrow enough or the cap is reached.

    Raises:
        ValueError: as `reached`; if n is negative.
    """
    if n < 0:
        raise ValueError(f"n = {n}: must be at least 0")
    if n >= rule.cap:
        return 0
    if n < rule.first:
        return min(rule.first, rule.cap) - n
    if reached(half_widths, rule, means).all():
        return 0
    return min(rule.batch, rule.cap - n)
