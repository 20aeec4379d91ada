"""Read a study, and check all that it says against the schema of its scenario."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from experiments.studies.checking import check
from experiments.studies.combinations import impossible_points
from experiments.studies.dotted_changes import as_overrides, shape_at, value_of
from experiments.studies.notes import notes_on
from experiments.studies.places import Places
from experiments.studies.points import (
    NOMINAL,
    Bounds,
    Layout,
    Point,
    count_of,
    lay_out,
    values_of,
)
from experiments.studies.schema import Grid, Lever, Study
from policies.registry import load_plugin
from scenarios.errors import Problem, ScenarioError, value_text
from scenarios.find import is_file_name
from scenarios.loading import load_toml, override
from scenarios.schema import STARTS_FROM, Scenario
from scenarios.shape import Value
from sim.settings.dotted import plain

SHIPPED = Path(__file__).resolve().parent / "shipped"

MOST_POINTS = 100_000

TELLS = ("scenario", "levers", "uncertainties", "outcomes", "alternatives")
"""Keys that a study has and a scenario has not."""


@dataclass(frozen=True, slots=True)
class LoadedStudy:
    """A study whose points can all be run."""

    study: Study
    path: Path
    base: Scenario  # the scenario with the study's changes, days and seed
    folder: Path  # where the scenario's relative paths start from
    layout: Layout
    plugins: tuple[Path, ...]

    def scenario(self, point: Point) -> Scenario:
        """The resolved scenario of a point, with the seed of replication 0."""
        return override(self.base, as_overrides(point.changes), {STARTS_FROM: self.folder})

    @property
    def nominal(self) -> dict[str, Any]:
        """The base scenario's values of all factors, by key; None where it has none."""
        return {one.key: value_of(self.base, one.key) for one in self.study.factors}

    @property
    def base_setting(self) -> int:
        """Number of the setting that others are compared with."""
        wanted = {one.key: _base_value(one, self.base) for one in self.study.levers}
        return next(
            (one.number for one in self.layout.settings if _same(one.values, wanted)),
            0,  # in a drawn design no setting is the base
        )

    def label(self, point: Point) -> str:
        """A point in words: its setting, and its world where that is not the scenario's own."""
        setting, world = self.layout.settings[point.setting], self.layout.worlds[point.world]
        told = [one.label for one in (setting, world) if one.label != NOMINAL]
        return ", ".join(told) or NOMINAL

    def notes(self) -> tuple[str, ...]:
        """What is allowed, but may not be what was meant, a sentence each."""
        return (*self.base.notes(), *notes_on(self.study, self.base))


def shipped_names() -> tuple[str, ...]:
    """The names of the studies that ship, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def is_study(name: str | Path) -> bool:
    """Whether a name or file means a study: a file with keys of a study is one."""
    path = Path(name)
    if not is_file_name(path):
        return str(name) in shipped_names()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False
    return any(key in data for key in TELLS)


def find_study(name: str | Path) -> Path:
    """The file of a study.

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
    message = f"no such study; known: {', '.join(known)}; or name a .toml file"
    message += f"; did you mean {near[0]}?" if near else ""
    raise ScenarioError((Problem.of_file(str(name), message),))


def load_study(
    name: str | Path,
    *,
    overrides: Sequence[str] = (),
    plugins: Sequence[Path] = (),
    try_points: bool = True,
) -> LoadedStudy:
    """Read a study and check it, its scenario and every value that it varies.

    Args:
        name: the name of one that ships, or a TOML file.
        overrides: `KEY=VALUE` each, for fields of the study, such as `replications.count=5`.
        plugins: Python files with policies of the user's own.
        try_points: whether values are tried together as well, at the points of the design, or a
            sample of many; what only reads results need not wait for that.

    Raises:
        ScenarioError: with all that is wrong, each with file, line, key, value, what is allowed.
        policies.registry.PolicyError: if a plug-in is not usable.
    """
    for plugin in plugins:
        load_plugin(plugin)
    path = find_study(name)
    places = Places.read(path, overrides)
    try:
        study = load_toml(path, Study, overrides)
    except ScenarioError as error:
        more = check(places, path).problems if places.data else []
        raise ScenarioError(in_order([*error.problems, *more], path)) from None
    if not study.name:
        study = study.model_copy(update={"name": path.stem})
    return _resolved(study, path, places, plugins, try_points=try_points)


