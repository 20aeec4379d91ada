"""Which listings have the words of a query, best match first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.observations import ListingsView, SearchObservation

if TYPE_CHECKING:
    from models.text_search import BM25Index


def texts_of(listings: ListingsView) -> list[str]:
    """Title and description of every listing."""
    return [
        f"{title} {text}" for title, text in zip(listings.title, listings.description, strict=True)
    ]


class TextMatching:
    """An index of listings' texts, built anew from time to time; each query is asked once."""

    def __init__(self) -> None:
        self._index: BM25Index | None = None
        self._built_for: tuple[int, float, float] = (-1, 0.0, 0.0)
        self._built_on = -1
        self._found: dict[tuple[str, int], NDArray[np.int32]] = {}

    def renew(
        self, listings: ListingsView, day: int, *, k1: float, b: float, reindex_days: int
    ) -> BM25Index:
        """The index, built anew if it is due and listings or constants have changed."""
        from models.text_search import BM25Config, BM25Index

        wanted = (len(listings.title), k1, b)
        due = wanted[1:] != self._built_for[1:] or day - self._built_on >= reindex_days
        if self._index is None or (wanted != self._built_for and due):
            self._index = BM25Index(texts_of(listings), BM25Config(k1=k1, b=b))
            self._built_for, self._built_on = wanted, day
            self._found.clear()
        return self._index

    def matches(
        self, index: BM25Index, observation: SearchObservation, depth: int
    ) -> tuple[IntArray, NDArray[np.int32]]:
        """The queries asked today, and what of their matches is on sale.

        Args:
            index: as `renew` returned it.
            observation: who searches, and what is on sale.
            depth: matches a query that are looked at.

        Returns:
            (q,) distinct queries, ascending; (q, depth) listings on sale, best match first, -1
            padded.
        """
        sessions, on_sale = observation.sessions, observation.listings.on_sale
        asked = np.unique(sessions.query[sessions.query >= 0])
        if len(asked) == 0 or len(on_sale) == 0:
            return asked[:0], np.full((0, depth), -1, dtype=np.int32)
        texts = [sessions.queries[query] for query in asked]
        new = [text for text in texts if (text, depth) not in self._found]
        if new:
            for text, row in zip(new, index.top_k(new, depth)[0], strict=True):
                self._found[text, depth] = row
        found = np.stack([self._found[text, depth] for text in texts])
        sold = (found >= 0) & on_sale[found]
        order = np.argsort(~sold, axis=1, kind="stable")
        return asked, np.take_along_axis(np.where(sold, found, -1), order, axis=1)


def results_by_query(
    observation: SearchObservation, asked: IntArray, best: NDArray[np.int32]
) -> NDArray[np.int32]:
    """(S, K) results: for each session those of its query, -1 without one.

    Args:
        observation: who searches.
        asked: (q,) distinct queries, ascending.
        best: (q, at least K) listings, best first.
    """
    query, places = observation.sessions.query, observation.result_size
    results = np.full((len(query), places), -1, dtype=np.int32)
    searching = np.isin(query, asked) & (query >= 0)
    results[searching] = best[np.searchsorted(asked, query[searching]), :places]
    return results
