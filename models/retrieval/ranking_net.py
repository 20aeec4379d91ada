"""The recommender's network as a retrieval model: what was taken against negatives drawn at random.

Trained on ratings alone the network learns how much one would like what one chose, not what one
would choose, and ranks below popularity. Here each event is a positive, and beside it stand items
that the user did not take.

Source: He et al. (2017), "Neural Collaborative Filtering", WWW, section 3.1 (uniform negatives).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.recommender import NeuralRecommender, RecommenderConfig
from models.recommender.network import EmbeddingProductNetwork, is_mute
from models.recommender.streaming import train_on_shards
from models.reproducible import reproducible_torch
from models.retrieval.retriever import FitReport, Retriever, ScoreArray
from models.training.fitting import Fitting
from models.training.processes import Processes
from models.training.shards import ShardedLog

_STARTS = 3
"""Trainings at most, where one ends with embeddings that say nothing."""


class RankingNetConfig(BaseModel):
    """How many negatives there are, and the network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    negatives: int = Field(8, ge=1, le=1000, description="items drawn beside each one taken")
    network: RecommenderConfig = Field(
        RecommenderConfig(embedding_precision=10.0), description="the network and its training"
    )


class RankingNet(Retriever):
    """Embeddings, their product, a small network, cross-entropy; negatives by chance.

    It knows users by number: whoever was not in the training is scored as the mean of those who
    were, and histories that it is handed change nothing but what is left out.
    """

    name = "ranking_net"
    Config = RankingNetConfig

    def __init__(self, config: RankingNetConfig | None = None) -> None:
        self.config = config or RankingNetConfig()
        super().__init__(self.config)
        self._model = NeuralRecommender(self.config.network)

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        beside, items = drawn_negatives(log, self.config.negatives, how.seed)
        users = log.users[beside]
        # Now and then the priors pull all embeddings to zero before these have learned anything.
        for attempt in range(_STARTS):
            model = self._model if how.warm else NeuralRecommender(self.config.network)
            report = model.fit(
                np.concatenate([log.users, users]),
                np.concatenate([log.items, items]),
                np.concatenate([np.ones(len(log)), np.zeros(len(users))]),
                n_users=log.n_users,
                n_items=log.n_items,
                seed=how.seed + attempt,
                passes=how.passes,
                watch=how.watch,
                device=str(how.device),
            )
            pairs = (torch.from_numpy(one) for one in (log.users, log.items))
            if how.warm or not is_mute(model.network, *pairs):
                break
        self._model = model
        passes = len(report.training_loss)
        return FitReport(len(log), passes, report.training_loss, report.validation_loss)

    def _fit_shards(self, log: ShardedLog, how: Fitting, processes: Processes) -> FitReport:
        config = self.config
        with reproducible_torch(how.device):
            network, report = train_on_shards(
                self._model.network if how.warm else None,
                log,
                config.negatives,
                config.network,
                how,
                processes,
            )
        self._model = NeuralRecommender.of(network, config.network)
        passes = len(report.training_loss)
        return FitReport(log.training_rows, passes, report.training_loss, report.validation_loss)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        return self._model.score_matrix(users, items)

    def _state(self) -> dict[str, Tensor]:
        return dict(self._model.network.state_dict())

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        return EmbeddingProductNetwork(n_users, n_items, self.config.network).state_dict()

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        network = EmbeddingProductNetwork(
            len(state["user_bias"]), len(state["item_bias"]), self.config.network
        )
        network.load_state_dict(state)
        self._model = NeuralRecommender.of(network, self.config.network)


def drawn_negatives(log: Interactions, count: int, seed: int) -> tuple[IdArray, IdArray]:
    """Draw items beside each event that its user has not taken.

    Args:
        log: E events.
        count: draws an event; items are uniform, and a draw of what the user took is dropped.
        seed: of the draws.

    Returns:
        (D,) rows of the log, and (D,) an item beside each; D is at most count times E.
    """
    rows = np.repeat(np.arange(len(log)), count)
    items = np.random.default_rng(seed).integers(0, log.n_items, len(rows))
    taken = np.unique(log.users * log.n_items + log.items)
    pairs = log.users[rows] * log.n_items + items
    place = np.searchsorted(taken, pairs)
    fresh = taken[np.minimum(place, len(taken) - 1)] != pairs
    return rows[fresh], items[fresh]
