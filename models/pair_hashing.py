"""Hashes of (user, item) pairs: a choice that falls the same way whenever a pair comes by.

Source: Steele, Lea & Flood (2014), "Fast Splittable Pseudorandom Number Generators", OOPSLA (the
mixing function of SplitMix64).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.array_checks import IdArray


def pair_hash(users: IdArray, items: IdArray, key: int) -> npt.NDArray[np.uint64]:
    """Return (E,) 64 even bits for each pair.

    Args:
        users: (E,) user ids.
        items: (E,) item ids.
        key: 64 bits that choose the hash.
    """
    return _mixed(_mixed(users.astype(np.uint64) ^ np.uint64(key)) ^ items.astype(np.uint64))


def chosen_pairs(users: IdArray, items: IdArray, share: float, key: int) -> npt.NDArray[np.bool_]:
    """Return (E,) whether a pair is among the expected share that a key chooses."""
    below: npt.NDArray[np.bool_] = pair_hash(users, items, key) < np.uint64(int(share * 2.0**64))
    return below


def _mixed(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        bits = bits + np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: npt.NDArray[np.uint64] = bits ^ (bits >> np.uint64(31))
    return mixed
