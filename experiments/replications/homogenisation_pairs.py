"""Who is paired with whom: the most similar other user of each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearest(
    users: NDArray[np.float64] | None, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Find the most similar other user of each.

    Args:
        users: (N, F) how users are described; None: all alike.
        count: N, at least 2.
        rng: chance, which decides between equals.

    Returns:
        (N,) by the cosine.
    """
    features = np.ones((count, 1)) if users is None else users
    length = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.where(length > 0, length, 1.0)
    alike = np.round(unit @ unit.T, 9)
    np.fill_diagonal(alike, -np.inf)
    return np.lexsort((rng.random(alike.shape), -alike), axis=1)[:, 0]
