"""iALS: factors of users and items by alternating least squares on what was taken and what not.

The objective weighs every pair: 1 for what a user took, `unobserved_weight` for all else, whose
target is 0; the penalty of a row grows with its number of events. All unobserved pairs enter by the
Gram matrix of the factors, so that a sweep costs E d^2 + (N + M) d^3 operations.

Source: Hu, Koren & Volinsky (2008), "Collaborative Filtering for Implicit Feedback Datasets", ICDM;
the penalty that scales with frequency: Rendle, Krichene, Zhang & Koren (2022), "Revisiting the
Performance of iALS on Item Recommendation Benchmarks", RecSys.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from scipy import sparse
from torch import Tensor

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.reproducible import reproducible_torch
from models.retrieval.retriever import FitReport, Retriever, ScoreArray, Vectors
from models.training.fitting import Fitting
from models.training.growing import drawn, grown

_ENTRIES_A_BLOCK = 4_000_000
"""Numbers of gathered factors held at a time."""


class AlsConfig(BaseModel):
    """How large the factors are and how they are penalised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factors: int = Field(64, ge=1, le=2048, description="numbers that describe a user, and an item")
    sweeps: int = Field(16, ge=1, le=1000, description="times that users and items are solved for")
    unobserved_weight: float = Field(
        0.1, gt=0.0, le=1.0, description="weight of a pair not taken; one taken has 1 more"
    )
    l2: float = Field(0.02, gt=0.0, le=1e4, description="penalty of a row, times its frequency")
    frequency_exponent: float = Field(
        1.0, ge=0.0, le=1.0, description="how far the penalty grows with a row's frequency"
    )
    initial_scale: float = Field(
        0.1, gt=0.0, le=10.0, description="length, by expectation, of an item's factors at first"
    )


class Als(Retriever):
    """Users and items as factors; a history that it is handed is folded in by one solve."""

    name = "als"
    Config = AlsConfig

    def __init__(self, config: AlsConfig | None = None) -> None:
        self.config = config or AlsConfig()
        super().__init__(self.config)
        self.item_factors = torch.empty((0, 0))

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        by_user = log.matrix()
        by_item = sparse.csr_array(by_user.T)
        size = self.config.factors
        with reproducible_torch():
            generator = torch.Generator().manual_seed(how.seed)
            scale = self.config.initial_scale / size**0.5
            if how.warm:
                items = grown(self.item_factors, log.n_items, scale, generator)
            else:
                items = drawn(log.n_items, size, scale, generator)
            sweeps = how.passes or self.config.sweeps
            for _ in range(sweeps):
                users = self._solved(by_user, items)
                items = self._solved(by_item, users)
            self.item_factors = items
        return FitReport(events=len(log), passes=sweeps)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        tastes = self._vectors(users, histories).users
        with reproducible_torch():
            scores: ScoreArray = (tastes @ self.item_factors[torch.from_numpy(items)].T).numpy()
        return scores

    def _vectors(self, users: IdArray, histories: Histories) -> Vectors:
        with reproducible_torch():
            return Vectors(self._solved(histories.matrix(), self.item_factors), self.item_factors)

    def _solved(self, taken: sparse.csr_array, other: Tensor) -> Tensor:
        """(R, d) the factors of rows that explain best what they took, given the others'."""
        config = self.config
        counts = np.diff(taken.indptr)
        frequency = counts + config.unobserved_weight * taken.shape[1]
        penalty = torch.from_numpy(config.l2 * frequency**config.frequency_exponent).float()
        shared = config.unobserved_weight * (other.T @ other)
        size = other.shape[1]
        identity = torch.eye(size)
        solved = torch.zeros(len(counts), size)
        order = np.argsort(counts, kind="stable")
        order = order[counts[order] > 0]
        start = 0
        while start < len(order):
            longest = int(counts[order[start]])
            stop = start + 1
            while (
                stop < len(order)
                and (stop - start + 1) * int(counts[order[stop]]) * size <= _ENTRIES_A_BLOCK
            ):
                longest = int(counts[order[stop]])
                stop += 1
            rows = order[start:stop]
            gathered = _gathered(taken, rows, counts, longest, other)
            system = gathered.mT @ gathered
            system += shared + penalty[rows][:, None, None] * identity
            target = gathered.sum(dim=1)
            factor = torch.linalg.cholesky(system)
            solved[rows] = torch.cholesky_solve(target[:, :, None], factor)[:, :, 0]
            start = stop
        return solved

    def _state(self) -> dict[str, Tensor]:
        return {"item_factors": self.item_factors}

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        return {"item_factors": torch.empty((n_items, self.config.factors), device="meta")}

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self.item_factors = state["item_factors"]


def _gathered(
    taken: sparse.csr_array, rows: IdArray, counts: IdArray, longest: int, other: Tensor
) -> Tensor:
    """(B, longest, d) the others' factors that each row took, zeros at the end."""
    place = taken.indptr[rows][:, None] + np.arange(longest)
    there = np.arange(longest) < counts[rows][:, None]
    which = taken.indices[np.where(there, place, 0)]
    found = other[torch.from_numpy(which.astype(np.int64))]
    found *= torch.from_numpy(there)[:, :, None]
    return found
