"""From pydantic's errors to problems that a reader can mend: place, value, range, nearest key."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from scenarios.errors import Problem
from scenarios.shape import (
    Either,
    Items,
    NamedTable,
    Shape,
    Table,
    TaggedTable,
    Value,
    child,
    choices_text,
    fields_of,
    kind_of,
    known_keys,
    number,
    table_model,
    tag_and_names,
    text_of,
)
from scenarios.toml_lines import Path

Origin = Callable[[Path], tuple[int | None, str]]
"""The line, and the override, that a path comes from."""


def diagnose(
    error: ValidationError,
    model: type[BaseModel],
    data: Mapping[str, Any],
) -> list[tuple[Path, Problem]]:
    """All problems that validation found.

    A validator may begin its message with the dotted key that it is about, relative to its own
    table or to the whole: `margin_high: must be above margin_low`, or several keys, separated by
    commas. The problem is then placed there. Lines of a message are problems of their own.

    Args:
        error: what pydantic raised.
        model: the model of the whole.
        data: what was validated.

    Returns:
        Problems, each with its path; file and line are left to `placed`.
    """
    root = Table(model)
    found = [_Found.of(one, root, data) for one in error.errors(include_url=False)]
    found = [one for one in found if not _is_long_enough(one)]
    return [each for one in _one_a_union(found) for each in _problems(one, root, data)]


def placed(problems: Sequence[tuple[Path, Problem]], file: str, origin: Origin) -> list[Problem]:
    """Problems with file and line, in the order of the file, those of overrides last.

    Args:
        problems: as `diagnose` returns them.
        file: the file's name for messages.
        origin: where a path comes from.
    """
    told = [_place(problem, path, file, origin) for path, problem in problems]
    unique = {(problem.key, problem.message): problem for problem in told}
    return sorted(unique.values(), key=lambda one: (one.override != "", one.line or 0))


@dataclass(frozen=True, slots=True)
class _Found:
    """One of pydantic's errors, with its place in the data."""

    type: str
    message: str
    context: Mapping[str, Any]
    path: Path
    shape: Shape | None
    table: Shape | None  # that holds the last key
    node: Any  # the data of that table
    value: Any
    description: str
    unions: tuple[tuple[Path, str], ...] = field(default=())  # passed on the way, with the member

    @classmethod
    def of(cls, error: Mapping[str, Any], root: Shape, data: Any) -> _Found:
        walk = _Walk(root, data)
        for part in error["loc"]:
            walk.step(part)
        context = error.get("ctx", {})
        if isinstance(context.get("key"), str):
            walk.step(context["key"])
        return cls(
            error["type"],
            error["msg"],
            context,
            walk.path,
            walk.shape,
            walk.table,
            walk.table_data,
            walk.data,
            walk.description,
            tuple(walk.unions),
        )


class _Walk:
    """From the root along a pydantic location, which names members of unions between the keys."""

    def __init__(self, root: Shape, data: Any) -> None:
        self.path: Path = ()
        self.shape: Shape | None = root
        self.data = data
        self.table: Shape | None = None
        self.table_data: Any = None
        self.description = ""
        self.unions: list[tuple[Path, str]] = []
        self._tagged_at: Path | None = None  # where the tag has been passed

    def step(self, part: str | int) -> None:
        """One part of the location further."""
        shape = self.shape
        if isinstance(shape, TaggedTable) and self._tagged_at != self.path:
            self._tagged_at = self.path
        elif isinstance(shape, Either) and self.path not in dict(self.unions):
            self.unions.append((self.path, str(part)))
        elif part != "[key]":
            self.descend(part)

    def descend(self, part: str | int) -> None:
        """One key or index further."""
        model = table_model(self.shape, self.data)
        known = fields_of(model).get(str(part)) if model is not None else None
        if known is not None:
            self.description = known.description or ""
        elif not isinstance(part, int):
            self.description = ""
        self.table, self.table_data = self.shape, self.data
        self.shape = child(self.shape, self.data, part)
        self.path = (*self.path, part)
        try:
            self.data = self.data[part]
        except (KeyError, IndexError, TypeError):
            self.data = None


def _is_long_enough(found: _Found) -> bool:
    """Whether a list is only short of the entries that are themselves wrong, as pydantic counts."""
    return found.type == "too_short" and len(found.value or ()) >= found.context["min_length"]


