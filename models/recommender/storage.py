"""A trained recommender on disk: one safetensors file, its settings as JSON in the header.

Weights and settings in one file cannot come apart, and one rename puts the file in place whole or
not at all. Nothing in it is executed on loading, unlike a pickle.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from models.recommender.config import RecommenderConfig
from models.recommender.network import EmbeddingProductNetwork

FILE_NAME = "recommender.safetensors"
FORMAT = 1
_HEADER_KEY = "weal_recommender"


class ModelFileError(ValueError):
    """A folder that holds no recommender, or not a whole one of this format."""


def save_recommender(
    folder: Path, network: EmbeddingProductNetwork, config: RecommenderConfig
) -> Path:
    """Write a trained network with its settings into a folder, which is made if missing.

    Args:
        folder: where `FILE_NAME` goes; an older one is replaced.
        network: the trained network.
        config: its settings.

    Returns:
        The file written. Same model, same bytes.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    header = {
        "format": FORMAT,
        "config": config.model_dump(mode="json"),
        "n_users": network.n_users,
        "n_items": network.n_items,
    }
    content = save(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()},
        metadata={_HEADER_KEY: json.dumps(header, sort_keys=True)},
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    unfinished = folder / f".{FILE_NAME}.{os.getpid()}.unfinished"
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def load_recommender(folder: Path) -> tuple[EmbeddingProductNetwork, RecommenderConfig]:
    """Read what `save_recommender` wrote.

    Args:
        folder: the folder that holds `FILE_NAME`.

    Returns:
        The network and its settings.

    Raises:
        ModelFileError: if the file is missing, damaged, of another kind or format, or if its
            settings are not valid or do not fit its weights.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise ModelFileError(
            f"{path}: no such file; pass the folder that NeuralRecommender.save wrote to"
        )
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except SafetensorError as error:
        raise ModelFileError(f"{path}: not a whole safetensors file: {error}") from error
    header = _header(path, metadata)
    try:
        config = RecommenderConfig.model_validate(header["config"])
    except ValidationError as error:
        raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
    network = EmbeddingProductNetwork(header["n_users"], header["n_items"], config)
    _check_weights(path, weights, network.state_dict())
    network.load_state_dict(weights)
    return network, config


def _header(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    if _HEADER_KEY not in metadata:
        raise ModelFileError(f"{path}: holds no recommender: no {_HEADER_KEY!r} in its header")
    try:
        header: Any = json.loads(metadata[_HEADER_KEY])
    except json.JSONDecodeError as error:
        raise ModelFileError(f"{path}: {_HEADER_KEY!r} is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise ModelFileError(f"{path}: {_HEADER_KEY!r} is not a JSON object")
    if header.get("format") != FORMAT:
        raise ModelFileError(
            f"{path}: format {header.get('format')!r}, but this version reads {FORMAT}; "
            "train the model again"
        )
    for key in ("n_users", "n_items"):
        size = header.get(key)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ModelFileError(f"{path}: {key} must be a whole number above 0, not {size!r}")
    if "config" not in header:
        raise ModelFileError(f"{path}: {_HEADER_KEY!r} has no config")
    return header


def _check_weights(
    path: Path, found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]
) -> None:
    if found.keys() != expected.keys():
        odd = sorted(found.keys() ^ expected.keys())
        raise ModelFileError(f"{path}: not the tensors of a recommender; missing or odd: {odd}")
    for name, tensor in expected.items():
        if found[name].shape != tensor.shape or found[name].dtype != tensor.dtype:
            raise ModelFileError(
                f"{path}: {name} is {found[name].dtype} {tuple(found[name].shape)}, but its "
                f"settings call for {tensor.dtype} {tuple(tensor.shape)}"
            )
        if not bool(torch.isfinite(found[name]).all()):
            raise ModelFileError(f"{path}: {name} holds numbers that are not finite")
