"""What of a study does not fit its scenario, all of it at once.

It works on what the file says, so that a study that is wrong elsewhere is held against its scenario
as far as that goes. What a value breaks with other values is judged where all have theirs: at the
points of the design (`combinations`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from experiments.studies.dotted_changes import as_overrides, flattened, shape_at, spread
from experiments.studies.places import Places
from experiments.studies.schema import LARGEST_SEED
from scenarios.errors import Problem, ScenarioError
from scenarios.find import find_scenario, is_file_name
from scenarios.loading import load_toml, override
from scenarios.schema import STARTS_FROM, Scenario
from scenarios.shape import Value
from scenarios.toml_lines import Path as KeyPath

SAME_EVERYWHERE = ("seed", "name", "title", "description")
"""Fields that neither factors nor alternatives may change."""

TRIED_ONE_BY_ONE = 100
"""Levels up to which each is tried; of more numbers the ends are, and all if these are wrong."""


@dataclass(slots=True)
class Checked:
    """What a study is held against, and what was found."""

    base: Scenario | None  # None: the scenario is itself wrong
    folder: Path  # where its relative paths start from
    problems: list[Problem]
    doubts: dict[tuple[str, str], Problem] = field(default_factory=dict)
    """By factor and value: what it breaks beside the scenario's own values for all other fields."""


def check(places: Places, path: Path, files_from: Path | None = None) -> Checked:
    """Hold what a study's file says against the scenario that it names.

    Args:
        places: what it says.
        path: its file, whose folder the scenario's name may be relative to.
        files_from: where the scenario's relative paths start from, if not beside its file.
    """
    found = base_of(places, path, files_from)
    if found.base is None:
        return found
    for table in ("levers", "uncertainties"):
        for number, one in _entries(places.data, table):
            found.problems += _wrong_factor(one, (table, number), found, places)
    for number, one in _entries(places.data, "alternatives"):
        found.problems += _wrong_alternative(one, ("alternatives", number), found, places)
    found.problems += _wrong_windows(found.base, places)
    found.problems += _wrong_seeds(found.base, places)
    return found


def base_of(places: Places, path: Path, files_from: Path | None = None) -> Checked:
    """The scenario with the changes, days and seed of a study or a calibration.

    Args:
        places: what its file says.
        path: its file, whose folder the scenario's name may be relative to.
        files_from: where the scenario's relative paths start from, if not beside its file.
    """
    name = places.data.get("scenario")
    none = Checked(None, path.parent, [])
    if not isinstance(name, str):
        return none  # the schema says so
    try:
        file = _scenario_file(name, path)
    except ScenarioError as error:
        told = error.problems[0].message
        none.problems.append(places.problem(("scenario",), told, name))
        return none
    folder = files_from or file.parent
    try:
        base = load_toml(file, Scenario, (), {STARTS_FROM: folder})
    except ScenarioError as error:
        none.problems += error.problems
        return none
    if not base.name:
        base = base.model_copy(update={"name": file.stem})
    changes = places.data.get("changes")
    given = flattened(changes) if isinstance(changes, Mapping) else {}
    problems = []
    known: dict[str, Any] = {}
    for key, value, where in spread(changes) if isinstance(changes, Mapping) else ():
        if key in SAME_EVERYWHERE:
            told = "cannot be changed here" + ("; set seed of the study" if key == "seed" else "")
            problems.append(places.problem(("changes", *where), f"{key} {told}", value))
            given.pop(key)
    known |= {"days": places.data["days"]} if _is_whole(places.data.get("days")) else {}
    known |= {"seed": places.data["seed"]} if _is_whole(places.data.get("seed")) else {}
    bare = Checked(base, folder, problems)
    wrong = tried(given, bare)
    if wrong:
        bare.problems += [_of_changes(one, changes, ("changes",), places) for one in wrong]
        given = {key: value for key, value in given.items() if not tried({key: value}, bare)}
        given = given if not tried(given, bare) else {}
    with suppress(ScenarioError):  # days or seed are out of range, which the schema says
        bare.base = override(base, as_overrides({**given, **known}), {STARTS_FROM: folder})
    return bare


