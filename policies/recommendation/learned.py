"""The learned recommender: embeddings trained every week on the platform's own log."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import InteractionLog, LearningObservation, RecommendationObservation
from policies.params import PolicyParams
from policies.recommendation.by_category import best_of_categories, members

if TYPE_CHECKING:
    from models.recommender import NeuralRecommender


class LearnedRecommendation:
    """Shows what a neural model expects this consumer to buy; retrained on the platform's log.

    User and item embeddings, their product, a small network with a sigmoid, binary cross-entropy on
    what was looked at and bought or not. Until the first training it shows what sells.
    """

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "learned"

    class Params(PolicyParams):
        """Parameters of the learned recommender."""

        embedding_size: int = Field(
            64, ge=2, le=512, description="numbers that describe a consumer, and a listing"
        )
        retrain_days: int = Field(7, ge=1, le=365, description="days between two trainings")
        window_days: int = Field(28, ge=1, le=3650, description="days of the log it trains on")
        epochs: int = Field(8, ge=1, le=200, description="passes over the log at most")
        rating_weight: float = Field(
            0.3,
            ge=0.0,
            le=1.0,
            description="how far a bought item's label moves from 1 to its rating",
        )
        exploration: float = Field(
            0.15, ge=0.0, le=1.0, description="share of places given to listings drawn at random"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._model: NeuralRecommender | None = None
        self._row_of: dict[int, int] = {}

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32]:
        """(S, K) listings of the session's category by predicted probability of a purchase."""
        listings, sessions = observation.listings, observation.sessions
        places = observation.slate_size
        if self._model is None:
            categories = len(listings.category_reference_price)
            best = best_of_categories(listings.sold_recently, listings, places, categories)
            slate = best[sessions.category]
        else:
            slate = self._by_probability(self._model, observation)
        return self._with_exploration(slate, observation)

    def learn(self, observation: LearningObservation) -> None:
        """Retrain when it is due and there is something to learn from."""
        if (observation.day + 1) % self.params.retrain_days:
            return
        users, items, labels = self._examples(observation.log, observation.day)
        if len(users) == 0 or labels.max() == labels.min():
            return
        from models.recommender import NeuralRecommender, RecommenderConfig

        config = RecommenderConfig(
            embedding_size=self.params.embedding_size, max_epochs=self.params.epochs
        )
        if self._model is None or self._model.config.embedding_size != config.embedding_size:
            self._model = NeuralRecommender(config)  # embeddings of another length start anew
        self._model.config = config
        self._model.fit(
            users,
            items,
            labels,
            n_users=len(self._row_of),
            n_items=len(observation.listings.title),
            seed=observation.seed,
        )

    def _examples(
        self, log: InteractionLog, day: int
    ) -> tuple[IntArray, IntArray, NDArray[np.float64]]:
        recent = log.day > day - self.params.window_days
        visitor, item = log.visitor[recent], log.listing[recent]
        label = log.bought[recent].astype(np.float64)
        rated = {
            (int(who), int(what)): float(stars)
            for who, what, stars in zip(
                log.rating_visitor, log.rating_listing, log.rating, strict=True
            )
        }
        if rated and self.params.rating_weight > 0:
            for row in np.flatnonzero(label):
                stars = rated.get((int(visitor[row]), int(item[row])))
                if stars is not None:
                    label[row] += self.params.rating_weight * (stars - 1.0)
        return self._rows(visitor, grow=True), item.astype(np.int64), label

    def _rows(self, visitors: IntArray, *, grow: bool) -> NDArray[np.int64]:
        """Embedding rows of visitors' keys; unknown ones get new rows, or one past the last."""
        keys, inverse = np.unique(visitors, return_inverse=True)
        if grow:
            for key in keys.tolist():
                self._row_of.setdefault(key, len(self._row_of))
        unknown = len(self._row_of)
        rows = np.array([self._row_of.get(key, unknown) for key in keys.tolist()], dtype=np.int64)
        return rows[inverse]

    def _by_probability(
        self, model: NeuralRecommender, observation: RecommendationObservation
    ) -> NDArray[np.int32]:
        sessions, places = observation.sessions, observation.slate_size
        slate = np.full((len(sessions.category), places), -1, dtype=np.int32)
        row = self._rows(sessions.visitor, grow=False)
        for category in np.unique(sessions.category):
            who = np.flatnonzero(sessions.category == category)
            pool = members(observation.listings, int(category))
            if len(pool) == 0:
                continue
            slate[who] = model.top_k(row[who], places, candidates=pool)
        return slate

    def _with_exploration(
        self, slate: NDArray[np.int32], observation: RecommendationObservation
    ) -> NDArray[np.int32]:
        explored = round(self.params.exploration * slate.shape[1])
        if explored == 0:
            return slate
        rng = np.random.Generator(np.random.Philox(key=observation.seed))
        category = observation.sessions.category
        for place in range(slate.shape[1] - explored, slate.shape[1]):
            for one in np.unique(category):
                rows = np.flatnonzero(category == one)
                pool = members(observation.listings, int(one))
                if len(pool):
                    drawn = pool[rng.integers(0, len(pool), size=len(rows))]
                    seen = (slate[rows] == drawn[:, None]).any(axis=1)
                    slate[rows, place] = np.where(seen, slate[rows, place], drawn)
        return slate
