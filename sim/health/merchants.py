"""Indicators of merchants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.health.formulas import gini, hhi, share
from sim.health.indicator import Indicator
from sim.health.today import offered, ordered, recent_revenue, sales
from sim.merchants.founding import SMALL

if TYPE_CHECKING:
    from sim.market import Marketplace


def open_merchants(market: Marketplace) -> float:
    """Merchants in business."""
    return float(market.books.is_open.sum())


def small_merchant_survival(market: Marketplace) -> float:
    """Small merchants of the first day that are still in business."""
    books = market.books
    founders = (books.size == SMALL) & (books.opened_on == 0)
    return share(float((founders & books.is_open).sum()), float(founders.sum()))


def entries(market: Marketplace) -> float:
    """Merchants that entered today."""
    return float(len(market.today.entered))


def exits(market: Marketplace) -> float:
    """Merchants that gave up today."""
    return float(len(market.today.exited))


def revenue_gini(market: Marketplace) -> float:
    """Inequality of recent revenue between open merchants."""
    return gini(recent_revenue(market))


def revenue_hhi(market: Marketplace) -> float:
    """Concentration of recent revenue on few open merchants; 10,000: one has all of it."""
    return hhi(recent_revenue(market))


def margin(market: Marketplace) -> float:
    """Recent profit of open merchants over their revenue."""
    books = market.books
    revenue = float(books.revenue_recently[books.is_open].sum())
    return share(float(books.profit_recently[books.is_open].sum()), revenue)


def profitable_share(market: Marketplace) -> float:
    """Open merchants that have made a profit of late."""
    books = market.books
    return share(
        float((books.profit_recently[books.is_open] > 0).sum()), float(books.is_open.sum())
    )


def small_merchant_sales(market: Marketplace) -> float:
    """Small merchants' part of today's sales."""
    size = market.books.size[ordered(market, "merchant")]
    value = sales(market)
    return share(float(value[size == SMALL].sum()), float(value.sum()))


def stock_out_share(market: Marketplace) -> float:
    """Listings of open shops with an empty shelf this evening."""
    rows = offered(market)
    return share(float((market.listings.stock[rows] < 1).sum()), len(rows))


def stock_value(market: Marketplace) -> float:
    """What stands on the shelves of open shops this evening, by listing."""
    rows, listings = offered(market), market.listings
    value = float((listings.stock[rows] * listings.unit_cost[rows]).sum()) / 100.0
    unlimited = market.settings.merchants.unlimited_stock
    return float("nan") if unlimited else share(value, len(rows))


INDICATORS = (
    Indicator(
        "open_merchants", "merchants", "merchants", "none", "merchants in business", "definition",
        open_merchants,
    ),
    Indicator(
        "small_merchant_survival", "merchants", "share", "higher",
        "small merchants of day 0 still open / small merchants of day 0",
        "survival function; Geroski 1995", small_merchant_survival,
    ),
    Indicator(
        "entries", "merchants", "merchants a day", "none", "entries today", "definition", entries,
    ),
    Indicator(
        "exits", "merchants", "merchants a day", "lower", "exits today", "definition", exits,
    ),
    Indicator(
        "revenue_gini", "merchants", "0 to 1", "lower",
        "Gini of open merchants' revenue, half-life 14 days", "Gini 1912; Cowell 2011",
        revenue_gini,
    ),
    Indicator(
        "hhi", "merchants", "points, 0 to 10000", "lower",
        "sum of squared percentage shares of revenue, half-life 14 days",
        "US Merger Guidelines 2023", revenue_hhi,
    ),
    Indicator(
        "margin", "merchants", "share of revenue", "none",
        "profit after fixed costs / revenue, half-life 14 days", "definition", margin,
    ),
    Indicator(
        "profitable_share", "merchants", "share", "higher",
        "open merchants with a profit, half-life 14 days / open merchants", "definition",
        profitable_share,
    ),
    Indicator(
        "small_merchant_sales", "merchants", "share of sales", "higher",
        "sales of small merchants / sales", "definition", small_merchant_sales,
    ),
    Indicator(
        "stock_out_share", "merchants", "share of listings", "lower",
        "listings with an empty shelf / listings of open shops", "definition", stock_out_share,
    ),
    Indicator(
        "stock_value", "merchants", "currency units a listing", "none",
        "units on the shelf x unit cost / listings of open shops; nan with unlimited stock",
        "definition", stock_value,
    ),
)  # fmt: skip
