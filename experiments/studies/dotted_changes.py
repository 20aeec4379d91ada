"""Values by the dotted name of a scenario's field: as studies and `--set` write them.

TOML reads `consumers.count = 5000` within a table as a table in a table, and `"consumers.count"` as
one key. Studies mean the same by both: only tables that one policy or free keys fill are replaced
as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w

from scenarios.schema import Scenario
from scenarios.shape import Shape, Table, child
from scenarios.toml_lines import split_key
from sim.settings.dotted import plain


def parts_of(key: str) -> tuple[str, ...]:
    """The parts of a dotted name; of what is none, the whole."""
    try:
        parts, rest = split_key(key)
    except ValueError:
        return (key,)
    return parts if not rest else (key,)


def value_of(scenario: Scenario, key: str) -> Any:
    """A scenario's value at a dotted name; None where it has none."""
    place: Any = plain(scenario)
    for part in parts_of(key):
        if isinstance(place, list):
            place = place[int(part)] if part.isdigit() and int(part) < len(place) else None
        else:
            place = place.get(part) if isinstance(place, dict) else None
    return place


def shape_at(scenario: Scenario, key: str) -> Shape | None:
    """What the schema allows at a dotted name, with the policies that a scenario has chosen.

    None where there is no such field, or no such entry of a list.
    """
    shape: Shape | None = Table(Scenario)
    data: Any = plain(scenario)
    for part in parts_of(key):
        if isinstance(data, list):
            if not (part.isdigit() and int(part) < len(data)):
                return None
            shape, data = child(shape, data, int(part)), data[int(part)]
        else:
            shape = child(shape, data, part)
            data = data.get(part) if isinstance(data, dict) else None
    return shape


def flattened(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes with a dotted name each, however their tables were written."""
    return {key: value for key, value, _ in spread(changes)}


def spread(changes: Mapping[str, Any]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Changes with a dotted name each, and where in the tables of the file they stand."""
    for key, value in changes.items():
        shape: Shape | None = Table(Scenario)
        for part in parts_of(key):
            shape = child(shape, None, part)
        yield from _spread(key, value, shape, (key,))


def _spread(
    key: str, value: Any, shape: Shape | None, where: tuple[str, ...]
) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    if not (isinstance(value, Mapping) and isinstance(shape, Table)):
        yield key, value, where
        return
    for name, inner in value.items():
        within = child(shape, None, name)
        yield from _spread(f"{key}.{_as_key(name)}", inner, within, (*where, name))


def as_overrides(changes: Mapping[str, Any]) -> list[str]:
    """Changes as `--set` takes them, `KEY=VALUE` each."""
    return [f"{key}={as_toml(value)}" for key, value in changes.items()]


def as_toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_as_key(key)} = {as_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(as_toml(one) for one in value)}]"
    return tomli_w.dumps({"v": value}).partition("=")[2].strip()


def _as_key(name: str) -> str:
    return tomli_w.dumps({name: 0}).rpartition("=")[0].strip()
