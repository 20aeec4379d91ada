"""What a unit brings a merchant, and what it costs: the books by which sales below cost are told.

Source: Areeda & Turner (1975), "Predatory pricing and related practices under section 2 of the
Sherman Act", Harvard Law Review 88(4), on average variable cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.history import History
from sim.merchants.market_position import units_by_merchant
from sim.recency import EFFECTIVE_DAYS
from sim.standing_subsidies import net_seller_subsidy

if TYPE_CHECKING:
    from sim.columns import Listings
    from sim.market import Marketplace

CREDIBLE_UNITS = 500.0
"""Recent sales at which a merchant's own refunds weigh as much as those of all merchants."""


def net_price(market: Marketplace) -> NDArray[np.float64]:
    """(L,) cents a unit: checkout price and subsidy to the seller, less what it funds itself."""
    price: NDArray[np.float64] = (market.listings.price + net_seller_subsidy(market)).astype(
        np.float64
    )
    return price


def average_variable_cost(market: Marketplace) -> NDArray[np.float64]:
    """(L,) cents a unit that vary with sales: unit cost, commission, and expected refunds.

    Merchants bear no cost of delivery here: buyers pay a fee and the platform its couriers.
    """
    listings, commission = market.listings, market.fees.commission
    refunds = refund_rate(market)[listings.merchant] * (1.0 - commission)
    cost: NDArray[np.float64] = listings.unit_cost + (commission + refunds) * listings.price
    return cost


def average_total_cost(market: Marketplace, variable: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L,) cents a unit: variable cost, and the merchant's fixed cost over its recent sales.

    Infinite where a merchant has sold nothing of late.

    Args:
        market: the market.
        variable: (L,) cents, average variable cost.
    """
    merchant, merchants = market.listings.merchant, len(market.books)
    units = units_by_merchant(market) / EFFECTIVE_DAYS
    each = market.settings.merchants.fixed_cost_per_listing * 100.0
    fixed = np.bincount(merchant, minlength=merchants) * each
    a_unit = np.divide(fixed, units, out=np.full(merchants, np.inf), where=units > 0)
    total: NDArray[np.float64] = variable + a_unit[merchant]
    return total


def refund_rate(market: Marketplace) -> NDArray[np.float64]:
    """(M,) share of what merchants are paid that they give back for goods that buyers keep.

    A merchant's own rate of late and that of all merchants, the former with the weight
    `units / (units + CREDIBLE_UNITS)`: one refund says little of a shop that hardly sells. (Goods
    that come back cost a sale, but no unit.)

    Source: Bühlmann (1967), "Experience rating and credibility", ASTIN Bulletin 4(3).
    """
    books = market.books
    refunded = np.maximum(books.refunded_recently, 0.0)
    paid = np.maximum(books.revenue_recently, 0.0) + refunded
    of_all = float(refunded.sum()) / max(float(paid.sum()), 1.0)
    own = np.divide(refunded, paid, out=np.zeros(len(books)), where=paid > 0)
    units = units_by_merchant(market)
    weight = units / (units + CREDIBLE_UNITS)
    rate: NDArray[np.float64] = weight * own + (1.0 - weight) * of_all
    return rate


class CostIndex:
    """How the unit costs of each category's goods have moved: a chained index of their mean change.

    Source: ILO et al. (2020), "Consumer Price Index Manual": a chained Jevons index.
    """

    def __init__(self, days: int, categories: int, unit_cost: NDArray[np.int64]) -> None:
        """An index of 1 in every category.

        Args:
            days: length of its memory, today included.
            categories: C.
            unit_cost: (L,) cents on the eve of day 0.
        """
        self.past = History(days, categories, np.float64)
        self._value = np.ones(categories)
        self._cost = unit_cost.copy()

    def update(self, listings: Listings) -> None:
        """Take today's unit costs in; goods that are new today move nothing."""
        before, now = self._cost, listings.unit_cost
        moved = np.flatnonzero((now[: len(before)] != before) & (before > 0))
        moved = moved[now[moved] > 0]
        if len(moved):
            categories = len(self._value)
            change = np.log(now[moved] / before[moved])
            total = np.bincount(listings.category[moved], change, minlength=categories)
            goods = np.bincount(listings.category[: len(before)], minlength=categories)
            self._value = self._value * np.exp(total / np.maximum(goods, 1))
        self._cost = now.copy()
        self.past.push(self._value)
