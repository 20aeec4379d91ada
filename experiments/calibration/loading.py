"""Read a calibration, and check all that it says against its scenario and its targets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.priors import FloatArray
from experiments.calibration.schema import Calibration
from experiments.calibration.targets import Target, fitted, read_targets
from experiments.studies.loading import base_of, lines_of, problem_at, takes, tried
from policies.registry import load_plugin
from scenarios.errors import Problem, ScenarioError
from scenarios.loading import load_toml
from scenarios.schema import Scenario
from scenarios.toml_lines import Path as KeyPath

SHIPPED = Path(__file__).resolve().parent / "shipped"
SETS_APART = {"targets", "parameters"}
"""Keys that a calibration has and a study has not."""


@dataclass(frozen=True, slots=True)
class LoadedCalibration:
    """A calibration whose runs can all be made."""

    calibration: Calibration
    path: Path
    base: Scenario  # with the calibration's changes, days and seed
    folder: Path  # where the scenario's relative paths start from
    targets: tuple[Target, ...]
    whole: tuple[bool, ...]  # whether each parameter takes whole numbers only
    plugins: tuple[Path, ...]

    def changes(self, values: FloatArray) -> dict[str, Any]:
        """The scenario's changes at a point.

        Args:
            values: (P,) of the parameters.
        """
        pairs = zip(self.calibration.parameters, self.whole, values, strict=True)
        return {
            one.key: round(float(value)) if whole else float(f"{value:.12g}")
            for one, whole, value in pairs
        }


def shipped_names() -> tuple[str, ...]:
    """The names of the calibrations that ship, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def is_calibration(name: str | Path) -> bool:
    """Whether a name or file means a calibration."""
    path = Path(name)
    if path.suffix != ".toml" and len(path.parts) == 1:
        return str(name) in shipped_names()
    try:
        return SETS_APART <= tomllib.loads(path.read_text(encoding="utf-8-sig")).keys()
    except (OSError, ValueError):
        return False


def find_calibration(name: str | Path) -> Path:
    """The file of a calibration.

    Args:
        name: the name of one that ships, or the path of a TOML file.

    Raises:
        ScenarioError: if there is neither; the nearest name is suggested.
    """
    path = Path(name)
    if path.suffix == ".toml" or len(path.parts) > 1:
        if path.is_file():
            return path
        what = "is a folder; name a TOML file" if path.is_dir() else "no such file"
        raise ScenarioError((Problem.of_file(str(path), what),))
    known = shipped_names()
    if str(name) in known:
        return SHIPPED / f"{name}.toml"
    near = get_close_matches(str(name), known, n=1, cutoff=0.5)
    message = f"no such calibration; known: {', '.join(known)}; or name a .toml file"
    message += f"; did you mean {near[0]}?" if near else ""
    raise ScenarioError((Problem.of_file(str(name), message),))


def load_calibration(
    name: str | Path, *, overrides: Sequence[str] = (), plugins: Sequence[Path] = ()
) -> LoadedCalibration:
    """Read a calibration and check it, its scenario, its priors' bounds and its targets.

    Args:
        name: the name of one that ships, or a TOML file.
        overrides: `KEY=VALUE` each, for fields of the calibration, such as `abc.draws=64`.
        plugins: Python files with policies of the user's own.

    Raises:
        ScenarioError: with all that is wrong, each with file, line, key, value, what is allowed.
        scenarios.commerce.faults.CommerceError: if the table of targets cannot be read.
        policies.registry.PolicyError: if a plug-in is not usable.
    """
    for plugin in plugins:
        load_plugin(plugin)
    path = find_calibration(name)
    calibration = load_toml(path, Calibration, overrides)
    if not calibration.name:
        calibration = calibration.model_copy(update={"name": path.stem})
    lines = lines_of(path)
    base, folder = base_of(calibration, path, lines)
    problems = list(_wrong_parameters(calibration, base, folder, path, lines))
    targets: tuple[Target, ...] = ()
    table = path.parent / calibration.targets
    if not table.is_file():
        told = f"no such file: {table}"
        problems.append(problem_at(path, lines, ("targets",), calibration.targets, told))
    else:
        try:
            targets = read_targets(table, base.days)
        except ScenarioError as error:
            problems += error.problems
    if targets and calibration.method == "smm" and len(fitted(targets)) < len(
        calibration.parameters
    ):
        told = (
            f"{len(fitted(targets))} fitted moments cannot tell {len(calibration.parameters)} "
            "parameters; give as many at least, or method = \"abc\""
        )
        problems.append(problem_at(path, lines, ("method",), calibration.method, told))
    if problems:
        raise ScenarioError(problems)
    whole = tuple(takes(base, one.key) == {int} for one in calibration.parameters)
    return LoadedCalibration(
        calibration, path, base, folder, targets, whole, tuple(Path(one) for one in plugins)
    )


def _wrong_parameters(
    calibration: Calibration,
    base: Scenario,
    folder: Path,
    path: Path,
    lines: Mapping[KeyPath, int],
) -> Iterable[Problem]:
    for number, one in enumerate(calibration.parameters):
        where: KeyPath = ("parameters", number)
        if one.key in {"seed", "days", "name", "title", "description"}:
            told = "cannot be calibrated; it is no property of a market"
            yield problem_at(path, lines, (*where, "key"), one.key, told)
            continue
        kinds = takes(base, one.key)
        if kinds and not kinds & {int, float}:
            told = "takes no numbers; only a number can be calibrated"
            yield problem_at(path, lines, (*where, "key"), one.key, told)
            continue
        for part, value in (("low", one.low), ("high", one.high)):
            if kinds == {int} and not float(value).is_integer():
                told = f"{one.key} takes whole numbers"
                yield problem_at(path, lines, (*where, part), value, told)
                continue
            given = int(value) if kinds == {int} else value
            yield from tried({one.key: given}, base, folder, path, lines, (*where, part))


def names_of(calibration: Calibration) -> list[str]:
    """What tables call the parameters: their labels, or else their keys."""
    return [one.label or one.key for one in calibration.parameters]


def bounds_of(calibration: Calibration) -> FloatArray:
    """(P, 2) lowest and highest value of each parameter."""
    return np.array([[one.low, one.high] for one in calibration.parameters])
