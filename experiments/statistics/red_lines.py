"""Red lines: what an outcome may not fall below or rise above, whatever else is gained.

A line is kept, or broken, where the whole interval of the mean lies on that side of it. In between
nobody can tell yet: such a setting is unsure, neither cleared nor condemned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from experiments.statistics.intervals import CONFIDENCE, Interval, simultaneous
from experiments.statistics.resampling import RESAMPLES
from policies.arrays import FloatArray

Verdict: TypeAlias = Literal["kept", "broken", "unsure"]


@dataclass(frozen=True, slots=True)
class RedLine:
    """Limits of an outcome's mean; a mean that equals a limit keeps it.

    Raises:
        ValueError: if there is no limit, one is nan, or nothing lies between the two.
    """

    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        limits = [limit for limit in (self.at_least, self.at_most) if limit is not None]
        if not limits:
            raise ValueError("a red line needs at_least, at_most or both")
        if any(math.isnan(limit) for limit in limits):
            raise ValueError("at_least and at_most of a red line must be numbers")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(
                f"at_least = {self.at_least} lies above at_most = {self.at_most}: no mean keeps it"
            )


def keeps(interval: Interval, line: RedLine) -> Verdict:
    """Whether a mean keeps a red line, by its interval.

    Args:
        interval: of the outcome's mean; ends may be nan, which is unsure.
        line: the red line.

    Returns:
        "kept" if every value of the interval keeps the line, "broken" if none does, else "unsure".
    """
    least = -math.inf if line.at_least is None else line.at_least
    most = math.inf if line.at_most is None else line.at_most
    if interval.low >= least and interval.high <= most:
        return "kept"
    if interval.high < least or interval.low > most:
        return "broken"
    return "unsure"


def verdicts(
    lines: Sequence[tuple[RedLine, FloatArray]],
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[list[Verdict]]:
    """Whether settings keep red lines; all verdicts hold jointly.

    Args:
        lines: red lines, each with its outcome (S, R) of S settings under the same luck.
        confidence: chance that no verdict "kept" or "broken" is wrong, in (0, 1).
        resamples: as in `intervals.bootstrap_t`.
        seed: as in `intervals.bootstrap_t`.

    Returns:
        A list a line, of a verdict a setting; no lines give no lists.

    Raises:
        ValueError: as `intervals.bootstrap_t`.
    """
    if not lines:
        return []
    outcomes = [np.asarray(values, dtype=float) for _, values in lines]
    found = simultaneous(np.concatenate(outcomes), confidence, resamples, seed)
    settings = len(outcomes[0])
    return [
        [keeps(found[place * settings + setting], line) for setting in range(settings)]
        for place, (line, _) in enumerate(lines)
    ]


def together(parts: Sequence[Verdict]) -> Verdict:
    """The verdict on several red lines of one setting: the worst of them; none are kept."""
    if "broken" in parts:
        return "broken"
    return "unsure" if "unsure" in parts else "kept"
