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
    order, first = ranked_by_category(score, listings, categories)
    category = listings.category[order]
    place = np.arange(len(order)) - first[category]
    kept = place < places
    best = np.full((categories, places), -1, dtype=np.int32)
    best[category[kept], place[kept]] = order[kept]
    return best


def ranked_by_category(
    score: FloatArray, listings: ListingsView, categories: int
) -> tuple[IntArray, IntArray]:
    """All listings on sale, category by category, the highest score first.

    Args:
        score: (L,) higher is better; ties go to the older listing.
        listings: the catalogue; only what is on sale is taken.
        categories: C, number of categories.

    Returns:
        (n,) listings, and (C + 1,) where each category begins among them; the last is n.
    """
    on_sale = np.flatnonzero(listings.on_sale)
    ranked = on_sale[np.argsort(-score[on_sale], kind="stable")]
    # Categories are few: as small integers they are sorted in linear time.
    order = ranked[np.argsort(listings.category[ranked].astype(np.uint16), kind="stable")]
    first = np.searchsorted(listings.category[order], np.arange(categories + 1))
    return order, first


def members(listings: ListingsView, category: int) -> IntArray:
    """The listings of one category that are on sale, ascending."""
    return np.flatnonzero(listings.on_sale & (listings.category == category))
