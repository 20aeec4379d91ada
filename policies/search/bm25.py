"""Search by text match."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.observations import SearchObservation
from policies.params import PolicyParams

if TYPE_CHECKING:
    from models.text_search import BM25Index

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
        self._index: BM25Index | None = None
        self._built_for: tuple[int, float, float] = (-1, 0.0, 0.0)
        self._built_on = -1
        self._found: dict[tuple[str, int], NDArray[np.int32]] = {}

    def search(self, observation: SearchObservation) -> NDArray[np.int32]:
        """(S, K) listings on sale, best match first; the same for all who type the same."""
        listings, sessions = observation.listings, observation.sessions
        places = observation.result_size
        results = np.full((len(sessions.query), places), -1, dtype=np.int32)
        asked = np.unique(sessions.query[sessions.query >= 0])
        if len(asked) == 0 or len(listings.title) == 0:
            return results
        found = self._matches(observation, [sessions.queries[query] for query in asked])
        sold = (found >= 0) & listings.on_sale[found]
        order = np.argsort(~sold, axis=1, kind="stable")
        found = np.take_along_axis(np.where(sold, found, -1), order, axis=1)
        best = np.full((len(sessions.queries), places), -1, dtype=np.int32)
        best[asked] = found[:, :places]
        searching = sessions.query >= 0
        results[searching] = best[sessions.query[searching]]
        return results

    def _matches(self, observation: SearchObservation, texts: list[str]) -> NDArray[np.int32]:
        """(queries, DEPTH * K) listings whose words match, best first; each query asked once."""
        index, depth = self._index_of(observation), DEPTH * observation.result_size
        new = [text for text in texts if (text, depth) not in self._found]
        if new:
            for text, row in zip(new, index.top_k(new, depth)[0], strict=True):
                self._found[text, depth] = row
        return np.stack([self._found[text, depth] for text in texts])

    def _index_of(self, observation: SearchObservation) -> BM25Index:
        from models.text_search import BM25Config, BM25Index

        listings, params = observation.listings, self.params
        wanted = (len(listings.title), params.k1, params.b)
        due = (
            wanted[1:] != self._built_for[1:]
            or observation.day - self._built_on >= params.reindex_days
        )
        if self._index is None or (wanted != self._built_for and due):
            documents = [
                f"{title} {text}"
                for title, text in zip(listings.title, listings.description, strict=True)
            ]
            self._index = BM25Index(documents, BM25Config(k1=params.k1, b=params.b))
            self._built_for, self._built_on = wanted, observation.day
            self._found.clear()
        return self._index
