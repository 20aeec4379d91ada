"""The rating head: how many stars a visitor would give what she took.

Ratings say how much one likes what one chose, not what one would choose: a ranking by them alone is
below popularity. Beside what is learned from choices they tell who will be content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.observations import InteractionLog
from policies.recommendation.learned.visitors import VisitorRows

if TYPE_CHECKING:
    from models.recommender import NeuralRecommender

LARGEST_EMBEDDING, HIDDEN_UNITS = 16, 8
"""Ratings are few: more numbers a visitor than this they do not fill."""


class RatingHead:
    """The mission's network, trained on stars scaled to [0, 1]."""

    def __init__(self) -> None:
        self._model: NeuralRecommender | None = None

    @property
    def trained(self) -> bool:
        """Whether there were any ratings."""
        return self._model is not None

    def fit(
        self, log: InteractionLog, visitors: VisitorRows, n_items: int, size: int, seed: int
    ) -> None:
        """Go on from what was learned before, with the ratings of a log.

        Args:
            log: with R ratings; without any nothing changes.
            visitors: rows of those who rated.
            n_items: listings that there are.
            size: numbers that describe a visitor, at most.
            seed: of all that the training draws.
        """
        from models.recommender import NeuralRecommender, RecommenderConfig

        if len(log.rating) == 0:
            return
        config = RecommenderConfig(
            embedding_size=min(size, LARGEST_EMBEDDING), hidden_units=HIDDEN_UNITS
        )
        if self._model is None or self._model.config != config:
            self._model = NeuralRecommender(config)
        self._model.fit(
            visitors.of(log.rating_visitor),
            log.rating_listing.astype(np.int64),
            log.rating.astype(np.float64),
            n_users=len(visitors),
            n_items=n_items,
            seed=seed,
        )

    def stars(self, users: IntArray, pool: IntArray) -> NDArray[np.float32]:
        """(n, P) stars, 1 to 5, that users (n,) would give listings (P,)."""
        if self._model is None:
            return np.full((len(users), len(pool)), 3.0, dtype=np.float32)
        logit = self._model.score_matrix(users, pool)
        stars: NDArray[np.float32] = 3.0 + 2.0 * np.tanh(0.5 * logit)
        return stars
