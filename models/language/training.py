"""Gradient steps that all adapters share: shuffled batches, AdamW, warm-up and linear decay.

Source: Loshchilov & Hutter (2019), "Decoupled Weight Decay Regularization", ICLR (AdamW); the
schedule: Devlin et al. (2019), "BERT", NAACL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.language.config import AdapterConfig

LARGEST_GRADIENT = 1.0

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FitReport:
    """What one training did."""

    examples: int
    steps: int
    losses: tuple[float, ...]  # mean of each pass


def trained(
    groups: Sequence[dict[str, Any]],
    loss_of: Callable[[Rows], Tensor],
    lengths: npt.NDArray[np.int64],
    config: AdapterConfig,
    seed: int,
) -> FitReport:
    """Train in place until the passes and steps asked for are done.

    Args:
        groups: of parameters with their step sizes, as `torch.optim.AdamW` takes them.
        loss_of: the loss of a batch, given the rows of its examples.
        lengths: (n,) of the examples' texts: batches hold examples of like length, which spares
            padding; which go together, and in which order, is drawn anew in every pass.
        config: steps, passes and schedule.
        seed: of the order of the examples.

    Raises:
        FloatingPointError: if the loss is not finite any more.
    """
    rng = np.random.default_rng(seed)
    a_pass = -(-len(lengths) // config.batch_size)
    passes = max(config.epochs, -(-config.least_steps // a_pass))
    steps, rising = passes * a_pass, max(1, round(config.warm_up * passes * a_pass))
    optimiser = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / rising, (steps - step) / max(1, steps - rising)),
    )
    parameters = [one for group in groups for one in group["params"]]
    losses = []
    for _ in range(passes):
        total = 0.0
        for rows in _batches(lengths, config.batch_size, rng):
            loss = loss_of(rows)
            value = float(loss.detach())
            if not np.isfinite(value):
                raise FloatingPointError(
                    "the training diverged: its loss is not finite; lower learning_rate"
                )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(parameters, LARGEST_GRADIENT)
            optimiser.step()
            schedule.step()
            total += value * len(rows)
        losses.append(total / len(lengths))
    return FitReport(len(lengths), steps, tuple(losses))


def _batches(lengths: npt.NDArray[np.int64], size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """One pass over the examples: nearly sorted by length, the batches in random order."""
    jitter = rng.uniform(0.75, 1.25, len(lengths))
    order = np.argsort(lengths * jitter, kind="stable").astype(np.int64)
    starts = np.arange(0, len(order), size)
    for start in rng.permutation(starts):
        yield order[start : start + size]
