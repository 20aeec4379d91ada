"""What each of some users has taken, from the oldest to the newest: rows of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.array_checks import IdArray, checked_ids
from models.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Histories:
    """U rows of items, one after the other."""

    starts: IdArray  # (U + 1,) where each row begins in `items`; the last: their number
    items: IdArray  # all rows' items, each row's from the oldest to the newest
    n_items: int  # M; items are below

    @classmethod
    def of(cls, rows: Sequence[npt.ArrayLike], n_items: int) -> Self:
        """Build histories from one list of items a user.

        Args:
            rows: U lists of item ids, oldest first.
            n_items: items that there are.

        Raises:
            ValueError: if an id is not allowed.
        """
        checked = [checked_ids("histories", row) for row in map(_as_ids, rows)]
        items = np.concatenate([*checked, np.empty(0, dtype=np.int64)])
        if len(items) and int(items.max()) >= n_items:
            raise ValueError(f"histories: item {int(items.max())}, but there are {n_items} items")
        starts = np.cumsum([0, *map(len, checked)], dtype=np.int64)
        return cls(starts, items, n_items)

    @classmethod
    def of_log(cls, log: Interactions) -> Self:
        """Build the histories of all users of a log; repeats stay."""
        ordered = log.sequences()
        starts = np.append(0, np.cumsum(np.bincount(ordered.users, minlength=log.n_users)))
        return cls(starts, ordered.items, log.n_items)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.starts) - 1

    @property
    def lengths(self) -> IdArray:
        """(U,) items in each row."""
        return np.diff(self.starts)

    def rows(self, chosen: IdArray) -> Histories:
        """Return some rows, by positions; a position at or past the end is an empty row."""
        inside = chosen < len(self)
        row = np.where(inside, chosen, 0) if len(self) else np.zeros(len(chosen), dtype=np.int64)
        begin = self.starts[row]
        length = np.where(inside, self.lengths[row] if len(self) else 0, 0)
        starts = np.append(0, np.cumsum(length))
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], length)
        return Histories(starts, self.items[np.repeat(begin, length) + within], self.n_items)

    def among(self, pool: IdArray) -> Histories:
        """Return the rows without items outside an ascending pool, items as places in it."""
        place = np.searchsorted(pool, self.items)
        inside = pool[np.minimum(place, len(pool) - 1)] == self.items
        row = np.repeat(np.arange(len(self)), self.lengths)[inside]
        lengths = np.bincount(row, minlength=len(self))
        return Histories(np.append(0, np.cumsum(lengths)), place[inside], len(pool))

    def matrix(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """Return (U, M) float32, 1 where an item is in a row, the items of each row ascending."""
        row = np.repeat(np.arange(len(self)), self.lengths)
        pairs = np.unique(row * self.n_items + self.items)
        counts = np.bincount(pairs // max(self.n_items, 1), minlength=len(self))
        return sparse.csr_array(
            (
                np.ones(len(pairs), dtype=np.float32),
                pairs % max(self.n_items, 1),
                np.append(0, np.cumsum(counts)),
            ),
            shape=(len(self), self.n_items),
        )

    def newest(self, length: int) -> IdArray:
        """Return (U, length) the newest items, the last in the last column, -1 before the first."""
        place = self.starts[1:, None] - length + np.arange(length)
        there = place >= self.starts[:-1, None]
        if len(self.items) == 0:
            return np.full((len(self), length), -1, dtype=np.int64)
        return np.where(there, self.items[np.where(there, place, 0)], -1)


def _as_ids(row: npt.ArrayLike) -> npt.ArrayLike:
    array = np.asarray(row)
    return array if array.size else array.astype(np.int64)
