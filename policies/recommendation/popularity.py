"""Popularity: what sells is shown, with a few places kept for what has not been seen yet."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.observations import RecommendationObservation
from policies.params import PolicyParams
from policies.recommendation.by_category import best_of_categories, ranked_by_category
from policies.repeats import drop_repeats


class Popularity:
    """Shows the best-sellers of the category, and some listings that have not sold yet."""

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "popularity"

    class Params(PolicyParams):
        """Parameters of the popularity ranking."""

        exploration: float = Field(
            0.2,
            ge=0.0,
            le=1.0,
            description="share of places given to listings drawn at random, in whole places",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32]:
        """(S, K) listings by recent sales; every so many places a random one instead."""
        listings, places = observation.listings, observation.slate_size
        category = observation.sessions.category
        categories = len(listings.category_reference_price)
        best = best_of_categories(listings.sold_recently, listings, places, categories)
        explored = round(self.params.exploration * places)
        if explored == 0 or len(category) == 0:
            return best[category]
        rng = np.random.Generator(np.random.Philox(key=observation.seed))
        dealt, first = ranked_by_category(rng.random(len(listings.title)), listings, categories)
        width = np.diff(first)
        place = np.linspace(places - 1, 1, explored, dtype=np.int64)
        start = rng.integers(0, 1 << 30, size=len(category))
        slate = best[category]
        for step, where in enumerate(np.unique(place)):
            own = width[category] > 0
            column = (start[own] + step) % width[category[own]]
            slate[own, where] = dealt[first[category[own]] + column]
        drop_repeats(slate)
        return slate