def _scenario_file(name: str, path: Path) -> Path:
    """A scenario that ships, or a file relative to the study's."""
    if is_file_name(name):
        return find_scenario(path.parent / name)
    return find_scenario(name)


def _wrong_factor(
    one: Mapping[str, Any], where: KeyPath, checked: Checked, places: Places
) -> Iterator[Problem]:
    """Values that the field does not take; those of unknown fields are told once."""
    key = one.get("key")
    base = checked.base
    if not isinstance(key, str) or base is None:
        return
    if key in SAME_EVERYWHERE:
        told = "cannot be varied; replications set the seed, and the others change nothing"
        yield places.problem((*where, "key"), told, key)
        return
    given = _values(one)
    if not given:
        given = [((), "")]  # the schema says that values are missing; is there such a field?
    shape = shape_at(base, key)
    if isinstance(shape, Value) and set(shape.types) == {int}:
        given = [
            (part, value if part[:1] == ("levels",) else _whole(value)) for part, value in given
        ]
    found = [
        (part, value, problem) for part, value in given for problem in tried({key: value}, checked)
    ]
    for _, _, problem in found:
        if shape is None and f"{key}.".startswith(f"{_key_of(problem)}."):
            at = (*where, "key")
            yield places.problem(at, problem.message, key, suggestion=problem.suggestion)
            return
    of_all = len(given) > 1 and len({in_words(one) for _, _, one in found}) == 1
    for part, value, problem in found:
        if not part:
            continue
        at = (*where, "key") if of_all and len(found) == len(given) else (*where, *part)
        wrong = places.problem(
            at,
            in_words(problem),
            key if at[-1] == "key" else value,
            allowed=problem.allowed,
            suggestion=problem.suggestion,
        )
        if problem.allowed:
            yield wrong
        else:
            checked.doubts.setdefault((key, repr(value)), wrong)


