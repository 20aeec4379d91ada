"""Places of a slate that are given away to learn something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray

_BEFORE_ALL_ELSE = np.float32(1e30)


def explore(
    best: IntArray,
    draw: NDArray[np.float32],
    places: int,
    fresh: BoolArray,
    fresh_places: int,
) -> NDArray[np.int32]:
    """Fill the last places of slates by a draw, new listings first.

    Args:
        best: (n, K) columns of the pool, best first, -1 padded.
        draw: (n, P) the highest are shown; changed in place.
        places: of the K, how many are filled anew.
        fresh: (P,) new listings.
        fresh_places: of these places, how many are for new listings as far as there are any.

    Returns:
        (n, K) columns of the pool, -1 padded.
    """
    from models.top_k import top_k_by_score

    kept = best[:, : best.shape[1] - places]
    row, place = np.nonzero(kept >= 0)
    draw[row, kept[row, place]] = -np.inf
    if fresh_places and fresh.any():
        new = top_k_by_score(np.where(fresh, draw, np.float32(-np.inf)), fresh_places)
        row, place = np.nonzero(new >= 0)
        draw[row, new[row, place]] += _BEFORE_ALL_ELSE
    return np.concatenate([kept, top_k_by_score(draw, places)], axis=1).astype(np.int32)


def thompson(
    score: NDArray[np.float32], spread: FloatArray, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(n, P) scores drawn from what is known of listings: score plus spread (P,) times normal.

    Source: Thompson (1933), Biometrika 25; Chapelle & Li (2011), "An Empirical Evaluation of
    Thompson Sampling", NIPS.
    """
    noise = rng.standard_normal(score.shape, dtype=np.float32)
    drawn: NDArray[np.float32] = score + noise * spread.astype(np.float32)
    return drawn
