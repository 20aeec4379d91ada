"""BPR: what was taken before what was not, pair by pair.

Source: Rendle, Freudenthaler, Gantner & Schmidt-Thieme (2009), "BPR: Bayesian Personalized Ranking
from Implicit Feedback", UAI.
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
from models.retrieval.ranking_net import drawn_negatives
from models.retrieval.retriever import FitReport, Retriever, ScoreArray


class BprConfig(BaseModel):
    """How large the factors are and how they are learned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factors: int = Field(64, ge=1, le=2048, description="numbers that describe a user, and an item")
    learning_rate: float = Field(0.01, gt=0.0, le=1.0, description="Adam's step size")
    l2: float = Field(0.01, ge=0.0, le=1e3, description="penalty on the factors of a pair's rows")
    batch_size: int = Field(4096, ge=1, le=10_000_000, description="pairs in one gradient step")
    epochs: int = Field(50, ge=1, le=10_000, description="passes over the log")


class Bpr(Retriever):
    """Factors of users and items and an item's bias, by the order of pairs."""

    name = "bpr"
    Config = BprConfig

    def __init__(self, config: BprConfig | None = None) -> None:
        self.config = config or BprConfig()
        super().__init__(self.config)
        self._user = torch.empty((0, 0))  # (N + 1, d); the last row: a newcomer
        self._item = torch.empty((0, 0))  # (M, d)
        self._bias = torch.empty(0)  # (M,)

    def _fit(self, log: Interactions, seed: int) -> FitReport:
        config = self.config
        generator = torch.Generator().manual_seed(seed)
        scale = config.factors**-0.5
        seeds = np.random.SeedSequence(seed).generate_state(config.epochs, np.uint64)
        with reproducible_torch():
            user = nn.Parameter(
                torch.empty(log.n_users, config.factors).normal_(0, scale, generator=generator)
            )
            item = nn.Parameter(
                torch.empty(log.n_items, config.factors).normal_(0, scale, generator=generator)
            )
            bias = nn.Parameter(torch.zeros(log.n_items))
            optimizer = torch.optim.Adam([user, item, bias], lr=config.learning_rate)
            losses: list[float] = []
            for epoch in range(config.epochs):
                rows_of, worse_items = drawn_negatives(log, 1, int(seeds[epoch]))
                columns = (log.users[rows_of], log.items[rows_of], worse_items)
                triples = [torch.from_numpy(column) for column in columns]
                order = torch.randperm(len(rows_of), generator=generator)
                total = 0.0
                for rows in torch.split(order, config.batch_size):
                    of, better, worse = (column[rows] for column in triples)
                    taste = functional.embedding(of, user)
                    liked = functional.embedding(better, item)
                    other = functional.embedding(worse, item)
                    margin = (taste * (liked - other)).sum(1) + bias[better] - bias[worse]
                    loss = functional.softplus(-margin).mean()
                    penalty = taste.square().sum(1) + liked.square().sum(1) + other.square().sum(1)
                    optimizer.zero_grad()
                    (loss + config.l2 * penalty.mean()).backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                    total += loss.item() * len(rows)
                losses.append(total / max(len(order), 1))
                if not math.isfinite(losses[-1]):
                    raise FloatingPointError(
                        f"training diverged in epoch {epoch + 1}: lower learning_rate, now "
                        f"{config.learning_rate:g}"
                    )
            known = user.detach()
            self._user = torch.cat([known, known.mean(dim=0, keepdim=True)])
            self._item, self._bias = item.detach(), bias.detach()
        return FitReport(len(log), config.epochs, tuple(losses))

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        pool = torch.from_numpy(items)
        rows = torch.from_numpy(np.minimum(users, len(self._user) - 1))
        with reproducible_torch():
            scores: ScoreArray = (self._user[rows] @ self._item[pool].T + self._bias[pool]).numpy()
        return scores

    def _state(self) -> dict[str, Tensor]:
        return {"user": self._user, "item": self._item, "bias": self._bias}

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        size = self.config.factors
        return {
            "user": torch.empty((n_users + 1, size), device="meta"),
            "item": torch.empty((n_items, size), device="meta"),
            "bias": torch.empty(n_items, device="meta"),
        }

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._user, self._item, self._bias = state["user"], state["item"], state["bias"]
