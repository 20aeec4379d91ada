"""Gradient descent as all models do it: passes over batches, stopped when they no longer help.

Source: Prechelt (1998), "Early Stopping, but When?", in Neural Networks: Tricks of the Trade.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from models.training.adam import Adam
from models.training.fitting import Watch
from models.training.processes import Processes

B = TypeVar("B")

ALONE = Processes()
"""One process, with nobody to add gradients up with."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What a batch costs."""

    loss: Tensor  # () mean over the batch's rows
    rows: int  # that the loss is a mean of
    penalty: Tensor | None = None  # () added to the loss for its gradient, not in what is reported


@dataclass(frozen=True, slots=True)
class Descent:
    """What a training came through."""

    losses: tuple[float, ...]  # one a pass, mean over its batches as they went
    held_out: tuple[float, ...]  # one a pass; empty if nothing was held out
    best_pass: int  # whose weights were kept, counted from 1; 0: none had a finite held-out loss
    best_loss: float  # the held-out loss of that pass; infinite if nothing was held out


def one_pass(
    optimizer: Adam,
    batches: Iterable[B | None],
    objective: Callable[[B], Objective],
    *,
    longest_gradient: float | None = None,
    processes: Processes = ALONE,
) -> float:
    """Take a step for every batch and return the mean loss over all rows; 0 without rows.

    Args:
        optimizer: of the parameters that the objective depends on.
        batches: in the order in which steps are taken; None where other processes have rows left
            and this one has none.
        objective: of a batch.
        longest_gradient: norm to which the whole gradient is shortened; absent: none.
        processes: that share the batches out and add their gradients up.
    """
    total, rows = 0.0, 0
    for batch in batches:
        optimizer.forget_gradients()
        own_rows = 0
        if batch is not None:
            cost = objective(batch)
            own_rows = cost.rows
            whole = cost.loss if cost.penalty is None else cost.loss + cost.penalty
            whole.backward()  # type: ignore[no-untyped-call]
            total += cost.loss.item() * own_rows
            rows += own_rows
        processes.average_gradients(optimizer.parameters, own_rows)
        if longest_gradient is not None:
            nn.utils.clip_grad_norm_(optimizer.parameters, longest_gradient)
        optimizer.step()
    total, all_rows = processes.sums(total, rows)
    return total / all_rows if all_rows else 0.0


def descend(
    parameters: Sequence[Tensor],
    run_pass: Callable[[int], float],
    *,
    passes: int,
    learning_rate: float,
    held_out_loss: Callable[[], float] | None = None,
    patience: int = 1,
    watch: Watch | None = None,
) -> Descent:
    """Train in place and leave the parameters as they were after the best pass.

    Args:
        parameters: all that passes change.
        run_pass: takes the pass of a number counted from 1 and returns its mean loss.
        passes: at most.
        learning_rate: named to who has to lower it.
        held_out_loss: decides which pass was the best; absent: the last is.
        patience: passes without a better held-out loss after which the training stops.
        watch: is told the losses of every pass.

    Raises:
        FloatingPointError: if a pass's loss is not a finite number.
    """
    losses: list[float] = []
    held_out: list[float] = []
    best_pass, best_loss = 0, math.inf
    best: list[Tensor] | None = None
    for number in range(1, passes + 1):
        losses.append(run_pass(number))
        if not math.isfinite(losses[-1]):
            raise FloatingPointError(
                f"training diverged in epoch {number} (loss {losses[-1]}): lower learning_rate, "
                f"now {learning_rate:g}"
            )
        told = {"loss": losses[-1]}
        if held_out_loss is None:
            best_pass = number
        else:
            held_out.append(held_out_loss())
            told["held_out_loss"] = held_out[-1]
            if held_out[-1] < best_loss:
                best_pass, best_loss = number, held_out[-1]
                best = [one.detach().clone() for one in parameters]
        if watch is not None:
            watch(number, told)
        if held_out_loss is not None and number - best_pass >= patience:
            break
    if best is not None:
        with torch.no_grad():
            for parameter, kept in zip(parameters, best, strict=True):
                parameter.copy_(kept)
    return Descent(tuple(losses), tuple(held_out), best_pass, best_loss)
