"""Parcels: what one consumer orders in one visit at one pickup place travels together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.delivery.contracts import carriers_of_parcels
from sim.delivery.jobs import Shifts
from sim.delivery.promises import LEAD, chosen_windows, promised_minutes
from sim.event_tables import Ending, OrderStatus

if TYPE_CHECKING:
    from sim.market import Marketplace


def preparation_start(minute: FloatArray, opening: float, closing: float) -> FloatArray:
    """Minute at which a shop begins to prepare an order: at once, or when it next opens.

    Args:
        minute: (n,) minutes since the start of day 0.
        opening: minute of the day at which shops open.
        closing: minute of the day at which they close.
    """
    day, of_day = np.divmod(minute, 1440.0)
    early = np.where(of_day < opening, day * 1440.0 + opening, minute)
    start: FloatArray = np.where(of_day >= closing, (day + 1) * 1440.0 + opening, early)
    return start


def pack(market: Marketplace, shifts: Shifts) -> IntArray:
    """Make today's orders into parcels.

    Args:
        market: the market.
        shifts: who works today.

    Returns:
        The numbers of the new jobs.
    """
    orders, delivery = market.orders, market.settings.delivery
    merchants = market.settings.merchants
    today = market.today.orders
    if len(today) == 0:
        return np.empty(0, dtype=np.int64)
    consumer = orders["consumer"][today].astype(np.int64)
    pickup = market.books.pickup[orders["merchant"][today]].astype(np.int64)
    key = consumer * len(market.places) + pickup
    _, first, job = np.unique(key, return_index=True, return_inverse=True)
    lead, consumer, pickup = today[first], consumer[first], pickup[first]
    placed = market.day * 1440.0 + orders["minute"][lead].astype(np.float64)
    start = preparation_start(placed, merchants.opening_hour * 60.0, merchants.closing_hour * 60.0)
    cold = np.bincount(job, weights=stays_cold(market, today)) > 0
    keeps = np.where(cold, delivery.cold_chain_minutes, np.inf)
    windowed, window = chosen_windows(market, start, consumer, pickup)
    latest = window - np.minimum(LEAD, keeps / 2.0) - merchants.preparation_minutes
    begins = np.where(windowed, np.maximum(start, latest), start)
    due = np.where(
        windowed, window + delivery.window_minutes, start + promised_minutes(market, start, shifts)
    )
    noise = market.streams.normal("preparation", market.day, consumer, pickup)
    sd = delivery.preparation_noise
    minutes = merchants.preparation_minutes * np.exp(sd * noise - sd**2 / 2.0)
    load = np.bincount(job, weights=orders["quantity"][today]).astype(np.int64)
    numbers = market.deliveries.append(
        consumer=consumer,
        merchant=orders["merchant"][lead],
        carrier=carriers_of_parcels(market, orders["merchant"][lead], consumer),
        pickup=pickup,
        dropoff=market.crowd.address[consumer],
        units=load.clip(max=market.settings.couriers.largest_load),
        placed=placed,
        begins=begins,
        ready=begins + minutes,
        not_before=np.where(windowed, window, 0.0),
        due=due,
        deadline=begins + merchants.preparation_minutes + keeps,
        patience=due + _minutes_of_patience(market, consumer, pickup),
        courier=-1,
        picked_up=np.nan,
        delivered=np.nan,
        attempts=0,
        status=OrderStatus.OPEN,
        ending=Ending.OPEN,
    )
    orders["job"][today] = numbers[job]
    orders["due"][today] = due[job]
    return numbers


def stays_cold(market: Marketplace, orders: IntArray) -> BoolArray:
    """(n,) whether the goods of orders must stay cold on the way."""
    cold = [
        market.category_names.index(name) for name in market.settings.delivery.cold_chain_categories
    ]
    kept: BoolArray = np.isin(market.orders["category"][orders], cold)
    return kept


def _minutes_of_patience(market: Marketplace, consumer: IntArray, pickup: IntArray) -> FloatArray:
    """(n,) minutes past the promise after which buyers cancel: exponential."""
    rate = market.settings.delivery.cancel_rate
    if rate == 0.0:
        return np.full(len(consumer), np.inf)
    draw = market.streams.uniform("patience", market.day, consumer, pickup)
    minutes: FloatArray = -np.log(draw) * 60.0 / rate
    return minutes
