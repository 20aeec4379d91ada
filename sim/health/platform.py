"""Indicators of the platform and the treasury."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim import rivalry
from sim.health.formulas import NAN, share
from sim.health.indicator import Indicator
from sim.health.today import ordered, sales, transfers_today
from sim.ledger import Owner, Purpose
from sim.settlement import paid_by_buyers

if TYPE_CHECKING:
    from sim.market import Marketplace


def orders(market: Marketplace) -> float:
    """Orders placed today."""
    return float(len(market.today.orders))


def gmv(market: Marketplace) -> float:
    """Gross merchandise value of today's orders, in currency."""
    return float(sales(market).sum()) / 100.0


def fee_revenue(market: Marketplace) -> float:
    """Commissions and delivery fees on today's orders, in currency."""
    taken = ordered(market, "commission").sum() + ordered(market, "delivery_fee").sum()
    return float(taken) / 100.0


def take_rate(market: Marketplace) -> float:
    """Commissions and delivery fees over GMV."""
    return share(fee_revenue(market), gmv(market))


def subsidy_spend(market: Marketplace) -> float:
    """Subsidies granted today, in currency."""
    return market.today.subsidy_paid / 100.0


def profit(market: Marketplace) -> float:
    """What the platform earned today, start-up capital apart, in currency.

    What buyers have paid is theirs until their orders end, so it is earned or given back then.
    """
    account = market.ledger.account(Owner.PLATFORM)
    counts = transfers_today(market, "purpose") != Purpose.CAPITAL
    amount = transfers_today(market, "amount")
    gained = amount[counts & (transfers_today(market, "payee") == account)].sum()
    spent = amount[counts & (transfers_today(market, "payer") == account)].sum()
    ended = np.concatenate([market.today.delivered, market.today.closed])
    placed = paid_by_buyers(market, market.today.orders).sum()
    newly_held = placed - paid_by_buyers(market, ended).sum()
    return float(gained - spent - newly_held) / 100.0


def profit_share_of_gmv(market: Marketplace) -> float:
    """The platform's profit of today over GMV."""
    value = gmv(market)
    return profit(market) / value if value > 0 else NAN


def rival_share(market: Marketplace) -> float:
    """Units that were bought at the rival today, of all units bought."""
    return rivalry.share_of_purchases(market)


def rival_subsidy(market: Marketplace) -> float:
    """What the rival paid in subsidies today, in currency."""
    return rivalry.subsidy_today(market)


def rival_profit(market: Marketplace) -> float:
    """What the rival earned today, in currency."""
    return rivalry.profit_today(market)


def platform_losses(market: Marketplace) -> float:
    """What the two platforms lost today, in currency; the profit of one offsets no other's loss."""
    return max(-profit(market), 0.0) + max(-rival_profit(market), 0.0)


def fines(market: Marketplace) -> float:
    """Fines that the treasury took today, less those it paid back, in currency."""
    fine = transfers_today(market, "purpose") == Purpose.FINE
    taken = transfers_today(market, "payee")[fine] == market.ledger.account(Owner.TREASURY)
    amount = transfers_today(market, "amount")[fine]
    return float(amount[taken].sum() - amount[~taken].sum()) / 100.0


INDICATORS = (
    Indicator("orders", "platform", "orders a day", "none", "orders placed", "definition", orders),
    Indicator(
        "gmv", "platform", "currency a day", "none", "sum of price times units of orders",
        "usual", gmv,
    ),
    Indicator(
        "fee_revenue", "platform", "currency a day", "none", "commission + delivery fees of orders",
        "definition", fee_revenue,
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
        "payments to the platform less its own, without capital and what it holds for open orders",
        "definition", profit,
    ),
    Indicator(
        "profit_share_of_gmv", "platform", "share of GMV", "higher", "profit / GMV", "definition",
        profit_share_of_gmv,
    ),
    Indicator(
        "rival_share", "platform", "share of purchases", "lower",
        "units bought at the rival / units bought at either platform; of those who shop at the "
        "rival alone, and with expected demand, expected units",
        "definition", rival_share,
    ),
    Indicator(
        "rival_subsidy", "platform", "currency a day", "none",
        "sales at the rival's prices * its discount", "definition", rival_subsidy,
    ),
    Indicator(
        "rival_profit", "platform", "currency a day", "none",
        "sales at the rival's prices * (its commission - its discount), before running costs",
        "definition", rival_profit,
    ),
    Indicator(
        "platform_losses", "platform", "currency a day", "lower",
        "max(-profit, 0) + max(-rival_profit, 0)",
        "rents dissipated in a contest; Tullock 1980", platform_losses,
    ),
    Indicator(
        "fines", "platform", "currency a day", "none", "fines less those paid back",
        "definition", fines,
    ),
)  # fmt: skip
