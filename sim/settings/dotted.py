"""Dotted names of settings: `policies.subsidy.amount`, `events.0.day`.

Settings are frozen; a change makes new ones, validated as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def flatten(model: BaseModel) -> dict[str, Any]:
    """All values of a model by dotted name, in the order of its fields."""
    flat: dict[str, Any] = {}
    _collect(model.model_dump(), "", flat)
    return flat


def known_keys(model: BaseModel) -> tuple[str, ...]:
    """The dotted names of all values of a model."""
    return tuple(flatten(model))


def get(model: BaseModel, key: str) -> Any:
    """The value at a dotted name.

    Raises:
        KeyError: if there is no such key.
    """
    value: Any = model.model_dump()
    for part in key.split("."):
        try:
            value = value[int(part) if isinstance(value, (list, tuple)) else part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise KeyError(key) from None
    return value


def plain(value: Any) -> Any:
    """A model or a value as TOML's reader would have given it: dicts and lists, all new."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def put(tree: dict[str, Any], key: str, value: Any) -> None:
    """Set a value in a tree of tables and arrays; tables that are missing are made.

    Raises:
        KeyError: if the key passes through something that is neither table nor array.
    """
    *path, last = key.split(".")
    place: Any = tree
    for part in path:
        if isinstance(place, list):
            place = place[_index(part, place, key)]
        elif isinstance(place, dict):
            place = place.setdefault(part, {})
        else:
            raise KeyError(key)
    if isinstance(place, list):
        place[_index(last, place, key)] = value
    elif isinstance(place, dict):
        place[last] = value
    else:
        raise KeyError(key)


def replace(model: M, changes: Mapping[str, Any]) -> M:
    """The model with some values changed.

    Args:
        model: a settings model.
        changes: values by dotted name.

    Returns:
        A new model of the same type; the same one where nothing changes.

    Raises:
        KeyError: if a key leads nowhere.
        pydantic.ValidationError: if the result is not allowed.
    """
    if not changes:
        return model
    tree: dict[str, Any] = plain(model)
    for key, value in changes.items():
        if key.startswith("policies.") and key.endswith(".name"):
            put(tree, key.removesuffix(".name"), {"name": value})
        else:
            put(tree, key, value)
    return type(model).model_validate(_tuples(tree))


def _collect(value: Any, prefix: str, flat: dict[str, Any]) -> None:
    if isinstance(value, dict) and (value or not prefix):
        items: Any = value.items()
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        items = enumerate(value)
    else:
        flat[prefix] = value
        return
    for name, one in items:
        _collect(one, f"{prefix}.{name}" if prefix else str(name), flat)


def _index(part: str, place: list[Any], key: str) -> int:
    if not part.isdigit() or int(part) >= len(place):
        raise KeyError(key)
    return int(part)


def _tuples(value: Any) -> Any:
    """Arrays as tuples, which strict validation of frozen settings asks for."""
    if isinstance(value, dict):
        return {name: _tuples(one) for name, one in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    return value
