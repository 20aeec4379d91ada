"""Goods that nobody wants twice, as films and books: who has bought what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray
from sim.ratings import refuse_too_large

if TYPE_CHECKING:
    from sim.market import Marketplace


class Bought:
    """Which listings each consumer has bought, extended when listings are added."""

    def __init__(self, consumers: int) -> None:
        self._table: NDArray[np.bool_] = np.zeros((consumers, 0), dtype=np.bool_)

    def table(self, market: Marketplace) -> BoolArray:
        """(N, L) whether consumers have bought listings; the table itself."""
        new = len(market.listings) - self._table.shape[1]
        if new:
            refuse_too_large(market, "consumers.choice.once is true")
            self._table = np.pad(self._table, ((0, 0), (0, new)))
        return self._table


def without_bought(market: Marketplace, alternatives: NDArray[np.int32]) -> NDArray[np.int32]:
    """(S, K) alternatives of today's sessions without what their consumers have bought before."""
    if not market.settings.consumers.choice.once:
        return alternatives
    mine = market.bought.table(market)[market.today.session_consumer]
    gone = (alternatives >= 0) & np.take_along_axis(mine, np.maximum(alternatives, 0), axis=1)
    return np.where(gone, -1, alternatives).astype(np.int32)


def remember_bought(market: Marketplace, consumer: IntArray, listing: IntArray) -> None:
    """Note today's purchases where goods are wanted once only."""
    if market.settings.consumers.choice.once:
        market.bought.table(market)[consumer, listing] = True
