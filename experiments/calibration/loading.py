"""Read a calibration, and check all that it says against its scenario and its targets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from experiments.calibration.schema import Calibration
from experiments.calibration.targets import Target, fitted, read_targets
from experiments.studies.checking import SAME_EVERYWHERE, Checked, base_of, in_words, tried
from experiments.studies.dotted_changes import shape_at
from experiments.studies.loading import in_order
from experiments.studies.places import Places
from policies.arrays import FloatArray
from policies.registry import load_plugin
from scenarios.errors import Problem, ScenarioError
from scenarios.find import is_file_name
from scenarios.loading import load_toml
from scenarios.schema import Scenario
from scenarios.shape import Value
from scenarios.toml_lines import Path as KeyPath

SHIPPED = Path(__file__).resolve().parent / "shipped"
SETS_APART = {"targets", "parameters"}
"""Keys of which a calibration has one at least, and a study or a scenario has none."""

LONGEST = 3650
"""Days of the longest run there is."""


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
    if not is_file_name(path):
        return str(name) in shipped_names()
    try:
        return not SETS_APART.isdisjoint(tomllib.loads(path.read_text(encoding="utf-8-sig")))
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
    if is_file_name(path):
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
    places = Places.read(path, overrides, Calibration)
    checked = base_of(places, path)
    problems = [*checked.problems, *_wrong_parameters(checked, places)]
    try:
        calibration = load_toml(path, Calibration, overrides)
    except ScenarioError as error:
        raise ScenarioError(in_order([*error.problems, *problems], path)) from None
    base = checked.base
    targets, wrong = _targets(calibration, path, places, base)
    problems += wrong
    if base is None or problems:
        raise ScenarioError(in_order(problems, path))
    if not calibration.name:
        calibration = calibration.model_copy(update={"name": path.stem})
    whole = tuple(_is_whole(base, one.key) for one in calibration.parameters)
    return LoadedCalibration(
        calibration,
        path,
        base,
        checked.folder,
        targets,
        whole,
        tuple(Path(one) for one in plugins),
    )


def _targets(
    calibration: Calibration, path: Path, places: Places, base: Scenario | None
) -> tuple[tuple[Target, ...], list[Problem]]:
    table = path.parent / calibration.targets
    if not table.is_file():
        told = f"no such file: {table}"
        return (), [places.problem(("targets",), told, calibration.targets)]
    try:
        targets = read_targets(table, LONGEST if base is None else base.days)
    except ScenarioError as error:
        return (), list(error.problems)
    count, wanted = len(fitted(targets)), len(calibration.parameters)
    if calibration.method == "smm" and count < wanted:
        told = (
            f"{count} fitted moments cannot tell {wanted} parameters; give as many at least, or "
            'method = "abc"'
        )
        return targets, [places.problem(("method",), told, calibration.method)]
    return targets, []


def _wrong_parameters(checked: Checked, places: Places) -> Iterator[Problem]:
    """Fields that are no numbers, and bounds that they do not take."""
    base, listed = checked.base, places.data.get("parameters")
    if base is None or not isinstance(listed, list):
        return
    for number, one in enumerate(listed):
        where: KeyPath = ("parameters", number)
        key = one.get("key") if isinstance(one, Mapping) else None
        if not isinstance(key, str):
            continue  # the schema says so
        if key in {*SAME_EVERYWHERE, "days"}:
            told = "cannot be calibrated; it is no property of a market"
            yield places.problem((*where, "key"), told, key)
            continue
        shape = shape_at(base, key)
        if shape is None:
            wrong = tried({key: 0.0}, checked)
            told = wrong[0].message if wrong else "is no field of the scenario"
            hint = wrong[0].suggestion if wrong else ""
            yield places.problem((*where, "key"), told, key, suggestion=hint)
        elif not isinstance(shape, Value) or not {int, float} & set(shape.types):
            told = "takes no numbers; only a number can be calibrated"
            yield places.problem((*where, "key"), told, key)
        else:
            yield from _wrong_bounds(key, one, where, checked, places)


def _wrong_bounds(
    key: str, one: Mapping[str, Any], where: KeyPath, checked: Checked, places: Places
) -> Iterator[Problem]:
    for part in ("low", "high"):
        value = one.get(part)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if checked.base is not None and _is_whole(checked.base, key):
            if not float(value).is_integer():
                yield places.problem((*where, part), f"{key} takes whole numbers", value)
                continue
            value = int(value)
        for problem in tried({key: value}, checked):
            yield places.problem((*where, part), in_words(problem), value, allowed=problem.allowed)


def _is_whole(base: Scenario, key: str) -> bool:
    shape = shape_at(base, key)
    return isinstance(shape, Value) and set(shape.types) == {int}
