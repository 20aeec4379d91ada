"""Tables of vectors that grow between trainings: known rows stay, new ones start as the mean."""

from __future__ import annotations

import torch
from torch import Tensor


def drawn(rows: int, size: int, scale: float, generator: torch.Generator) -> Tensor:
    """Return (rows, size) normal numbers of mean 0 and a standard deviation of `scale`."""
    return torch.empty(rows, size).normal_(0.0, scale, generator=generator)


def grown(known: Tensor, rows: int, scale: float, generator: torch.Generator) -> Tensor:
    """Return a table with more rows, the new ones the mean of the known plus noise.

    Args:
        known: (R, d) or (R,) what was learned.
        rows: of the new table, at least R.
        scale: standard deviation of the noise; 0 for none.
        generator: the stream of the noise.
    """
    more = rows - len(known)
    mean = known.mean(dim=0) if len(known) else torch.zeros(known.shape[1:])
    noise = torch.zeros(more, *known.shape[1:])
    if scale > 0.0:
        noise.normal_(0.0, scale, generator=generator)
    return torch.cat([known.detach(), mean + noise])
