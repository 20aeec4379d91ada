"""Which pairs a log holds, in two bytes a pair: to draw negatives beside a log too large to keep.

A pair that is wrongly taken for known is never a negative, in no pass, and rises in its user's
ranking unchecked: hence few of them, and no two pairs that share more than chance has it.

Source: Bloom (1970), "Space/Time Trade-offs in Hash Coding with Allowable Errors", CACM 13(7).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.array_checks import IdArray
from models.pair_hashing import pair_hash

_BITS_A_PAIR = 16
_KEYS = tuple(number * 0x9E3779B97F4A7C15 % 2**64 for number in range(1, 7))
"""Apart in their high bits: keys a bit apart hash one user as another key hashes her neighbour."""


class PairFilter:
    """Knows every pair it was told, and takes about one in a thousand others for known as well."""

    def __init__(self, pairs: int, n_items: int) -> None:
        """Make room.

        Args:
            pairs: how many will be told, at most.
            n_items: M; items are below.
        """
        self.n_items = n_items
        self._bits = np.zeros(max(pairs * _BITS_A_PAIR // 8, 64), dtype=np.uint8)

    def tell(self, users: IdArray, items: IdArray) -> None:
        """Remember pairs."""
        for key in _KEYS:
            byte, bit = self._place(users, items, key)
            np.bitwise_or.at(self._bits, byte, bit)

    def knows(self, users: IdArray, items: IdArray) -> npt.NDArray[np.bool_]:
        """Return (E,) whether a pair was told; sometimes also true of one that was not."""
        left = np.arange(len(users))  # most pairs are unknown, and drop out at the first key
        for key in _KEYS:
            byte, bit = self._place(users[left], items[left], key)
            left = left[(self._bits[byte] & bit) > 0]
        known = np.zeros(len(users), dtype=np.bool_)
        known[left] = True
        return known

    def _place(
        self, users: IdArray, items: IdArray, key: int
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
        place = pair_hash(users, items, key) % np.uint64(8 * len(self._bits))
        bit = np.left_shift(1, (place & np.uint64(7)).astype(np.int64)).astype(np.uint8)
        return place >> np.uint64(3), bit
