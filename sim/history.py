"""The recent past of all listings, a row a day: a sliding window over a buffer twice as long.

Moving on by a day writes one row, and every window of days is a view: nothing is copied but once in
as many days as the window is long. Each day's values stand side by side, with room for listings
that are added one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

ROOM = 16
"""One listing in so many is the room that is made for further ones whenever it runs out."""


class History:
    """The last `days` days of one column of L listings, oldest first."""

    def __init__(self, days: int, listings: int, dtype: DTypeLike = np.int64) -> None:
        """A past in which everything was zero.

        Args:
            days: length of the window, > 0.
            listings: L.
            dtype: of the column.
        """
        self._length, self._listings = days, listings
        self._end = days
        self._buffer: NDArray[Any] = np.zeros((2 * days, listings), dtype)

    @property
    def days(self) -> NDArray[Any]:
        """(days, L) the window, oldest first: a view, through which the past may be changed."""
        return self._buffer[self._end - self._length : self._end, : self._listings]

    def push(self, latest: ArrayLike) -> None:
        """Add a day of (L,) values; the oldest is forgotten."""
        if self._end == len(self._buffer):
            self._buffer[: self._length] = self._buffer[self._length :]
            self._end = self._length
        self._buffer[self._end, : self._listings] = latest
        self._end += 1

    def grow(self, listings: int) -> None:
        """Make room for `listings` more, whose past is zero."""
        self._listings += listings
        missing = self._listings - self._buffer.shape[1]
        if missing > 0:
            room = missing + self._listings // ROOM
            self._buffer = np.pad(self._buffer, ((0, 0), (0, room)))
