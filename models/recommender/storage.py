"""A trained recommender on disk, with its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.recommender.config import RecommenderConfig
from models.recommender.network import EmbeddingProductNetwork
from models.weight_files import ModelFileError, check_shapes, read_weights, write_weights

FILE_NAME = "recommender.safetensors"
FORMAT = 1
_HEADER_KEY = "weal_recommender"

__all__ = ["FILE_NAME", "FORMAT", "ModelFileError", "load_recommender", "save_recommender"]


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
    return write_weights(folder / FILE_NAME, network.state_dict(), _HEADER_KEY, header)


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
    weights, header = read_weights(path, _HEADER_KEY, "NeuralRecommender", FORMAT)
    _check_sizes(path, header)
    try:
        config = RecommenderConfig.model_validate(header["config"])
    except ValidationError as error:
        raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
    network = EmbeddingProductNetwork(header["n_users"], header["n_items"], config)
    check_shapes(path, weights, network.state_dict())
    network.load_state_dict(weights)
    return network, config


def _check_sizes(path: Path, header: dict[str, Any]) -> None:
    for key in ("n_users", "n_items"):
        size = header.get(key)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ModelFileError(f"{path}: {key} must be a whole number above 0, not {size!r}")
    if "config" not in header:
        raise ModelFileError(f"{path}: {_HEADER_KEY!r} has no config")
