"""Texts as short vectors, without a downloaded model: TF-IDF and a truncated SVD.

A word that stands in few documents counts more than one that stands in many; the singular vectors
then put words together that stand in the same documents, so that texts without a common word can
still be near each other.

Source: Deerwester, Dumais, Furnas, Landauer & Harshman (1990), "Indexing by Latent Semantic
Analysis", Journal of the American Society for Information Science 41(6); the weights (1 + log tf)
and log((1 + N) / (1 + df)) + 1: Salton & Buckley (1988), Information Processing & Management 24(5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import svds

from models.array_checks import check_count
from models.text_search import check_texts, tokens

VectorArray = npt.NDArray[np.float32]

DENSE_BELOW = 200
"""Documents or words below which a whole SVD is as fast as a truncated one."""


class TextVectors:
    """Vectors of texts, in the space that some documents span."""

    def __init__(self, words: tuple[str, ...], rarity: VectorArray, axes: VectorArray) -> None:
        self._place = {word: place for place, word in enumerate(words)}
        self._rarity = rarity  # (W,)
        self._axes = axes  # (W, size)

    @classmethod
    def of(cls, documents: Sequence[str], size: int) -> Self:
        """Learn the space.

        Args:
            documents: N texts.
            size: numbers a vector; where the documents span fewer dimensions, the others are 0.

        Raises:
            ValueError: if `size` is not positive, or `documents` is no sequence of texts.
        """
        check_count("size", size, lower=1)
        check_texts("documents", documents)
        counts = [Counter(tokens(document)) for document in documents]
        frequency = Counter(word for count in counts for word in count)
        words = tuple(sorted(frequency))
        documents_of = np.array([frequency[word] for word in words], dtype=np.float64)
        rarity = (np.log((1.0 + len(documents)) / (1.0 + documents_of)) + 1.0).astype(np.float32)
        empty = cls(words, rarity, np.zeros((len(words), size), dtype=np.float32))
        empty._axes = _main_axes(empty._weighted(counts), size)
        return empty

    @property
    def size(self) -> int:
        """Numbers a vector."""
        return int(self._axes.shape[1])

    def vectors(self, texts: Sequence[str]) -> VectorArray:
        """Place texts in the space.

        Args:
            texts: T texts.

        Returns:
            (T, size) float32 of length 1, so that their products are cosines; zeros for a text
            of which no word is known.

        Raises:
            ValueError: if `texts` is no sequence of texts.
        """
        check_texts("texts", texts)
        placed = self._weighted([Counter(tokens(text)) for text in texts]) @ self._axes
        length = np.linalg.norm(placed, axis=1, keepdims=True)
        unit: VectorArray = np.divide(
            placed, length, out=np.zeros_like(placed), where=length > 1e-6
        )
        return unit

    def _weighted(self, counts: Sequence[Counter[str]]) -> sparse.csr_array[Any, tuple[int, int]]:
        """(T, W) TF-IDF weights, each row of length 1."""
        row, column, weight = [], [], []
        for place, count in enumerate(counts):
            for word in sorted(count):
                if word in self._place:
                    row.append(place)
                    column.append(self._place[word])
                    weight.append((1.0 + np.log(count[word])) * self._rarity[column[-1]])
        matrix = sparse.csr_array(
            (np.array(weight, dtype=np.float32), (np.array(row, int), np.array(column, int))),
            shape=(len(counts), len(self._place)),
        )
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
        scaled: Any = sparse.diags_array(1.0 / np.maximum(length, 1e-12)) @ matrix
        return sparse.csr_array(scaled, dtype=np.float32)


def _main_axes(weighted: sparse.csr_array[Any, tuple[int, int]], size: int) -> VectorArray:
    """(W, size) right singular vectors of the largest values; each one's largest entry is > 0."""
    documents, words = weighted.shape
    axes = np.zeros((words, size), dtype=np.float32)
    if documents == 0 or words == 0:
        return axes
    if min(documents, words) <= max(size, DENSE_BELOW):
        right = np.linalg.svd(weighted.toarray().astype(np.float64), full_matrices=False)[2]
    else:
        start = np.random.default_rng(0).standard_normal(min(documents, words))
        _, values, rows = svds(weighted.astype(np.float64), k=size, v0=start)
        right = rows[np.argsort(-values, kind="stable")]
    right = right[:size]
    largest = np.take_along_axis(right, np.abs(right).argmax(axis=1)[:, None], axis=1)
    axes[:, : len(right)] = (right * np.where(largest < 0, -1.0, 1.0)).T
    return axes
