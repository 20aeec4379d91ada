"""Weighted slates: what consumers would like, and what the platform earns, in one score."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.observations import ListingsView, RecommendationObservation
from policies.params import PolicyParams
from policies.recommendation.by_category import members

PRIOR_RATINGS = 5.0
"""Ratings that the mean of all listings counts for in a listing's own mean."""

MIDDLE = 3.0
"""Stars that are predicted where nothing has been rated yet."""


class WeightedRecommendation:
    """Shows what scores best by predicted rating and the platform's earnings, each with a weight.

    score = consumer_weight * predicted stars + profit_weight * earnings / earnings_unit. Without a
    model that predicts ratings it takes posted mean ratings, drawn towards the mean of all.

    Source: Ghanem, Leitner & Jannach (2022), Electronic Commerce Research and Applications; their
    strategies are (1, 0) consumer-centric, (.9, .1) consumer-biased, (.5, .5) balanced and (0, 1)
    profit-centric.
    """

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "weighted"

    class Params(PolicyParams):
        """Parameters of the weighted ranking."""

        consumer_weight: float = Field(
            0.9, ge=0.0, le=1.0, description="weight of a predicted star in a listing's score"
        )
        profit_weight: float = Field(
            0.1, ge=0.0, le=1.0, description="weight of the platform's earnings in the score"
        )
        earnings_unit: float = Field(
            1.0,
            gt=0.0,
            le=1e6,
            description="earnings on a sale that count as much as a star, currency units",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32]:
        """(S, K) listings of each session's category by score; what is bought for good is left out.

        Raises:
            ValueError: if the observation holds no earnings.
        """
        if observation.earnings is None:
            raise ValueError("weighted needs the platform's earnings on each listing")
        listings, places = observation.listings, observation.slate_size
        category = observation.sessions.category
        slate = np.full((len(category), places), -1, dtype=np.int32)
        params = self.params
        earned = params.profit_weight * observation.earnings / (100.0 * params.earnings_unit)
        posted = params.consumer_weight * posted_ratings(listings)
        for one in np.unique(category):
            rows, pool = np.flatnonzero(category == one), members(listings, int(one))
            if len(pool) == 0:
                continue
            if observation.predicted_rating is None:
                score = (posted + earned)[pool][None, :]
                slate[rows] = _best(score, pool, places)
            else:
                stars = _of(observation.predicted_rating, rows, pool)
                score = stars * np.float32(params.consumer_weight)
                score += earned[pool].astype(np.float32)
                slate[rows] = _best(score, pool, places)
        return slate


def posted_ratings(listings: ListingsView) -> FloatArray:
    """(L,) posted mean ratings, drawn towards the mean of all by a few ratings' weight."""
    count = listings.rating_count.astype(np.float64)
    total = np.where(count > 0, np.nan_to_num(listings.rating_mean) * count, 0.0)
    everywhere = total.sum() / count.sum() if count.sum() > 0 else MIDDLE
    mean: FloatArray = (total + PRIOR_RATINGS * everywhere) / (count + PRIOR_RATINGS)
    return mean


def _of(table: FloatArray, rows: IntArray, columns: IntArray) -> FloatArray:
    """Rows and columns of a table; the table itself where it is all of them."""
    whole = table.shape == (len(rows), len(columns))
    return table if whole else table[np.ix_(rows, columns)]


def _best(score: FloatArray, pool: IntArray, places: int) -> NDArray[np.int32]:
    """(n, K) members of the pool with the highest scores, best first; nan never.

    Ties go to the older listing, also at the end of the slate.
    """
    kept = min(places, len(pool))
    cost = -score  # nan sorts last
    last = np.partition(cost, kept - 1, axis=1)[:, kept - 1 : kept]
    row, column = np.nonzero((cost <= last) | (np.isnan(last) & ~np.isnan(cost)))
    order = np.lexsort((column, cost[row, column], row))
    row, column = row[order], column[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    shown = place < kept
    best = np.full((len(cost), places), -1, dtype=np.int32)
    best[row[shown], place[shown]] = pool[column[shown]]
    return best
