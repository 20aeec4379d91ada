"""Search by text match."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.text_search import BM25Config, BM25Index
from policies.observations import SearchObservation
from policies.params import PolicyParams


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

    def __init__(self, params: Params) -> None:
        self.params = params
        self._index: BM25Index | None = None
        self._built_for: tuple[int, float, float] = (-1, 0.0, 0.0)

    def search(self, observation: SearchObservation) -> NDArray[np.int32]:
        """(S, K) listings on sale, best match first; the same for all who type the same."""
        listings, sessions, places = (
            observation.listings,
            observation.sessions,
            observation.result_size,
        )
        results = np.full((len(sessions.query), places), -1, dtype=np.int32)
        asked = np.unique(sessions.query[sessions.query >= 0])
        if len(asked) == 0 or len(listings.title) == 0:
            return results
        wide = min(len(listings.title), 8 * places)
        texts = [sessions.queries[query] for query in asked]
        found, _ = self._index_of(observation).top_k(texts, wide)
        best = np.full((len(sessions.queries), places), -1, dtype=np.int32)
        sold = (found >= 0) & listings.on_sale[found]
        order = np.argsort(~sold, axis=1, kind="stable")
        found = np.take_along_axis(np.where(sold, found, -1), order, axis=1)
        width = min(places, found.shape[1])
        best[asked, :width] = found[:, :width]
        searching = sessions.query >= 0
        results[searching] = best[sessions.query[searching]]
        return results

    def _index_of(self, observation: SearchObservation) -> BM25Index:
        listings = observation.listings
        built_for = (len(listings.title), self.params.k1, self.params.b)
        if self._index is None or built_for != self._built_for:
            documents = [
                f"{title} {text}"
                for title, text in zip(listings.title, listings.description, strict=True)
            ]
            self._index = BM25Index(documents, BM25Config(k1=self.params.k1, b=self.params.b))
            self._built_for = built_for
        return self._index
