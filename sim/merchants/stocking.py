"""Stock: what arrives, what is ordered, what it costs.

An (s, S) rule (Scarf 1960): when stock and goods on order fall below the sales expected until a
delivery plus a safety margin, order up to the cover that the scenario sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.columns import Listings
from sim.ledger import Owner, Purpose
from sim.merchants.founding import PLENTY
from sim.recency import EFFECTIVE_DAYS

if TYPE_CHECKING:
    from sim.market import Marketplace


def receive_stock(market: Marketplace) -> None:
    """Put the goods that arrive today on the shelf."""
    listings = market.listings
    due = (listings.arrives >= 0) & (listings.arrives <= market.day)
    listings.stock[due] += listings.in_delivery[due]
    listings.in_delivery[due] = 0
    listings.arrives[due] = -1
    if market.settings.merchants.unlimited_stock:
        listings.stock[:] = PLENTY


def order_stock(market: Marketplace) -> None:
    """Order what runs low, paid with the order; the last order takes what money is left."""
    settings, listings = market.settings.merchants, market.listings
    if settings.unlimited_stock:
        return
    rate = expected_sales(listings, market.day)
    low = rate * (settings.lead_time_days + 0.5 * settings.stock_cover_days)
    waiting = listings.in_delivery > 0
    open_ = market.books.is_open[listings.merchant]
    needed = open_ & ~waiting & (listings.stock < np.maximum(low, 0.5 * settings.stock_minimum))
    rows = np.flatnonzero(needed)
    if len(rows) == 0:
        return
    goal = rate[rows] * (settings.lead_time_days + settings.stock_cover_days)
    goal = np.maximum(np.ceil(goal), settings.stock_minimum)
    units = (goal - listings.stock[rows]).astype(np.int64)
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
