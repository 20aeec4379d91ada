"""Values of a study that are allowed alone and not together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from experiments.studies.checking import Checked, in_words, tried
from experiments.studies.places import Places
from experiments.studies.points import Point
from scenarios.errors import Problem
from scenarios.toml_lines import Path as KeyPath

COMBINATIONS_TRIED = 200
"""Points of a large design that are tried before it begins."""

COMBINATIONS_TOLD = 3


def impossible_points(
    checked: Checked, points: Sequence[Point], label: Callable[[Point], str], places: Places
) -> list[Problem]:
    """Points whose values are not allowed together; of thousands, a sample is tried.

    Args:
        checked: what `check` gave, without problems.
        points: the design's.
        label: tells a point in words.
        places: what the study's file says.
    """
    chosen = points
    if len(points) > COMBINATIONS_TRIED:
        step = (len(points) - 1) / (COMBINATIONS_TRIED - 1)
        chosen = [points[round(place * step)] for place in range(COMBINATIONS_TRIED)]
    failing = {}
    for point in chosen:
        problems = tried(point.changes, checked)
        if problems:
            failing[point.number] = problems
    found = []
    for (key, value), problem in checked.doubts.items():
        having = [one.number for one in chosen if repr(one.changes.get(key)) == value]
        if having and all(number in failing for number in having):
            found.append(problem)
            failing = {number: told for number, told in failing.items() if number not in having}
    told = [
        f"{label(points[number])}: not possible together: {in_words(one)}"
        for number, problems in failing.items()
        for one in problems
    ]
    shown = told[:COMBINATIONS_TOLD]
    if len(told) > len(shown):
        of = "" if len(chosen) == len(points) else f" of {len(chosen)} that were tried"
        shown[-1] += f" (and so at {len(failing)} points{of}, {len(points)} in all)"
    at: KeyPath = ("levers",) if "levers" in places.data else ("uncertainties",)
    return found + [places.problem(at, one) for one in shown]
