"""Indicators of prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.health.formulas import NAN, mean, share
from sim.health.indicator import Indicator
from sim.health.today import on_sale, ordered, sales, units

if TYPE_CHECKING:
    from sim.market import Marketplace

DAYS = 28


def price_index(market: Marketplace) -> float:
    """Geometric mean of price relatives to the listings' first prices."""
    rows = on_sale(market)
    if len(rows) == 0:
        return NAN
    return float(np.exp(np.log(market.listings.price[rows] / market.initial_price[rows]).mean()))


def price_volatility(market: Marketplace) -> float:
    """Mean over listings of the standard deviation of daily log price changes."""
    rows = on_sale(market)
    prices = np.concatenate(
        [market.price_history[-DAYS:, rows], market.listings.advertised[None, rows]]
    )
    both = (prices[1:] > 0) & (prices[:-1] > 0)
    enough = both.sum(axis=0) >= 2
    if not enough.any():
        return NAN
    safe = np.log(np.maximum(prices, 1))
    change = np.where(both, np.diff(safe, axis=0), 0.0)[:, enough]
    count = both[:, enough].sum(axis=0)
    average = change.sum(axis=0) / count
    spread = np.where(both[:, enough], (change - average) ** 2, 0.0).sum(axis=0) / (count - 1)
    return float(np.sqrt(spread).mean())


def price_dispersion(market: Marketplace) -> float:
    """Mean over categories of the coefficient of variation of prices."""
    rows = on_sale(market)
    category, price = market.listings.category[rows], market.listings.price[rows].astype(float)
    count = np.bincount(category, minlength=1)
    several = count > 1
    average = np.bincount(category, price) / np.maximum(count, 1)
    square = np.bincount(category, (price - average[category]) ** 2) / np.maximum(count - 1, 1)
    return mean(np.sqrt(square[several]) / average[several])


def lerner_index(market: Marketplace) -> float:
    """(Price - unit cost) / price of what was bought, by sales."""
    value = float(sales(market).sum())
    cost = float((ordered(market, "unit_cost") * units(market)).sum())
    return share(value - cost, value)


def sold_below_cost(market: Marketplace) -> float:
    """Units sold below the merchant's unit cost."""
    below = ordered(market, "unit_price") < ordered(market, "unit_cost")
    count = units(market)
    return share(float(count[below].sum()), float(count.sum()))


def subsidy_share(market: Marketplace) -> float:
    """Subsidies of the platform over sales."""
    return share(float(market.today.subsidy_paid), float(sales(market).sum()))


def subsidised_share(market: Marketplace) -> float:
    """Sales that got a subsidy over sales."""
    value = sales(market)
    return share(float(value[ordered(market, "unit_subsidy") > 0].sum()), float(value.sum()))


def false_discount_share(market: Marketplace) -> float:
    """Announced discounts whose price before was asked on none of the last 30 days."""
    rows = on_sale(market)
    listings = market.listings
    announced = listings.list_price[rows] > listings.advertised[rows]
    asked = market.price_history[-30:, rows]
    known = (asked > 0).any(axis=0)
    false = announced & known & (listings.list_price[rows] > asked.max(axis=0))
    return share(float(false.sum()), float((announced & known).sum()))


INDICATORS = (
    Indicator(
        "price_index", "prices", "day 0 = 1", "none",
        "geometric mean of price / first price over listings on sale (Jevons, matched)",
        "ILO et al. 2020, Consumer Price Index Manual", price_index,
    ),
    Indicator(
        "price_volatility", "prices", "log points a day", "lower",
        "mean over listings of the sd of daily log price changes, 28 days", "usual", price_volatility,
    ),
    Indicator(
        "price_dispersion", "prices", "share", "none",
        "mean over categories of sd / mean of prices", "Baye, Morgan & Scholten 2006",
        price_dispersion,
    ),
    Indicator(
        "lerner_index", "prices", "share of price", "lower",
        "(sales - unit costs) / sales, today's orders", "Lerner 1934", lerner_index,
    ),
    Indicator(
        "sold_below_cost", "prices", "share of units", "lower",
        "units sold below unit cost / units", "Areeda & Turner 1975 (average variable cost)",
        sold_below_cost,
    ),
    Indicator(
        "subsidy_share", "prices", "share of sales", "none",
        "platform's subsidies / sales at list price", "definition", subsidy_share,
    ),
    Indicator(
        "subsidised_share", "prices", "share of sales", "none",
        "sales with a subsidy / sales", "definition", subsidised_share,
    ),
    Indicator(
        "false_discount_share", "prices", "share of discounts", "lower",
        "discounts whose earlier price was asked on none of 30 days / discounts",
        "EU Price Indication Directive, Art. 6a", false_discount_share,
    ),
)  # fmt: skip
