"""Parcels: what one consumer orders in one visit at one pickup place travels together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import FloatArray, IntArray
from sim.delivery.contracts import carriers_of_parcels
from sim.event_tables import OrderStatus

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


def pack(market: Marketplace) -> IntArray:
    """Make today's orders into parcels; returns the numbers of the new jobs."""
    orders, delivery = market.orders, market.settings.delivery
    merchants = market.settings.merchants
    today = market.today.orders
    if len(today) == 0:
        return np.empty(0, dtype=np.int64)
    consumer = orders["consumer"][today].astype(np.int64)
    pickup = market.books.pickup[orders["merchant"][today]].astype(np.int64)
    key = consumer * len(market.places) + pickup
    _, first, job = np.unique(key, return_index=True, return_inverse=True)
    lead = today[first]
    placed = market.day * 1440.0 + orders["minute"][lead].astype(np.float64)
    start = preparation_start(placed, merchants.opening_hour * 60.0, merchants.closing_hour * 60.0)
    noise = market.streams.normal("preparation", market.day, consumer[first], pickup[first])
    sd = delivery.preparation_noise
    minutes = merchants.preparation_minutes * np.exp(sd * noise - sd**2 / 2.0)
    load = np.bincount(job, weights=orders["quantity"][today]).astype(np.int64)
    numbers = market.deliveries.append(
        consumer=consumer[first],
        merchant=orders["merchant"][lead],
        carrier=carriers_of_parcels(market, orders["merchant"][lead], consumer[first]),
        pickup=pickup[first],
        dropoff=market.crowd.address[consumer[first]],
        units=load.clip(max=market.settings.couriers.capacity),
        placed=placed,
        ready=start + minutes,
        due=start + delivery.promise_minutes,
        courier=-1,
        picked_up=np.nan,
        delivered=np.nan,
        attempts=0,
        status=OrderStatus.OPEN,
    )
    orders["job"][today] = numbers[job]
    orders["due"][today] = (start + delivery.promise_minutes)[job]
    return numbers
