"""Adapters on disk: the small matrices and heads, and which language model they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import torch
from pydantic import ValidationError
from torch import Tensor

from models.language.backbone import Backbone
from models.language.config import AdapterConfig
from models.language.lora import adapted, adapter_weights
from models.weight_files import ModelFileError, check_shapes, read_weights, write_weights

FORMAT = 1

_HEADER_KEY = "weal_adapter"

_Config = TypeVar("_Config", bound=AdapterConfig)


def file_name(kind: str) -> str:
    """The file of an adapter of that kind within its folder."""
    return f"{kind}-adapter.safetensors"


def save_adapter(
    folder: Path,
    kind: str,
    backbone: Backbone,
    config: AdapterConfig,
    weights: Mapping[str, Tensor],
) -> Path:
    """Write an adapter; an older one of its kind is replaced.

    Returns:
        The file written.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    header = {
        "format": FORMAT,
        "kind": kind,
        "backbone": backbone.name,
        "fingerprint": backbone.fingerprint,
        "config": config.model_dump(mode="json"),
    }
    return write_weights(folder / file_name(kind), weights, _HEADER_KEY, header)


def load_adapter(
    folder: Path,
    kind: str,
    backbone: Backbone,
    config_class: type[_Config],
    head: Mapping[str, Tensor],
) -> tuple[_Config, dict[str, Tensor]]:
    """Read what `save_adapter` wrote.

    Args:
        folder: as it was saved to.
        kind: of adapter.
        backbone: which it must have been trained on.
        config_class: of its settings.
        head: tensors of the shapes that it has beside LoRA's.

    Raises:
        ModelFileError: if the file is missing, damaged, of another kind or format, or was trained
            on another language model.
    """
    path = folder / file_name(kind)
    weights, header = read_weights(path, _HEADER_KEY, f"{kind.capitalize()}Adapter", FORMAT)
    if header.get("kind") != kind:
        raise ModelFileError(f"{path}: an adapter for {header.get('kind')!r}, not for {kind}")
    if header.get("fingerprint") != backbone.fingerprint:
        raise ModelFileError(
            f"{path}: trained on other weights of a language model "
            f"({header.get('backbone')!r}) than {backbone.name!r}; train it again"
        )
    try:
        config = config_class.model_validate(header.get("config"))
    except ValidationError as error:
        raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
    with torch.random.fork_rng():
        expected = adapter_weights(adapted(backbone, config))
    check_shapes(path, weights, {**expected, **head})
    return config, weights
