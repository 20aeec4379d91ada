"""`--set KEY=VALUE`: what it says, and what it makes of a scenario's data."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from scenarios.errors import Problem
from scenarios.shape import NamedTable, Shape, Value, child, fields_of, kind_of, table_model
from scenarios.toml_lines import Path, split_key
from sim.settings.dotted import plain


@dataclass(frozen=True, slots=True)
class Override:
    """One `KEY=VALUE`."""

    text: str
    parts: tuple[str, ...]
    raw: str  # the value as it was written

    @classmethod
    def parse(cls, text: str) -> Override | Problem:
        """Part the key from the value, or tell why not."""
        shape = "must be KEY=VALUE, such as consumers.count=1000"
        try:
            parts, rest = split_key(text)
        except ValueError:
            return Problem(file="", override=text, message=f"not a dotted key; {shape}")
        if not rest.startswith("="):
            return Problem(file="", override=text, message=f"no '=' after the key; {shape}")
        return cls(text, parts, rest[1:].strip())

    def value(self, shape: Shape | None) -> Any:
        """The value: TOML where it is, otherwise text; text in any case where only text is allowed.

        So `name=flat` needs no quotes, and `title=2030` is not taken for a number.
        """
        try:
            parsed = tomllib.loads(f"value = {self.raw}")
        except tomllib.TOMLDecodeError:
            return self.raw
        if set(parsed) != {"value"}:
            return self.raw
        value = parsed["value"]
        if isinstance(shape, Value) and not isinstance(value, str):
            wanted = {type(one) for one in shape.choices} or set(shape.types)
            return self.raw if wanted == {str} else value
        return value


@dataclass(slots=True)
class Overridden:
    """Data with overrides applied, and who is to blame for what."""

    data: dict[str, Any]
    origins: dict[Path, Override] = field(default_factory=dict)  # by path that an override made
    problems: list[Problem] = field(default_factory=list)


def apply(data: dict[str, Any], shape: Shape, texts: Sequence[str]) -> Overridden:
    """Apply overrides, each to the data as the ones before have left it.

    A table that the data lack starts from its default. Another name in a table whose parameters
    depend on it begins with that name's own defaults; such names, and such tables as a whole, are
    set before other keys.

    Args:
        data: a scenario's data, which are changed.
        shape: what the scenario's model allows.
        texts: `KEY=VALUE` each.

    Returns:
        The data, and the problems of overrides that lead nowhere.
    """
    result = Overridden(data)
    overrides: list[Override] = []
    for text in texts:
        parsed = Override.parse(text)
        if isinstance(parsed, Problem):
            result.problems.append(parsed)
        else:
            overrides.append(parsed)
    for override in sorted(overrides, key=lambda one: not _chooses(data, shape, one)):
        problem = _put(result, shape, override)
        if problem is not None:
            result.problems.append(problem)
    return result


def _chooses(data: Any, shape: Shape | None, override: Override) -> bool:
    """Whether an override says which table of several stands at a place."""
    *path, last = override.parts
    for part in path:
        shape = child(shape, data, int(part) if isinstance(data, list) and part.isdigit() else part)
        data = data.get(part) if isinstance(data, dict) else None
    if isinstance(shape, NamedTable):
        return last == shape.choice.tag
    return isinstance(child(shape, data, last), NamedTable)


def _put(result: Overridden, shape: Shape | None, override: Override) -> Problem | None:
    node: Any = result.data
    path: Path = ()
    for part in override.parts[:-1]:
        step = _step(node, part, path, override)
        if isinstance(step, Problem):
            return step
        path = (*path, step)
        if isinstance(node, dict) and node.get(part) is None:
            node[part] = _default(table_model(shape, node), part)
            result.origins[path] = override
        shape = child(shape, node, step)
        node = node[step]
    step = _step(node, override.parts[-1], path, override)
    if isinstance(step, Problem):
        return step
    value = override.value(child(shape, node, step))
    if isinstance(shape, NamedTable) and step == shape.choice.tag and node.get(step) != value:
        node.clear()
    node[step] = value
    result.origins[(*path, step)] = override
    return None


def _step(node: Any, part: str, path: Path, override: Override) -> str | int | Problem:
    """The key or index that a part means here, or why it means none."""
    if isinstance(node, dict):
        return part
    here = ".".join(map(str, path))
    if not isinstance(node, list):
        message = f"{here} is {kind_of(node)}, not a table with keys"
    elif part.isdigit() and int(part) < len(node):
        return int(part)
    elif node:
        message = f"{here} is a list; its entries are {here}.0 to {here}.{len(node) - 1}"
    else:
        message = f"{here} is an empty list; set it as a whole: {here}=[...]"
    return Problem(file="", override=override.text, key=".".join(override.parts), message=message)


def _default(model: type[BaseModel] | None, key: str) -> Any:
    """What a table or list that the data lack starts from."""
    known = fields_of(model).get(key) if model is not None else None
    default = None if known is None else known.get_default(call_default_factory=True)
    if default is None or default is PydanticUndefined:
        return {}
    return plain(default)
