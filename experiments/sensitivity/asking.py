"""What is asked of a study's results: an outcome that there is, of a design that can tell it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches

from experiments.studies.points import short_labels
from experiments.studies.results import StudyResults
from experiments.studies.schema import Factor, Outcome

CONFIDENCE = 0.95


class SensitivityError(ValueError):
    """A question that a study's results cannot answer; says why, and what would."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the ends of its 95 % interval; nan where it cannot be told."""

    value: float
    low: float
    high: float


UNKNOWN = Estimate(math.nan, math.nan, math.nan)


def outcome_of(results: StudyResults, name: str = "") -> Outcome:
    """The outcome of a name, or the deciding one.

    Args:
        results: of the study.
        name: empty for the outcome that the study decides by.

    Raises:
        SensitivityError: if there is none of that name, or nothing was run yet.
    """
    study = results.loaded.study
    known = [one.name for one in study.outcomes]
    if name and name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise SensitivityError(
            f"outcome {name!r}: study {study.name!r} has none such; known: {', '.join(known)}{hint}"
        )
    if results.runs.empty:
        raise SensitivityError(
            f"study {study.name!r} has no finished run yet: run weal sweep first"
        )
    return study.outcome(name) if name else study.deciding


def factors_of(results: StudyResults) -> tuple[Factor, ...]:
    """All levers, then all uncertainties: the columns of a drawn design."""
    study = results.loaded.study
    return (*study.levers, *study.uncertainties)


def labels_of(results: StudyResults) -> tuple[str, ...]:
    """What tables call the factors."""
    return tuple(short_labels(factors_of(results)))
