"""Target moments: a table of what real data say, read from CSV with the place of every fault.

Columns: `moment` names the target. `indicator`, `first_day`, `end_day`, `statistic`, `quantile` say
what of a run it is held against, as an outcome of a study does; without `indicator` the moment's
own name is one. `value` is what the data say, and `standard_error` how wrong that may be; or `sd`
and `n`, of n independent observations of which it is the mean. `weight` counts it more or less
than its precision would (1). `use` is `fit`, or `check` for a moment that is held out. `source`
says where it comes from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import ValidationError

from experiments.studies.schema import Outcome
from policies.arrays import FloatArray
from scenarios.commerce.csv_file import CsvTable, nearest, read_csv
from scenarios.diagnosis import diagnose
from scenarios.errors import Problem, ScenarioError

WINDOW = ("indicator", "first_day", "end_day", "statistic", "quantile")
REQUIRED = ("moment", "value")
OPTIONAL = (*WINDOW, "standard_error", "sd", "n", "weight", "use", "source")
WHOLE = {"first_day", "end_day"}


@dataclass(frozen=True, slots=True)
class Target:
    """A moment of real data, and the outcome of a run that it is held against."""

    name: str
    outcome: Outcome
    value: float  # in the outcome's unit
    error: float  # its standard error, > 0
    weight: float = 1.0
    use: Literal["fit", "check"] = "fit"
    source: str = ""


def read_targets(path: Path, days: int) -> tuple[Target, ...]:
    """Read a table of target moments.

    Args:
        path: a CSV file.
        days: length of a run, which windows must lie in.

    Returns:
        The targets in the order of the file; at least one is fitted.

    Raises:
        scenarios.commerce.faults.CommerceError: if the file or its header cannot be read.
        ScenarioError: with all that is wrong, each with file, line, column and value.
    """
    table = read_csv(
        path,
        required=REQUIRED,
        optional=OPTIONAL,
        numbered=None,
        columns={},
        advice=f"A table of targets has {', '.join(REQUIRED)}, and standard_error (or sd and n)",
    )
    problems = [
        Problem(str(path), f"unknown column; {nearest(name, (*REQUIRED, *OPTIONAL))}", 1, key=name)
        for name in table.unused
    ]
    problems += [
        Problem(str(path), f"{one.reason} ({one.hint})", one.line) for one in table.malformed
    ]
    found: list[Target] = []
    seen: dict[str, int] = {}
    for row, line in enumerate(table.line):
        cells = {name: column[row] for name, column in table.cells.items() if column[row]}
        target, wrong = _target(cells, days)
        problems += [replace(one, file=str(path), line=line) for one in wrong]
        name = cells.get("moment", "")
        if name in seen:
            told = f"stands twice; it is on line {seen[name]} as well"
            problems.append(Problem(str(path), told, line, key="moment", value=name))
        seen.setdefault(name, line)
        if target is not None:
            found.append(target)
    if not problems:
        problems += _of_the_whole(path, table, found)
    if problems:
        raise ScenarioError(problems)
    return tuple(found)


def fitted(targets: Sequence[Target]) -> list[int]:
    """Places of the targets that are fitted; the others are held out."""
    return [place for place, one in enumerate(targets) if one.use == "fit"]


def values(targets: Sequence[Target]) -> FloatArray:
    """(M,) what the data say."""
    return np.array([one.value for one in targets])


def errors(targets: Sequence[Target]) -> FloatArray:
    """(M,) standard errors."""
    return np.array([one.error for one in targets])


def _of_the_whole(path: Path, table: CsvTable, found: Sequence[Target]) -> list[Problem]:
    if not len(table):
        return [Problem.of_file(str(path), "there is no row; give a target moment at least")]
    if not fitted(found):
        told = 'every moment is held out; at least one must have use = "fit"'
        return [Problem(str(path), told, table.line[0], key="use")]
    return []


def _target(cells: dict[str, str], days: int) -> tuple[Target | None, list[Problem]]:
    problems: list[Problem] = []
    numbers = {}
    for name in ("value", "standard_error", "sd", "n", "weight", "quantile", *WHOLE):
        if name in cells:
            number = _number(cells[name], whole=name in WHOLE)
            if number is None:
                kind = "a whole number" if name in WHOLE else "a number with a decimal point"
                problems.append(Problem("", f"must be {kind}", key=name, value=cells[name]))
            else:
                numbers[name] = number
    problems += [Problem("", "is empty", key=name) for name in REQUIRED if name not in cells]
    error = _error(cells, numbers, problems)
    if numbers.get("weight", 1.0) <= 0.0:
        told = "must be above 0; a moment that shall not count has use = check"
        problems.append(Problem("", told, key="weight", value=cells["weight"]))
    use = cells.get("use", "fit")
    if use not in {"fit", "check"}:
        problems.append(Problem("", "must be fit or check", key="use", value=use))
    outcome, wrong = _outcome(cells, numbers, days)
    problems += wrong
    if problems or outcome is None or error is None:
        return None, problems
    return Target(
        cells["moment"],
        outcome,
        float(numbers["value"]),
        error,
        float(numbers.get("weight", 1.0)),
        "check" if use == "check" else "fit",
        cells.get("source", ""),
    ), []


def _error(
    cells: dict[str, str], numbers: dict[str, float | int], problems: list[Problem]
) -> float | None:
    own, counted = "standard_error" in cells, "sd" in cells or "n" in cells
    if own == counted or (counted and not {"sd", "n"} <= cells.keys()):
        told = "give either standard_error, or both sd and n"
        problems.append(Problem("", told, key="standard_error", value=cells.get("standard_error")))
        return None
    for name, least in (("standard_error", 0.0), ("sd", 0.0), ("n", 1.0)):
        if name in numbers and not numbers[name] > least:
            told = f"must be above {least:g}"
            problems.append(Problem("", told, key=name, value=cells[name]))
            return None
    if own:
        return float(numbers["standard_error"]) if "standard_error" in numbers else None
    if not {"sd", "n"} <= numbers.keys():
        return None
    return float(numbers["sd"] / math.sqrt(numbers["n"]))


def _outcome(
    cells: dict[str, str], numbers: dict[str, float | int], days: int
) -> tuple[Outcome | None, list[Problem]]:
    if "moment" not in cells:
        return None, []
    from sim.health.registry import BY_NAME  # late: it loads the measurement of health

    data: dict[str, Any] = {"name": cells["moment"], "better": "none"}
    data["indicator"] = cells.get("indicator", cells["moment"])
    if "indicator" not in cells and cells["moment"] not in BY_NAME:
        known = nearest(cells["moment"], BY_NAME)
        told = f"names no indicator itself, so that the column indicator must; {known}"
        return None, [Problem("", told, key="moment", value=cells["moment"])]
    given = ("first_day", "end_day", "quantile")
    data |= {name: numbers[name] for name in given if name in numbers}
    data |= {"statistic": cells["statistic"]} if "statistic" in cells else {}
    try:
        outcome = Outcome.model_validate(data)
    except ValidationError as error:
        found = [problem for _, problem in diagnose(error, Outcome, data)]
        return None, [replace(one, key="moment" if one.key == "name" else one.key) for one in found]
    wrong = []
    if outcome.first_day >= days:
        told = f"must be before the run's end; its last day is {days - 1}"
        wrong.append(Problem("", told, key="first_day", value=outcome.first_day))
    if outcome.end_day is not None and outcome.end_day > days:
        told = f"must be at most the run's length, {days} days"
        wrong.append(Problem("", told, key="end_day", value=outcome.end_day))
    return outcome, wrong


def _number(text: str, *, whole: bool) -> float | int | None:
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
