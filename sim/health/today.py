"""Rows and amounts of the day that several indicators look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.market import Marketplace


def ordered(market: Marketplace, column: str) -> NDArray[Any]:
    """A column of today's orders."""
    rows: NDArray[Any] = market.orders[column][market.today.orders]
    return rows


def units(market: Marketplace) -> NDArray[np.int64]:
    """(n,) units of today's orders."""
    return ordered(market, "quantity").astype(np.int64)


def sales(market: Marketplace) -> NDArray[np.int64]:
    """(n,) cents at list price of today's orders."""
    value: NDArray[np.int64] = ordered(market, "unit_price") * units(market)
    return value


def recent_sales_by_merchant(market: Marketplace) -> NDArray[np.float64]:
    """(M,) cents a day, exponentially weighted over about four weeks, of open merchants' sales."""
    recent: NDArray[np.float64] = np.maximum(market.books.revenue_recently, 0.0)
    return recent


def on_sale(market: Marketplace) -> NDArray[np.int64]:
    """Listings of open shops."""
    return np.flatnonzero(market.books.is_open[market.listings.merchant])
