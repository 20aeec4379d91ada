"""Read a study, and check all that it says against the schema of its scenario."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

import tomli_w

from experiments.studies.points import Bounds, Layout, Point, lay_out
from experiments.studies.schema import Factor, Study
from policies.registry import load_plugin
from scenarios.errors import Problem, ScenarioError
from scenarios.find import find_scenario
from scenarios.loading import load_toml, override
from scenarios.schema import STARTS_FROM, Scenario
from scenarios.shape import Shape, Table, Value, child
from scenarios.toml_lines import Path as KeyPath
from scenarios.toml_lines import key_lines
from sim.settings.dotted import plain

SHIPPED = Path(__file__).resolve().parent / "shipped"


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
        return override(self.base, texts(point.changes), {STARTS_FROM: self.folder})

    @property
    def base_setting(self) -> int:
        """Number of the setting that others are compared with."""
        wanted = {}
        for lever in self.study.levers:
            own = value_of(self.base, lever.key) if lever.base is None else lever.base
            wanted[lever.key] = own
        settings = self.layout.settings
        exact = [one.number for one in settings if _same(one.values, wanted)]
        return exact[0] if exact else 0


def shipped_names() -> tuple[str, ...]:
    """The names of the studies that ship, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def is_study(name: str | Path) -> bool:
    """Whether a name or file means a study: a file with the key `scenario` is one."""
    path = Path(name)
    if path.suffix != ".toml" and len(path.parts) == 1:
        return str(name) in shipped_names()
    try:
        return "scenario" in tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False


def find_study(name: str | Path) -> Path:
    """The file of a study.

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
    message = f"no such study; known: {', '.join(known)}; or name a .toml file"
    message += f"; did you mean {near[0]}?" if near else ""
    raise ScenarioError((Problem.of_file(str(name), message),))


def load_study(
    name: str | Path, *, overrides: Sequence[str] = (), plugins: Sequence[Path] = ()
) -> LoadedStudy:
    """Read a study and check it, its scenario and every value that it varies.

    Args:
        name: the name of one that ships, or a TOML file.
        overrides: `KEY=VALUE` each, for fields of the study, such as `replications.count=5`.
        plugins: Python files with policies of the user's own.

    Raises:
        ScenarioError: with all that is wrong, each with file, line, key, value, what is allowed.
        policies.registry.PolicyError: if a plug-in is not usable.
    """
    for plugin in plugins:
        load_plugin(plugin)
    path = find_study(name)
    study = load_toml(path, Study, overrides)
    if not study.name:
        study = study.model_copy(update={"name": path.stem})
    return resolve_study(study, path, plugins=plugins)


def resolve_study(study: Study, path: Path, *, plugins: Sequence[Path] = ()) -> LoadedStudy:
    """A study with its scenario and points.

    Args:
        study: the study, whose plug-ins are loaded.
        path: its file, for messages; the scenario's name may be relative to its folder.
        plugins: files of those plug-ins.

    Raises:
        ScenarioError: with all that does not fit the scenario.
    """
    lines = lines_of(path)
    base, folder = base_of(study, path, lines)
    problems = [*_wrong_factors(study, base, folder, path, lines)]
    problems += _wrong_windows(study, base, path, lines)
    if problems:
        raise ScenarioError(problems)
    factors = [*study.levers, *study.uncertainties]
    bounds = {one.key: Bounds(whole=takes(base, one.key) == {int}) for one in factors}
    return LoadedStudy(
        study, path, base, folder, lay_out(study, bounds), tuple(Path(one) for one in plugins)
    )


def value_of(scenario: Scenario, key: str) -> Any:
    """A scenario's value at a dotted name; None where it has none."""
    place: Any = plain(scenario)
    for part in key.split("."):
        if isinstance(place, list):
            place = place[int(part)] if part.isdigit() and int(part) < len(place) else None
        else:
            place = place.get(part) if isinstance(place, dict) else None
    return place


class StartsFromScenario(Protocol):
    """What a study and a calibration say of their base scenario."""

    @property
    def scenario(self) -> str:
        """Name of one that ships, or a TOML file."""

    @property
    def changes(self) -> Mapping[str, Any]:
        """Other values by dotted name."""

    @property
    def days(self) -> int | None:
        """Another length, days."""

    @property
    def seed(self) -> int | None:
        """Another seed."""


def base_of(
    study: StartsFromScenario, path: Path, lines: Mapping[KeyPath, int]
) -> tuple[Scenario, Path]:
    """The base scenario with its changes, and the folder that its relative paths start from.

    Args:
        study: what names it.
        path: file of the study, for messages; the scenario's name may be relative to its folder.
        lines: as `lines_of` gives them.

    Raises:
        ScenarioError: with all that is wrong, told of the study's file.
    """
    near = path.parent / study.scenario
    try:
        file = near if near.suffix == ".toml" and near.is_file() else find_scenario(study.scenario)
    except ScenarioError as error:
        told = error.problems[0].message
        raise ScenarioError([problem_at(path, lines, ("scenario",), study.scenario, told)]) from None
    base = load_toml(file, Scenario, (), {STARTS_FROM: file.parent})
    if not base.name:
        base = base.model_copy(update={"name": file.stem})
    changes = dict(study.changes)
    changes |= {} if study.days is None else {"days": study.days}
    changes |= {} if study.seed is None else {"seed": study.seed}
    try:
        return override(base, texts(changes), {STARTS_FROM: file.parent}), file.parent
    except ScenarioError as error:
        at = [_placed(one, path, lines, ("changes", one.key)) for one in error.problems]
        raise ScenarioError(at) from None


