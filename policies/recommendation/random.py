"""Random slates: what a platform without any ranking shows."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from policies.observations import RecommendationObservation
from policies.params import PolicyParams
from policies.recommendation.by_category import members


class RandomRecommendation:
    """Shows listings of the category in random order."""

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "random"

    class Params(PolicyParams):
        """Random slates have no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32]:
        """(S, K) listings of each session's category, drawn anew for every session."""
        sessions, places = observation.sessions, observation.slate_size
        slate = np.full((len(sessions.category), places), -1, dtype=np.int32)
        rng = np.random.Generator(np.random.Philox(key=observation.seed))
        for category in np.unique(sessions.category):
            rows = np.flatnonzero(sessions.category == category)
            pool = members(observation.listings, int(category))
            kept = min(places, len(pool))
            if kept:
                slate[rows, :kept] = pool[_distinct_draws(rng, len(rows), len(pool), kept)]
        return slate


def _distinct_draws(rng: np.random.Generator, rows: int, pool: int, kept: int) -> NDArray[np.int64]:
    """(rows, kept) numbers below `pool`, distinct within a row: Floyd's sampling, then a shuffle.

    Source: Bentley & Floyd (1987), "Programming pearls: a sample of brilliance".
    """
    chosen = np.empty((rows, kept), dtype=np.int64)
    for place, top in enumerate(range(pool - kept, pool)):
        draw = rng.integers(0, top + 1, size=rows)
        taken = (chosen[:, :place] == draw[:, None]).any(axis=1)
        chosen[:, place] = np.where(taken, top, draw)
    return rng.permuted(chosen, axis=1)
