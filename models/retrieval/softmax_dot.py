"""Dot product with full softmax: what a user takes, out of all items.

A user is the normalised sum of the vectors of what she took; items have a second vector, with which
they are scored, and a bias. In training a random part of each history is hidden, and the whole of
it is to be found again under one softmax over all items: what was not taken is a negative without
being sampled, and an item can hardly predict itself. No table of users is kept; a newcomer with a
history needs no training.

Source: Liang, Krishnan, Hoffman & Jebara (2018), "Variational Autoencoders for Collaborative
Filtering", WWW (the multinomial likelihood and hiding; here without a hidden layer); Rendle,
Krichene, Zhang & Anderson (2020), "Neural Collaborative Filtering vs. Matrix Factorization
Revisited", RecSys (the dot product).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.reproducible import reproducible_torch
from models.retrieval.retriever import FitReport, Retriever, ScoreArray


class SoftmaxDotConfig(BaseModel):
    """How large the vectors are and how they are learned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(64, ge=1, le=2048, description="numbers that describe a user, and an item")
    hidden_share: float = Field(
        0.3, ge=0.0, lt=1.0, description="share of a history that is hidden in training"
    )
    learning_rate: float = Field(0.005, gt=0.0, le=1.0, description="Adam's step size")
    l2: float = Field(0.3, ge=0.0, le=1e3, description="penalty on the squared vectors, a batch")
    batch_size: int = Field(128, ge=1, le=100_000, description="users in one gradient step")
    epochs: int = Field(20, ge=1, le=10_000, description="passes over the users")


class SoftmaxDot(Retriever):
    """Vectors of what was taken, summed up, against vectors of what can be taken."""

    name = "softmax_dot"
    Config = SoftmaxDotConfig

    def __init__(self, config: SoftmaxDotConfig | None = None) -> None:
        self.config = config or SoftmaxDotConfig()
        super().__init__(self.config)
        self._taken = torch.empty((0, 0))  # (M, d) what having taken an item says
        self._item = torch.empty((0, 0))  # (M, d)
        self._bias = torch.empty(0)  # (M,)

    def _fit(self, log: Interactions, seed: int) -> FitReport:
        config = self.config
        histories = Histories.of_log(log)
        active = np.flatnonzero(histories.lengths > 0)
        generator = torch.Generator().manual_seed(seed)
        with reproducible_torch():
            shape = (log.n_items, config.size)
            taken, item = (
                nn.Parameter(
                    torch.empty(shape).normal_(0.0, config.size**-0.5, generator=generator)
                )
                for _ in range(2)
            )
            share = torch.from_numpy(log.popularity() + 1.0).float()
            bias = nn.Parameter((share / share.sum()).log())
            optimizer = torch.optim.Adam([taken, item, bias], lr=config.learning_rate)
            losses: list[float] = []
            for epoch in range(1, config.epochs + 1):
                total = 0.0
                order = torch.randperm(len(active), generator=generator)
                for rows in torch.split(order, config.batch_size):
                    batch = torch.from_numpy(
                        histories.rows(active[rows.numpy()]).matrix().toarray()
                    )
                    kept = torch.empty_like(batch).uniform_(generator=generator)
                    shown = batch * (kept >= config.hidden_share)
                    logits = normalised(shown) @ taken @ item.T + bias
                    told = (batch * functional.log_softmax(logits, dim=1)).sum(dim=1)
                    loss = -(told / batch.sum(dim=1)).mean()
                    penalty = config.l2 / len(item) * (taken.square().sum() + item.square().sum())
                    optimizer.zero_grad()
                    (loss + penalty).backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                    total += loss.item() * len(rows)
                losses.append(total / len(active))
                if not math.isfinite(losses[-1]):
                    raise FloatingPointError(
                        f"training diverged in epoch {epoch}: lower learning_rate, now "
                        f"{config.learning_rate:g}"
                    )
            self._taken, self._item, self._bias = taken.detach(), item.detach(), bias.detach()
        return FitReport(len(log), config.epochs, tuple(losses))

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        pool = torch.from_numpy(items)
        with reproducible_torch():
            weights = torch.from_numpy(histories.lengths.clip(1) ** -0.5).float()
            summed = torch.from_numpy(histories.matrix() @ self._taken.numpy())
            tastes = summed * weights[:, None]
            scores: ScoreArray = (tastes @ self._item[pool].T + self._bias[pool]).numpy()
        return scores

    def _state(self) -> dict[str, Tensor]:
        return {"taken": self._taken, "item": self._item, "bias": self._bias}

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        size = self.config.size
        return {
            "taken": torch.empty((n_items, size), device="meta"),
            "item": torch.empty((n_items, size), device="meta"),
            "bias": torch.empty(n_items, device="meta"),
        }

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._taken, self._item, self._bias = state["taken"], state["item"], state["bias"]


def normalised(taken: Tensor) -> Tensor:
    """Divide each row of zeros and ones by the root of its sum.

    Args:
        taken: (U, M).
    """
    return taken / taken.sum(dim=1, keepdim=True).clamp(min=1.0).sqrt()
