"""Bandits on disk: one safetensors file with what describes it in its header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.bandits.linear import LinearBandit
from models.bandits.neural_linear import NeuralLinearBandit
from models.bandits.slate_gradient import SlateGradient
from models.weight_files import ModelFileError, check_shapes, read_weights, write_weights

FILE_NAME = "bandit.safetensors"
FORMAT = 1
_HEADER_KEY = "weal_bandit"

Bandit = LinearBandit | NeuralLinearBandit | SlateGradient


def save_bandit(folder: Path, bandit: Bandit) -> Path:
    """Write a bandit into a folder, which is made if missing.

    Args:
        folder: where `FILE_NAME` goes; an older one is replaced.
        bandit: of any kind.

    Returns:
        The file written. Same model, same bytes.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    tensors = {name: torch.from_numpy(part.copy()) for name, part in bandit.state().items()}
    header = {"format": FORMAT, "kind": bandit.KIND, "settings": bandit.settings()}
    return write_weights(folder / FILE_NAME, tensors, _HEADER_KEY, header)


def load_bandit(folder: Path) -> Bandit:
    """Read what `save_bandit` wrote.

    Args:
        folder: the folder that holds `FILE_NAME`.

    Raises:
        ModelFileError: if the file is missing, damaged, of another kind or format, or if its
            settings are not valid or do not fit its weights.
    """
    path = folder / FILE_NAME
    tensors, header = read_weights(path, _HEADER_KEY, "save_bandit", FORMAT)
    try:
        bandit = _blank(header["kind"], dict(header["settings"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
    check_shapes(
        path, tensors, {name: torch.from_numpy(part) for name, part in bandit.state().items()}
    )
    try:
        bandit.restore({name: part.numpy() for name, part in tensors.items()})
    except np.linalg.LinAlgError as error:
        raise ModelFileError(f"{path}: its posterior is none: {error}") from error
    return bandit


def _blank(kind: str, settings: dict[str, Any]) -> Bandit:
    if kind == LinearBandit.KIND:
        return LinearBandit(**settings)
    if kind == NeuralLinearBandit.KIND:
        return NeuralLinearBandit(**settings)
    if kind == SlateGradient.KIND:
        return SlateGradient(np.zeros((settings["action_size"], settings["context_size"])))
    raise ValueError(f"kind: {kind!r}, but linear, neural and gradient are known")
