"""Who gains by subsidies: totals of each side that comparisons divide, and one run's pass-through.

What a subsidy does to each side can be told only against the same market without it: `weal compare`
does, from the totals here. A single run knows no such twin; its pass-through compares prices with
those of the day on which subsidies began, and says so.

Source: Weyl & Fabinger (2013), "Pass-through as an economic tool", Journal of Political Economy
121(3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray
from sim.health.formulas import NAN, share
from sim.health.indicator import Indicator
from sim.health.today import ordered, transfers_today, units
from sim.ledger import Purpose
from sim.merchants.founding import SMALL
from sim.merchants.turnover import profit_of_the_day
from sim.settlement import borne_by_platform

if TYPE_CHECKING:
    from sim.market import Marketplace


def consumer_surplus(market: Marketplace) -> float:
    """What both platforms together are worth to all buyers of today, in currency."""
    today, choice = market.today, market.settings.consumers.choice
    buyers = choice.buyers_per_consumer if choice.demand == "expected" else 1
    total = today.session_surplus.sum() + today.session_surplus_elsewhere.sum()
    return (float(total) * buyers + today.surplus_at_rival_alone) / 100.0


def merchant_profit(market: Marketplace) -> float:
    """What all merchants together earned today after all costs, in currency."""
    return float(profit_of_the_day(market).sum()) / 100.0


def small_merchant_profit(market: Marketplace) -> float:
    """What small merchants earned today after all costs, in currency."""
    return _profit_of(market, market.books.size == SMALL)


def larger_merchant_profit(market: Marketplace) -> float:
    """What merchants of medium and large size earned today after all costs, in currency."""
    return _profit_of(market, market.books.size != SMALL)


def _profit_of(market: Marketplace, merchants: BoolArray) -> float:
    return float(profit_of_the_day(market)[merchants].sum()) / 100.0


def courier_pay(market: Marketplace) -> float:
    """What couriers were paid today, in currency."""
    paid = transfers_today(market, "purpose") == Purpose.COURIER_PAY
    return float(transfers_today(market, "amount")[paid].sum()) / 100.0


def merchant_funded_share(market: Marketplace) -> float:
    """Part of the subsidies on today's orders that merchants bear."""
    goods, fee = borne_by_platform(market, market.today.orders)
    funded = ordered(market, "merchant_funded").sum() + ordered(market, "merchant_funded_fee").sum()
    return share(float(funded), float(goods.sum() + fee.sum() + funded))


def subsidy_pass_through(market: Marketplace) -> float:
    """Part of the platform's subsidies on goods that reaches buyers in the prices that they pay."""
    before = market.subsidy_eve
    if before is None:
        return NAN
    listing, quantity = ordered(market, "listing"), units(market)
    subsidy, _ = borne_by_platform(market, market.today.orders)
    counted = (subsidy > 0) & (listing < len(before))
    expected = before[listing[counted]] * _price_trend(market)
    paid = ordered(market, "unit_price")[counted] - ordered(market, "unit_subsidy")[counted]
    gained = float(((expected - paid) * quantity[counted]).sum())
    return share(gained, float(subsidy[counted].sum()))


def _price_trend(market: Marketplace) -> float:
    """Prices of what no campaign subsidises today, over what they were when subsidies began."""
    before, campaigns = market.subsidy_eve, market.today.campaigns
    if before is None or campaigns is None:
        return 1.0
    known, listings = len(before), market.listings
    other = ~campaigns.per_unit[:, :known].any(axis=0)
    other &= market.books.is_open[listings.merchant[:known]]
    if not other.any():
        return 1.0
    return float(np.median(listings.price[:known][other] / before[other]))


INDICATORS = (
    Indicator(
        "consumer_surplus", "consumers", "currency a day", "higher",
        "sum over sessions of (ln(sum exp V_platform + exp V_rival + exp V_nothing) - V_nothing) / "
        "(price sensitivity / reference price), times the buyers for whom a session stands; and "
        "the same with the rival's offer alone, expected, of those who shop there alone",
        "Small & Rosen 1981; Train 2015", consumer_surplus,
    ),
    Indicator(
        "merchant_profit", "merchants", "currency a day", "higher",
        "revenue less unit costs, fixed costs, fines and bought reviews, all merchants",
        "definition", merchant_profit,
    ),
    Indicator(
        "small_merchant_profit", "merchants", "currency a day", "higher",
        "revenue less unit costs, fixed costs, fines and bought reviews, small merchants",
        "definition", small_merchant_profit,
    ),
    Indicator(
        "larger_merchant_profit", "merchants", "currency a day", "higher",
        "revenue less unit costs, fixed costs, fines and bought reviews, other merchants",
        "definition", larger_merchant_profit,
    ),
    Indicator(
        "courier_pay", "delivery", "currency a day", "none", "pay of couriers, all shifts",
        "definition", courier_pay,
    ),
    Indicator(
        "merchant_funded_share", "prices", "share of subsidies", "none",
        "what merchants bear of buyers' subsidies / all subsidies, of today's orders",
        "definition", merchant_funded_share,
    ),
    Indicator(
        "subsidy_pass_through", "prices", "share of subsidies", "none",
        "over today's subsidised orders, sum of units * (price when subsidies began * trend - "
        "price paid) / the platform's subsidies on goods; trend: median price of what is not "
        "subsidised against then, 1 where all is. A before-and-after measure: other changes of "
        "subsidised prices since then count as the subsidy's; the first day has none",
        "Weyl & Fabinger 2013", subsidy_pass_through,
    ),
)  # fmt: skip
