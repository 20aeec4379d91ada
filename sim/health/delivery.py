"""Indicators of delivery; without couriers there is nothing to measure but promises kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from sim.health.formulas import NAN, gini, mean, quantile, share
from sim.health.indicator import Indicator
from sim.health.today import DAYS, ordered, rows_since

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
    """Mean minutes from order to door of parcels that arrived today, those with a window apart."""
    return mean(_minutes_to_the_door(market))


def click_to_door_p90(market: Marketplace) -> float:
    """The same minutes that nine of ten parcels stay below."""
    return quantile(_minutes_to_the_door(market), 0.9)


def _minutes_to_the_door(market: Marketplace) -> NDArray[np.float64]:
    """Minutes from order to door; what was ordered while shops were closed counts from opening."""
    took = arrived(market, "delivered") - arrived(market, "begins")
    minutes: NDArray[np.float64] = took[arrived(market, "not_before") == 0.0]
    return minutes


def ready_to_pickup(market: Marketplace) -> float:
    """Mean minutes that parcels waited ready at the shop."""
    return mean(np.maximum(arrived(market, "picked_up") - arrived(market, "ready"), 0.0))


def lateness(market: Marketplace) -> float:
    """Mean minutes after the promise, early ones counted 0."""
    return mean(np.maximum(arrived(market, "delivered") - arrived(market, "due"), 0.0))


def failed_share(market: Marketplace) -> float:
    """Orders that ended undelivered today, for whatever reason, over those that ended today."""
    return _of_ended(market, market.today.closed)


def cancelled_share(market: Marketplace) -> float:
    """Orders that buyers cancelled today, over those that ended today."""
    return _of_ended(market, market.today.called_off)


def spoiled_share(market: Marketplace) -> float:
    """Orders whose goods did not stay cold, over those that ended today."""
    return _of_ended(market, market.today.spoiled)


def _of_ended(market: Marketplace, orders: IntArray) -> float:
    return share(len(orders), len(market.today.delivered) + len(market.today.closed))


def promised_minutes(market: Marketplace) -> float:
    """Mean minutes from order to door that buyers of today were promised, windows apart."""
    jobs = market.deliveries
    rows = np.unique(ordered(market, "job"))
    rows = rows[rows >= 0]
    rows = rows[jobs["not_before"][rows] == 0.0]
    return mean(jobs["due"][rows] - jobs["begins"][rows])


def orders_per_hour(market: Marketplace) -> float:
    """Parcels a courier-hour."""
    return share(float(shift(market, "deliveries").sum()), _hours(market).sum())


def utilisation(market: Marketplace) -> float:
    """Minutes on the road over minutes on shift."""
    return share(float(shift(market, "minutes_driving").sum()), 60.0 * _hours(market).sum())


def bundle_size(market: Marketplace) -> float:
    """Parcels fetched a visit to a shop."""
    return _per(market, "pickups", "pickup_visits")


def refusals_share(market: Marketplace) -> float:
    """Offers that couriers turned down."""
    return _per(market, "refusals", "offers")


def idle_share(market: Marketplace) -> float:
    """Minutes on shift without anything to do."""
    minutes = 60.0 * _hours(market).sum()
    busy = sum(float(shift(market, f"minutes_{what}").sum()) for what in _BUSY)
    return share(max(minutes - busy, 0.0), minutes)


def overtime_share(market: Marketplace) -> float:
    """Minutes on shift after its planned end."""
    over = np.maximum(shift(market, "end") - shift(market, "planned_end"), 0.0).sum()
    return share(float(over), 60.0 * _hours(market).sum())


def cost_per_order(market: Marketplace) -> float:
    """What couriers and their vehicles cost the platform for a parcel delivered, in currency."""
    cost = float(shift(market, "pay").sum() + shift(market, "vehicle_cost").sum()) / 100.0
    return share(cost, shift(market, "deliveries").sum())


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
    return _per(market, "grams_co2", "deliveries")


def empty_share(market: Marketplace) -> float:
    """Metres driven without a parcel over metres driven."""
    return _per(market, "empty_metres", "metres")


def _per(market: Marketplace, part: str, whole: str) -> float:
    """A column of today's shifts over another."""
    return share(float(shift(market, part).sum()), float(shift(market, whole).sum()))


def _hours(market: Marketplace, days: int = 1) -> NDArray[np.float64]:
    hours: NDArray[np.float64] = (shift(market, "end", days) - shift(market, "start", days)) / 60.0
    return hours


_BUSY = ("driving", "serving", "waiting", "resting")

_REYES = "Reyes et al. 2018"

INDICATORS = (
    Indicator(
        "on_time_share", "delivery", "share of orders", "higher",
        "orders delivered by the promised minute / orders delivered", "definition", on_time_share,
    ),
    Indicator(
        "click_to_door", "delivery", "minutes", "lower",
        "mean of delivery - placement, from opening where shops were closed; parcels without a "
        "time window", _REYES,
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
        "orders cancelled or spoiled / orders ended today", "definition", failed_share,
    ),
    Indicator(
        "cancelled_share", "delivery", "share of orders", "lower",
        "orders that buyers cancelled / orders ended today", "definition", cancelled_share,
    ),
    Indicator(
        "spoiled_share", "delivery", "share of orders", "lower",
        "orders whose goods did not stay cold / orders ended today", "definition", spoiled_share,
    ),
    Indicator(
        "promised_minutes", "delivery", "minutes", "lower",
        "mean of promise - placement, from opening where shops were closed; parcels without a "
        "time window", "definition", promised_minutes,
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
        "idle_share", "delivery", "share of time", "lower",
        "(minutes on shift - driving - service - waiting - breaks) / minutes on shift",
        "definition", idle_share,
    ),
    Indicator(
        "overtime_share", "delivery", "share of time", "lower",
        "minutes after the planned end / minutes on shift", "definition", overtime_share,
    ),
    Indicator(
        "refusals_share", "delivery", "share of offers", "lower",
        "parcels turned down / parcels offered to couriers", "definition", refusals_share,
    ),
    Indicator(
        "bundle_size", "delivery", "parcels a visit", "higher",
        "parcels fetched / visits to shops", _REYES, bundle_size,
    ),
    Indicator(
        "cost_per_order", "delivery", "currency", "lower",
        "(pay of couriers + costs of their kilometres) / parcels delivered", "definition",
        cost_per_order,
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
        "sum of kilometres times the vehicle's grams a kilometre / parcels delivered", "definition",
        co2_per_order,
    ),
    Indicator(
        "empty_share", "delivery", "share of metres", "lower",
        "metres without a parcel on board / metres", "definition", empty_share,
    ),
)  # fmt: skip