def resolve_study(
    study: Study, path: Path, *, plugins: Sequence[Path] = (), files_from: Path | None = None
) -> LoadedStudy:
    """A study with its scenario and points; values are not tried together.

    Args:
        study: the study, whose plug-ins are loaded.
        path: its file, for messages; the scenario's name may be relative to its folder.
        plugins: files of those plug-ins.
        files_from: where the scenario's relative paths start from, if not beside its file.

    Raises:
        ScenarioError: with all that does not fit the scenario.
    """
    lines = Places.read(path).lines
    places = Places(str(path), plain(study), lines)
    return _resolved(study, path, places, plugins, try_points=False, files_from=files_from)


def _resolved(
    study: Study,
    path: Path,
    places: Places,
    plugins: Sequence[Path],
    *,
    try_points: bool,
    files_from: Path | None = None,
) -> LoadedStudy:
    checked = check(places, path, files_from)
    if checked.base is None or checked.problems:
        raise ScenarioError(in_order(checked.problems, path))
    bounds = {one.key: _bounds(checked.base, one.key) for one in study.factors}
    problems = [*_wrong_values(study, bounds, places)]
    count = count_of(study, bounds)
    if count > MOST_POINTS:
        told = f"has {count} points; must have at most {MOST_POINTS}"
        problems.append(places.problem(("design",), told))
    if problems:
        raise ScenarioError(in_order(problems, path))
    layout = lay_out(study, bounds)
    loaded = LoadedStudy(
        study,
        path,
        checked.base,
        checked.folder,
        layout,
        tuple(Path(one) for one in plugins),
    )
    if try_points:
        problems = impossible_points(checked, layout.points, loaded.label, places)
    if problems:
        raise ScenarioError(in_order(problems, path))
    return loaded


def _wrong_values(study: Study, bounds: Mapping[str, Bounds], places: Places) -> list[Problem]:
    """Base values that no setting has, and more steps than a range has whole numbers."""
    found: list[Problem] = []
    if not isinstance(study.design, Grid):
        return found
    for table, factors in (("levers", study.levers), ("uncertainties", study.uncertainties)):
        for number, one in enumerate(factors):
            if one.levels is None and one.steps is None:
                continue
            values = values_of(one, bounds[one.key])
            if one.steps is not None and len(values) < one.steps:
                told = f"there are only {len(values)} whole numbers from low to high"
                found.append(places.problem((table, number, "steps"), told, one.steps))
            if not isinstance(one, Lever) or one.base is None:
                continue
            if not any(_equal(value, one.base) for value in values):
                listed = ", ".join(value_text(value) for value in values)
                found.append(
                    places.problem(
                        (table, number, "base"),
                        f"must be one of the values: {listed}",
                        one.base,
                        allowed=listed,
                    )
                )
    return found


def _bounds(base: Scenario, key: str) -> Bounds:
    shape = shape_at(base, key)
    return Bounds(whole=isinstance(shape, Value) and set(shape.types) == {int})


def _base_value(lever: Lever, base: Scenario) -> Any:
    """A lever's value in the base setting: its own, the scenario's, or the first."""
    values = values_of(lever, _bounds(base, lever.key))
    own = value_of(base, lever.key) if lever.base is None else lever.base
    return next((one for one in values if _equal(one, own)), values[0])


def _same(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(_equal(values[key], wanted[key]) for key in values)


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are the same to people: fractions may differ in their last digits."""
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
        return numbers and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return type(one) is type(other) and bool(one == other)


def in_order(problems: Sequence[Problem], path: Path) -> list[Problem]:
    """Problems once each, in the order of the study's file; those of other files come last."""
    unique = {(one.file, one.key, one.message): one for one in problems}
    return sorted(
        unique.values(),
        key=lambda one: (one.file != str(path), one.override != "", one.line or 0),
    )
