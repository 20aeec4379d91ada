"""Collaborative filtering by neighbours: what consumers bought who have bought alike."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import sparse

from policies.arrays import FloatArray, IntArray
from policies.observations import LearningObservation, RecommendationObservation
from policies.params import PolicyParams
from policies.recommendation.by_category import members

SIMILARITIES_A_BLOCK = 4_000_000
"""Similarities of visitors held at a time."""

UNKNOWN = -1
"""In the place of a row: a visitor who bought nothing that the log still holds."""


class NeighbourRecommendation:
    """Shows what the most similar visitors bought most, in the platform's own log.

    Two visitors are as similar as the cosine of what they bought. A listing's score is the number
    of purchases by the visitor's neighbours, over the purchases of all to the power of the discount
    of popularity; where neighbours bought nothing, the best-sellers of the log take the places,
    discounted alike. Equals are ordered by lot.

    Source: Fleder & Hosanagar (2009), Management Science 55(5): without a discount their
    recommender r1, with one of 1 their r2; Breese, Heckerman & Kadie (1998), UAI.
    """

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "neighbours"

    class Params(PolicyParams):
        """Parameters of the collaborative filter."""

        neighbours: int = Field(
            5, ge=0, le=10_000, description="visitors whose purchases count; 0: those of everybody"
        )
        popularity_discount: float = Field(
            0.0,
            ge=0.0,
            le=1.0,
            description="power of all purchases of a listing that its score is divided by",
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._visitor: IntArray = np.empty(0, dtype=np.int64)
        self._listing: IntArray = np.empty(0, dtype=np.int64)

    def learn(self, observation: LearningObservation) -> None:
        """Note who bought what, as far as the log goes back."""
        log = observation.log
        bought = np.flatnonzero(log.bought)
        self._visitor = log.visitor[bought].astype(np.int64)
        self._listing = log.listing[bought].astype(np.int64)

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32]:
        """(S, K) listings of each session's category, the highest score first."""
        sessions, places = observation.sessions, observation.slate_size
        slate = np.full((len(sessions.category), places), -1, dtype=np.int32)
        width = len(observation.listings.title)
        total = np.bincount(self._listing, minlength=width).astype(np.float64)
        asked, visitor = np.unique(sessions.visitor, return_inverse=True)
        bought = self._by_neighbours(asked, width)
        discount = np.maximum(total, 1.0) ** self.params.popularity_discount
        rng = np.random.Generator(np.random.Philox(key=observation.seed))
        for category in np.unique(sessions.category):
            rows = np.flatnonzero(sessions.category == category)
            pool = members(observation.listings, int(category))
            everybody = np.tile((total / discount)[pool], (len(rows), 1))
            score = everybody if bought is None else bought[visitor[rows]][:, pool].toarray()
            if bought is not None:
                score = score / discount[pool]
            order = np.lexsort((rng.random(score.shape), -everybody, -score), axis=1)[:, :places]
            slate[rows, : order.shape[1]] = pool[order]
        return slate

    def _by_neighbours(self, visitors: IntArray, width: int) -> sparse.csr_array | None:
        """(V, L) purchases by the neighbours of each visitor; None: of everybody."""
        if self.params.neighbours == 0 or len(self._visitor) == 0:
            return None
        keys, row = np.unique(self._visitor, return_inverse=True)
        counts = sparse.csr_array(
            (np.ones(len(row), dtype=np.float32), (row, self._listing)), shape=(len(keys), width)
        )
        place = np.minimum(np.searchsorted(keys, visitors), len(keys) - 1)
        known = np.where(keys[place] == visitors, place, UNKNOWN)
        purchases: Any = nearest(counts, known, self.params.neighbours) @ counts
        return sparse.csr_array(purchases)


def nearest(counts: sparse.csr_array, rows: IntArray, neighbours: int) -> sparse.csr_array:
    """Mark the rows that are most like some rows.

    Args:
        counts: (N, L) how often each of N visitors bought each listing; no row is empty.
        rows: (R,) rows to find neighbours of; UNKNOWN: has none.
        neighbours: how many at most, >= 1.

    Returns:
        (R, N) 1 at the neighbours of each, by the cosine; ties go to the lower row. Rows that share
        nothing are no neighbours, nor is a row its own.
    """
    length = np.sqrt(counts.multiply(counts).sum(axis=1))
    unit: sparse.csr_array = sparse.csr_array(counts.multiply(1.0 / length[:, None]))
    visitors, kept = counts.shape[0], min(neighbours, counts.shape[0])
    a_block = max(SIMILARITIES_A_BLOCK // visitors, 1)
    found_row, found = [], []
    bought_before = np.flatnonzero(rows != UNKNOWN)
    for start in range(0, len(bought_before), a_block):
        asking = bought_before[start : start + a_block]
        block = rows[asking]
        alike: FloatArray = (unit[block] @ unit.T).toarray()
        alike[np.arange(len(block)), block] = 0.0
        best = np.argsort(-alike, axis=1, kind="stable")[:, :kept]
        row, place = np.nonzero(np.take_along_axis(alike, best, axis=1) > 0.0)
        found_row.append(asking[row])
        found.append(best[row, place])
    row = np.concatenate([np.empty(0, np.int64), *found_row])
    column = np.concatenate([np.empty(0, np.int64), *found])
    return sparse.csr_array(
        (np.ones(len(row), dtype=np.float32), (row, column)), shape=(len(rows), visitors)
    )
