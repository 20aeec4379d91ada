"""The best settings of one ordered lever as zones of levels, in the order of the levels.

A zone is a run of neighbouring levels, of those tested, that all may be the best. That the levels
between two tested ones do as well is what a reader will take it for, and is not tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.arrays import BoolArray


@dataclass(frozen=True, slots=True)
class Zone:
    """Neighbouring levels that may be the best."""

    low: float  # lowest level
    high: float  # highest level
    levels: int  # how many tested ones it holds
    is_edge: bool  # holds the lowest or the highest level tested: the best may lie beyond

    @property
    def is_one(self) -> bool:
        """Whether it is a single level."""
        return self.levels == 1


def zones(levels: Sequence[float], in_set: BoolArray) -> tuple[Zone, ...]:
    """The set of the best as zones of neighbouring levels.

    Args:
        levels: (S,) values of the lever, in any order; infinite ones are allowed.
        in_set: (S,) which may be the best. What is not in the set, for whatever reason, ends a
            zone: worse, out by a red line, or not measured.

    Returns:
        Zones from low to high; none if no level is in the set.

    Raises:
        ValueError: if a level is nan or stands twice, or the lengths differ.
    """
    values = np.asarray(levels, dtype=float)
    inside = np.asarray(in_set, dtype=bool)
    if values.shape != inside.shape or values.ndim != 1:
        raise ValueError(f"{len(values)} levels for {len(inside)} settings")
    if np.isnan(values).any() or len(np.unique(values)) < len(values):
        raise ValueError("levels of a lever must be numbers, each once")
    turns = np.argsort(values)
    marks = np.diff(np.concatenate([[0], inside[turns].astype(int), [0]]))
    firsts, ends = np.flatnonzero(marks == 1), np.flatnonzero(marks == -1)
    return tuple(
        Zone(
            float(values[turns[first]]),
            float(values[turns[end - 1]]),
            int(end - first),
            first == 0 or end == len(values),
        )
        for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)
    )
