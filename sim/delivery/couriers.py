"""Couriers: who they are, who works today, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from mesa import Agent

from policies.arrays import FloatArray, IntArray
from sim.delivery.contracts import carriers_of_couriers
from sim.delivery.jobs import Shifts
from sim.delivery.vehicles import minutes_factors, vehicle_types, vehicles_of_couriers

if TYPE_CHECKING:
    from sim.market import Marketplace

AFTER_CLOSING = 75.0
"""Minutes after the shops' closing at which the last shifts end, so that late orders still go."""


class Courier(Agent):
    """One courier, with the place where shifts begin."""

    def __init__(
        self,
        market: Marketplace,
        row: int,
        base: int,
        speed: float,
        capacity: int,
        carrier: int,
        vehicle: int,
    ) -> None:
        super().__init__(market)
        self.row = row
        self.base = base  # place
        self.speed = speed  # factor on travel minutes
        self.capacity = capacity  # units
        self.carrier = carrier  # for whom it works
        self.vehicle = vehicle  # number of its type
        self.busy_until = 0.0  # minute at which the last shift was over, overtime included


def hire(market: Marketplace) -> None:
    """Hire the scenario's couriers; they start their shifts at shops."""
    settings, streams = market.settings.couriers, market.streams
    rows = np.arange(settings.count)
    shop = (streams.uniform("courier_base", 0, rows) * len(market.books)).astype(np.int64)
    factor = np.exp(settings.speed_factor_sd * streams.normal("courier_speed", 0, rows))
    carrier = carriers_of_couriers(settings, streams)
    vehicle, types = vehicles_of_couriers(settings, streams), vehicle_types(market)
    market.couriers = [
        Courier(
            market,
            row,
            int(market.books.pickup[shop[row]]),
            float(factor[row]),
            types[vehicle[row]].capacity,
            int(carrier[row]),
            int(vehicle[row]),
        )
        for row in rows.tolist()
    ]


def todays_shifts(market: Marketplace) -> Shifts:
    """Who works today, and from when.

    A courier works with probability `days_per_week / 7`, unless a shortage keeps it away; its shift
    lies around an hour drawn from the work of the day, and begins late for whoever is still busy
    with yesterday's. It may go offline at any time: after an exponential time.
    """
    settings, merchants, day = market.settings.couriers, market.settings.merchants, market.day
    rows = np.arange(len(market.couriers))
    works = market.streams.uniform("works", day, rows) < settings.days_per_week / 7.0
    works &= market.streams.uniform("stays_away", 0, rows) >= market.courier_absence
    rows = rows[works]
    length = settings.shift_hours * 60.0
    work = work_profile(market.hour_profile, merchants.opening_hour, merchants.closing_hour)
    cumulative = np.cumsum(work)
    draw = market.streams.uniform("shift", day, rows)
    # Parcels leave the shops a quarter of an hour or so after their orders, drawn by the hour.
    middle = (np.searchsorted(cumulative, draw) + 0.75) * 60.0
    latest = max(
        merchants.closing_hour * 60.0 + AFTER_CLOSING - length, merchants.opening_hour * 60.0
    )
    start = np.clip(middle - length / 2.0, merchants.opening_hour * 60.0, latest) + day * 1440.0
    end = start + length
    busy_until = np.array([market.couriers[row].busy_until for row in rows.tolist()])
    start = np.maximum(start, busy_until)  # nobody works two shifts at once
    free = start < end
    rows, start, end = rows[free], start[free], end[free]
    who = [market.couriers[row] for row in rows.tolist()]
    return Shifts(
        courier=rows,
        start=start,
        end=end,
        base=np.array([one.base for one in who], dtype=np.int32),
        speed=minutes_factors(
            market,
            np.array([one.speed for one in who], dtype=np.float64),
            np.array([one.vehicle for one in who], dtype=np.int64),
        ),
        capacity=np.array([one.capacity for one in who], dtype=np.int32),
        break_at=np.where(
            settings.break_minutes > 0.0, start + settings.break_after_hours * 60.0, np.inf
        ),
        break_minutes=np.full(len(rows), settings.break_minutes),
        offline_at=_offline_at(market, rows, start, end),
    )


def _offline_at(
    market: Marketplace, rows: IntArray, start: FloatArray, end: FloatArray
) -> FloatArray:
    """(K,) minute at which each courier goes offline; inf: not before its shift ends."""
    rate = market.settings.couriers.dropout_rate + market.courier_dropout
    if rate == 0.0:
        return np.full(len(rows), np.inf)
    draw = market.streams.uniform("goes_offline", market.day, rows)
    minute = start - np.log(draw) * 60.0 / rate
    return np.where(minute < end, minute, np.inf)


def work_profile(orders: FloatArray, opening_hour: float, closing_hour: float) -> FloatArray:
    """When parcels of a day's orders come from the shops: while those are closed, at opening.

    Args:
        orders: (24,) orders by the hour in which they are placed, in any unit.
        opening_hour: hour at which shops open.
        closing_hour: hour at which they close.

    Returns:
        (24,) shares that sum to 1.
    """
    hour = np.arange(24)
    closed = (hour < np.floor(opening_hour)) | (hour >= np.ceil(closing_hour))
    work = np.where(closed, 0.0, orders)
    work[min(int(opening_hour), 23)] += orders[closed].sum()
    share: FloatArray = work / work.sum()
    return share
