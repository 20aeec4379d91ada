"""A recommender that places listings by text, picture, category and price, new ones from the start.

It learns from what visitors clicked and bought; who has clicked something is known by it the next
day, and a listing can be shown to those who will like it on the day on which it is listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.observations import (
    Explanations,
    InteractionLog,
    LearningObservation,
    LearningReport,
    ListingsView,
    RecommendationObservation,
    ScoredSlates,
)
from policies.params import PolicyParams
from policies.recommendation.by_category import best_of_categories, members
from policies.recommendation.learned.explaining import NOBODY, explained_by_sales
from policies.search.matching import texts_of

if TYPE_CHECKING:
    from models.histories import Histories
    from models.interactions import Interactions
    from models.retrieval.two_tower import TwoTower
    from models.text_vectors import TextVectors

PLACES = 10
"""Of the ranking of held-out clicks that is reported."""

BATCH, TOWER_L2 = 64, 0.2
"""Visitors a step, and the penalty on the towers: of most visitors a shop knows few clicks."""


class TwoTowerRecommendation:
    """Shows what is near to what a visitor clicked and bought, by two towers over features.

    Until the first training it shows what sells.
    """

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "two_tower"

    class Params(PolicyParams):
        """Parameters of the two towers."""

        size: int = Field(32, ge=2, le=512, description="numbers that describe a visitor")
        text_dimensions: int = Field(
            16, ge=1, le=512, description="numbers that describe a text (LSA)"
        )
        pictures: bool = Field(True, description="false: pictures are not looked at")
        retrain_days: int = Field(7, ge=1, le=365, description="days between two trainings")
        window_days: int = Field(28, ge=1, le=3650, description="days of the log it learns from")
        epochs: int = Field(15, ge=1, le=200, description="passes over the visitors a training")

    def __init__(self, params: Params) -> None:
        self.params = params
        self._model: TwoTower | None = None
        self._space: TextVectors | None = None
        self._row_of: dict[int, int] = {}
        self._histories: Histories | None = None

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32] | ScoredSlates:
        """(S, K) listings of the session's category, those nearest to the visitor first."""
        listings, sessions = observation.listings, observation.sessions
        places, model = observation.slate_size, self._model
        if model is None or self._histories is None or self._space is None:
            categories = len(listings.category_reference_price)
            best = best_of_categories(listings.sold_recently, listings, places, categories)
            return best[sessions.category]
        from models.histories import Histories
        from models.top_k import top_k_by_score

        if len(listings.title) > model.n_items:
            model.add_items(self._features(listings, self._space)[model.n_items :])
        known = Histories(self._histories.starts, self._histories.items, model.n_items)
        shape = len(sessions.category), places
        slate = ScoredSlates(
            np.full(shape, -1, dtype=np.int32), np.full(shape, -np.inf, dtype=np.float32)
        )
        for category in np.unique(sessions.category).tolist():
            who = np.flatnonzero(sessions.category == category)
            pool = members(listings, int(category))
            if len(pool) == 0:
                continue
            rows = self._rows(sessions.visitor[who])
            scores = model.scores(rows, pool, histories=known.rows(rows))
            column = top_k_by_score(scores, places)
            there = column >= 0
            slate.listing[who] = np.where(there, pool[column], -1)
            slate.score[who] = np.where(there, np.take_along_axis(scores, column, axis=1), -np.inf)
        return slate

    def explain(
        self, observation: RecommendationObservation, session: IntArray, listing: IntArray
    ) -> Explanations:
        """Score of a listing for anybody, and what each listing taken before adds to it."""
        model = self._model
        if model is None or self._histories is None:
            return explained_by_sales(observation.listings, listing)
        from models.histories import Histories

        known = Histories(self._histories.starts, self._histories.items, model.n_items)
        rows = self._rows(observation.sessions.visitor[session])
        told = model.contributions(listing.astype(np.int64), known.rows(rows))
        pairs = np.arange(len(listing))
        return Explanations(
            pair=np.concatenate([pairs, told.row]),
            part=("own record",) * len(pairs) + ("clicked or bought before",) * len(told.row),
            about=np.concatenate([np.full(len(pairs), NOBODY), told.taken]),
            value=np.concatenate([told.bias, told.value]),
        )

    def learn(self, observation: LearningObservation) -> LearningReport | None:
        """Know what visitors took by now; retrain when it is due."""
        due = (observation.day + 1) % self.params.retrain_days == 0
        if not due and self._model is None:
            return None
        from models.histories import Histories

        taken = self._taken(observation.log, observation.day, len(observation.listings.title))
        if len(taken) == 0:
            return None
        self._histories = Histories.of_log(taken)
        return self._train(taken, observation) if due else None

    def _train(self, taken: Interactions, observation: LearningObservation) -> LearningReport:
        """Train on all but each visitor's newest event, and measure how well this is found."""
        from models.interactions import leave_last_out
        from models.ranking_metrics import ranking_quality
        from models.retrieval.two_tower import TwoTower, TwoTowerConfig
        from models.text_vectors import TextVectors

        training, newest = leave_last_out(taken)
        if len(training) == 0:
            training = taken
        params, listings = self.params, observation.listings
        self._space = TextVectors.of(texts_of(listings), params.text_dimensions)
        self._model = TwoTower(
            TwoTowerConfig(
                size=params.size, epochs=params.epochs, batch_size=BATCH, tower_l2=TOWER_L2
            ),
            self._features(listings, self._space),
        )
        report = self._model.fit(training, seed=observation.seed)
        ranked = self._model.top_k(np.arange(taken.n_users), PLACES, exclude_known=False)
        quality = ranking_quality(ranked, newest)
        return LearningReport(
            {
                "ndcg": quality.ndcg,
                "recall": quality.recall,
                "coverage": quality.coverage,
                "loss": report.losses[-1],
                "examples": report.events,
            }
        )

    def _taken(self, log: InteractionLog, day: int, listings: int) -> Interactions:
        """What visitors clicked or bought within the window."""
        from models.interactions import Interactions

        rows = np.flatnonzero((log.day > day - self.params.window_days) & log.clicked)
        for key in np.unique(log.visitor[rows]).tolist():
            self._row_of.setdefault(key, len(self._row_of))
        return Interactions.of(
            self._rows(log.visitor[rows]),
            log.listing[rows].astype(np.int64),
            n_users=len(self._row_of),
            n_items=listings,
            times=log.day[rows].astype(np.int64),
        )

    def _rows(self, visitors: IntArray) -> NDArray[np.int64]:
        """Rows of visitors' keys; one past the last for those who are unknown."""
        keys, inverse = np.unique(visitors, return_inverse=True)
        unknown = len(self._row_of)
        rows = np.array([self._row_of.get(key, unknown) for key in keys.tolist()], dtype=np.int64)
        return rows[inverse]

    def _features(self, listings: ListingsView, space: TextVectors) -> FloatArray:
        """(L, F) what is known of listings: texts, pictures, category, price in its category."""
        from models.retrieval.two_tower import item_features

        vectors = [space.vectors(texts_of(listings))]
        if self.params.pictures and listings.image is not None:
            vectors.append(np.asarray(listings.image))
        usual = listings.category_reference_price[listings.category]
        return item_features(
            vectors=tuple(vectors),
            category=listings.category,
            categories=len(listings.category_names),
            log_price=np.log(np.maximum(listings.price, 1) / np.maximum(usual, 1)),
        )
