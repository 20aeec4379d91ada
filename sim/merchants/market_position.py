"""Where merchants stand in their categories: shares, rivals, what the others ask."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray

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
    pair = pair_of(market)
    own = np.bincount(pair, total)[pair]
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
    is_open, pairs = market.books.is_open, market.shelves.pairs
    in_business = pairs[is_open[pairs // categories]]
    sellers = np.bincount(in_business % categories, minlength=categories)
    others: NDArray[np.int64] = np.maximum(
        sellers[listings.category] - is_open[listings.merchant], 0
    )
    return others


def lowest_price_of_others(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents that the cheapest open merchant beside a listing's own asks in its category.

    0 where nobody else sells there.
    """
    listings = market.listings
    lowest: NDArray[np.int64] = lowest_of_others(
        listings.category,
        listings.merchant,
        listings.price,
        _is_offered(market),
        len(market.category_names),
    )
    return lowest


def lowest_price_of_similar_goods(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents that the cheapest of a listing's most similar competitors asks; 0 without any.

    These are the `SIMILAR_GOODS` offers of the category on either side of it, by the price at which
    each was first offered: what shoppers and merchants take for goods of its class. Those of the
    same merchant among them do not count.
    """
    listings = market.listings
    lowest: NDArray[np.int64] = lowest_of_neighbours(
        market.shelves.order,
        listings.category,
        listings.merchant,
        listings.price,
        _is_offered(market),
        SIMILAR_GOODS,
    )
    return lowest


def mean_price_of_others(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents that open merchants beside a listing's own ask in its category, on average.

    0 where nobody else sells there.
    """
    listings, categories = market.listings, len(market.category_names)
    mean: NDArray[np.float64] = mean_of_others(
        listings.category,
        listings.merchant,
        listings.price,
        _is_offered(market),
        categories,
        len(market.books),
    )
    return np.rint(mean).astype(np.int64)


def median_price(market: Marketplace) -> NDArray[np.int64]:
    """(C,) cents asked yesterday by open shops; the reference price where there are none."""
    listings, order = market.listings, market.shelves.order
    order = order[market.books.is_open[listings.merchant][order]]
    category, price = listings.category[order], listings.price[order]
    bounds = np.searchsorted(category, np.arange(len(market.category_names) + 1)).tolist()
    median = market.reference_price.astype(np.int64)
    for c, (first, end) in enumerate(pairwise(bounds)):
        if end > first:
            middle = (end - first) // 2
            median[c] = np.partition(price[first:end], middle)[middle]
    return median


@dataclass(slots=True)
class Shelves:
    """Who sells what, and goods side by side: what changes only where listings are added."""

    opening_price: NDArray[np.int64]  # (L,) cents at which a listing was first offered
    order: NDArray[np.int64]  # (L,) listings by category, and there by opening price
    pairs: NDArray[np.int64]  # (P,) distinct pairs of merchant and category, as `pair_of` numbers

    @classmethod
    def of(cls, market: Marketplace) -> Shelves:
        """The shelves of a market whose listings are offered for the first time today."""
        price = market.listings.price.copy()
        return cls(
            price, _side_by_side(market.listings.category, price), np.unique(pair_of(market))
        )

    def grow(self, market: Marketplace) -> None:
        """Sort in what is offered for the first time today, behind what cost as much."""
        known, listings = len(self.opening_price), market.listings
        new = listings.price[known:]
        shelf = listings.category[self.order]
        place = np.empty(len(new), dtype=np.int64)
        for number, (category, price) in enumerate(
            zip(listings.category[known:], new, strict=True)
        ):
            first, end = np.searchsorted(shelf, (category, category + 1)).tolist()
            side_by_side = self.opening_price[self.order[first:end]]
            place[number] = first + np.searchsorted(side_by_side, price, side="right")
        newest = _side_by_side(listings.category[known:], new)
        self.order = np.insert(self.order, place[newest], known + newest)
        self.opening_price = np.concatenate([self.opening_price, new])
        pairs = np.unique(pair_of(market)[known:])
        place = np.searchsorted(self.pairs, pairs)
        is_new = np.append(self.pairs, -1)[place] != pairs
        self.pairs = np.insert(self.pairs, place[is_new], pairs[is_new])


def _side_by_side(category: IntArray, opening_price: IntArray) -> NDArray[np.int64]:
    order: NDArray[np.int64] = np.lexsort((opening_price, category))
    return order


def _is_offered(market: Marketplace) -> BoolArray:
    """(L,) whether a listing's shop is in business and has it in stock."""
    listings = market.listings
    offered: BoolArray = market.books.is_open[listings.merchant] & (listings.stock > 0)
    return offered


@njit(cache=True)
def lowest_of_others(category, merchant, price, offered, categories):  # type: ignore[no-untyped-def]
    """(L,) lowest price among other merchants' offers of a listing's category; 0 without any.

    Args:
        category: (L,) below `categories`.
        merchant: (L,).
        price: (L,) cents, > 0.
        offered: (L,) whether a listing counts as an offer.
        categories: their number.
    """
    lowest = np.zeros(categories, dtype=np.int64)
    seller = np.full(categories, -1, dtype=np.int64)
    second = np.zeros(categories, dtype=np.int64)  # lowest of merchants other than `seller`
    for j in range(len(price)):
        if not offered[j]:
            continue
        c = category[j]
        if seller[c] < 0 or price[j] < lowest[c]:
            if seller[c] >= 0 and seller[c] != merchant[j]:
                second[c] = lowest[c]
            lowest[c] = price[j]
            seller[c] = merchant[j]
        elif merchant[j] != seller[c] and (second[c] == 0 or price[j] < second[c]):
            second[c] = price[j]
    answer = np.empty(len(price), dtype=np.int64)
    for j in range(len(price)):
        c = category[j]
        answer[j] = second[c] if merchant[j] == seller[c] else lowest[c]
    return answer


@njit(cache=True)
def mean_of_others(category, merchant, price, offered, categories, merchants):  # type: ignore[no-untyped-def]
    """(L,) mean price of other merchants' offers of a listing's category; 0 without any.

    Arguments as of `lowest_of_others`.
    """
    total, count = np.zeros(categories, dtype=np.int64), np.zeros(categories, dtype=np.int64)
    own = np.zeros((merchants, categories), dtype=np.int64)
    number = np.zeros((merchants, categories), dtype=np.int64)
    for j in range(len(price)):
        if offered[j]:
            total[category[j]] += price[j]
            count[category[j]] += 1
            own[merchant[j], category[j]] += price[j]
            number[merchant[j], category[j]] += 1
    mean = np.zeros(len(price))
    for j in range(len(price)):
        c, m = category[j], merchant[j]
        others = count[c] - number[m, c]
        if others > 0:
            mean[j] = (total[c] - own[m, c]) / others
    return mean


@njit(cache=True)
def lowest_of_neighbours(order, category, merchant, price, offered, reach):  # type: ignore[no-untyped-def]
    """(L,) lowest price among other merchants' offers near a listing in an order; 0 without any.

    Args:
        order: (L,) all listings, those of one category together.
        category: (L,).
        merchant: (L,).
        price: (L,) cents, > 0.
        offered: (L,) whether a listing counts as an offer.
        reach: offers of the category that are looked at on either side of each listing.
    """
    # What is looked at several times is laid side by side first.
    kind, seller = np.empty(len(order), category.dtype), np.empty(len(order), merchant.dtype)
    asked = np.empty(len(order), dtype=np.int64)
    count = 0
    for j in order:
        if offered[j]:
            kind[count], seller[count], asked[count] = category[j], merchant[j], price[j]
            count += 1
    answer = np.zeros(len(order), dtype=np.int64)
    before = 0  # offers that stand before this place
    for j in order:
        first = max(before - reach, 0)
        end = min(before + offered[j] + reach, count)
        lowest = 0
        for near in range(first, end):
            if kind[near] != category[j] or seller[near] == merchant[j]:
                continue
            if lowest == 0 or asked[near] < lowest:
                lowest = asked[near]
        answer[j] = lowest
        before += offered[j]
    return answer
