"""Softmax under a constraint: a group of items gets a share of the exposure of all rankings.

The constraint acts in three places. In training, the group's vectors are penalised less: a penalty
that all items share shrinks those of rarely taken items most, so that they are found for nobody in
particular, and a bonus afterwards cannot tell for whom they are right. In the score, which is not a
logit but the number of times the user is expected to take the item: utilities that can be compared
between users, so that the share is given where it costs least. And by the multiplier of the
constraint, added to the group's scores: the smallest with which the group has its share in the
rankings of the training's own users. Items are scored with EASE's weights as well where asked.

Source: Singh & Joachims (2018), "Fairness of Exposure in Rankings", KDD (the constraint); Xu et al.
(2023), "P-MMF", WWW (one multiplier over all users); `softmax_dot` and `ease` for the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from torch import Tensor

from models.array_checks import FloatArray, IdArray
from models.fairness.exposure import BoolArray, checked_group, long_tail
from models.fairness.reranking import with_share
from models.histories import Histories
from models.interactions import Interactions
from models.retrieval.ease import closed_form_weights
from models.retrieval.retriever import SCORES_A_BLOCK, FitReport, ScoreArray
from models.retrieval.softmax_dot import SoftmaxDot, SoftmaxDotConfig
from models.top_k import top_k_by_score
from models.training.fitting import Fitting

USERS_CONSTRAINED = 5_000
"""Users, drawn at random, in whose rankings the share is met where there are more."""

HIGHEST_LOGIT = 50.0
"""Above the best new item's, for an item that is known: e to it is still a number."""


class FairSoftmaxConfig(SoftmaxDotConfig):
    """How the vectors are learned, and what share the group is to have."""

    hidden_share: float = Field(
        0.1, ge=0.0, lt=1.0, description="share of a history that is hidden in training"
    )
    learning_rate: float = Field(0.01, gt=0.0, le=1.0, description="Adam's step size")
    decays: bool = Field(
        True, description="whether the step size falls from pass to pass, to next to nothing"
    )
    activity_exponent: float = Field(
        1.0, ge=0.0, le=1.0, description="0: all users count alike; 1: by how much they took"
    )
    l2: float = Field(0.25, ge=0.0, le=1e3, description="penalty on the squared vectors, a batch")
    group_l2: float = Field(
        0.1, ge=0.0, le=1e3, description="the same, on the vectors of the group's items"
    )
    share: float = Field(
        0.16, ge=0.0, le=1.0, description="share of all exposure that the group has at least"
    )
    places: int = Field(10, ge=1, le=1000, description="of the rankings in which it has it")
    head: float = Field(
        0.2,
        gt=0.0,
        lt=1.0,
        description="where no group is named: share of items, the most popular, outside of it",
    )
    ease_share: float = Field(
        0.0, ge=0.0, lt=1.0, description="share of EASE's prediction in the score; 0: none"
    )
    ease_l2: float = Field(300.0, gt=0.0, le=1e9, description="EASE's penalty, in events")


