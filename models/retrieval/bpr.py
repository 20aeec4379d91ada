"""BPR: what was taken before what was not, pair by pair.

Source: Rendle, Freudenthaler, Gantner & Schmidt-Thieme (2009), "BPR: Bayesian Personalized Ranking
from Implicit Feedback", UAI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn import functional

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.reproducible import reproducible_torch
from models.retrieval.ranking_net import drawn_negatives
from models.retrieval.retriever import FitReport, Retriever, ScoreArray, Vectors
from models.training.adam import Adam
from models.training.descent import ALONE, Objective, descend, one_pass
from models.training.fitting import Fitting
from models.training.growing import drawn, grown
from models.training.pair_filter import PairFilter
from models.training.processes import Processes
from models.training.shards import Events, ShardedLog


class BprConfig(BaseModel):
    """How large the factors are and how they are learned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factors: int = Field(64, ge=1, le=2048, description="numbers that describe a user, and an item")
    learning_rate: float = Field(0.01, gt=0.0, le=1.0, description="Adam's step size")
    l2: float = Field(0.01, ge=0.0, le=1e3, description="penalty on the factors of a pair's rows")
    batch_size: int = Field(4096, ge=1, le=10_000_000, description="pairs in one gradient step")
    epochs: int = Field(50, ge=1, le=10_000, description="passes over the log")


@dataclass(frozen=True, slots=True)
class Triples:
    """Rows of what a user took and what she did not."""

    users: Tensor  # (B,)
    better: Tensor  # (B,) items taken
    worse: Tensor  # (B,) items not taken

    def rows(self, chosen: Tensor) -> Triples:
        """Return some of the rows."""
        return Triples(self.users[chosen], self.better[chosen], self.worse[chosen])


@dataclass(frozen=True, slots=True)
class _Tables:
    """What is trained."""

    user: Tensor  # (N, d)
    item: Tensor  # (M, d)
    bias: Tensor  # (M,)
    l2: float

    @property
    def parameters(self) -> list[Tensor]:
        return [self.user, self.item, self.bias]

    def objective(self, batch: Triples) -> Objective:
        of, better, worse = (
            one.to(self.user.device) for one in (batch.users, batch.better, batch.worse)
        )
        taste = functional.embedding(of, self.user)
        liked = functional.embedding(better, self.item)
        other = functional.embedding(worse, self.item)
        margin = (taste * (liked - other)).sum(1) + self.bias[better] - self.bias[worse]
        squares = taste.square().sum(1) + liked.square().sum(1) + other.square().sum(1)
        return Objective(functional.softplus(-margin).mean(), len(of), self.l2 * squares.mean())


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

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        config = self.config
        passes = how.passes or config.epochs
        generator = torch.Generator().manual_seed(how.seed)
        seeds = np.random.SeedSequence(how.seed).generate_state(passes, np.uint64)
        tables = self._start(log.n_users, log.n_items, how, generator)
        return self._descended(
            tables,
            lambda number: _batches(log, int(seeds[number - 1]), config.batch_size, generator),
            len(log),
            how,
            ALONE,
        )

    def _fit_shards(self, log: ShardedLog, how: Fitting, processes: Processes) -> FitReport:
        generator = torch.Generator().manual_seed(how.seed)
        known = log.known_pairs()

        def batches(number: int) -> Iterator[Triples | None]:
            seed = int(np.random.SeedSequence([how.seed, number]).generate_state(1)[0])
            rng = np.random.default_rng([how.seed, number, processes.rank])
            for events in log.batches(
                self.config.batch_size, seed, rank=processes.rank, of=processes.size
            ):
                yield None if events is None else _beside(events, known, rng)

        tables = self._start(log.n_users, log.n_items, how, generator)
        return self._descended(tables, batches, log.training_rows, how, processes)

    def _descended(
        self,
        tables: _Tables,
        batches: Callable[[int], Iterator[Triples | None]],
        events: int,
        how: Fitting,
        processes: Processes,
    ) -> FitReport:
        """Train the tables on the batches of each pass, and keep them."""
        config = self.config
        optimizer = Adam(tables.parameters, config.learning_rate)
        with reproducible_torch(how.device):
            descent = descend(
                tables.parameters,
                lambda number: one_pass(
                    optimizer, batches(number), tables.objective, processes=processes
                ),
                passes=how.passes or config.epochs,
                learning_rate=config.learning_rate,
                watch=how.watch,
            )
            self._keep(tables)
        return FitReport(events, len(descent.losses), descent.losses)

    def _start(
        self, n_users: int, n_items: int, how: Fitting, generator: torch.Generator
    ) -> _Tables:
        """Tables to train: drawn, or what was learned with rows for who and what is new."""
        size = self.config.factors
        scale = size**-0.5
        if how.warm:
            user = grown(self._user[:-1], n_users, scale, generator)
            item = grown(self._item, n_items, scale, generator)
            bias = grown(self._bias, n_items, 0.0, generator)
        else:
            user = drawn(n_users, size, scale, generator)
            item = drawn(n_items, size, scale, generator)
            bias = torch.zeros(n_items)
        user, item, bias = (one.to(how.device).requires_grad_() for one in (user, item, bias))
        return _Tables(user, item, bias, self.config.l2)

    def _keep(self, tables: _Tables) -> None:
        user, self._item, self._bias = (one.detach().cpu() for one in tables.parameters)
        self._user = torch.cat([user, user.mean(dim=0, keepdim=True)])

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        pool = torch.from_numpy(items)
        tastes = self._vectors(users, histories).users
        with reproducible_torch():
            scores: ScoreArray = (tastes @ self._item[pool].T + self._bias[pool]).numpy()
        return scores

    def _vectors(self, users: IdArray, histories: Histories) -> Vectors:
        rows = torch.from_numpy(np.minimum(users, len(self._user) - 1))
        return Vectors(self._user[rows], self._item, self._bias)

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


def _batches(
    log: Interactions, seed: int, batch_size: int, generator: torch.Generator
) -> Iterator[Triples]:
    """One pass over the log in random order, a negative drawn anew beside each event."""
    rows, worse = drawn_negatives(log, 1, seed)
    columns = (log.users[rows], log.items[rows], worse)
    triples = Triples(*(torch.from_numpy(column) for column in columns))
    for chosen in torch.split(torch.randperm(len(rows), generator=generator), batch_size):
        yield triples.rows(chosen)


def _beside(events: Events, known: PairFilter, rng: np.random.Generator) -> Triples | None:
    """Events with a negative beside each, those dropped whose negative the user took."""
    worse = rng.integers(0, known.n_items, len(events))
    fresh = np.flatnonzero(~known.knows(events.users, worse))
    if not len(fresh):
        return None
    columns = (events.users[fresh], events.items[fresh], worse[fresh])
    return Triples(*(torch.from_numpy(column) for column in columns))
