"""The records that the regulator may open on a day of inspection, from the market's columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray, read_only
from policies.observations import (
    AnnouncedReductions,
    CostBooks,
    EmergencyRecord,
    InspectionObservation,
    MarketShares,
    PriceRecord,
)
from sim.merchants.market_position import category_share
from sim.merchants.stocking import expected_sales
from sim.merchants.unit_costs import average_total_cost, average_variable_cost, net_price
from sim.platform_conduct import platform_conduct
from sim.views import listings_view

if TYPE_CHECKING:
    from sim.market import Marketplace

QUARTER = 90
"""Days over which shares and exits are compared."""


def inspection_observation(
    market: Marketplace, rows: IntArray, presented: IntArray
) -> InspectionObservation:
    """What rules are shown today.

    Args:
        market: the market, after merchants have set their prices.
        rows: (R,) listings that are inspected.
        presented: (k,) of these, those off sale that merchants present as they would sell them
            again: they are judged as if they were on sale.
    """
    listings = listings_view(market)
    on_sale = listings.on_sale.copy()
    on_sale[presented] = True
    prices = PriceRecord(
        advertised=read_only(market.price_history),
        checkout=read_only(market.checkout_history),
        announced=read_only(market.announced_history),
        units=read_only(market.units_history),
        last_sold=read_only(np.where(market.last_sold_on < 0, 0, market.day - market.last_sold_on)),
    )
    return InspectionObservation(
        day=market.day,
        rows=read_only(rows),
        listings=replace(listings, on_sale=read_only(on_sale)),
        prices=prices,
        books=_books(market),
        shares=_shares(market),
        emergency=_emergency(market),
        platform=platform_conduct(market),
        announced=_announced(market),
    )


def _books(market: Marketplace) -> CostBooks:
    listings, books = market.listings, market.books
    variable = average_variable_cost(market)
    return CostBooks(
        unit_cost=read_only(listings.unit_cost),
        net_price=read_only(net_price(market)),
        average_variable_cost=read_only(variable),
        average_total_cost=read_only(average_total_cost(market, variable)),
        was_below_cost=read_only(market.below_cost_history),
        was_below_total_cost=read_only(market.below_total_cost_past.days),
        cost_index=read_only(market.cost_index.past.days),
        stock_cover_days=read_only(_stock_cover(market)),
        life_left=read_only(market.perishables.life_left(market)),
        closing=read_only((books.days_in_debt > 0)[listings.merchant]),
    )


def _stock_cover(market: Marketplace) -> NDArray[np.float64]:
    """(L,) days that stock lasts; infinite where nothing sells.

    A merchant whose goods are bought when they are sold has none.
    """
    listings = market.listings
    if market.settings.merchants.unlimited_stock:
        return np.zeros(len(listings))
    rate = expected_sales(listings, market.day)
    cover: NDArray[np.float64] = np.divide(
        listings.stock, rate, out=np.full(len(listings), np.inf), where=rate > 0
    )
    return cover


def _announced(market: Marketplace) -> AnnouncedReductions:
    """What pages print: the price before discount, and the reduction in whole per cent."""
    listings = market.listings
    was = np.maximum(listings.list_price, listings.advertised)
    share = np.floor(100.0 * (1.0 - listings.advertised / np.maximum(was, 1)) + 0.5) / 100.0
    since = market.reductions.since(market.day, was, listings.advertised)
    return AnnouncedReductions(
        was=read_only(was),
        share=read_only(share),
        began=read_only(np.minimum(market.day - since, len(market.price_history))),
    )


def _units_before(market: Marketplace) -> NDArray[np.float64]:
    """(L,) units sold in the month up to 90 days ago.

    What of it lies before day 0 sold at the rate at which the market was founded.
    """
    past = market.units_history[:-QUARTER]
    unknown = len(past) - int(np.clip(market.day - QUARTER, 0, len(past)))
    units: NDArray[np.float64] = past.sum(axis=0) + unknown * market.founding_sales
    return units


def _shares(market: Marketplace) -> MarketShares:
    listings, books = market.listings, market.books
    left = (books.closed_on >= 0) & (books.closed_on > market.day - QUARTER)
    categories, pairs = len(market.category_names), market.shelves.pairs
    gone = np.bincount(pairs[left[pairs // categories]] % categories, minlength=categories)
    rival = market.rival_books.share
    return MarketShares(
        category_share=read_only(category_share(market, listings.sold_recently)),
        category_share_before=read_only(category_share(market, _units_before(market))),
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