class FairSoftmax(SoftmaxDot):
    """Vectors under one softmax, and a group of items that is shown as much as it shall be."""

    name = "fair_softmax"
    Config = FairSoftmaxConfig
    config: FairSoftmaxConfig

    def __init__(
        self, config: FairSoftmaxConfig | None = None, group: npt.ArrayLike | None = None
    ) -> None:
        """Set the model up.

        Args:
            config: the settings.
            group: (M,) whether each item of the trainings to come belongs to the group; absent:
                the long tail, by how many users took each.
        """
        super().__init__(config or FairSoftmaxConfig())
        self.group = None if group is None else np.asarray(group)
        self.pools: IdArray | None = None
        """(M,) where only items of one pool compete for a ranking: the pool of each; the share is
        then met in rankings of the pool from which each user took something last."""
        self.multiplier = 0.0
        self._member = torch.empty(0, dtype=torch.bool)  # (M,) of the last training
        self._weights = torch.empty((0, 0))  # (M, M) EASE's

    @property
    def members(self) -> BoolArray:
        """(M,) whether each item belonged to the group in the last training."""
        return np.asarray(self._member.numpy())

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        if self.group is None:
            group = long_tail(log.popularity(), self.config.head)
        else:
            group = checked_group("group", self.group, log.n_items)
        if self.pools is not None and self.pools.shape != (log.n_items,):
            raise ValueError(
                f"pools: one for each of {log.n_items} items is needed, got {self.pools.shape}"
            )
        weights = self._ease(log)
        self._member = torch.from_numpy(group.copy())
        report = super()._fit(log, how)
        self._weights = weights
        self.multiplier = self._smallest_multiplier(log, how.seed)
        return report

    def _penalties(self, n_items: int) -> Tensor:
        return torch.where(self._member, self.config.group_l2, self.config.l2)

    def _ease(self, log: Interactions) -> Tensor:
        """(M, M) EASE's weights, where a user counts by the root of what she took.

        Exposure counts every user alike, least squares by the number of items: this is between.
        """
        if self.config.ease_share == 0.0:
            return torch.empty((0, 0))
        taken = log.matrix()
        counts = np.maximum(np.diff(taken.indptr), 1)
        scale = counts**-0.5 / np.mean(counts**-0.5)
        gram = np.asarray((taken.T @ taken.multiply(scale[:, None])).todense(), dtype=np.float64)
        return torch.from_numpy(closed_form_weights(gram, self.config.ease_l2))

    def _smallest_multiplier(self, log: Interactions, seed: int) -> float:
        rng = np.random.default_rng(seed)
        histories = Histories.of_log(log)
        active = np.flatnonzero(histories.lengths > 0)
        users = np.sort(rng.permutation(active)[:USERS_CONSTRAINED])
        best = [self._best_of_both(part) for part in self._blocks(histories.rows(users))]
        items, utility = (np.concatenate(parts) for parts in zip(*best, strict=True))
        favoured = self.members[items] & (items >= 0)
        found = with_share(items, utility, favoured, self.config.places, self.config.share, rng)
        return found.multiplier

    def _best_of_both(self, histories: Histories) -> tuple[IdArray, ScoreArray]:
        """(U, 2 K) the best new items of each user, of the group and of the others, and scores.

        Whatever is added to the scores of a group, the K best are among these.
        """
        scores = self._takes(histories)
        scores[histories.matrix().nonzero()] = -np.inf
        if self.pools is not None:
            scores[self.pools[histories.newest(1)] != self.pools] = -np.inf
        columns = []
        for group in (self.members, ~self.members):
            theirs = np.where(group, scores, np.float32(-np.inf))
            columns.append(top_k_by_score(theirs, self.config.places))
        items = np.concatenate(columns, axis=1).astype(np.int64)
        return items, np.take_along_axis(scores, np.maximum(items, 0), axis=1)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        bonus = (self.multiplier * self.members[items]).astype(np.float32)
        parts = [self._takes(part)[:, items] + bonus for part in self._blocks(histories)]
        return np.concatenate(parts) if parts else np.empty((0, len(items)), dtype=np.float32)

    def _takes(self, histories: Histories) -> ScoreArray:
        """(U, M) how often each user is expected to take each item that she does not know yet."""
        everything = np.arange(histories.n_items)
        none = np.empty(0, dtype=np.int64)
        logits = super()._scores(none, everything, histories).astype(np.float64)
        taken = histories.matrix()
        new = np.ones(logits.shape, dtype=np.bool_)
        new[taken.nonzero()] = False
        highest = np.where(new, logits, -np.inf).max(axis=1, initial=logits.min(initial=0.0))
        odds = np.exp(np.minimum(logits - highest[:, None], HIGHEST_LOGIT))
        whole = np.where(new.any(axis=1), (odds * new).sum(axis=1), 1.0)
        counts = np.maximum(np.diff(taken.indptr), 1)
        takes: FloatArray = odds * (counts / whole)[:, None]
        share = self.config.ease_share
        if share > 0.0:
            takes = (1.0 - share) * takes + share * (taken @ self._weights.numpy())
        found: ScoreArray = takes.astype(np.float32)
        return found

    def _blocks(self, histories: Histories) -> Iterator[Histories]:
        rows = max(SCORES_A_BLOCK // max(histories.n_items, 1), 1)
        for start in range(0, len(histories), rows):
            yield histories.rows(np.arange(start, min(start + rows, len(histories))))

    def _state(self) -> dict[str, Tensor]:
        state = {
            **super()._state(),
            "group": self._member,
            "multiplier": torch.tensor([self.multiplier], dtype=torch.float64),
        }
        return {**state, "weights": self._weights} if self.config.ease_share > 0.0 else state

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        blank = {
            **super()._blank(n_users, n_items),
            "group": torch.empty(n_items, dtype=torch.bool, device="meta"),
            "multiplier": torch.empty(1, dtype=torch.float64, device="meta"),
        }
        weights = torch.empty((n_items, n_items), device="meta")
        return {**blank, "weights": weights} if self.config.ease_share > 0.0 else blank

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        super()._restore(state)
        self._member = state["group"]
        self._weights = state.get("weights", self._weights)
        self.multiplier = float(state["multiplier"][0])
