"""Slates from one score a listing: the best of each category, the same for all its sessions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from policies.observations import ListingsView


def best_of_categories(
    score: FloatArray, listings: ListingsView, places: int, categories: int
) -> NDArray[np.int32]:
    """The listings on sale with the highest scores in each category.

    Args:
        score: (L,) higher is better; ties go to the older listing.
        listings: the catalogue; only what is on sale is taken.
        places: K, places to fill.
        categories: C, number of categories.

    Returns:
        (C, K) listings, best first, -1 padded.
    """
    on_sale = np.flatnonzero(listings.on_sale)
    order = on_sale[np.lexsort((on_sale, -score[on_sale], listings.category[on_sale]))]
    category = listings.category[order]
    first = np.searchsorted(category, np.arange(categories))
    place = np.arange(len(order)) - first[category]
    kept = place < places
    best = np.full((categories, places), -1, dtype=np.int32)
    best[category[kept], place[kept]] = order[kept]
    return best


def members(listings: ListingsView, category: int) -> IntArray:
    """The listings of one category that are on sale, ascending."""
    return np.flatnonzero(listings.on_sale & (listings.category == category))
