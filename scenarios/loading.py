"""Read a TOML file against a pydantic model, and tell all that is wrong with it at once.

Validation is strict: `"5"` and `true` are no numbers; a whole number may stand for a fraction. The
lists of TOML become the tuples of frozen models, text becomes the paths and enumerations that TOML
has no type for.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scenarios.diagnosis import diagnose, dotted, placed
from scenarios.errors import Problem, ScenarioError
from scenarios.overrides import apply
from scenarios.shape import (
    Either,
    Entries,
    Items,
    NamedTable,
    Shape,
    Table,
    TaggedTable,
    Value,
    child,
)
from scenarios.stand_ins import put_stand_in
from scenarios.toml_lines import Path as KeyPath
from scenarios.toml_lines import key_lines
from sim.settings.dotted import plain

M = TypeVar("M", bound=BaseModel)


def load_toml(
    path: str | Path,
    model: type[M],
    overrides: Sequence[str] = (),
    context: Mapping[str, Any] | None = None,
) -> M:
    """Read and check a file.

    Args:
        path: the file.
        model: what it must hold.
        overrides: `KEY=VALUE` each, such as `events.0.day=5`; they take the place of the file's.
        context: what the model's validators may look at; the model tells what that is.

    Returns:
        The model.

    Raises:
        ScenarioError: with all problems; where the file is not TOML, with the first place where.
    """
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([_syntax_problem(str(path), text, error)]) from None
    return _validated(data, model, overrides, context, file=str(path), text=text)


def override(model: M, overrides: Sequence[str], context: Mapping[str, Any] | None = None) -> M:
    """A model with some values changed, checked like a file.

    Args:
        model: a validated model.
        overrides: `KEY=VALUE` each.
        context: as for `load_toml`.

    Raises:
        ScenarioError: with all problems.
    """
    return _validated(plain(model), type(model), overrides, context)


def checked(data: dict[str, Any], model: type[M], context: Mapping[str, Any] | None = None) -> M:
    """The model of data that TOML could have given, checked like a file.

    Args:
        data: tables, lists and values; not changed.
        model: what they must make.
        context: as for `load_toml`.

    Raises:
        ScenarioError: with all problems.
    """
    return _validated(data, model, (), context)


def _validated(
    data: dict[str, Any],
    model: type[M],
    overrides: Sequence[str],
    context: Mapping[str, Any] | None,
    *,
    file: str = "",
    text: str = "",
) -> M:
    root = Table(model)
    result = apply(data, root, overrides)
    problems: list[Problem] = []
    try:
        validated = _validate(result.data, model, context)
    except ValidationError as error:
        lines = key_lines(text)

        def origin(path: KeyPath) -> tuple[int | None, str]:
            above = [path[:length] for length in range(len(path), 0, -1)]
            for one in above:  # what an override has made, all below it included, is not the file's
                if one in result.origins:
                    return None, result.origins[one].text
            return next((lines[one] for one in above if one in lines), None), ""

        problems = placed(_all_that_is_wrong(error, model, result.data, context), file, origin)
    problems += result.problems
    if problems:
        raise ScenarioError(problems)
    return validated


def _validate(data: Any, model: type[M], context: Mapping[str, Any] | None) -> M:
    read = _as_the_model_has_it(data, Table(model))
    return model.model_validate(read, strict=True, context=dict(context or {}))


_ROUNDS = 8
"""How often what is wrong is replaced to see what else is."""


def _all_that_is_wrong(
    error: ValidationError, model: type[M], data: Any, context: Mapping[str, Any] | None
) -> list[tuple[KeyPath, Problem]]:
    """The problems of an error, and those that come to light once these are out of the way.

    A later problem counts only if it has nothing to do with what was put in the place of the user's
    values: neither lies within the other, and its words do not name it.
    """
    rest = copy.deepcopy(data)
    problems: list[tuple[KeyPath, Problem]] = []
    replaced: set[KeyPath] = set()
    for _ in range(_ROUNDS):
        found = diagnose(error, model, rest)
        problems += [one for one in found if not _touched(*one, replaced)]
        wrong = [_above(path, replaced) for path, _ in found]
        mended = {put_stand_in(rest, Table(model), path) for path in wrong}
        if mended <= {None}:
            break
        replaced |= {path for path in mended if path is not None}
        try:
            _validate(rest, model, context)
        except ValidationError as next_error:
            error = next_error
        else:
            break
    return problems


def _above(path: KeyPath, replaced: set[KeyPath]) -> KeyPath:
    """The path, or what it lies in where the path itself has been replaced in vain."""
    while path in replaced:
        path = path[:-1]
    return path


def _touched(path: KeyPath, problem: Problem, replaced: set[KeyPath]) -> bool:
    return any(
        path[: len(one)] == one or one[: len(path)] == path or dotted(one) in str(problem)
        for one in replaced
    )


def _read(path: str | Path) -> str:
    file = Path(path)
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise ScenarioError([Problem.of_file(str(path), "no such file")]) from None
    except IsADirectoryError:
        message = "is a folder; name a TOML file"
        raise ScenarioError([Problem.of_file(str(path), message)]) from None
    except PermissionError:
        raise ScenarioError([Problem.of_file(str(path), "may not be read")]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ScenarioError([Problem(str(path), message, line=line)]) from None


_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of .*)\)")


def _syntax_problem(file: str, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """Where the text is not TOML; `tomllib` tells the place in its message only."""
    lines = text.replace("\r\n", "\n").split("\n")
    match = _PLACE.fullmatch(str(error))
    what = str(error) if match is None else match["what"]
    if match is None or match["line"] is None:
        line, column = len(lines), len(lines[-1]) + 1
    else:
        line, column = int(match["line"]), int(match["column"])
    source = lines[line - 1] if line <= len(lines) else ""
    message = f"not TOML: {_in_plain_words(what)}"
    return Problem(file, message, line=line, column=column, source=source.replace("\t", " "))


_SYNTAX = (
    (r"Cannot overwrite a value", "the key stands twice in its table; remove one"),
    (
        r"Cannot declare \((?P<table>.*?),?\) twice",
        "the table [{table}] stands twice; put its keys together",
    ),
    (
        r"Illegal character '\\n'|Expected \"'\"",
        "the text does not end on its line; close its quotes",
    ),
    (r"Invalid value", "invalid value; texts need quotes, and after = comes one value"),
    (r"Expected '=' after a key in a key/value pair", "no = after the key; must be KEY = VALUE"),
)
"""Words of `tomllib` that do not tell what to do, and such that do."""


def _in_plain_words(what: str) -> str:
    for theirs, ours in _SYNTAX:
        match = re.fullmatch(theirs, what)
        if match is not None:
            table = match.groupdict().get("table", "").replace("'", "").replace(", ", ".")
            return ours.format(table=table)
    return f"{what[:1].lower()}{what[1:]}"


def _as_the_model_has_it(data: Any, shape: Shape | None) -> Any:
    """Data with tuples, sets, paths and enumerations in place of the lists and texts of TOML.

    What does not fit is left as it is, for validation to find.
    """
    match shape:
        case None:
            return data
        case Value(types=(kind,)) if isinstance(data, str):
            return _from_text(data, kind)
        case Items() if isinstance(data, list):
            return _contained(
                [_as_the_model_has_it(one, shape.item(index)) for index, one in enumerate(data)],
                shape.container,
            )
        case Either(members=members):
            for one in members:
                data = _as_the_model_has_it(data, one)
            return data
        case Table() | TaggedTable() | NamedTable() | Entries() if isinstance(data, Mapping):
            return {
                key: _as_the_model_has_it(one, child(shape, data, key)) for key, one in data.items()
            }
    return data


def _contained(entries: list[Any], container: type) -> Any:
    if issubclass(container, (set, frozenset)) and any(
        isinstance(one, (dict, list)) for one in entries
    ):
        return entries
    return container(entries)


def _from_text(text: str, kind: type) -> Any:
    if issubclass(kind, Path):
        return kind(text)
    if issubclass(kind, Enum):
        return next((one for one in kind if one.value == text), text)
    return text
