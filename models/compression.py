"""Weights in a quarter of their bytes: each row of a table as 8-bit whole numbers times a scale.

A row's largest magnitude becomes 127 (symmetric, no zero point), so that an entry is off by at most
half of 1/127 of it. Vectors and scalars stay as they are: biases are few and sums depend on them.

Source: Jacob et al. (2018), "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", CVPR (here symmetric, a scale a row).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_LARGEST = 127.0
_NUMBERS, _SCALE = ".int8", ".scale"


class CompressionError(ValueError):
    """Tensors that no compression wrote."""


def quantised(table: Tensor) -> tuple[Tensor, Tensor]:
    """Return a table (R, ...) as int8 of its shape and a scale (R,) float32.

    Args:
        table: finite floats of at least two dimensions.
    """
    flat = table.reshape(len(table), -1)
    scale = flat.abs().amax(dim=1) / _LARGEST if flat.shape[1] else torch.zeros(len(table))
    divisor = torch.where(scale > 0.0, scale, torch.ones_like(scale))
    numbers = (flat / divisor[:, None]).round().clamp(-_LARGEST, _LARGEST).to(torch.int8)
    return numbers.reshape(table.shape), scale.float()


def restored(numbers: Tensor, scale: Tensor) -> Tensor:
    """Return the table (R, ...) float32 that `quantised` took apart, up to rounding."""
    return numbers.float() * scale.reshape(-1, *[1] * (numbers.ndim - 1))


def compressed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights with each float table in two: its whole numbers and its scales."""
    packed: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        if tensor.ndim >= 2 and tensor.dtype == torch.float32:
            packed[name + _NUMBERS], packed[name + _SCALE] = quantised(tensor)
        else:
            packed[name] = tensor
    return packed


def decompressed(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights that `compressed` packed, up to rounding.

    Raises:
        CompressionError: if whole numbers have no scale that fits them.
    """
    weights: dict[str, Tensor] = {}
    for name, tensor in packed.items():
        if name.endswith(_SCALE) and name.removesuffix(_SCALE) + _NUMBERS in packed:
            continue
        if not name.endswith(_NUMBERS):
            weights[name] = tensor
            continue
        bare = name.removesuffix(_NUMBERS)
        scale = packed.get(bare + _SCALE)
        if scale is None or tensor.dtype != torch.int8 or scale.shape != tensor.shape[:1]:
            raise CompressionError(f"{bare}: no scale for each of its rows")
        weights[bare] = restored(tensor, scale)
    return weights


def size_of(weights: Mapping[str, Tensor]) -> int:
    """Return the bytes of all tensors."""
    return sum(one.numel() * one.element_size() for one in weights.values())
