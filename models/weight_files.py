"""Trained weights on disk: one safetensors file, what describes them as JSON in its header.

Weights and description in one file cannot come apart, and one rename puts the file in place whole
or not at all. Nothing in it is executed on loading, unlike a pickle.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor


class ModelFileError(ValueError):
    """A folder that holds no model, or not a whole one of this kind and format."""


def write_weights(
    path: Path, tensors: Mapping[str, Tensor], key: str, header: Mapping[str, Any]
) -> Path:
    """Write tensors and what describes them; an older file is replaced.

    Args:
        path: the file; its folder is made if missing.
        tensors: by name.
        key: names the kind of model in the file's header.
        header: what describes the tensors, as JSON has it.

    Returns:
        The file written. Same model, same bytes.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    content = save(
        {name: tensor.contiguous() for name, tensor in tensors.items()},
        metadata={key: json.dumps(header, sort_keys=True)},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f".{path.name}.{os.getpid()}.unfinished"
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def read_weights(
    path: Path, key: str, kind: str, format_number: int
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_weights` wrote: the tensors and what describes them.

    Args:
        path: the file.
        key: as it was written with.
        kind: what the model is called in messages.
        format_number: the `format` that the header must have.

    Raises:
        ModelFileError: if the file is missing, damaged, or of another kind or format, or if a
            tensor of it holds numbers that are not finite.
    """
    if not path.is_file():
        raise ModelFileError(f"{path}: no such file; pass the folder that {kind}.save wrote to")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except SafetensorError as error:
        raise ModelFileError(f"{path}: not a whole safetensors file: {error}") from error
    header = _header(path, metadata, key, format_number)
    for name, tensor in tensors.items():
        if tensor.dtype.is_floating_point and not bool(torch.isfinite(tensor).all()):
            raise ModelFileError(f"{path}: {name} holds numbers that are not finite")
    return tensors, header


def check_shapes(path: Path, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Refuse tensors other than those that the settings call for.

    Raises:
        ModelFileError: if names, shapes or types differ.
    """
    if found.keys() != expected.keys():
        odd = sorted(found.keys() ^ expected.keys())
        raise ModelFileError(f"{path}: not the tensors of this model; missing or odd: {odd}")
    for name, tensor in expected.items():
        if found[name].shape != tensor.shape or found[name].dtype != tensor.dtype:
            raise ModelFileError(
                f"{path}: {name} is {found[name].dtype} {tuple(found[name].shape)}, but its "
                f"settings call for {tensor.dtype} {tuple(tensor.shape)}"
            )


def _header(
    path: Path, metadata: Mapping[str, str], key: str, format_number: int
) -> dict[str, Any]:
    if key not in metadata:
        raise ModelFileError(f"{path}: holds no model of this kind: no {key!r} in its header")
    try:
        header: Any = json.loads(metadata[key])
    except json.JSONDecodeError as error:
        raise ModelFileError(f"{path}: {key!r} is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise ModelFileError(f"{path}: {key!r} is not a JSON object")
    if header.get("format") != format_number:
        raise ModelFileError(
            f"{path}: format {header.get('format')!r}, but this version reads {format_number}; "
            "train the model again"
        )
    return header
