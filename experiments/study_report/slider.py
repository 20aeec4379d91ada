"""What the sliders need: every setting's numbers in words, and the command of other values.

The page carries the texts of its tables, so that nothing is computed or rounded a second time in
the browser; the script only picks and places them.
"""

from __future__ import annotations

import shlex
from typing import Any

import tomli_w

from experiments.numerals import is_share
from experiments.studies.dotted_changes import shape_at
from experiments.studies.loading import LoadedStudy
from experiments.studies.schema import Lever
from experiments.study_report.answer import Amount, Row, StudyAnswer
from experiments.study_report.labels import is_numeric, unit_beside
from scenarios.shape import Value

SCRIPT = "study_slider.js"
"""The script that moves the numbers."""

PLACE = "@@VALUES@@"
"""What stands in a command where the script puts the levels."""

WORDS = {
    "better": "better",
    "worse": "worse",
    "more": "more",
    "less": "less",
    "same": "exactly the same",
    "unclear": "no difference told",
    "unknown": "not measured",
}
"""What a change is called in tables."""


def slider_data(answer: StudyAnswer, loaded: LoadedStudy) -> dict[str, Any] | None:
    """The data of the sliders; None where the page has none."""
    if answer.no_slider:
        return None
    return {
        "start": [*answer.settings[max(answer.recommended, 0)].places],
        "base": answer.settings[answer.base].label,
        "levers": [
            {
                "label": view.label,
                "unit": "%" if is_share(view.unit) else view.unit,
                "told": [*view.told],
                "levels": [*view.levels] if all(map(is_numeric, view.levels)) else None,
                "times": 100 if is_share(view.unit) else 1,
                "command": sweep_command(answer, place, lever, PLACE),
                "whole": _is_whole(loaded, lever.key),
            }
            for place, (view, lever) in enumerate(
                zip(answer.levers, loaded.study.levers, strict=True)
            )
        ],
        "settings": {
            ".".join(map(str, one.places)): {
                "label": one.label,
                "number": number,
                "note": _note(answer, number),
            }
            for number, one in enumerate(answer.settings)
        },
        "outcomes": len(answer.outcomes),
        "rows": [_row(one) for one in (*answer.outcomes, *answer.sides)],
    }


def sweep_command(answer: StudyAnswer, place: int, lever: Lever, values: str) -> str:
    """The command that sweeps a study with other levels of a lever.

    Args:
        answer: of the study.
        place: the lever's number.
        lever: the lever.
        values: levels as TOML has them in a list, without brackets.
    """
    if lever.levels is not None:
        setting = f"levers.{place}.levels=[{values}]"
    else:  # a range: its ends would stand beside the levels
        own = {"key": lever.key, "label": lever.label, "unit": lever.unit, "base": lever.base}
        parts = [tomli_w.dumps({key: value}).strip() for key, value in own.items() if value]
        setting = f"levers.{place}={{ {', '.join([*parts, f'levels = [{values}]'])} }}"
    return f"{answer.reproduction.sweep} --set {shlex.quote(setting)}"


def _is_whole(loaded: LoadedStudy, key: str) -> bool:
    """Whether the field takes whole numbers alone."""
    shape = shape_at(loaded.base, key)
    return isinstance(shape, Value) and set(shape.types) == {int}


def _note(answer: StudyAnswer, number: int) -> str:
    """What is to be said of a setting, in a sentence."""
    one = answer.settings[number]
    deciding = next(row for row in answer.outcomes if row.key == answer.deciding)
    told = f"{one.label}: "
    told += "may be the best" if one.may_be_best else "is not among the best"
    if one.is_base:
        told += ", and is the base"
    if one.red_lines:
        told += {
            "kept": "; keeps the red lines",
            "broken": "; breaks a red line",
            "unsure": "; not sure to keep the red lines",
        }[one.red_lines]
    mean, gap = deciding.means[number], deciding.differences[number]
    told += f". {deciding.label}: {mean.told}"
    if not one.is_base:
        told += f", {gap.told} against the base ({WORDS[deciding.changes[number]]})"
    return f"{told}."


def _row(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "unit": unit_beside(row.unit),
        "means": [_told(one) for one in row.means],
        "gaps": [_told(one) for one in row.differences],
        "words": [WORDS[one] for one in row.changes],
        "strip": _strip(row),
    }


def _told(one: Amount) -> list[str]:
    return [one.told, one.band]


def _strip(row: Row) -> dict[str, Any]:
    """Places of differences on a strip from 0 to 100: zero, and low, mean, high by setting."""
    ends = [end for one in row.differences for end in (one.low, one.mean, one.high) if end == end]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = high - low or 1.0

    def place(value: float) -> float | None:
        return round(100.0 * (value - low) / room, 1) if value == value else None

    return {
        "zero": place(0.0),
        "ends": [[place(one.low), place(one.mean), place(one.high)] for one in row.differences],
    }
