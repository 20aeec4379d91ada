"""Since when each listing's page has announced a reduction, carried on day by day.

A cut that follows a rise begins a new reduction, other moves go on with the old one. Looking back
through the record would find the same, at the cost of reading it every day.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray


class Reductions:
    """The reductions of L listings, as of last night."""

    def __init__(self, listings: int) -> None:
        """Nothing was announced yet.

        Args:
            listings: L.
        """
        self._price: NDArray[np.int64] = np.zeros(listings, dtype=np.int64)  # 0: not reduced
        self._since: NDArray[np.int64] = np.zeros(listings, dtype=np.int64)  # first day of it
        self._risen: BoolArray = np.zeros(listings, dtype=np.bool_)  # since its last cut

    def grow(self, listings: int) -> None:
        """Make room for `listings` more."""
        self._price = np.pad(self._price, (0, listings))
        self._since = np.pad(self._since, (0, listings))
        self._risen = np.pad(self._risen, (0, listings))

    def since(self, day: int, announced: IntArray, advertised: IntArray) -> NDArray[np.int64]:
        """(L,) first day of the reductions of a day; the day itself where there is none.

        Args:
            day: the day after the last that was entered.
            announced: (L,) cents that pages name as the price before.
            advertised: (L,) cents that they ask.
        """
        goes_on = (self._price > 0) & (announced > advertised)
        goes_on &= ~(self._risen & (advertised < self._price))
        return np.where(goes_on, self._since, day)

    def enter(self, day: int, announced: IntArray, advertised: IntArray) -> None:
        """Enter a day, when it is over; arguments as of `since`."""
        since = self.since(day, announced, advertised)
        rises = (self._price > 0) & (advertised > self._price)
        self._risen = (since < day) & (self._risen | rises)
        self._since = since
        self._price = np.where(announced > advertised, advertised, 0)