def _one_a_union(found: Sequence[_Found]) -> Iterator[_Found]:
    """Errors, with those of a union's members made one, or those of the likeliest member.

    A member is likely where the errors lie deeper than the union itself, so that the kind of the
    value fits; of several, the one with the fewest errors.
    """
    members: dict[Path, dict[str, list[_Found]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        if one.unions:
            union, member = one.unions[0]
            members[union][member].append(one)
    told: set[Path] = set()
    for one in found:
        if not one.unions:
            yield one
            continue
        union = one.unions[0][0]
        if union in told:
            continue
        told.add(union)
        fitting = [
            errors
            for errors in members[union].values()
            if all(len(error.path) > len(union) for error in errors)
        ]
        if fitting:
            yield from min(fitting, key=len)
        else:
            yield replace(one, type="union_type")


def _problems(found: _Found, root: Shape, data: Any) -> Iterator[tuple[Path, Problem]]:
    """The problems of one error, each with its path, still without file and line."""
    if found.type in {"value_error", "assertion_error"}:
        for line in str(found.context.get("error", found.message)).splitlines():
            yield _of_validator(line, found, root, data)
        return
    if found.type == "extra_forbidden":
        yield found.path, _unknown_key(found, root, data)
        return
    if isinstance(found.shape, (TaggedTable, NamedTable)):
        problem = _wrong_tag(found)
        if problem is not None:
            yield problem
            return
    if isinstance(found.table, NamedTable) and found.path[-1] == found.table.choice.tag:
        # The registry's own validator found the name unknown.
        above = replace(found, path=found.path[:-1], shape=found.table, value=found.node)
        problem = _wrong_tag(above)
        if problem is not None:
            yield problem
            return
    message = _requirement(found)
    suggestion = _nearest_choice(found.value, found.shape)
    if suggestion:
        message += f"; did you mean {suggestion}?"
    if found.description:
        message += f" ({found.description})"
    yield (
        found.path,
        Problem(
            file="",
            message=message,
            key=dotted(found.path),
            value=None if found.type == "missing" else found.value,
            allowed=text_of(found.shape) if found.shape is not None else "",
            suggestion=suggestion,
        ),
    )


_LIMITS = {
    "greater_than_equal": ("must be at least", "ge"),
    "greater_than": ("must be more than", "gt"),
    "less_than_equal": ("must be at most", "le"),
    "less_than": ("must be less than", "lt"),
    "multiple_of": ("must be a multiple of", "multiple_of"),
}


def _requirement(found: _Found) -> str:
    """What the value must be."""
    if isinstance(found.value, float) and not math.isfinite(found.value):
        return f"must be {text_of(found.shape)}, and finite"
    if found.type in _LIMITS:
        words, name = _LIMITS[found.type]
        return f"{words} {number(found.context[name])}"
    if found.type == "missing":
        return f"missing; must be {text_of(found.shape)}"
    if found.type in {"too_short", "too_long", "string_too_short", "string_too_long"}:
        return _length(found)
    if found.type == "string_pattern_mismatch":
        return f"must match the pattern {found.context['pattern']}"
    if found.type == "finite_number":
        return "must be a finite number"
    if found.shape is not None and found.type in {"literal_error", "enum", "union_type"}:
        return f"must be {text_of(found.shape)}"
    if found.shape is not None and found.type.endswith(_ABOUT_TYPES):
        return f"must be {text_of(found.shape)}{_but_is(found)}"
    return found.message.replace("Input should ", "must ", 1)


_ABOUT_TYPES = ("_type", "_parsing", "_from_float", "_instance_of", "_attributes_type")


def _but_is(found: _Found) -> str:
    """What the value is instead; nothing where its kind is right."""
    choices = found.shape.choices if isinstance(found.shape, Value) else ()
    if any(isinstance(found.value, type(one)) for one in choices):
        return ""
    kind = kind_of(found.value)
    return "" if text_of(found.shape).startswith(kind) else f", not {kind}"


def _length(found: _Found) -> str:
    words, name = (
        ("at most", "max_length") if "max_length" in found.context else ("at least", "min_length")
    )
    bound = found.context[name]
    one, many = (
        ("character", "characters") if found.type.startswith("string") else ("entry", "entries")
    )
    return f"must have {words} {bound} {one if bound == 1 else many}"


def _wrong_tag(found: _Found) -> tuple[Path, Problem] | None:
    """The problem of a table whose choosing key is missing or unknown, if that is the problem."""
    shape, data = found.shape, found.value
    if not isinstance(shape, (TaggedTable, NamedTable)) or not isinstance(data, Mapping):
        return None
    tag, names = tag_and_names(shape)
    path = (*found.path, tag)
    if tag not in data:
        message, suggestion = f"missing; must be {choices_text(names)}", ""
    elif data[tag] in names:
        return None
    else:
        message = f"must be {choices_text(names)}"
        suggestion = _nearest_choice(data[tag], Value(choices=names))
        message += f"; did you mean {suggestion}?" if suggestion else ""
    return path, Problem(
        file="",
        message=message,
        key=dotted(path),
        value=data.get(tag),
        allowed=choices_text(names),
        suggestion=suggestion,
    )


def _unknown_key(found: _Found, root: Shape, data: Any) -> Problem:
    model = table_model(found.table, found.node)
    siblings = tuple(fields_of(model)) if model is not None else ()
    key, parents = str(found.path[-1]), found.path[:-1]
    suggestion = _nearest_key(key, dotted(found.path), siblings, parents, root, data)
    message = "unknown key"
    if isinstance(found.table, (TaggedTable, NamedTable)):
        tag, _ = tag_and_names(found.table)
        message += f' where {tag} is "{found.node.get(tag)}"'
    elsewhere = suggestion.rpartition(".")[0] != dotted(parents) and _last(suggestion) != key
    if siblings and (not suggestion or elsewhere):
        message += f"; known here: {', '.join(siblings)}"
    if suggestion:
        message += f"; did you mean {suggestion}?"
    return Problem(
        file="",
        message=message,
        key=dotted(found.path),
        allowed=", ".join(siblings),
        suggestion=suggestion,
    )


def _nearest_key(
    key: str, whole: str, siblings: Sequence[str], parents: Path, root: Shape, data: Any
) -> str:
    """A key of the same table that is spelt alike, or else one elsewhere."""
    near = get_close_matches(key, siblings, n=1)
    if near:
        return dotted((*parents, near[0]))
    everywhere = list(known_keys(root, data))
    names = get_close_matches(key, sorted({_last(one) for one in everywhere}), n=1, cutoff=0.75)
    same_name = [one for one in everywhere if _last(one) in names]
    return next(iter(get_close_matches(whole, same_name, n=1, cutoff=0.0)), "")


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _nearest_choice(value: Any, shape: Shape | None) -> str:
    if not isinstance(shape, Value) or not isinstance(value, str):
        return ""
    near = get_close_matches(value, [one for one in shape.choices if isinstance(one, str)], n=1)
    return f'"{near[0]}"' if near else ""


_KEYS_FIRST = re.compile(r"(?P<keys>[\w.-]+(?:, [\w.-]+)*)(?: = .*?)?: (?P<rest>.+)", re.DOTALL)


def _of_validator(line: str, found: _Found, root: Shape, data: Any) -> tuple[Path, Problem]:
    """A validator's message, at the keys that it begins with, if these are keys."""
    path, keys, value, message = found.path, dotted(found.path), found.value, line
    match = _KEYS_FIRST.fullmatch(line)
    if match is not None:
        names = match["keys"].split(", ")
        for base in (found.path, ()):
            walks = [_follow(root, data, base, name) for name in names]
            if all(walk is not None for walk in walks):
                known = [walk for walk in walks if walk is not None]
                path, message = known[0].path, match["rest"]
                keys = ", ".join(dotted(walk.path) for walk in known)
                value = known[0].data if len(known) == 1 else None
                break
    if isinstance(found.value, (Mapping, list, tuple)) and value is found.value:
        value = None
    return path, Problem(file="", message=message, key=keys, value=value)


def _follow(root: Shape, data: Any, base: Path, name: str) -> _Walk | None:
    """The walk to a dotted name below a path; None where it leads nowhere."""
    walk = _Walk(root, data)
    for part in (*base, *name.split(".")):
        isindex = isinstance(walk.shape, Items) and isinstance(part, str) and part.isdigit()
        walk.descend(int(part) if isindex else part)
        if walk.shape is None and walk.data is None:
            return None
    return walk


def _place(problem: Problem, path: Path, file: str, origin: Origin) -> Problem:
    line, override = origin(path)
    return replace(problem, file=file, line=line, override=override)


def dotted(path: Path) -> str:
    """A path as TOML writes it, with quotes where a part is not a bare key."""
    return ".".join(
        part if re.fullmatch(r"[A-Za-z0-9_-]+", part := str(one)) else f'"{part}"' for one in path
    )
