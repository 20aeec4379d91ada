"""What the platform knows of a listing that may move a choice, as columns of a logit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import ListingsView
from policies.recommendation.weighted import posted_ratings

LISTING_FACTS = ("price", "price_log", "rating", "sales_before")
"""The same for all visitors: the price over the category's reference price and its logarithm, the
posted rating, and what it sold before the platform's log began."""

VISITOR_FACTS = ("price_level", "taken_before", "wanted_again")
"""Of a visitor with a listing: how much dearer than others she takes, times the price; whether she
took it before; whether it stands on the page because she wants it again."""

FACTS = (*LISTING_FACTS, *VISITOR_FACTS)

_HALF_A_SALE = 0.05
"""Units that sales are lifted by before their logarithm is taken."""


class SalesBefore:
    """What each listing had sold when the policy first saw it: evidence from before its log.

    The logarithm over the mean of the listing's category; 0 for those that were listed later, of
    which no past sales could be known.
    """

    def __init__(self) -> None:
        self._level: NDArray[np.float32] | None = None

    def seen(self, listings: ListingsView) -> None:
        """Note the sales of the first catalogue; later listings get the mean of their category."""
        count = len(listings.category)
        if self._level is None:
            sold = np.log(listings.sold_recently + _HALF_A_SALE)
            size = np.maximum(np.bincount(listings.category), 1)
            mean = np.bincount(listings.category, sold) / size
            self._level = (sold - mean[listings.category]).astype(np.float32)
        elif len(self._level) < count:
            self._level = np.pad(self._level, (0, count - len(self._level)))

    def of(self, listings: IntArray) -> FloatArray:
        """(n,) levels."""
        if self._level is None:
            return np.zeros(len(listings))
        known = np.append(self._level, np.float32(0.0))
        return known[np.minimum(listings, len(self._level))].astype(np.float64)


def listing_facts(
    listing: IntArray, price: FloatArray, listings: ListingsView, sales: SalesBefore
) -> NDArray[np.float64]:
    """(n, F) `LISTING_FACTS` of listings at relative prices (n,)."""
    return np.stack(
        [price, np.log(price), posted_ratings(listings)[listing] - 3.0, sales.of(listing)], axis=1
    )


def visitor_facts(
    level: FloatArray, price: FloatArray, taken: BoolArray, wanted: BoolArray
) -> NDArray[np.float64]:
    """(n, F) `VISITOR_FACTS`: price levels (n,) times relative prices, and flags."""
    return np.stack([level * (price - 1.0), taken, wanted], axis=1)
