"""Who the sellers are among the listings that a pricing strategy is shown.

A merchant's listings of one category are one seller: under logit demand they carry one markup.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.merchant_pricing.pricing_game import Sellers
from policies.observations import DemandKnowledge, PricingView


@dataclass(frozen=True, slots=True)
class Roster:
    """The K sellers behind n listings, in the order of category and merchant."""

    seller: NDArray[np.int64]  # (n,) of each listing
    first: NDArray[np.int64]  # (K,) a listing (index into the view) that speaks for the seller
    listings: NDArray[np.int64]  # (K,) how many
    merchant: NDArray[np.int64]  # (K,)
    category: NDArray[np.int64]  # (K,)
    cost: NDArray[np.float64]  # (n,) cents; effective cost of each listing

    @classmethod
    def of(cls, view: PricingView) -> Roster:
        """The sellers of a morning."""
        merchants = int(view.merchant.max(initial=0)) + 1
        pair = view.category.astype(np.int64) * merchants + view.merchant
        pairs, first, seller, listings = np.unique(
            pair, return_index=True, return_inverse=True, return_counts=True
        )
        return cls(
            seller=seller.astype(np.int64),
            first=first.astype(np.int64),
            listings=listings.astype(np.int64),
            merchant=pairs % merchants,
            category=pairs // merchants,
            cost=(view.unit_cost - view.seller_subsidy) / (1.0 - view.commission),
        )

    def __len__(self) -> int:
        """Number of sellers."""
        return len(self.first)

    def sum(self, amount: NDArray[np.generic]) -> NDArray[np.float64]:
        """(K,) sums over each seller's listings of an amount (n,)."""
        weight = amount.astype(np.float64)
        return np.bincount(self.seller, weight, minlength=len(self)).astype(np.float64)

    def of_category(self, category: int) -> NDArray[np.int64]:
        """The sellers of one category."""
        return np.flatnonzero(self.category == category)

    def prices(self, markup: NDArray[np.float64]) -> NDArray[np.int64]:
        """(n,) prices in whole cents, at least 1, if sellers ask the markups (K,) over cost."""
        price = np.rint(self.cost + markup[self.seller])
        return np.maximum(price, 1.0).astype(np.int64)


def competitors(
    view: PricingView, demand: DemandKnowledge, roster: Roster, who: NDArray[np.int64]
) -> Sellers:
    """What the pricing game of some sellers of one category is like.

    Args:
        view: the morning's view.
        demand: the demand system, of the view's listings.
        roster: all sellers of the view.
        who: the sellers that play; what others of the category sell stays at yesterday's prices.

    Returns:
        The n sellers `who`.
    """
    at_cost = (demand.value - roster.cost) / demand.scale
    best = np.full(len(roster), -np.inf)
    np.maximum.at(best, roster.seller, at_cost)
    worth = best + np.log(roster.sum(np.exp(at_cost - best[roster.seller])))
    asked = np.where(view.stock > 0, np.exp((demand.value - view.price) / demand.scale), 0.0)
    attraction = roster.sum(asked)[who]
    first = roster.first[who]
    # What is left of everything else once the other players' own offers are taken out is the same
    # for each of them, but for rounding.
    left = demand.others[first] - (attraction.sum() - attraction)
    rest = float(left.mean())
    if rest < demand.alone * (1.0 + 1e-9):
        rest = demand.alone
    return Sellers(
        worth=worth[who],
        cost=roster.cost[first].astype(np.float64),
        margin=1.0 - view.commission[first].astype(np.float64),
        scale=float(demand.scale[first[0]]),
        rest=rest,
        alone=float(demand.alone),
    )
