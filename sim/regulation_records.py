"""The records that the regulator may open on a day of inspection, from the market's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray, read_only
from policies.observations import (
    CostBooks,
    EmergencyRecord,
    InspectionObservation,
    MarketShares,
    PriceRecord,
)
from sim.merchants.market_position import category_share, units_by_merchant
from sim.merchants.stocking import expected_sales
from sim.platform_conduct import platform_conduct
from sim.recency import EFFECTIVE_DAYS
from sim.views import listings_view

if TYPE_CHECKING:
    from sim.market import Marketplace

QUARTER = 90
"""Days over which shares and exits are compared."""


def inspection_observation(market: Marketplace, rows: IntArray) -> InspectionObservation:
    """What rules are shown today.

    Args:
        market: the market, after merchants have set their prices.
        rows: (R,) listings that are inspected.
    """
    return InspectionObservation(
        day=market.day,
        rows=read_only(rows),
        listings=listings_view(market),
        prices=PriceRecord(
            advertised=read_only(market.price_history),
            checkout=read_only(market.checkout_history),
            announced=read_only(market.announced_history),
            units=read_only(market.units_history),
        ),
        books=_books(market),
        shares=_shares(market),
        emergency=_emergency(market),
        platform=platform_conduct(market),
    )


def inspected(market: Marketplace) -> IntArray:
    """(R,) listings that the regulator's means allow it to inspect today, ascending.

    All that are offered, or as many as `regulator.inspections_per_day` says, drawn anew each time.
    """
    means = market.settings.regulator.inspections_per_day
    offered = np.flatnonzero(market.books.is_open[market.listings.merchant])
    if means is None or means >= len(offered):
        return offered
    draw = market.streams.uniform("inspection", market.day, offered)
    return np.sort(offered[np.argsort(draw, kind="stable")[:means]])


def average_variable_cost(market: Marketplace) -> NDArray[np.float64]:
    """(L,) cents a unit that vary with sales: the unit cost, and the commission on the price.

    Source: Areeda & Turner (1975), Harvard Law Review 88(4).
    """
    listings = market.listings
    cost: NDArray[np.float64] = listings.unit_cost + market.fees.commission * listings.price
    return cost


def _books(market: Marketplace) -> CostBooks:
    listings, books = market.listings, market.books
    variable = average_variable_cost(market)
    units = units_by_merchant(market) / EFFECTIVE_DAYS
    each = market.settings.merchants.fixed_cost_per_listing * 100.0
    offered = np.bincount(listings.merchant, minlength=len(books))
    fixed = np.divide(offered * each, units, out=np.full(len(books), np.inf), where=units > 0)
    rate = expected_sales(listings, market.day)
    cover = np.divide(listings.stock, rate, out=np.full(len(listings), np.inf), where=rate > 0)
    return CostBooks(
        unit_cost=read_only(listings.unit_cost),
        average_variable_cost=read_only(variable),
        average_total_cost=read_only(variable + fixed[listings.merchant]),
        was_below_cost=read_only(market.below_cost_history),
        stock_cover_days=read_only(cover),
        life_left=read_only(np.full(len(listings), np.nan)),
        closing=read_only((books.days_in_debt > 0)[listings.merchant]),
    )


def _shares(market: Marketplace) -> MarketShares:
    listings, books = market.listings, market.books
    left = (books.closed_on >= 0) & (books.closed_on > market.day - QUARTER)
    pairs = np.unique(
        np.stack([listings.category, listings.merchant], axis=1)[left[listings.merchant]], axis=0
    )
    gone = np.bincount(pairs[:, 0], minlength=len(market.category_names))
    rival = market.rival_books.share
    return MarketShares(
        category_share=read_only(category_share(market, listings.sold_recently)),
        category_share_before=read_only(category_share(market, market.units_history[:-QUARTER])),
        rivals_left=read_only(gone[listings.category]),
        platform_share=1.0 if np.isnan(rival) else 1.0 - rival,
    )


def _emergency(market: Marketplace) -> EmergencyRecord:
    state, category = market.emergencies, market.listings.category
    since = state.since[category]
    return EmergencyRecord(
        declared=read_only(since >= 0),
        since=read_only(since),
        price_before=read_only(state.price_before),
        cost_before=read_only(state.cost_before),
    )
