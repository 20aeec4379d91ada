"""Indicators of delivery; without couriers there is nothing to measure but promises kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.delivery.parcels import preparation_start
from sim.health.formulas import NAN, gini, mean, quantile, share
from sim.health.indicator import Indicator
from sim.health.today import DAYS, rows_since

if TYPE_CHECKING:
    from sim.market import Marketplace


def arrived(market: Marketplace, column: str) -> NDArray[Any]:
    """A column of the parcels that arrived today."""
    jobs = np.unique(market.orders["job"][market.today.delivered])
    rows: NDArray[Any] = market.deliveries[column][jobs[jobs >= 0]]
    return rows


def shift(market: Marketplace, column: str, days: int = 1) -> NDArray[Any]:
    """A column of the shifts of the last days."""
    table = market.shifts
    rows: NDArray[Any] = table[column][rows_since(table, market.day - days + 1)]
    return rows


def on_time_share(market: Marketplace) -> float:
    """Orders delivered today by the promised minute."""
    rows = market.today.delivered
    return mean(market.orders["closed"][rows] <= market.orders["due"][rows])


def click_to_door(market: Marketplace) -> float:
    """Mean minutes from order to door of parcels that arrived today."""
    return mean(_minutes_to_the_door(market))


def click_to_door_p90(market: Marketplace) -> float:
    """The same minutes that nine of ten parcels stay below."""
    return quantile(_minutes_to_the_door(market), 0.9)


def _minutes_to_the_door(market: Marketplace) -> NDArray[np.float64]:
    """Minutes from order to door; what was ordered while shops were closed counts from opening."""
    merchants = market.settings.merchants
    start = preparation_start(
        arrived(market, "placed"), merchants.opening_hour * 60.0, merchants.closing_hour * 60.0
    )
    minutes: NDArray[np.float64] = arrived(market, "delivered") - start
    return minutes


def ready_to_pickup(market: Marketplace) -> float:
    """Mean minutes that parcels waited ready at the shop."""
    return mean(np.maximum(arrived(market, "picked_up") - arrived(market, "ready"), 0.0))


def lateness(market: Marketplace) -> float:
    """Mean minutes after the promise, early ones counted 0."""
    return mean(np.maximum(arrived(market, "delivered") - arrived(market, "due"), 0.0))


def failed_share(market: Marketplace) -> float:
    """Orders cancelled today over those that ended today."""
    ended = len(market.today.delivered) + len(market.today.closed)
    return share(len(market.today.closed), ended)


def orders_per_hour(market: Marketplace) -> float:
    """Parcels a courier-hour."""
    return share(float(shift(market, "deliveries").sum()), _hours(market).sum())


def utilisation(market: Marketplace) -> float:
    """Minutes on the road over minutes on shift."""
    return share(float(shift(market, "minutes_driving").sum()), 60.0 * _hours(market).sum())


def courier_earnings(market: Marketplace) -> float:
    """Pay an hour on shift, in currency."""
    return share(float(shift(market, "pay").sum()) / 100.0, _hours(market).sum())


def courier_gini(market: Marketplace) -> float:
    """Inequality of couriers' hourly earnings over 28 days."""
    courier = shift(market, "courier", DAYS)
    if len(courier) == 0:
        return NAN
    pay = np.bincount(courier, shift(market, "pay", DAYS).astype(float))
    hours = np.bincount(courier, _hours(market, DAYS))
    worked = hours > 0
    return gini(pay[worked] / hours[worked])


def km_per_order(market: Marketplace) -> float:
    """Kilometres driven a parcel delivered."""
    return share(float(shift(market, "metres").sum()) / 1000.0, shift(market, "deliveries").sum())


def co2_per_order(market: Marketplace) -> float:
    """Grams of CO2 a parcel delivered."""
    return km_per_order(market) * market.settings.delivery.grams_co2_per_km


def empty_share(market: Marketplace) -> float:
    """Metres driven without a parcel over metres driven."""
    return share(float(shift(market, "empty_metres").sum()), float(shift(market, "metres").sum()))


def _hours(market: Marketplace, days: int = 1) -> NDArray[np.float64]:
    hours: NDArray[np.float64] = (shift(market, "end", days) - shift(market, "start", days)) / 60.0
    return hours


_REYES = "Reyes et al. 2018"

INDICATORS = (
    Indicator(
        "on_time_share", "delivery", "share of orders", "higher",
        "orders delivered by the promised minute / orders delivered", "definition", on_time_share,
    ),
    Indicator(
        "click_to_door", "delivery", "minutes", "lower",
        "mean of delivery - placement, from opening where shops were closed", _REYES,
        click_to_door,
    ),
    Indicator(
        "click_to_door_p90", "delivery", "minutes", "lower",
        "90 % quantile of the same minutes", _REYES, click_to_door_p90,
    ),
    Indicator(
        "ready_to_pickup", "delivery", "minutes", "lower", "mean of pickup - ready", _REYES,
        ready_to_pickup,
    ),
    Indicator(
        "lateness", "delivery", "minutes", "lower", "mean of max(delivery - promise, 0)", _REYES,
        lateness,
    ),
    Indicator(
        "failed_share", "delivery", "share of orders", "lower",
        "orders cancelled / orders ended today", "definition", failed_share,
    ),
    Indicator(
        "orders_per_hour", "delivery", "parcels a courier-hour", "higher",
        "parcels delivered / courier-hours", _REYES, orders_per_hour,
    ),
    Indicator(
        "utilisation", "delivery", "share of time", "none", "minutes driving / minutes on shift",
        "definition", utilisation,
    ),
    Indicator(
        "courier_earnings", "delivery", "currency an hour", "higher", "pay / hours on shift",
        "definition", courier_earnings,
    ),
    Indicator(
        "courier_gini", "delivery", "0 to 1", "lower",
        "Gini of couriers' hourly earnings, 28 days", "Gini 1912", courier_gini,
    ),
    Indicator(
        "km_per_order", "delivery", "km", "lower", "kilometres driven / parcels delivered",
        "definition", km_per_order,
    ),
    Indicator(
        "co2_per_order", "delivery", "g", "lower",
        "kilometres an order times the scenario's grams a kilometre", "definition", co2_per_order,
    ),
    Indicator(
        "empty_share", "delivery", "share of metres", "lower",
        "metres without a parcel on board / metres", "definition", empty_share,
    ),
)  # fmt: skip
