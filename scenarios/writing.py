"""Scenarios as text: the resolved TOML that a run folder keeps, and the hash that names a run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import tomli_w
from pydantic import BaseModel

from scenarios.shape import fields_of


def to_toml(model: BaseModel) -> str:
    """Every value of a model as TOML, in the order of its fields; reading it gives the model.

    Values that are None by default are left out where they still are, as TOML has none.

    Raises:
        ValueError: if a value is None where the default is another, which TOML cannot say.
    """
    return tomli_w.dumps(_plain(model, ""))


def content_hash(model: BaseModel) -> str:
    """SHA-256 of the model's TOML, in hexadecimal digits."""
    return hashlib.sha256(to_toml(model).encode("utf-8")).hexdigest()


def _plain(value: Any, key: str) -> Any:
    """The types of TOML only, in an order that depends on nothing but the value."""
    if isinstance(value, BaseModel):
        return _plain_model(value, key)
    if isinstance(value, Mapping):
        return {str(name): _plain(one, f"{key}.{name}") for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, f"{key}.{index}") for index, one in enumerate(value)]
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(one, key) for one in value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, float):
        return value + 0.0  # -0.0 equals 0.0 and must read the same
    if value is None:
        raise ValueError(f"{key.lstrip('.')}: is None, which TOML cannot say")
    return value


def _plain_model(model: BaseModel, key: str) -> dict[str, Any]:
    table: dict[str, Any] = {}
    names = type(model).model_fields
    for name, (alias, field) in zip(names, fields_of(type(model)).items(), strict=True):
        value = getattr(model, name)
        if value is None and field.get_default(call_default_factory=True) is None:
            continue
        table[alias] = _plain(value, f"{key}.{alias}")
    return table
