"""Full-text search by BM25 over short documents, on the `bm25s` library.

A token is a run of letters and digits without its accents and in folded case, so that "CAFÉ-1,5 L"
gives cafe, 1, 5, l. Where a script leaves no spaces between words (Chinese characters, kana), every
character is a token, as in Lucene's standard analysis. There is no stemming and no list of stop
words, so that results can be explained by the words themselves.

Source: Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond",
Foundations and Trends in Information Retrieval 3(4); the library: Lù (2024), "BM25S".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import bm25s
import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from models.array_checks import PADDING_ID, check_count, check_same_length, checked_ids
from models.top_k import top_k_by_score

_SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_SPACELESS}]|[^\W_{_SPACELESS}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")


class BM25Config(BaseModel):
    """The two constants of BM25."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    k1: float = Field(1.5, ge=0.0, le=10.0, description="how soon repeated words stop to count")
    b: float = Field(0.75, ge=0.0, le=1.0, description="how strongly long documents are discounted")


def tokens(text: str) -> list[str]:
    """Return the words of a text in order, as the module describes them."""
    without_accents = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _TOKEN.findall(unicodedata.normalize("NFKC", without_accents).casefold())


class BM25Index:
    """An index over N documents, whose ids are their places."""

    def __init__(self, documents: Sequence[str], config: BM25Config | None = None) -> None:
        """Index documents.

        Args:
            documents: N texts; an empty one is never found.
            config: the constants; absent: the usual ones.

        Raises:
            ValueError: if `documents` is one text, or holds something else than texts.
        """
        check_texts("documents", documents)
        self.config = config or BM25Config()
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
            ValueError: if `k` is not positive, or `queries` is no sequence of texts.
        """
        check_count("k", k, lower=1)
        check_texts("queries", queries)
        found = np.full((len(queries), k), PADDING_ID, dtype=np.int32)
        score = np.zeros((len(queries), k), dtype=np.float32)
        for row, query in enumerate(queries):
            scores = self._scores(query)
            if scores is None:
                continue
            matching = np.flatnonzero(scores > 0)
            best = top_k_by_score(scores[None, matching], k)[0]
            best = best[best != PADDING_ID]
            found[row, : len(best)] = matching[best]
            score[row, : len(best)] = scores[matching[best]]
        return found, score

    def pair_scores(
        self, queries: Sequence[str], query: npt.ArrayLike, document: npt.ArrayLike
    ) -> NDArray[np.float32]:
        """How well each of some documents matches each of some queries.

        Args:
            queries: Q texts.
            query: (E,) places in `queries`.
            document: (E,) ids of documents; one that is not in the index matches nothing.

        Returns:
            (E,) scores, 0 where they share no word.

        Raises:
            ValueError: if ids or shapes are not allowed.
        """
        check_texts("queries", queries)
        asked, about = checked_ids("query", query), checked_ids("document", document)
        check_same_length(query=asked, document=about)
        if len(asked) and asked.max() >= len(queries):
            raise ValueError(f"query: {asked.max()}, but there are {len(queries)} queries")
        result = np.zeros(len(asked), dtype=np.float32)
        order = np.argsort(asked, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(asked[order])) + 1):
            scores = self._scores(queries[asked[rows[0]]]) if len(rows) else None
            if scores is not None:
                inside = rows[about[rows] < len(scores)]
                result[inside] = scores[about[inside]]
        return result

    def _scores(self, query: str) -> NDArray[np.float32] | None:
        """(N,) scores of all documents; None where none has a word of the query."""
        # Sorted, since sums of floats depend on their order and the words' must not matter.
        known = sorted(word for word in tokens(query) if word in self._vocabulary)
        if not known:
            return None
        scores: NDArray[np.float32] = self._index.get_scores(known)
        return scores


def check_texts(name: str, texts: Sequence[str]) -> None:
    """Refuse what is no sequence of texts.

    Raises:
        ValueError: if it is one text, or holds something else than texts.
    """
    if isinstance(texts, str):
        raise ValueError(f"{name}: a sequence of texts is needed, got the one text {texts!r}")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"{name}: position {place} is {text!r}, not a text")
