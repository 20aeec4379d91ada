"""A panel of consumers whose view of the catalogue is followed: do they come to see ever the same?

For each of them the attribute vectors of what was looked at are added up, older days with less
weight. With unit vectors the mean cosine of all pairs of it follows from the sum's length, so that
no history has to be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import FloatArray, IntArray
from sim.health.formulas import NAN, mean, share
from sim.recency import RECENT
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace

SIZE = 500
"""Consumers on the panel; all of them in smaller markets."""


class Panel:
    """What each of P consumers looked at of late. D taste dimensions."""

    def __init__(self, consumers: int, dimensions: int, draw: FloatArray) -> None:
        """Choose the panel.

        Args:
            consumers: N.
            dimensions: D.
            draw: (N,) chance that decides who is on it.
        """
        self.rows: IntArray = np.sort(np.argsort(draw, kind="stable")[: min(SIZE, consumers)])
        count = len(self.rows)
        self._seen = np.zeros((count, dimensions))  # sum of attributes of what was looked at
        self._on_sale = np.zeros((count, dimensions))  # sum of their categories' mean attributes
        self._weight = np.zeros(count)  # how much was looked at
        self._squares = np.zeros(count)  # sum of squared weights: pairs of a thing with itself

    def record(self, market: Marketplace) -> None:
        """Add what the panel looked at today."""
        kept = 1.0 - RECENT
        for total in (self._seen, self._on_sale, self._weight):
            total *= kept
        self._squares *= kept**2
        today, listings = market.today, market.listings
        place = np.minimum(np.searchsorted(self.rows, today.session_consumer), len(self.rows) - 1)
        session = np.flatnonzero(self.rows[place] == today.session_consumer)
        looked = today.alternatives[session]
        row, column = np.nonzero(looked >= 0)
        if len(row) == 0:
            return
        who, what = place[session[row]], looked[row, column]
        category = today.session_category[session[row]]
        np.add.at(self._seen, who, listings.attributes[what].astype(np.float64))
        np.add.at(self._on_sale, who, _middle(market)[category])
        ones = np.bincount(who, minlength=len(self.rows))
        self._weight += ones
        self._squares += ones

    def variety(self) -> float:
        """Mean of 1 - cosine of what one looked at over that of what was on sale.

        Returns:
            1: as varied as chance would have it; 0: ever the same; nan where nobody saw two things
            or all that is on sale is alike.

        Source: intra-list similarity, Ziegler, McNee, Konstan & Lausen (2005), WWW; of what one
        user sees over time: Nguyen, Hui, Harper, Terveen & Konstan (2014), WWW; the mean cosine by
        the length of the sum: Mardia & Jupp (2000), "Directional Statistics".
        """
        pairs = self._weight**2 - self._squares
        enough = np.flatnonzero(pairs > 0.5)
        if len(enough) == 0:
            return NAN
        weight, squares = self._weight[enough], self._squares[enough]
        length = (self._seen[enough] ** 2).sum(axis=1) - squares
        chance = (self._on_sale[enough] ** 2).sum(axis=1)
        seen = 1.0 - length / pairs[enough]
        on_sale = 1.0 - chance / weight**2
        return share(mean(seen), mean(on_sale)) if mean(on_sale) > 1e-9 else NAN


def _middle(market: Marketplace) -> FloatArray:
    """(C, D) mean attributes of what is on sale in each category; 0 where nothing is."""
    listings = market.listings
    rows = np.flatnonzero(may_be_sold(market) & (listings.stock > 0))
    category, categories = listings.category[rows], len(market.category_names)
    count = np.maximum(np.bincount(category, minlength=categories), 1)
    attributes = listings.attributes[rows]
    sums = [
        np.bincount(category, attributes[:, d], minlength=categories)
        for d in range(attributes.shape[1])
    ]
    return np.stack(sums, axis=1) / count[:, None]
