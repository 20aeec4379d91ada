"""Indicators of congestion: without `roads.traffic.on` roads are empty, and nothing is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.health.formulas import NAN, share
from sim.health.indicator import Indicator
from sim.roads.traffic import DayOfTraffic

if TYPE_CHECKING:
    from sim.market import Marketplace


def _lived(market: Marketplace) -> DayOfTraffic | None:
    driving = market.driving
    return None if driving is None or driving.traffic is None else driving.traffic.lived


def congestion(market: Marketplace) -> float:
    """How many times longer couriers' legs took than on empty roads."""
    lived = _lived(market)
    return NAN if lived is None else share(lived.driven_minutes, lived.free_minutes)


def delay_hours(market: Marketplace) -> float:
    """Vehicle-hours that all vehicles, couriers' and others, lost to congestion today."""
    lived = _lived(market)
    return NAN if lived is None else lived.delay_hours


def courier_delay_share(market: Marketplace) -> float:
    """Share of that delay which would not be there without couriers."""
    lived = _lived(market)
    if lived is None:
        return NAN
    return share(lived.delay_hours - lived.delay_without_couriers, lived.delay_hours)


INDICATORS = (
    Indicator(
        "congestion", "delivery", "times empty roads", "lower",
        "minutes of couriers' legs / minutes of the same legs on empty roads",
        "travel time index, Schrank et al. 2015", congestion,
    ),
    Indicator(
        "delay_hours", "delivery", "vehicle-hours", "lower",
        "sum over links and hours of vehicles times (minutes - minutes of the empty link)",
        "Schrank et al. 2015", delay_hours,
    ),
    Indicator(
        "courier_delay_share", "delivery", "share of delay", "lower",
        "(delay - delay without couriers) / delay, theirs and what they add for others",
        "definition", courier_delay_share,
    ),
)  # fmt: skip
