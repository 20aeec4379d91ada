"""Stock: what arrives, what is ordered, what it costs.

An (s, S) rule (Scarf 1960): when stock and goods on order fall below the sales expected until a
delivery plus a safety margin, order up to the cover that the scenario sets. Of what spoils, less.
Where the scenario says so, levels come from a forecast (`restocking`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from sim.columns import Listings
from sim.ledger import Owner, Purpose
from sim.merchants.restocking import Levels, levels_by_forecast
from sim.merchants.spoilage import shelf_life
from sim.recency import EFFECTIVE_DAYS

if TYPE_CHECKING:
    from sim.market import Marketplace

PLENTY = 1 << 40
"""Units on a shelf that never runs empty."""


def receive_stock(market: Marketplace) -> None:
    """Put the goods that arrive today on the shelf."""
    listings = market.listings
    due = (listings.arrives >= 0) & (listings.arrives <= market.day)
    arrived = np.where(due, listings.in_delivery, 0)
    listings.stock += arrived
    listings.in_delivery[due] = 0
    listings.arrives[due] = -1
    market.perishables.turn_over(market, arrived)
    if market.settings.merchants.unlimited_stock:
        listings.stock[:] = PLENTY


def order_stock(market: Marketplace) -> None:
    """Order what runs low, paid with the order; the last order takes what money is left."""
    settings, listings = market.settings.merchants, market.listings
    if settings.unlimited_stock:
        return
    low, goal = _levels(market)
    waiting = listings.in_delivery > 0
    open_ = market.books.is_open[listings.merchant]
    rows = np.flatnonzero(open_ & ~waiting & (listings.stock < low))
    if len(rows) == 0:
        return
    units = goal[rows] - listings.stock[rows]
    ledger, merchant = market.ledger, listings.merchant[rows]
    purse = np.maximum(ledger.balance_of(Owner.MERCHANT), 0)
    unit_cost = listings.unit_cost[rows]
    left = np.maximum(purse[merchant] - _running_total(merchant, units * unit_cost), 0)
    units = np.where(unit_cost > 0, np.minimum(units, left // np.maximum(unit_cost, 1)), units)
    cost = units * unit_cost
    rows, cost, merchant, units = (a[units > 0] for a in (rows, cost, merchant, units))
    ledger.transfer(
        market.day,
        ledger.account(Owner.MERCHANT, merchant),
        ledger.account(Owner.SUPPLIERS),
        cost,
        Purpose.STOCK,
    )
    draw = market.streams.uniform("lead_time", market.day, rows)
    lead = np.maximum(np.rint(-settings.lead_time_days * np.log(draw)), 1)
    lead = np.minimum(lead, np.ceil(4 * settings.lead_time_days) + 1)
    listings.in_delivery[rows] = units
    listings.arrives[rows] = market.day + lead.astype(np.int32)


def _levels(market: Marketplace) -> Levels:
    settings, listings = market.settings.merchants, market.listings
    if settings.restocking.method != "recent_sales":
        return levels_by_forecast(market)
    rate = expected_sales(listings, market.day)
    cover, minimum = _cover_and_minimum(market, rate, listings.category)
    low = np.maximum(rate * (settings.lead_time_days + 0.5 * cover), 0.5 * minimum)
    return low, stock_goal(market, rate, np.arange(len(listings)), settings.lead_time_days)


def stock_goal(
    market: Marketplace, rate: FloatArray, rows: IntArray, lead_time: float
) -> NDArray[np.int64]:
    """(n,) units up to which an order fills shelves: sales until it comes, and its cover.

    Of what spoils nobody orders more than is expected to be sold within its shelf life.

    Args:
        market: the market.
        rate: (n,) units sold a day.
        rows: (n,) listings.
        lead_time: days until the order arrives.
    """
    cover, minimum = _cover_and_minimum(market, rate, market.listings.category[rows])
    return np.maximum(np.ceil(rate * (lead_time + cover)), minimum).astype(np.int64)


def _cover_and_minimum(
    market: Marketplace, rate: FloatArray, category: IntArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n,) days that an order covers, and (n,) units that shelves should hold at least."""
    settings = market.settings.merchants
    if not settings.shelf_life_days:
        whole = np.ones(len(rate))
        return settings.stock_cover_days * whole, settings.stock_minimum * whole
    life = shelf_life(market, category)
    cover = np.minimum(settings.stock_cover_days, life)
    keeps = np.isinf(life)
    sold_in_time = np.maximum(np.ceil(rate * np.where(keeps, 0.0, life)), 1.0)
    minimum = np.minimum(sold_in_time, settings.stock_minimum)
    return cover, np.where(keeps, settings.stock_minimum, minimum)


def expected_sales(listings: Listings, day: int) -> np.ndarray:
    """(L,) units a day, from recent sales; listings of entrants have had fewer days to sell."""
    age = np.where(listings.listed_on > 0, np.maximum(day - listings.listed_on, 1), np.inf)
    weight = EFFECTIVE_DAYS * -np.expm1(-age / EFFECTIVE_DAYS)
    rate: np.ndarray = listings.sold_recently / np.maximum(weight, 1.0)
    return rate


def _running_total(group: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """What stands before each entry within its group, in the order given."""
    order = np.argsort(group, kind="stable")
    total = np.cumsum(amount[order]) - amount[order]
    starts = np.r_[True, group[order][1:] != group[order][:-1]]
    base = np.maximum.accumulate(np.where(starts, total, 0))
    before: np.ndarray = np.empty_like(total)
    before[order] = total - base
    return before
