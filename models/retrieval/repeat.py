"""Repeat purchase: what a user bought before and buys again, apart from what she discovers.

A purchase made `a` purchases of the same user ago counts 0.5^(a / half_life): how often and how
recently in one number. Age is counted in her own purchases, not in days, so that a history handed
over without times is scored alike, and a rare visitor's last basket is not forgotten.

`RepeatAndDiscovery` adds what EASE expects from the company of items: score = repeat + weight x
EASE, the weight chosen on the newest part of the log. Known items must not be left out of such
rankings: call `top_k` with `exclude_known=False`.

Source: Anderson, Kumar, Tomkins & Vassilvitskii (2014), "The Dynamics of Repeat Consumption", WWW
(recency and quality decide what is consumed again); Hu, He, Gao & Zhang (2020), "Modeling
Personalized Item Frequency Information for Next-basket Recommendation", SIGIR (frequency beats what
forgets it).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions, newest_held_out
from models.ranking_metrics import ranking_quality
from models.retrieval.ease import Ease, EaseConfig, linear_scores
from models.retrieval.retriever import FitReport, Retriever, ScoreArray
from models.training.fitting import Fitting

WEIGHTS_TRIED = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Of discovery beside repeat purchase; the best on the newest events is kept."""

PLACES = 10
"""Of the ranking by which the weight is chosen."""


class RepeatConfig(BaseModel):
    """How fast purchases are forgotten."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    half_life: float | None = Field(
        100.0,
        gt=0.0,
        le=1e9,
        description="a user's later purchases after which one counts half; absent: all count "
        "alike, which ranks what she bought most",
    )
    popularity_weight: float = Field(
        0.01,
        ge=0.0,
        le=1e6,
        description="purchases that an item counts as if everybody took it, in proportion below; "
        "ranks what a user never bought",
    )


class Repeat(Retriever):
    """What a user bought most, lately."""

    name = "repeat"
    Config = RepeatConfig

    def __init__(self, config: RepeatConfig | None = None) -> None:
        self.config = config or RepeatConfig()
        super().__init__(self.config)
        self._takers = np.empty(0, dtype=np.float32)

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        self._takers = _share_of_takers(log)
        return FitReport(events=len(log), passes=1)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        return _repeat_scores(histories, items, self._takers, self.config)

    def _state(self) -> dict[str, Tensor]:
        return {"takers": torch.from_numpy(self._takers)}

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        return {"takers": torch.empty(n_items, device="meta")}

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._takers = state["takers"].numpy()


class RepeatAndDiscoveryConfig(BaseModel):
    """The two parts of the mixture and how they are weighed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat: RepeatConfig = RepeatConfig()
    discovery: EaseConfig = EaseConfig()
    discovery_weight: float | None = Field(
        None,
        ge=0.0,
        le=1e6,
        description="purchases that a score of 1 by EASE counts as; absent: chosen on the newest "
        "part of the log",
    )
    validation_share: float = Field(
        0.1, gt=0.0, lt=1.0, description="newest share of the log on which the weight is chosen"
    )


class RepeatAndDiscovery(Retriever):
    """What a user bought most lately, and beside it what goes with all that she took."""

    name = "repeat_and_discovery"
    Config = RepeatAndDiscoveryConfig

    def __init__(self, config: RepeatAndDiscoveryConfig | None = None) -> None:
        self.config = config or RepeatAndDiscoveryConfig()
        super().__init__(self.config)
        self._takers = np.empty(0, dtype=np.float32)
        self._weights: ScoreArray = np.empty((0, 0), dtype=np.float32)
        self._weight = self.config.discovery_weight or 0.0

    @property
    def discovery_weight(self) -> float:
        """What a score of 1 by EASE counts as, in purchases."""
        return self._weight

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        tried: tuple[float, ...] = ()
        if self.config.discovery_weight is None:
            older, newest = newest_held_out(log, self.config.validation_share)
            tried = self._qualities(older, newest, how.seed) if len(older) else ()
            self._weight = WEIGHTS_TRIED[int(np.argmax(tried))] if tried else 1.0
        self._learn(log, how.seed)
        return FitReport(events=len(log), passes=1 + bool(tried), validation=tried)

    def _qualities(self, older: Interactions, newest: Interactions, seed: int) -> tuple[float, ...]:
        """NDCG on the newest events of users known before them, by weight; empty: none there."""
        known = np.isin(newest.users, older.users)
        if not known.any():
            return ()
        self._learn(older, seed)
        self._histories = Histories.of_log(older)
        users, found = np.arange(older.n_users), []
        for self._weight in WEIGHTS_TRIED:
            ranked = self.top_k(users, PLACES, exclude_known=False)
            found.append(ranking_quality(ranked, newest.rows(known)).ndcg)
        return tuple(found)

    def _learn(self, log: Interactions, seed: int) -> None:
        discovery = Ease(self.config.discovery)
        discovery.fit(log, seed=seed)
        self._weights, self._takers = discovery.weights, _share_of_takers(log)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        scores = _repeat_scores(histories, items, self._takers, self.config.repeat)
        if self._weight:
            scores += np.float32(self._weight) * linear_scores(histories, items, self._weights)
        return scores

    def _state(self) -> dict[str, Tensor]:
        return {
            "takers": torch.from_numpy(self._takers),
            "weights": torch.from_numpy(self._weights),
            "discovery_weight": torch.tensor(self._weight, dtype=torch.float64),
        }

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        return {
            "takers": torch.empty(n_items, device="meta"),
            "weights": torch.empty((n_items, n_items), device="meta"),
            "discovery_weight": torch.empty((), dtype=torch.float64, device="meta"),
        }

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._takers, self._weights = state["takers"].numpy(), state["weights"].numpy()
        self._weight = float(state["discovery_weight"])


def recent_purchases(histories: Histories, half_life: float | None) -> ScoreArray:
    """Return (U, M) how often each row took each item, the older the less.

    Args:
        histories: U rows, oldest first.
        half_life: later entries of the row after which one counts half; None: all count 1.
    """
    lengths, rows = histories.lengths, len(histories)
    row = np.repeat(np.arange(rows), lengths)
    age = np.repeat(histories.starts[1:], lengths) - 1 - np.arange(len(row))
    weight = np.ones(len(row)) if half_life is None else np.exp2(-age / half_life)
    place = row * histories.n_items + histories.items
    counted = np.bincount(place, weight, minlength=rows * histories.n_items)
    return counted.astype(np.float32).reshape(rows, histories.n_items)


def _repeat_scores(
    histories: Histories, items: IdArray, takers: ScoreArray, config: RepeatConfig
) -> ScoreArray:
    counted = recent_purchases(histories, config.half_life)
    chosen = counted if len(items) == histories.n_items else counted[:, items]
    return chosen + np.float32(config.popularity_weight) * takers[items]


def _share_of_takers(log: Interactions) -> ScoreArray:
    """(M,) share of the users who took each item."""
    return (log.popularity() / max(log.n_users, 1)).astype(np.float32)
