"""Indicators of prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.health import formulas
from sim.health.formulas import share
from sim.health.indicator import Indicator
from sim.health.today import DAYS, offered, ordered, sales, units

if TYPE_CHECKING:
    from sim.market import Marketplace

PRIOR_PRICE_DAYS = 30
"""Days in which an announced earlier price must have been asked."""


def price_index(market: Marketplace) -> float:
    """Prices of the listings of the first day that are still offered, against that day's."""
    rows = offered(market)
    rows = rows[market.listings.listed_on[rows] == 0]
    return formulas.jevons_index(market.listings.price[rows], market.initial_price[rows])


def price_volatility(market: Marketplace) -> float:
    """How much a listing's advertised price moves from day to day."""
    history = market.price_history[-DAYS:]
    prices = np.concatenate([history, market.listings.advertised[None]])
    return formulas.log_price_volatility(prices[:, offered(market)])


def price_dispersion(market: Marketplace) -> float:
    """How different the prices of one category are."""
    rows, listings = offered(market), market.listings
    return formulas.price_dispersion(listings.price[rows], listings.category[rows])


def lerner_index(market: Marketplace) -> float:
    """Merchants' margin over unit costs, before commission, on what was bought today."""
    return formulas.lerner(
        ordered(market, "unit_price"), ordered(market, "unit_cost"), units(market)
    )


def sold_below_cost(market: Marketplace) -> float:
    """Units sold today below the merchant's unit cost."""
    below = ordered(market, "unit_price") < ordered(market, "unit_cost")
    count = units(market)
    return share(float(count[below].sum()), float(count.sum()))


def subsidy_share(market: Marketplace) -> float:
    """What subsidies paid of the prices of today's orders."""
    return share(float(market.today.subsidy_paid), float(sales(market).sum()))


def subsidised_share(market: Marketplace) -> float:
    """Part of today's sales that got a subsidy."""
    value = sales(market)
    subsidised = np.zeros(len(value), dtype=np.bool_)
    for column in ("unit_subsidy", "seller_subsidy", "fee_subsidy"):
        subsidised |= ordered(market, column) > 0
    return share(float(value[subsidised].sum()), float(value.sum()))


def false_discount_share(market: Marketplace) -> float:
    """Announced discounts from a price that was asked on none of the last 30 days."""
    rows, listings = offered(market), market.listings
    rows = rows[listings.list_price[rows] > listings.advertised[rows]]
    highest = market.price_history[-PRIOR_PRICE_DAYS:, rows].max(axis=0)
    known = highest > 0
    false = known & (listings.list_price[rows] > highest)
    return share(float(false.sum()), float(known.sum()))


INDICATORS = (
    Indicator(
        "price_index", "prices", "day 0 = 1", "none",
        "geometric mean of price / price on day 0 over listings of day 0 still offered (Jevons, "
        "matched model)",
        "ILO et al. 2020, Consumer Price Index Manual", price_index,
    ),
    Indicator(
        "price_volatility", "prices", "log points a day", "lower",
        "mean over listings of the sd of daily changes of the log price, 28 days",
        "Andersen et al. 2003 (realised volatility)", price_volatility, sampled=True,
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
        "sales of orders with any subsidy, to buyer, to merchant or off the fee / sales",
        "definition", subsidised_share,
    ),
    Indicator(
        "false_discount_share", "prices", "share of discounts", "lower",
        "discounts whose earlier price was asked on none of 30 days / discounts",
        "EU Price Indication Directive, Art. 6a", false_discount_share,
    ),
)  # fmt: skip
