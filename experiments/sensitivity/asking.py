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


def setting_of(results: StudyResults, asked: str | int | None) -> int | None:
    """The number of a setting that is asked for by its label or number.

    Args:
        results: of the study.
        asked: label, such as `limit = 0.3` (spaces do not matter), or number; absent: None.

    Raises:
        SensitivityError: if there is none such; the nearest label is suggested.
    """
    if asked is None:
        return None
    settings = results.loaded.layout.settings
    text = str(asked)
    labels = {one.label.replace(" ", ""): one.number for one in settings}
    if text.replace(" ", "") in labels:
        return labels[text.replace(" ", "")]
    if text.isdigit() and int(text) < len(settings):
        return int(text)
    known = [one.label for one in settings]
    near = get_close_matches(text, known, n=1, cutoff=0.3)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SensitivityError(
        f"setting {text!r}: must be the label of a setting, such as {known[0]!r}, or a number from "
        f"0 to {len(known) - 1}{hint}"
    )
