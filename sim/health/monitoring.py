"""Indicators of price monitoring: what it finds, against the hidden truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.health.formulas import mean
from sim.health.indicator import Indicator
from sim.health.today import last_days

if TYPE_CHECKING:
    from sim.market import Marketplace


def monitor_precision(market: Marketplace) -> float:
    """Listings that monitoring flagged in the last 28 days whose merchants cheat with prices."""
    watch = market.price_watch
    return mean(watch.rightly[watch.flagged_on >= max(last_days(market), 0)])


def monitor_recall(market: Marketplace) -> float:
    """Listings sold below cost or gouged in the last 28 days that monitoring has found."""
    watch = market.price_watch
    recent = watch.last >= max(last_days(market), 0)
    return mean(watch.found_on[recent] >= watch.since[recent])


def monitor_days(market: Marketplace) -> float:
    """How long misconduct that monitoring found in the last 28 days had gone on."""
    watch = market.price_watch
    found = watch.found_on >= max(last_days(market), 0)
    return mean(watch.found_on[found] - watch.since[found])


INDICATORS = (
    Indicator(
        "monitor_precision", "safety", "share", "higher",
        "listings of merchants of a pricing misconduct / listings flagged by the price monitor, 28 "
        "days (hidden truth)",
        "Manning, Raghavan & Schütze 2008", monitor_precision,
    ),
    Indicator(
        "monitor_recall", "safety", "share", "higher",
        "flagged since it began / listings sold below cost on purpose or gouged, 28 days (hidden "
        "truth)",
        "Manning, Raghavan & Schütze 2008", monitor_recall,
    ),
    Indicator(
        "monitor_days", "safety", "days", "lower",
        "mean of day found - first day of misconduct, found in 28 days (hidden truth)",
        "definition", monitor_days,
    ),
)  # fmt: skip
