"""Indicators of the platform and the treasury."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.health.formulas import NAN, share
from sim.health.indicator import Indicator
from sim.health.today import ordered, sales
from sim.ledger import Owner, Purpose

if TYPE_CHECKING:
    from sim.market import Marketplace


def orders(market: Marketplace) -> float:
    """Orders placed today."""
    return float(len(market.today.orders))


def gmv(market: Marketplace) -> float:
    """Gross merchandise value of today's orders, in currency."""
    return float(sales(market).sum()) / 100.0


def take_rate(market: Marketplace) -> float:
    """Commission and delivery fees over GMV."""
    taken = ordered(market, "commission").sum() + ordered(market, "delivery_fee").sum()
    return share(float(taken), float(sales(market).sum()))


def subsidy_spend(market: Marketplace) -> float:
    """Subsidies granted today, in currency."""
    return market.today.subsidy_paid / 100.0


def profit(market: Marketplace) -> float:
    """What the platform's account gained today, start-up capital apart, in currency.

    Money held for orders that are not delivered yet counts when it comes in.
    """
    transfers = market.ledger.transfers
    rows = transfers["day"] == market.day
    account = market.ledger.account(Owner.PLATFORM)
    earned = rows & (transfers["purpose"] != Purpose.CAPITAL)
    amount = transfers["amount"]
    gained = amount[earned & (transfers["payee"] == account)].sum()
    spent = amount[earned & (transfers["payer"] == account)].sum()
    return float(gained - spent) / 100.0


def profit_share_of_gmv(market: Marketplace) -> float:
    """The platform's profit of today over GMV."""
    value = gmv(market)
    return profit(market) / value if value > 0 else NAN


def rival_share(market: Marketplace) -> float:
    """Sessions that bought from the rival over sessions that bought."""
    choice = market.today.session_choice
    return share(float((choice == -2).sum()), float((choice != -1).sum()))


def fines(market: Marketplace) -> float:
    """Fines that the treasury took today, in currency."""
    transfers = market.ledger.transfers
    rows = (transfers["day"] == market.day) & (transfers["purpose"] == Purpose.FINE)
    into = transfers["payee"] == market.ledger.account(Owner.TREASURY)
    amount = transfers["amount"]
    return float(amount[rows & into].sum() - amount[rows & ~np.asarray(into)].sum()) / 100.0


INDICATORS = (
    Indicator("orders", "platform", "orders a day", "none", "orders placed", "definition", orders),
    Indicator(
        "gmv", "platform", "currency a day", "none", "sum of price times units of orders",
        "usual", gmv,
    ),
    Indicator(
        "take_rate", "platform", "share of GMV", "none", "(commission + delivery fees) / GMV",
        "usual", take_rate,
    ),
    Indicator(
        "subsidy_spend", "platform", "currency a day", "none", "subsidies granted", "definition",
        subsidy_spend,
    ),
    Indicator(
        "profit", "platform", "currency a day", "higher",
        "payments to the platform less its payments, today's transfers without capital",
        "definition", profit,
    ),
    Indicator(
        "profit_share_of_gmv", "platform", "share of GMV", "higher", "profit / GMV", "definition",
        profit_share_of_gmv,
    ),
    Indicator(
        "rival_share", "platform", "share of purchases", "lower",
        "sessions that chose the rival / sessions that bought", "definition", rival_share,
    ),
    Indicator(
        "fines", "platform", "currency a day", "none", "fines less those paid back",
        "definition", fines,
    ),
)  # fmt: skip
