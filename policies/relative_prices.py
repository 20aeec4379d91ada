"""Prices as shares of what is usual in their category, so that categories can be compared."""

from __future__ import annotations

import numpy as np

from policies.arrays import FloatArray, IntArray
from policies.observations import ListingsView


def relative_price(price: IntArray, listing: IntArray, listings: ListingsView) -> FloatArray:
    """(n,) prices of listings, share of their categories' reference prices."""
    reference = listings.category_reference_price[listings.category[listing]]
    ratio: FloatArray = np.maximum(price, 1) / np.maximum(reference, 1)
    return ratio
