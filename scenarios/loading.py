"""Read TOML into frozen settings, with all errors at once, each where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scenarios.errors import Problem, ScenarioError
from scenarios.toml_lines import key_lines
from sim.settings.dotted import flatten, put

M = TypeVar("M", bound=BaseModel)

Path_ = tuple[str, ...]


def load_toml(path: Path, model: type[M], overrides: Sequence[str] = ()) -> M:
    """Read a TOML file and validate it.

    Args:
        path: the file.
        model: what it must be.
        overrides: `KEY=VALUE` each; they win over the file.

    Returns:
        The validated model.

    Raises:
        ScenarioError: with every problem: file, line, key, value, what is allowed.
    """
    text = _read(path)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError((_syntax(path, text, error),)) from error
    lines = key_lines(text)
    return _validated(tree, model, overrides, str(path), lines)


def override(model: M, overrides: Sequence[str]) -> M:
    """A model with some values changed as on the command line.

    Raises:
        ScenarioError: as `load_toml`.
    """
    if not overrides:
        return model
    return _validated(model.model_dump(), type(model), overrides, "scenario", {})


def _validated(
    tree: dict[str, Any],
    model: type[M],
    overrides: Sequence[str],
    file: str,
    lines: Mapping[Path_, int],
) -> M:
    tree = _lists(tree)
    said: dict[Path_, str] = {}
    problems = [p for one in overrides if (p := _apply(one, tree, said)) is not None]
    try:
        result = model.model_validate(_tuples(tree))
    except ValidationError as error:
        known = _known(model)
        for detail in error.errors(include_url=False):
            problems.append(_problem(detail, file, lines, said, known))
    if problems:
        raise ScenarioError(tuple(dict.fromkeys(problems)))
    return result


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScenarioError((Problem.of_file(str(path), "no such file"),)) from None
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 (byte {error.start}): save it as UTF-8"
        raise ScenarioError((Problem.of_file(str(path), message),)) from None
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ScenarioError((Problem.of_file(str(path), message),)) from None


def _syntax(path: Path, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    message = str(error)
    place, _, _ = message.rpartition("(at line ")
    number = message.rpartition("(at line ")[2].partition(",")[0]
    if number.isdigit():
        all_lines = text.splitlines()
        line = all_lines[int(number) - 1].strip() if int(number) <= len(all_lines) else ""
        return Problem.of_file(f"{path}:{number}", f"is not TOML: {place.strip()} in: {line}")
    return Problem.of_file(str(path), f"is not TOML: {message}")


def _apply(given: str, tree: dict[str, Any], said: dict[Path_, str]) -> Problem | None:
    """Put one `KEY=VALUE` into the tree; a problem if it cannot be understood."""
    where = f"--set {given}"
    key, equals, raw = given.partition("=")
    key = key.strip()
    if not equals or not key:
        return Problem.of_file(where, "must be KEY=VALUE, such as platform.commission=0.1")
    try:
        value = tomllib.loads(f"value = {raw.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    if key.startswith("policies.") and key.endswith(".name") and key.count(".") == 2:
        put(tree, key.removesuffix(".name"), {"name": value})
    else:
        try:
            put(tree, key, value)
        except KeyError:
            return Problem(where, key, "", "there is no such key")
    said[tuple(key.split("."))] = where
    return None


def _problem(
    detail: ErrorDetails,
    file: str,
    lines: Mapping[Path_, int],
    said: Mapping[Path_, str],
    known: tuple[str, ...],
) -> Problem:
    path = _without_tags(tuple(str(part) for part in detail["loc"]), detail, lines, said)
    key = ".".join(path)
    kind, context = detail["type"], detail.get("ctx", {})
    value = "" if isinstance(detail["input"], (dict, BaseModel)) else _shown(detail["input"])
    where = _where(path, file, lines, said)
    if kind == "extra_forbidden":
        near = get_close_matches(key, known, n=1, cutoff=0.6)
        return Problem(where, key, value, f"unknown key{_or(near)}")
    if kind == "missing":
        return Problem(where, key, "", "is missing")
    if kind == "unknown_policy":
        choices = str(context["known"]).split(", ")
        near = get_close_matches(str(context["name"]).strip("'"), choices, n=1)
        return Problem(
            where,
            f"{key}.name",
            str(context["name"]),
            f"unknown {context['family']} policy; known: {context['known']}{_or(near)}",
        )
    if kind == "literal_error":
        choices = [part.strip(" '") for part in str(context["expected"]).split(" or ")]
        choices = [c.strip(" '") for choice in choices for c in choice.split(",")]
        near = get_close_matches(value.strip("'\""), choices, n=1)
        return Problem(where, key, value, f"must be one of {', '.join(choices)}{_or(near)}")
    if kind == "union_tag_invalid":
        choices = [c.strip(" '") for c in str(context["expected_tags"]).split(",")]
        near = get_close_matches(str(context["tag"]), choices, n=1)
        message = f"must be one of {', '.join(choices)}{_or(near)}"
        return Problem(where, f"{key}.kind", _shown(context["tag"]), message)
    if kind == "union_tag_not_found":
        return Problem(where, f"{key}.kind", "", "is missing: what kind of event is it?")
    if kind == "value_error":
        message = str(context.get("error", detail["msg"])).removeprefix("Value error, ")
        return Problem(where, key, "", message)
    return Problem(where, key, value, _allowed(kind, context, detail["msg"]))


def _allowed(kind: str, context: Mapping[str, Any], message: str) -> str:
    bounds = {
        "greater_than_equal": "must be at least {ge}",
        "greater_than": "must be above {gt}",
        "less_than_equal": "must be at most {le}",
        "less_than": "must be below {lt}",
        "string_too_long": "must have at most {max_length} characters",
        "too_short": "must have at least {min_length} entries",
    }
    if kind in bounds:
        return bounds[kind].format(**context)
    types = {
        "int_type": "must be a whole number, such as 5",
        "int_from_float": "must be a whole number, such as 5",
        "float_type": "must be a number, such as 0.5",
        "bool_type": "must be true or false",
        "string_type": 'must be text in quotes, such as "text"',
        "tuple_type": "must be an array, such as [1, 2]",
        "dict_type": "must be a table",
        "model_type": "must be a table",
        "model_attributes_type": "must be a table",
        "policy_table": 'must be a table with a name, such as {{name = "none"}}',
    }
    return types.get(kind, message[:1].lower() + message[1:]).replace("{{", "{").replace("}}", "}")


def _without_tags(
    path: Path_, detail: ErrorDetails, lines: Mapping[Path_, int], said: Mapping[Path_, str]
) -> Path_:
    """The path as its author wrote it: pydantic adds the tag of a union behind its number."""
    kept: list[str] = []
    for place, part in enumerate(path):
        follows_number = place > 0 and path[place - 1].isdigit()
        if follows_number and detail["loc"][0] == "events" and place == 2:
            continue
        kept.append(part)
    del lines, said
    return tuple(kept)


def _where(
    path: Path_, file: str, lines: Mapping[Path_, int], said: Mapping[Path_, str]
) -> str:
    for depth in range(len(path), 0, -1):
        if path[:depth] in said:
            return said[path[:depth]]
        inside = [key for key in said if key[:depth] == path[:depth]]
        if path[:depth] in lines:
            return f"{file}:{lines[path[:depth]]}"
        if inside:
            return said[inside[0]]
    return file


def _known(model: type[BaseModel]) -> tuple[str, ...]:
    """The dotted keys of a model with its defaults, for suggestions."""
    try:
        return tuple(flatten(model()))
    except ValidationError:
        return tuple(model.model_fields)


def _or(near: Iterable[str]) -> str:
    for one in near:
        return f"; did you mean {one}?"
    return ""


def _shown(value: Any) -> str:
    text = ("true" if value else "false") if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lists(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_lists(one) for one in value]
    return value


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(one) for name, one in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    return value
