"""How parcels end, and their orders with them: delivered, cancelled or refunded.

A parcel that its shop had begun to prepare before it closed, or before the goods were taken off
sale, is still brought; what was not begun by then is cancelled, and buyers get their money back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import IntArray
from sim.delivery.parcels import stays_cold
from sim.delivery.records import DayOutcome
from sim.event_tables import Ending, OrderStatus
from sim.settlement import cancel, pay_out, spoil
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace


def call_off_unbegun(market: Marketplace) -> IntArray:
    """Cancel orders that wait for a shop that has closed, or of goods that are off sale now.

    Returns:
        The orders.
    """
    orders, jobs = market.orders, market.deliveries
    open_ = np.flatnonzero((orders["status"] == OrderStatus.OPEN) & (orders["job"] >= 0))
    barred = ~may_be_sold(market)[orders["listing"][open_]]
    lost: IntArray = open_[barred & (jobs["begins"][orders["job"][open_]] >= market.day * 1440.0)]
    orders["closed"][lost] = market.day * 1440.0
    cancel(market, lost)
    left = np.zeros(len(jobs), dtype=np.bool_)
    left[orders["job"][open_[orders["status"][open_] == OrderStatus.OPEN]]] = True
    emptied = np.unique(orders["job"][lost])
    _end(market, emptied[~left[emptied]], Ending.SHOP_CLOSED)
    return lost


def give_up(market: Marketplace) -> IntArray:
    """End parcels that nobody has brought for too many days, counted from a window's beginning.

    Returns:
        The parcels.
    """
    jobs = market.deliveries
    old = market.day * 1440.0 - market.settings.delivery.give_up_days * 1440.0
    since = np.maximum(jobs["placed"], jobs["not_before"])
    late = np.flatnonzero((jobs["status"] == OrderStatus.OPEN) & (since < old))
    _end(market, late, Ending.GIVEN_UP)
    return late


def end_day(market: Marketplace, outcome: DayOutcome) -> None:
    """Write down which parcels ended on their day, and how."""
    _end(market, outcome.delivered, Ending.DELIVERED)
    tries = market.deliveries["attempts"][outcome.cancelled]
    at_the_door = tries >= market.settings.delivery.attempts
    at_the_door &= np.isin(outcome.cancelled, outcome.job[outcome.tries > 0])
    _end(market, outcome.cancelled[at_the_door], Ending.NOBODY_HOME)
    _end(market, outcome.cancelled[~at_the_door], Ending.CALLED_OFF)
    _end(market, outcome.spoiled, Ending.SPOILED)


def settle(market: Marketplace, called_off: IntArray) -> None:
    """Orders end with their parcels.

    Args:
        market: the market, whose parcels have ended.
        called_off: orders that were cancelled this morning.
    """
    orders, jobs, today = market.orders, market.deliveries, market.today
    open_ = np.flatnonzero(orders["status"] == OrderStatus.OPEN)
    job = orders["job"][open_]
    ending = jobs["ending"][job]
    arrived, lost = open_[ending == Ending.DELIVERED], open_[ending > Ending.DELIVERED]
    orders["closed"][arrived] = jobs["delivered"][orders["job"][arrived]]
    orders["closed"][lost] = _minute_of_the_end(market, orders["job"][lost])
    pay_out(market, arrived)
    of_spoiled = jobs["ending"][orders["job"][lost]] == Ending.SPOILED
    spoiled = of_spoiled & stays_cold(market, lost)
    spoil(market, lost[spoiled], market.settings.delivery.spoiled_at_cost_of)
    cancel(market, lost[~spoiled])
    today.delivered, today.closed = arrived, np.concatenate([called_off, lost])
    today.spoiled = lost[spoiled]
    today.called_off = lost[jobs["ending"][orders["job"][lost]] == Ending.CALLED_OFF]


def _end(market: Marketplace, parcels: IntArray, ending: Ending) -> None:
    status = {Ending.DELIVERED: OrderStatus.DELIVERED, Ending.SPOILED: OrderStatus.REFUNDED}
    market.deliveries["status"][parcels] = status.get(ending, OrderStatus.CANCELLED)
    market.deliveries["ending"][parcels] = ending


def _minute_of_the_end(market: Marketplace, parcels: IntArray) -> np.ndarray:
    """When parcels ended that did not arrive: when it was decided, or at midnight."""
    jobs = market.deliveries
    morning, midnight = market.day * 1440.0, (market.day + 1) * 1440.0
    minute = np.full(len(parcels), midnight)
    for ending, column in ((Ending.CALLED_OFF, "patience"), (Ending.SPOILED, "deadline")):
        rows = jobs["ending"][parcels] == ending
        minute[rows] = np.clip(jobs[column][parcels[rows]], morning, midnight)
    return minute
