"""Where merchants stand in their categories: shares, rivals, the cheapest offer of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray

if TYPE_CHECKING:
    from sim.market import Marketplace


SIMILAR_GOODS = 3
"""Offers on either side of a listing, by opening price, that count as goods of its class."""


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


def lowest_price_of_similar_goods(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents that the cheapest of a listing's most similar competitors asks; 0 without any.

    These are the `SIMILAR_GOODS` offers of the category on either side of it, by the price at which
    each was first offered: what shoppers and merchants take for goods of its class. Those of the
    same merchant among them do not count.
    """
    listings, opening = market.listings, market.initial_price
    highest = np.iinfo(np.int64).max
    on_sale = np.flatnonzero(market.books.is_open[listings.merchant] & (listings.stock > 0))
    every = np.arange(len(listings))
    found = np.full(len(listings), highest)
    order = on_sale[np.lexsort((on_sale, opening[on_sale], listings.category[on_sale]))]
    # Every listing, sold out or not, is placed among the offers that are on sale.
    rank = np.empty(len(listings), dtype=np.int64)
    whole = np.lexsort((every, opening, listings.category))
    counts = np.zeros(len(listings), dtype=np.int64)
    counts[on_sale] = 1
    rank[whole] = np.cumsum(counts[whole]) - counts[whole]
    for step in (*range(-SIMILAR_GOODS, 0), *range(1, SIMILAR_GOODS + 1)):
        offset = step - (1 - counts) if step > 0 else step
        place = rank + offset
        valid = (place >= 0) & (place < len(order))
        other = order[np.where(valid, place, 0)] if len(order) else every
        valid &= listings.category[other] == listings.category
        valid &= listings.merchant[other] != listings.merchant
        found = np.where(valid, np.minimum(found, listings.price[other]), found)
    return np.where(found == highest, 0, found)


def mean_price_of_others(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents that open merchants beside a listing's own ask in its category, on average.

    0 where nobody else sells there.
    """
    listings, categories = market.listings, len(market.category_names)
    open_ = market.books.is_open[listings.merchant] & (listings.stock > 0)
    asked, pair = np.where(open_, listings.price, 0), pair_of(market)
    total = np.bincount(listings.category, asked, minlength=categories)[listings.category]
    count = np.bincount(listings.category, open_, minlength=categories)[listings.category]
    total -= np.bincount(pair, asked)[pair]
    count -= np.bincount(pair, open_)[pair]
    mean = np.divide(total, count, out=np.zeros(len(listings)), where=count > 0)
    rounded: NDArray[np.int64] = np.rint(mean).astype(np.int64)
    return rounded


def _first_of(
    category: IntArray, merchant: IntArray, price: IntArray, categories: int, none: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(C,) price and (C,) merchant of the first entry of each category."""
    lowest, seller = np.full(categories, none), np.full(categories, -1)
    found, first = np.unique(category, return_index=True)
    lowest[found], seller[found] = price[first], merchant[first]
    return lowest, seller
