"""Tastes and attributes learned from who bought what.

How often user u bought item i, as log(1 + purchases), is compared with what is expected of
somebody without taste, who divides what she buys in a category as all buyers do. What is left,
scaled as in correspondence analysis, is factorised by a truncated singular value decomposition:
users and items become directions in one space, and a user's direction is near those of the items
that she buys more often than others who shop in the same category.

Sources: Greenacre (2017), "Correspondence Analysis in Practice", 3rd ed.; for implicit feedback in
recommender systems, Hu, Koren & Volinsky (2008), "Collaborative Filtering for Implicit Feedback
Datasets", ICDM.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, svds

from policies.arrays import IntArray

Matrix: TypeAlias = "csr_array[Any, tuple[int, int]]"

# Up to this many entries a matrix is decomposed whole, which is exact and has no start vector.
_DENSE_ENTRIES = 250_000

# Singular values this small against 1, which is what independence alone would give, and rows this
# small against the largest are rounding errors, not tastes.
_NEGLIGIBLE = 1e-8


def learn_tastes(
    user: IntArray, item: IntArray, category: IntArray, users: int, dimensions: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Learn users' tastes and items' attributes.

    Args:
        user: (P,) users of the purchases.
        item: (P,) items of the purchases.
        category: (L,) category of each item.
        users: number of users N.
        dimensions: length D of the vectors.

    Returns:
        (N, D) tastes and (L, D) attributes, unit vectors. Who or what shows no taste at all gets
        the mean direction of the items bought, or of the category.
    """
    items = len(category)
    bought = csr_array(
        (np.ones(len(user)), (user.astype(np.int64), item.astype(np.int64))), shape=(users, items)
    )
    bought.sum_duplicates()
    weight = csr_array((np.log1p(bought.data), bought.indices, bought.indptr), shape=bought.shape)
    user_axes, item_axes = _factorise(weight, category, min(dimensions, users, items))
    attribute = _pad(_directions(item_axes), dimensions)
    taste = _pad(_directions(user_axes), dimensions)
    categories = int(category.max()) + 1
    in_category = csr_array(
        (np.ones(items), (category.astype(np.int64), np.arange(items))), shape=(categories, items)
    )
    of_category: NDArray[np.float64] = np.asarray(in_category @ attribute)
    _fill(attribute, of_category[category])
    _fill(taste, np.asarray(weight @ attribute))
    return taste.astype(np.float32), attribute.astype(np.float32)


def _factorise(
    weight: Matrix, category: IntArray, rank: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Principal axes (N, k) and (L, k) of the scaled difference from purchases without taste."""
    users, items = weight.shape
    by_user: NDArray[np.float64] = np.asarray(weight.sum(axis=1))
    by_item: NDArray[np.float64] = np.asarray(weight.sum(axis=0))
    scale_user, scale_item = _inverse_root(by_user), _inverse_root(by_item)
    columns = (np.arange(items), category.astype(np.int64))
    categories = int(category.max()) + 1
    in_category = csr_array((np.ones(items), columns), shape=(items, categories))
    total: NDArray[np.float64] = np.asarray(by_item @ in_category)
    share = np.divide(by_item, total[category], out=np.zeros(items), where=by_item > 0)
    scaled = _scale(weight, scale_user, scale_item)
    # Expected weights are a product of two sparse factors: users' categories, items' shares.
    left = _scale(csr_array(weight @ in_category), scale_user, np.ones(categories))
    right = csr_array((share * scale_item, columns), shape=(items, categories))
    if users * items <= _DENSE_ENTRIES:
        difference = scaled.toarray() - left.toarray() @ right.toarray().T
        u, s, vt = np.linalg.svd(difference, full_matrices=False)
        u, s, v = u[:, :rank], s[:rank], vt[:rank].T
    else:
        u, s, v = _largest_components(scaled, left, right, rank)
    sign = np.sign(v[np.argmax(np.abs(v), axis=0), np.arange(v.shape[1])])
    strength = np.sqrt(np.where(s > _NEGLIGIBLE, s, 0.0)) * sign
    return u * strength * scale_user[:, None], v * strength * scale_item[:, None]


def _largest_components(
    scaled: Matrix,
    left: Matrix,
    right: Matrix,
    rank: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    scaled_t, left_t, right_t = scaled.T.tocsr(), left.T.tocsr(), right.T.tocsr()
    operator = LinearOperator(
        scaled.shape,
        matvec=lambda x: scaled @ x - left @ (right_t @ x),
        rmatvec=lambda y: scaled_t @ y - right @ (left_t @ y),
        dtype=np.float64,
    )
    # A fixed start makes the iteration, and so the import, the same every time.
    start = np.cos(np.arange(min(scaled.shape), dtype=np.float64))
    u, s, vt = svds(operator, k=min(rank, min(scaled.shape) - 1), v0=start)
    order = np.argsort(-s, kind="stable")
    u, s, vt = (np.asarray(part, dtype=np.float64) for part in (u[:, order], s[order], vt[order]))
    return u, s, vt.T


def _inverse_root(total: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(1.0, np.sqrt(total), out=np.zeros(len(total)), where=total > 0)


def _scale(
    matrix: Matrix,
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
) -> Matrix:
    entries = np.repeat(rows, np.diff(matrix.indptr)) * matrix.data * columns[matrix.indices]
    return csr_array((entries, matrix.indices, matrix.indptr), shape=matrix.shape)


def _directions(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit rows; negligible ones become 0.

    Coordinates are rounded before, so that a linear algebra library that adds in another order
    gives the same bytes.
    """
    largest = np.abs(axes).max(initial=0.0)
    if largest == 0.0:
        return np.zeros_like(axes)
    rounded = np.round(axes / largest, 8)
    rounded[np.abs(rounded).max(axis=1) < 10 * _NEGLIGIBLE] = 0.0
    return _unit(rounded)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return unit


def _pad(rows: NDArray[np.float64], dimensions: int) -> NDArray[np.float64]:
    return np.pad(rows, ((0, 0), (0, dimensions - rows.shape[1])))


def _fill(rows: NDArray[np.float64], replacement: NDArray[np.float64]) -> None:
    """Give rows without direction that of the replacement, or else the first axis."""
    empty = ~rows.any(axis=1)
    rows[empty] = _unit(replacement[empty])
    rows[~rows.any(axis=1), 0] = 1.0
