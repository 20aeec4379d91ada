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

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn import functional

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.reproducible import reproducible_torch
from models.retrieval.retriever import FitReport, Retriever, ScoreArray, Vectors
from models.training.adam import Adam
from models.training.descent import Objective, descend, one_pass
from models.training.fitting import Fitting
from models.training.growing import drawn, grown


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
    decays: bool = Field(
        False, description="whether the step size falls from pass to pass, to next to nothing"
    )
    activity_exponent: float = Field(
        0.0, ge=0.0, le=1.0, description="0: all users count alike; 1: by how much they took"
    )


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

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        config = self.config
        passes = how.passes or config.epochs
        histories = Histories.of_log(log)
        active = np.flatnonzero(histories.lengths > 0)
        generator = torch.Generator().manual_seed(how.seed)
        with reproducible_torch(how.device):
            tables = self._start(log, how, generator)
            taken, item, bias = tables
            optimizer = Adam(tables, config.learning_rate)
            penalties = self._penalties(log.n_items).to(how.device)
            typical = float(np.mean(histories.lengths[active] ** config.activity_exponent))

            def batches() -> Iterator[Tensor]:
                order = torch.randperm(len(active), generator=generator)
                for rows in torch.split(order, config.batch_size):
                    yield torch.from_numpy(histories.rows(active[rows.numpy()]).matrix().toarray())

            def objective(whole: Tensor) -> Objective:
                kept = torch.empty_like(whole).uniform_(generator=generator)
                shown = (whole * (kept >= config.hidden_share)).to(how.device)
                batch = whole.to(how.device)
                logits = normalised(shown) @ taken @ item.T + bias
                told = (batch * functional.log_softmax(logits, dim=1)).sum(dim=1)
                counts = batch.sum(dim=1) ** (1.0 - config.activity_exponent)
                penalty = (penalties @ (taken.square() + item.square())).sum() / len(item)
                return Objective(-(told / (typical * counts)).mean(), len(batch), penalty)

            def run_pass(number: int) -> float:
                if config.decays:
                    optimizer.learning_rate = config.learning_rate * (1 - (number - 1) / passes)
                return one_pass(optimizer, batches(), objective)

            descent = descend(
                tables,
                run_pass,
                passes=passes,
                learning_rate=config.learning_rate,
                watch=how.watch,
            )
            self._taken, self._item, self._bias = (one.detach().cpu() for one in tables)
        return FitReport(len(log), passes, descent.losses)

    def _penalties(self, n_items: int) -> Tensor:
        """(M,) on the squared vectors of each item."""
        return torch.full((n_items,), self.config.l2)

    def _start(
        self, log: Interactions, how: Fitting, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Tables to train: drawn, or what was learned with rows for what is new."""
        size, scale = self.config.size, self.config.size**-0.5
        share = torch.from_numpy(log.popularity() + 1.0).float()
        bias = (share / share.sum()).log()
        if how.warm:
            taken = grown(self._taken, log.n_items, scale, generator)
            item = grown(self._item, log.n_items, scale, generator)
            bias = torch.cat([self._bias, bias[len(self._bias) :]])
        else:
            taken = drawn(log.n_items, size, scale, generator)
            item = drawn(log.n_items, size, scale, generator)
        taken, item, bias = (one.to(how.device).requires_grad_() for one in (taken, item, bias))
        return taken, item, bias

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        pool = torch.from_numpy(items)
        tastes = self._vectors(users, histories).users
        with reproducible_torch():
            scores: ScoreArray = (tastes @ self._item[pool].T + self._bias[pool]).numpy()
        return scores

    def _vectors(self, users: IdArray, histories: Histories) -> Vectors:
        weights = torch.from_numpy(histories.lengths.clip(1) ** -0.5).float()
        summed = torch.from_numpy(histories.matrix() @ self._taken.numpy())
        return Vectors(summed * weights[:, None], self._item, self._bias)

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