def _wrong_factors(
    study: Study, base: Scenario, folder: Path, path: Path, lines: Mapping[KeyPath, int]
) -> Iterable[Problem]:
    """Values of factors and alternatives that the scenario does not allow, each tried alone."""
    for table, factors in (("levers", study.levers), ("uncertainties", study.uncertainties)):
        for number, factor in enumerate(factors):
            where = (table, number)
            if factor.key in {"seed", "name", "title", "description"}:
                told = "cannot be varied; replications set the seed, and the others change nothing"
                yield problem_at(path, lines, (*where, "key"), factor.key, told)
                continue
            given = _given(factor)
            whole = takes(base, factor.key) == {int}
            for part, value in given:
                if whole and part in {"low", "high"} and float(value).is_integer():
                    value = int(value)
                yield from tried({factor.key: value}, base, folder, path, lines, (*where, part))
    for number, other in enumerate(study.alternatives):
        at = ("alternatives", number, "changes")
        yield from tried(other.changes, base, folder, path, lines, at)


def _given(factor: Factor) -> list[tuple[str, Any]]:
    named: list[tuple[str, Any]] = [("levels", one) for one in factor.levels or ()]
    named += [("low", factor.low), ("high", factor.high)] if factor.levels is None else []
    base = getattr(factor, "base", None)
    return named + ([("base", base)] if base is not None else [])


def tried(
    changes: Mapping[str, Any],
    base: Scenario,
    folder: Path,
    path: Path,
    lines: Mapping[KeyPath, int],
    where: KeyPath,
) -> Iterable[Problem]:
    """What the scenario does not allow of some changes.

    Args:
        changes: values by dotted name.
        base: the scenario.
        folder: where its relative paths start from.
        path: file that has the changes.
        lines: as `lines_of` gives them.
        where: place of the changes in that file.
    """
    try:
        override(base, texts(changes), {STARTS_FROM: folder})
    except ScenarioError as error:
        seen = set()
        for one in error.problems:
            problem = _placed(one, path, lines, where)
            if str(problem) not in seen:
                seen.add(str(problem))
                yield problem


def _wrong_windows(
    study: Study, base: Scenario, path: Path, lines: Mapping[KeyPath, int]
) -> Iterable[Problem]:
    if any(one.key == "days" for one in (*study.levers, *study.uncertainties)):
        return
    for number, one in enumerate(study.outcomes):
        if one.first_day >= base.days:
            told = f"must be before the run's end; its last day is {base.days - 1}"
            yield problem_at(path, lines, ("outcomes", number, "first_day"), one.first_day, told)
        if one.end_day is not None and one.end_day > base.days:
            told = f"must be at most the run's length, {base.days} days"
            yield problem_at(path, lines, ("outcomes", number, "end_day"), one.end_day, told)


def _placed(problem: Problem, path: Path, lines: Mapping[KeyPath, int], where: KeyPath) -> Problem:
    """What is wrong with a scenario's field, told of the place in the study that sets it."""
    key = problem.key or problem.override.partition("=")[0]
    told = problem.message if not key else f"{key}: {problem.message}"
    value = problem.value
    if value is None and problem.override:
        value = problem.override.partition("=")[2]
    at = ".".join(str(one) for one in where)
    return Problem(
        str(path),
        told,
        line=_line(lines, where),
        key=at,
        value=value,
        allowed=problem.allowed,
        suggestion=problem.suggestion,
    )


def problem_at(
    path: Path, lines: Mapping[KeyPath, int], where: KeyPath, value: Any, told: str
) -> Problem:
    """A problem at a place of a TOML file."""
    at = ".".join(str(one) for one in where)
    return Problem(str(path), told, line=_line(lines, where), key=at, value=value)


def _line(lines: Mapping[KeyPath, int], where: KeyPath) -> int | None:
    above = (where[:length] for length in range(len(where), 0, -1))
    return next((lines[one] for one in above if one in lines), None)


def lines_of(path: Path) -> Mapping[KeyPath, int]:
    """The line of each key of a TOML file; none where it cannot be read."""
    try:
        return key_lines(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def takes(base: Scenario, key: str) -> set[type]:
    """The types of values at a dotted name."""
    shape: Shape | None = Table(Scenario)
    data: Any = plain(base)
    for part in key.split("."):
        step: str | int = int(part) if isinstance(data, list) and part.isdigit() else part
        shape = child(shape, data, step)
        if isinstance(data, list):
            data = data[int(part)] if part.isdigit() and int(part) < len(data) else None
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return set(shape.types) if isinstance(shape, Value) else set()


def texts(changes: Mapping[str, Any]) -> list[str]:
    """Changes as the command line has them."""
    return [f"{key}={_as_toml(value)}" for key, value in changes.items()]


def _as_toml(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_quoted(key)} = {_as_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_as_toml(one) for one in value)}]"
    return tomli_w.dumps({"v": value}).partition("=")[2].strip()


def _quoted(key: str) -> str:
    return tomli_w.dumps({key: 0}).rpartition("=")[0].strip()


def _same(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(values[key] == wanted[key] for key in values)
