"""Perishable goods: what has lain on the shelf for its shelf life is thrown away.

Shelves are sold first in, first out. Then what lies there beyond all that came in within the shelf
life is older than it, whatever was sold when; and so no batch has to be followed.

Source: perishable inventory with a fixed lifetime under FIFO issuing: Nahmias (1982), "Perishable
inventory theory: a review", Operations Research 30(4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from sim.history import History

if TYPE_CHECKING:
    from sim.market import Marketplace


def shelf_life(market: Marketplace, category: IntArray) -> NDArray[np.float64]:
    """(n,) days that goods of these categories keep, infinite for what does not spoil."""
    days = market.settings.merchants.shelf_life_days
    by_category = np.array([float(days.get(name, np.inf)) for name in market.category_names])
    life: NDArray[np.float64] = by_category[category]
    return life


class Perishables:
    """What came in of perishable goods, day by day. P perishable listings."""

    def __init__(self, market: Marketplace) -> None:
        """Shelves on the eve of day 0: each listing's opening stock came in at once, some days ago.

        Args:
            market: the market, whose listings have their opening stock.
        """
        self.listing: NDArray[np.int64] = np.zeros(0, dtype=np.int64)  # (P,)
        self.life: NDArray[np.int64] = np.zeros(0, dtype=np.int64)  # (P,) days
        longest = max(market.settings.merchants.shelf_life_days.values(), default=1)
        self._received = History(longest, 0)
        self.grow(market, np.arange(len(market.listings)))
        draw = market.streams.uniform("opening_age", 0, self.listing)
        days_ago = 1 + (draw * (self.life - 1)).astype(np.int64)
        stock = market.listings.stock[self.listing]
        self._received.days[-days_ago, np.arange(len(self.listing))] = stock

    def grow(self, market: Marketplace, rows: IntArray) -> None:
        """Make room for new listings, whose shelves are empty.

        Args:
            market: the market.
            rows: (n,) listings that are new.
        """
        if market.settings.merchants.unlimited_stock:
            return
        life = shelf_life(market, market.listings.category[rows])
        perishable = np.isfinite(life)
        self.listing = np.concatenate([self.listing, rows[perishable]])
        self.life = np.concatenate([self.life, life[perishable].astype(np.int64)])
        self._received.grow(int(perishable.sum()))

    def turn_over(self, market: Marketplace, arrived: IntArray) -> None:
        """Put down what arrived this morning, and throw away what is past its shelf life.

        The goods are paid for: what is thrown away is a loss of the day.

        Args:
            market: the market, with today's arrivals on the shelves.
            arrived: (L,) units.
        """
        if len(self.listing) == 0:
            return
        self._received.push(arrived[self.listing])
        listings, books = market.listings, market.books
        fresh = np.zeros(len(self.listing), dtype=np.int64)
        for life in np.unique(self.life).tolist():
            of_life = self.life == life
            fresh[of_life] = self._received.days[-life:, of_life].sum(axis=0)
        spoiled = np.maximum(listings.stock[self.listing] - fresh, 0)
        listings.stock[self.listing] -= spoiled
        loss = spoiled * listings.unit_cost[self.listing]
        np.add.at(books.other_cost, listings.merchant[self.listing], loss)

    def life_left(self, market: Marketplace) -> NDArray[np.float64]:
        """(L,) share of its shelf life that the oldest unit has left; nan for what does not spoil.

        Empty shelves count as fresh.
        """
        left = np.full(len(market.listings), np.nan)
        if len(self.listing) == 0:
            return left
        stock = market.listings.stock[self.listing]
        # Newest first: the oldest unit came in on the first day by which all that is left came in.
        age = np.zeros(len(self.listing), dtype=np.int64)
        since = np.zeros(len(self.listing), dtype=np.int64)
        for day in self._received.days[::-1]:
            since += day
            age += since < stock
        left[self.listing] = np.maximum(1.0 - age / self.life, 0.0)
        return left
