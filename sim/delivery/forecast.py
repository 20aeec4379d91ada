"""Orders to be expected, from the platform's own past: by place and hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, FloatArray
from sim.delivery.parcels import preparation_start

if TYPE_CHECKING:
    from sim.market import Marketplace

DAYS = 28
"""Days of the past that a forecast is made from."""


class PastOrders:
    """Parcels a day of each pickup place, and the hours at which shops begin to prepare them."""

    def __init__(self, per_day: FloatArray, hours: FloatArray) -> None:
        """Keep the means.

        Args:
            per_day: (P,) parcels a day.
            hours: (24,) their shares by hour; sum 1.
        """
        self.per_day = per_day
        self._cumulative = np.concatenate([[0.0], np.cumsum(np.tile(hours, 2))])

    def next_hour(self, minute: float) -> FloatArray:
        """(P,) parcels expected at each place in the hour after a minute since day 0."""
        start = (minute % 1440.0) / 60.0
        done = np.interp([start, start + 1.0], np.arange(49.0), self._cumulative)
        expected: FloatArray = self.per_day * (done[1] - done[0])
        return expected


def past_orders(market: Marketplace, carrier: int | None = None) -> PastOrders | None:
    """What the last four weeks were like; None on the first day.

    Args:
        market: the market, in the couriers' phase.
        carrier: whose parcels; None: all.
    """
    jobs, merchants = market.deliveries, market.settings.merchants
    today = market.day * 1440.0
    recent: BoolArray = (jobs["placed"] < today) & (jobs["placed"] >= today - DAYS * 1440.0)
    if carrier is not None:
        recent &= jobs["carrier"] == carrier
    if not recent.any():
        return None
    start = preparation_start(
        jobs["placed"][recent], merchants.opening_hour * 60.0, merchants.closing_hour * 60.0
    )
    hour = (start % 1440.0 // 60.0).astype(np.int64)
    count = np.bincount(jobs["pickup"][recent], minlength=len(market.places))
    return PastOrders(count / min(market.day, DAYS), np.bincount(hour, minlength=24) / recent.sum())