def _values(one: Mapping[str, Any]) -> list[tuple[KeyPath, Any]]:
    """The values that a factor's entry gives, with their places in it."""
    levels = one.get("levels")
    found: list[tuple[KeyPath, Any]] = []
    if isinstance(levels, (list, tuple)):
        listed = list(enumerate(levels))
        if len(levels) > TRIED_ONE_BY_ONE and len({type(value) for value in levels}) == 1:
            by_value = sorted(listed, key=lambda pair: pair[1])
            listed = [*by_value[:1], *by_value[-1:], *listed[:: len(levels) // TRIED_ONE_BY_ONE]]
        found += [(("levels", place), value) for place, value in dict(listed).items()]
    ends = [name for name in ("low", "high") if not _is_endless(one.get(name))]
    found += [((name,), one[name]) for name in (*ends, "base") if one.get(name) is not None]
    return [(part, value) for part, value in found if isinstance(value, (bool, int, float, str))]


def _wrong_alternative(
    one: Mapping[str, Any], where: KeyPath, checked: Checked, places: Places
) -> Iterator[Problem]:
    changes = one.get("changes")
    if not isinstance(changes, Mapping):
        return
    at = (*where, "changes")
    varied = {
        str(factor["key"]): table
        for table in ("levers", "uncertainties")
        for _, factor in _entries(places.data, table)
        if isinstance(factor.get("key"), str)
    }
    for key, value, inside in spread(changes):
        if key in SAME_EVERYWHERE:
            told = f"{key} cannot differ between worlds"
            yield places.problem((*at, *inside), told, value)
        for factor, table in varied.items():
            within = _within(value, key, factor)
            if key == factor or (table == "levers" and within):
                told = f"{factor} is a lever, whose own values would take the place of this one"
                if table == "uncertainties":
                    told = f"{factor} is an uncertainty; give it this value as a level there"
                yield places.problem((*at, *inside), told, value)
    given = {key: value for key, value in flattened(changes).items() if key not in SAME_EVERYWHERE}
    for problem in tried(given, checked):
        yield _of_changes(problem, changes, at, places)


def _within(value: Any, key: str, factor: str) -> bool:
    """Whether a table given for a key says something of a factor that lies in it."""
    if not factor.startswith(f"{key}."):
        return False
    for part in factor.removeprefix(f"{key}.").split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def _wrong_windows(base: Scenario, places: Places) -> Iterator[Problem]:
    """Windows of outcomes that are not within the shortest of all runs."""
    lengths = [base.days]
    for table in ("levers", "uncertainties"):
        for _, one in _entries(places.data, table):
            if one.get("key") == "days":
                lengths += [int(value) for _, value in _values(one) if not isinstance(value, str)]
    for _, one in _entries(places.data, "alternatives"):
        changes = one.get("changes")
        other = flattened(changes).get("days") if isinstance(changes, Mapping) else None
        lengths += [other] if _is_whole(other) else []
    days = min(lengths)
    shortest = "the run" if len(set(lengths)) == 1 else "the shortest run"
    for number, one in _entries(places.data, "outcomes"):
        first, end = one.get("first_day"), one.get("end_day")
        if _is_whole(first) and first >= days:
            told = f"must be before the end of {shortest}; its last day is {days - 1}"
            yield places.problem(
                ("outcomes", number, "first_day"), told, first, allowed=f"0 to {days - 1}"
            )
        if _is_whole(end) and end > days:
            told = f"must be at most the length of {shortest}, {days} days"
            yield places.problem(("outcomes", number, "end_day"), told, end, allowed=f"1 to {days}")


def _wrong_seeds(base: Scenario, places: Places) -> Iterator[Problem]:
    """Replications that would need seeds beyond the largest."""
    replications = places.data.get("replications")
    given = replications if isinstance(replications, Mapping) else {}
    key = "at_most" if given.get("half_width") is not None else "count"
    count = given.get(key, 200 if key == "at_most" else 20)
    if _is_whole(count) and base.seed + count - 1 > LARGEST_SEED:
        told = f"its last seed, {base.seed + count - 1}, must be at most {LARGEST_SEED}"
        where = ("seed",) if "seed" in places.data else ("replications", key)
        yield places.problem(where, told, base.seed if where == ("seed",) else count)


def tried(changes: Mapping[str, Any], checked: Checked) -> tuple[Problem, ...]:
    """What is wrong with the scenario after some changes by dotted name."""
    if checked.base is None or not changes:
        return ()
    try:
        override(checked.base, as_overrides(changes), {STARTS_FROM: checked.folder})
    except ScenarioError as error:
        return error.problems
    return ()


def _of_changes(
    problem: Problem, changes: Mapping[str, Any] | Any, at: KeyPath, places: Places
) -> Problem:
    """What is wrong with a changed field, at the place in the study that changes it."""
    key = _key_of(problem)
    best: tuple[str, Any, tuple[str, ...]] | None = None
    for name, value, inside in spread(changes):
        if key == name or key.startswith(f"{name}.") or name.startswith(f"{key}."):
            best = (name, value, inside)
    if best is None:
        return places.problem(at, in_words(problem))
    name, value, inside = best
    told = problem.message if name == key else in_words(problem)
    return places.problem(
        (*at, *inside), told, value, allowed=problem.allowed, suggestion=problem.suggestion
    )


def _key_of(problem: Problem) -> str:
    return problem.key or problem.override.partition("=")[0].strip()


def in_words(problem: Problem) -> str:
    """What is wrong with a scenario's field, in a sentence that begins with its name."""
    key = _key_of(problem)
    if not key:
        return problem.message
    return f"{key}{' ' if problem.message.startswith('must ') else ': '}{problem.message}"


def _entries(data: Mapping[str, Any], table: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    listed = data.get(table)
    if isinstance(listed, (list, tuple)):
        yield from ((n, one) for n, one in enumerate(listed) if isinstance(one, Mapping))


def _is_endless(value: Any) -> bool:
    """Whether a value is no number to speak of, which the schema of studies says."""
    return isinstance(value, float) and not math.isfinite(value)


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(value: Any) -> Any:
    """A range's end as a whole number, where it is one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
