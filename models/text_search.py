"""Full-text search by BM25 over short documents, on the `bm25s` library.

Tokens are runs of letters and digits, case-folded; there is no stemming and no list of stop words,
so that results can be explained by the words themselves.

Source: Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond",
Foundations and Trends in Information Retrieval 3(4); the library: Lù (2024), "BM25S".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from models.array_checks import check_count
from models.top_k import top_k_by_score

_TOKEN = re.compile(r"[^\W_]+")


class BM25Config(BaseModel):
    """The two constants of BM25."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    k1: float = Field(1.5, ge=0.0, le=10.0, description="how soon repeated words stop to count")
    b: float = Field(0.75, ge=0.0, le=1.0, description="how strongly long documents are discounted")


def tokens(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, compatibility-normalised and case-folded."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


class BM25Index:
    """An index over N documents, whose ids are their places."""

    def __init__(self, documents: Sequence[str], config: BM25Config | None = None) -> None:
        """Index documents.

        Args:
            documents: N texts; an empty one is never found.
            config: the constants; absent: the usual ones.
        """
        self.config = config or BM25Config()
        self._documents = len(documents)
        words = [tokens(document) for document in documents]
        self._vocabulary = frozenset(word for document in words for word in document)
        self._index = bm25s.BM25(k1=self.config.k1, b=self.config.b, method="lucene")
        if self._vocabulary:
            self._index.index(words, show_progress=False)

    def top_k(
        self, queries: Sequence[str], k: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The best documents for each query.

        Args:
            queries: Q texts.
            k: how many documents a query, at least 1.

        Returns:
            (Q, k) ids, best first, ties by id, -1 where fewer documents share a word with the
            query; and (Q, k) scores, 0 there.

        Raises:
            ValueError: if `k` is not positive.
        """
        check_count("k", k, lower=1)
        scores = np.zeros((len(queries), self._documents), dtype=np.float32)
        for row, query in enumerate(queries):
            known = [word for word in tokens(query) if word in self._vocabulary]
            if known:
                scores[row] = self._index.get_scores(known)
        found = top_k_by_score(np.where(scores > 0, scores, np.float32(-np.inf)), k)
        best = (
            np.take_along_axis(scores, np.maximum(found, 0), axis=1)
            if scores.size
            else (np.zeros(found.shape, dtype=np.float32))
        )
        return found, np.where(found >= 0, best, np.float32(0.0))
