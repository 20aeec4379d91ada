"""What counts as failing, and in which worlds a setting does.

A setting fails in a world if its mean outcome breaks a red line or a threshold there, or if it is
worse there than another setting, by the mean of paired differences. Where the interval of that mean
leaves it open, the world is counted by its mean, and as unsure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiments.numerals import measured, unit_in_words
from experiments.sensitivity.asking import SensitivityError
from experiments.sensitivity.sampled import Sample
from experiments.statistics.intervals import bootstrap_t_many, differences
from experiments.studies.schema import Outcome, unit_of, way
from policies.arrays import BoolArray, FloatArray

Against = Literal["base", "best"]


@dataclass(frozen=True, slots=True)
class Failing:
    """In which worlds a setting fails; W worlds that have runs."""

    rule: str  # what counts as failing, in words that follow "fails where"
    fails: BoolArray  # (W,)
    unsure: BoolArray  # (W,) the interval leaves it open, or there is none
    rows: BoolArray  # (n,) which worlds of the sample these are


def failing(
    sample: Sample,
    outcome: Outcome,
    setting: int = 0,
    *,
    base: int = 0,
    against: Against | None = None,
    threshold: float | None = None,
) -> Failing:
    """In which worlds a setting fails.

    Args:
        sample: worlds of a grid, or points of a drawn design.
        outcome: what is looked at.
        setting: number of the setting; ignored in a drawn design.
        base: number of the setting that "base" means.
        against: worse than which setting is failing: the base, or the best one of each world;
            absent: failing is to break the threshold, or else the outcome's red line.
        threshold: value that the outcome must keep to; with `against`: how much worse is too much.

    Raises:
        SensitivityError: if nothing says what failing is.
    """
    better = way(outcome)
    if against is None:
        return _broken_line(sample, outcome, better, setting, threshold)
    if not sample.of_grid:
        raise SensitivityError(
            f"against the {against} setting: settings are compared in a grid only; give a threshold"
        )
    if better == "none":
        raise SensitivityError(
            f"outcome {outcome.name!r}: neither way is better, so no setting is worse than another"
        )
    margin = 0.0 if threshold is None else threshold
    if margin < 0.0:
        raise SensitivityError(f"threshold {margin:g}: how much worse must be 0 or more")
    if against == "base" and setting == base:
        raise SensitivityError(
            "the base setting cannot be worse than itself: choose another setting, or the best one "
            "to compare with"
        )
    sign = 1.0 if better == "higher" else -1.0
    own = sample.values(outcome.name, setting)
    gap = differences(_other(sample, outcome, base, against, sign), own)
    label = sample.results.loaded.layout.settings[base].label
    than = f"the base setting ({label})" if against == "base" else "the best setting of that world"
    more = f" by more than {_told(margin, outcome)}" if margin else ""
    return _judged(-sign * gap, margin, f"{_name(outcome)} is worse than with {than}{more}")


def _broken_line(
    sample: Sample, outcome: Outcome, better: str, setting: int, threshold: float | None
) -> Failing:
    """Where the mean is on the wrong side of a threshold, or of a red line."""
    values = sample.values(outcome.name, setting)
    least, most = outcome.at_least, outcome.at_most
    if threshold is not None:
        if better == "none":
            raise SensitivityError(
                f"outcome {outcome.name!r}: neither way is better, so a threshold has no wrong "
                'side; give the outcome better = "higher" or "lower"'
            )
        least, most = (threshold, None) if better == "higher" else (None, threshold)
    if least is None and most is None:
        raise SensitivityError(
            f"outcome {outcome.name!r} has no red line: give a threshold, or a setting to compare "
            "with (base or best)"
        )
    words = " or ".join(
        f"{side} {_told(limit, outcome)}"
        for side, limit in (("below", least), ("above", most))
        if limit is not None
    )
    rule = f"{_name(outcome)} is {words}"
    parts = []
    if least is not None:
        parts.append(_judged(-values, -least, rule))
    if most is not None:
        parts.append(_judged(values, most, rule))
    if len(parts) == 1:
        return parts[0]
    low, high = parts
    return Failing(
        rule,
        low.fails | high.fails,
        (low.unsure | high.unsure) & ~(low.fails & ~low.unsure) & ~(high.fails & ~high.unsure),
        low.rows,
    )


def _judged(values: FloatArray, limit: float, rule: str) -> Failing:
    """Where the mean of (n, R) values lies above a limit."""
    rows = np.asarray(np.isfinite(values).any(axis=1), dtype=bool)
    found = bootstrap_t_many(np.where(np.isfinite(values), values, np.nan)[rows])
    clear = (found.low > limit) | (found.high <= limit)
    return Failing(rule, found.mean > limit, ~clear, rows)


def _other(
    sample: Sample, outcome: Outcome, base: int, against: Against, sign: float
) -> FloatArray:
    """(n, R) outcomes of the setting that is compared with, in each world."""
    if against == "base":
        return sample.values(outcome.name, base)
    count = len(sample.results.loaded.layout.settings)
    every = np.stack([sample.values(outcome.name, one) for one in range(count)])
    has = np.isfinite(every)
    means = np.where(has, every, 0.0).sum(axis=2) / np.maximum(has.sum(axis=2), 1)
    best = np.where(has.any(axis=2), sign * means, -np.inf).argmax(axis=0)
    found: FloatArray = every[best, np.arange(every.shape[1])]
    return found


def _name(outcome: Outcome) -> str:
    return outcome.label or outcome.name.replace("_", " ")


def _told(value: float, outcome: Outcome) -> str:
    unit = unit_of(outcome)
    told = measured(value, unit)
    return (
        told if told.endswith("%") or unit.startswith("0 to 1") else f"{told} {unit_in_words(unit)}"
    )
