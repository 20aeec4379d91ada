"""Where merchants stand in their categories: shares, rivals, the cheapest offer of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray

if TYPE_CHECKING:
    from sim.market import Marketplace


def units_by_merchant(market: Marketplace) -> NDArray[np.float64]:
    """(M,) units sold recently, exponentially weighted."""
    listings = market.listings
    units: NDArray[np.float64] = np.bincount(
        listings.merchant, listings.sold_recently, minlength=len(market.books)
    ).astype(np.float64)
    return units


def category_share(market: Marketplace, units: NDArray[np.generic]) -> NDArray[np.float64]:
    """(L,) share of a listing's merchant in the units of the listing's category; 0 without sales.

    Args:
        market: the market.
        units: (L,) units, or (H, L) units of several days.
    """
    listings = market.listings
    total = np.asarray(units if units.ndim == 1 else units.sum(axis=0), dtype=np.float64)
    own = np.bincount(pair_of(market), total)[pair_of(market)]
    whole = np.bincount(listings.category, total, minlength=len(market.category_names))
    everything = whole[listings.category]
    share: NDArray[np.float64] = np.divide(
        own, everything, out=np.zeros(len(listings)), where=everything > 0
    )
    return share


def pair_of(market: Marketplace) -> NDArray[np.int64]:
    """(L,) number of the pair of merchant and category that a listing belongs to."""
    categories = len(market.category_names)
    pair: NDArray[np.int64] = (
        market.listings.merchant.astype(np.int64) * categories + market.listings.category
    )
    return pair


def open_rivals(market: Marketplace) -> NDArray[np.int64]:
    """(L,) other merchants in business that sell in a listing's category."""
    listings, categories = market.listings, len(market.category_names)
    open_ = market.books.is_open[listings.merchant]
    pairs = np.unique(pair_of(market)[open_])
    sellers = np.bincount(pairs % categories, minlength=categories)
    others: NDArray[np.int64] = np.maximum(sellers[listings.category] - open_, 0)
    return others


def lowest_price_of_others(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents that the cheapest open merchant beside a listing's own asks in its category.

    0 where nobody else sells there.
    """
    listings, categories = market.listings, len(market.category_names)
    highest = np.iinfo(np.int64).max
    open_ = np.flatnonzero(market.books.is_open[listings.merchant] & (listings.stock > 0))
    order = open_[np.lexsort((listings.merchant[open_], listings.price[open_]))]
    category, merchant, price = (
        column[order] for column in (listings.category, listings.merchant, listings.price)
    )
    lowest, seller = _first_of(category, merchant, price, categories, highest)
    others = merchant != seller[category]
    second, _ = _first_of(category[others], merchant[others], price[others], categories, highest)
    answer = np.where(
        listings.merchant == seller[listings.category],
        second[listings.category],
        lowest[listings.category],
    )
    return np.where(answer == highest, 0, answer)


def _first_of(
    category: IntArray, merchant: IntArray, price: IntArray, categories: int, none: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(C,) price and (C,) merchant of the first entry of each category."""
    lowest, seller = np.full(categories, none), np.full(categories, -1)
    found, first = np.unique(category, return_index=True)
    lowest[found], seller[found] = price[first], merchant[first]
    return lowest, seller
