"""Attention by rank: a consumer looks at one place of a list, the upper ones more often.

Each consumer has chances of her own to look at each place: a draw from a symmetric Dirichlet
distribution, sorted so that the first place has the largest.

Source: Ghanem, Leitner & Jannach (2022), Electronic Commerce Research and Applications; that lists
are looked at from the top: Joachims, Granka, Pan, Hembrooke & Gay (2005), SIGIR.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from policies.arrays import FloatArray, IntArray
from sim.streams import Streams


def rank_chances(
    consumer: IntArray, places: int, concentration: float, streams: Streams
) -> NDArray[np.float64]:
    """Chances to look at each place.

    Args:
        consumer: (n,) rows.
        places: K.
        concentration: of the Dirichlet distribution; higher: places more alike.
        streams: chance; a consumer has the same chances every day.

    Returns:
        (n, K) chances, falling along each row, with sum 1.
    """
    draw = streams.uniform("attention", 0, consumer[:, None], np.arange(places))
    weight = gammaincinv(concentration, draw)
    weight = np.maximum(weight, np.finfo(np.float64).tiny)
    chances: NDArray[np.float64] = -np.sort(-weight / weight.sum(axis=1, keepdims=True), axis=1)
    return chances


def place_looked_at(chances: FloatArray, draw: FloatArray) -> NDArray[np.int64]:
    """(n,) places from 0, by (n, K) chances and (n,) uniform draws."""
    place = (np.cumsum(chances, axis=1) < draw[:, None]).sum(axis=1)
    looked_at: NDArray[np.int64] = np.minimum(place, chances.shape[1] - 1).astype(np.int64)
    return looked_at
