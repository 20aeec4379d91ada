"""Items near a taste among very many: exactly, or by an index that looks at a part of them.

An inner-product index of faiss ranks the few items that it visits exactly, and misses the best of
those it does not visit. How many it misses is measured, never assumed: `recall_of` compares it with
the exact ranking of some users.

Source: Jégou, Douze & Schmid (2011), "Product Quantization for Nearest Neighbor Search", IEEE TPAMI
33(1) (inverted lists); Malkov & Yashunin (2020), "Efficient and Robust Approximate Nearest Neighbor
Search Using Hierarchical Navigable Small World Graphs", IEEE TPAMI 42(4); Douze et al. (2024), "The
Faiss Library", arXiv:2401.08281; Bachrach et al. (2014), "Speeding Up the Xbox Recommender System
Using a Euclidean Transformation for Inner-Product Spaces", RecSys (the bias as a dimension).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.array_checks import PADDING_ID, check_count
from models.product_top_k import top_k_by_product

Method = Literal["exact", "ivf", "hnsw"]

_NEIGHBOURS = 32
"""Links of an item in the graph."""

_EXTRA = 2
"""Looked for per place, so that ranking again in float32 has something to choose from."""


class NearestError(ValueError):
    """An index that cannot be built."""


class NearestItems:
    """Items to be found by dot product."""

    def __init__(
        self,
        items: Tensor,
        *,
        bias: Tensor | None = None,
        method: Method = "exact",
        visited: int = 32,
        seed: int = 0,
    ) -> None:
        """Index items.

        Args:
            items: (M, d) float32.
            bias: (M,) float32 added to each item's products; absent: 0.
            method: `exact` looks at all; `ivf` at the lists nearest to a taste; `hnsw` walks a
                graph of neighbours.
            visited: lists of `ivf`, or candidates that `hnsw` keeps: more finds more and takes
                longer.
            seed: of the lists' centres.

        Raises:
            NearestError: if there is no such method, or faiss is not installed.
        """
        if method not in get_args(Method):
            known = ", ".join(get_args(Method))
            raise NearestError(f"method: {method!r} is not one of {known}")
        check_count("visited", visited, lower=1)
        self.method = method
        self._items = items
        self._bias = torch.zeros(len(items)) if bias is None else bias
        self._index = None
        if method != "exact":
            table = np.ascontiguousarray(torch.cat([items, self._bias[:, None]], dim=1).numpy())
            self._index = _faiss_index(table, method, visited, seed)

    def top_k(self, users: Tensor, k: int, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """Rank items for users.

        Args:
            users: (U, d) float32.
            k: items a user.
            threads: to compute on.

        Returns:
            (U, k) int32 item numbers, best first, `PADDING_ID` where fewer were found.
        """
        if self._index is None:
            return top_k_by_product(users, self._items, k, bias=self._bias, threads=threads)
        faiss = _faiss()
        check_count("k", k, lower=1)
        asked = torch.cat([users, torch.ones(len(users), 1)], dim=1).numpy()
        before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(threads)
        try:
            _, found = self._index.search(
                np.ascontiguousarray(asked), min(_EXTRA * k, len(self._items))
            )
        finally:
            faiss.omp_set_num_threads(before)
        return self._ranked(users, found, k)

    def recall_of(self, users: Tensor, k: int) -> float:
        """Return the share of the exact best k that the index finds for some users."""
        exact = top_k_by_product(users, self._items, k, bias=self._bias)
        found = self.top_k(users, k)
        hits = sum(
            len(np.intersect1d(one[one >= 0], other[other >= 0]))
            for one, other in zip(exact, found, strict=True)
        )
        return hits / max(int((exact >= 0).sum()), 1)

    def _ranked(self, users: Tensor, found: npt.NDArray[np.int64], k: int) -> npt.NDArray[np.int32]:
        """The k best of what was found, by float32 scores, ties by the smaller number."""
        found = np.sort(found, axis=1)
        listed = torch.from_numpy(np.maximum(found, 0))
        scores = torch.einsum("ud,ucd->uc", users, self._items[listed]) + self._bias[listed]
        scores[torch.from_numpy(found < 0)] = -torch.inf
        # A stable sort keeps ties in the order of their numbers.
        place = scores.argsort(dim=1, descending=True, stable=True)[:, :k].numpy()
        ranked = np.full((len(users), k), PADDING_ID, dtype=np.int32)
        ranked[:, : place.shape[1]] = np.take_along_axis(found, place, axis=1)
        return ranked


def _faiss_index(table: npt.NDArray[np.float32], method: Method, visited: int, seed: int) -> Any:
    faiss = _faiss()
    count, size = table.shape
    if method == "hnsw":
        index = faiss.IndexHNSWFlat(size, _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efSearch = visited
    else:
        lists = max(min(int(4.0 * count**0.5), count // 39), 1)
        quantizer = faiss.IndexFlatIP(size)
        index = faiss.IndexIVFFlat(quantizer, size, lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.seed = seed
        index.nprobe = min(visited, lists)
        index.train(table)
    index.add(table)
    return index


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise NearestError("faiss is not installed: pip install 'weal[faiss]'") from None
    return faiss
