"""Rows and amounts of the day that several indicators look at.

Rates of rare things are taken over the last `DAYS` days, all else over the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.market import Marketplace
    from sim.tables import Table

DAYS = 28
"""Days of the indicators that say so; the first days of a run have fewer."""


def rows_since(table: Table, day: int) -> slice:
    """The rows of a table from `day` on; its column `day` never falls."""
    return slice(table.first_since(day), len(table))


def last_days(market: Marketplace) -> int:
    """The first of the last `DAYS` days, today included."""
    return market.day - DAYS + 1


def ordered(market: Marketplace, column: str) -> NDArray[Any]:
    """A column of today's orders."""
    rows: NDArray[Any] = market.orders[column][market.today.orders]
    return rows


def units(market: Marketplace) -> NDArray[np.int64]:
    """(n,) units of today's orders."""
    return ordered(market, "quantity").astype(np.int64)


def sales(market: Marketplace) -> NDArray[np.int64]:
    """(n,) cents of today's orders at the checkout price, before subsidies."""
    value: NDArray[np.int64] = ordered(market, "unit_price") * units(market)
    return value


def paid(market: Marketplace) -> NDArray[np.int64]:
    """(n,) cents that buyers paid for today's goods: price and personal markup, less subsidy."""
    each = ordered(market, "unit_price") + ordered(market, "markup")
    each = each - ordered(market, "unit_subsidy")
    amount: NDArray[np.int64] = each * units(market)
    return amount


def transfers_today(market: Marketplace, column: str) -> NDArray[Any]:
    """A column of today's transfers of money."""
    transfers = market.ledger.transfers
    rows: NDArray[Any] = transfers[column][rows_since(transfers, market.day)]
    return rows


def recent_revenue(market: Marketplace) -> NDArray[np.float64]:
    """(M',) cents a day of the open merchants, with a half-life of 14 days; debts count 0."""
    books = market.books
    recent: NDArray[np.float64] = np.maximum(books.revenue_recently[books.is_open], 0.0)
    return recent


def offered(market: Marketplace) -> NDArray[np.int64]:
    """Listings of open shops, those sold out or delisted included."""
    return np.flatnonzero(market.books.is_open[market.listings.merchant])
