"""Scenarios as text: the resolved TOML that a run folder keeps, and the hash that names a run."""

from __future__ import annotations

import hashlib
from typing import Any

import tomli_w
from pydantic import BaseModel


def to_toml(model: BaseModel) -> str:
    """Every value of a model as TOML, in the order of its fields; reading it gives the model."""
    return tomli_w.dumps(_without_none(model.model_dump()))


def content_hash(model: BaseModel) -> str:
    """SHA-256 of the model's TOML."""
    return hashlib.sha256(to_toml(model).encode("utf-8")).hexdigest()


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(one) for name, one in value.items() if one is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(one) for one in value]
    return value
