"""Models of who takes what, by name, behind one face: trained on the log, asked for scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray
from policies.recommendation.learned.constraint import Constraint
from policies.recommendation.learned.examples import Window
from policies.recommendation.learned.visitors import VisitorRows

if TYPE_CHECKING:
    from models.histories import Histories
    from models.retrieval.retriever import Retriever

ModelName = Literal[
    "choice",
    "net",
    "ease",
    "als",
    "bpr",
    "softmax_dot",
    "fair_softmax",
    "sasrec",
    "ranking_net",
    "repeat",
    "repeat_and_discovery",
    "popularity",
]

SEES_NEGATIVES = "net"
"""The model that learns from what was shown and not taken; the others know purchases alone."""

FAIR = "fair_softmax"
"""The model that is trained under a constraint of exposure."""

SIZES = {"als": "factors", "bpr": "factors", "softmax_dot": "size", "fair_softmax": "size"}
"""What a model's setting is called that says how many numbers describe a listing."""

NEWEST = 32
"""Purchases of a visitor that the sequential model looks at: few have more in a window."""


class Collaborative:
    """One model of visitors and listings; what it was not trained on gets a middling score."""

    def __init__(self, name: str, size: int) -> None:
        self.made_of = (name, size)
        self.constraint = Constraint()
        self._model: Any = None

    @property
    def trained(self) -> bool:
        """Whether there is anything to ask."""
        return self._model is not None

    def fit(
        self, window: Window, visitors: VisitorRows, rows: BoolArray, epochs: int, seed: int
    ) -> None:
        """Learn from some impressions of a window, or nothing where there is too little.

        It goes on from what it learned before, except for models in closed form.

        Args:
            window: E impressions.
            visitors: rows of all their visitors.
            rows: (E,) impressions to learn from.
            epochs: passes over them, where it makes several.
            seed: of all that the training draws.
        """
        name, size = self.made_of
        log = window.log
        if name == SEES_NEGATIVES:
            from models.recommender import NeuralRecommender, RecommenderConfig

            bought = log.bought[rows]
            if bought.any() and not bought.all():
                self._model = self._model or NeuralRecommender()
                self._model.config = RecommenderConfig(embedding_size=size, max_epochs=epochs)
                self._model.fit(
                    visitors.of(log.visitor[rows]),
                    log.listing[rows].astype(np.int64),
                    bought.astype(np.float64),
                    n_users=len(visitors),
                    n_items=len(window.listings.category),
                    seed=seed,
                )
            return
        taken = window.taken(visitors, rows)
        times = np.bincount(taken.users, minlength=1).max() if len(taken) else 0
        if times >= (2 if name == "sasrec" else 1):
            model: Any = self._model or retriever(name, size)
            if name == FAIR:
                self.constraint.put_on(model, window.listings)
            model.fit(taken, seed=seed, warm=True, passes=epochs)
            self._model = model

    def scores(self, users: IntArray, pool: IntArray, histories: Histories) -> NDArray[np.float32]:
        """(n, P) scores of a pool for users (n,) with what they have taken by now."""
        model = self._model
        if self.made_of[0] == SEES_NEGATIVES:
            logits: NDArray[np.float32] = model.score_matrix(users, pool)
            return logits
        known = pool < model.n_items
        if not known.any():
            return np.zeros((len(users), len(pool)), dtype=np.float32)
        found = model.scores(users, pool[known], histories=histories)
        scores = np.empty((len(users), len(pool)), dtype=np.float32)
        scores[:, known] = found
        scores[:, ~known] = found.mean(axis=1, keepdims=True)
        return scores

    def n_items(self) -> int:
        """Listings that histories may hold."""
        if self.made_of[0] == SEES_NEGATIVES:
            items: int = self._model.network.n_items
            return items
        known: int = self._model.n_items
        return known


def retriever(name: str, size: int) -> Retriever:
    """A retrieval model that was not trained yet.

    Args:
        name: of the model.
        size: numbers that describe a visitor, and a listing, where it has such.
    """
    if name == "ranking_net":
        from models.recommender import RecommenderConfig
        from models.retrieval.ranking_net import RankingNet, RankingNetConfig

        network = RecommenderConfig(embedding_size=size, embedding_precision=10.0)
        return RankingNet(RankingNetConfig(network=network))
    if name == "sasrec":
        from models.retrieval.sasrec import Sasrec, SasrecConfig

        return Sasrec(SasrecConfig(size=size, length=NEWEST))
    if name == "repeat":
        from models.retrieval.repeat import Repeat

        return Repeat()
    if name == "repeat_and_discovery":
        from models.retrieval.repeat import RepeatAndDiscovery

        return RepeatAndDiscovery()
    from models.retrieval.kinds import kind_named

    kind = kind_named(name)
    return kind(kind.Config(**{SIZES[name]: size} if name in SIZES else {}))
