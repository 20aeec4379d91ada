"""Search by text match."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.observations import SearchObservation
from policies.params import PolicyParams
from policies.search.matching import TextMatching, results_by_query

DEPTH = 8
"""Matches kept of each query per place to fill, so that sold-out ones can be passed over."""


class BM25Search:
    """Ranks listings by how well their words match the query (BM25).

    Source: Robertson & Zaragoza (2009), "The probabilistic relevance framework: BM25 and beyond".
    """

    family: ClassVar[str] = "search"
    name: ClassVar[str] = "bm25"

    class Params(PolicyParams):
        """Parameters of the text match."""

        k1: float = Field(1.5, ge=0.0, le=10.0, description="how soon repeated words stop to count")
        b: float = Field(0.75, ge=0.0, le=1.0, description="how strongly long texts are discounted")
        reindex_days: int = Field(
            7, ge=1, le=365, description="days between two rebuilds; newer listings are not found"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._matching = TextMatching()

    def search(self, observation: SearchObservation) -> NDArray[np.int32]:
        """(S, K) listings on sale, best match first; the same for all who type the same."""
        params = self.params
        index = self._matching.renew(
            observation.listings,
            observation.day,
            k1=params.k1,
            b=params.b,
            reindex_days=params.reindex_days,
        )
        depth = DEPTH * observation.result_size
        return results_by_query(observation, *self._matching.matches(index, observation, depth))
