"""Couriers are paid, and their shifts written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.delivery.jobs import Shifts
from sim.delivery.records import DayOutcome
from sim.delivery.vehicles import vehicle_types
from sim.ledger import Owner, Purpose
from sim.settings.couriers import CourierSettings

if TYPE_CHECKING:
    from sim.market import Marketplace


def pay_of_shifts(
    settings: CourierSettings, shifts: Shifts, outcome: DayOutcome
) -> NDArray[np.int64]:
    """The larger of piece rate and hourly guarantee, and what overtime pays on top.

    Args:
        settings: rates in currency units.
        shifts: as they were planned.
        outcome: as they went.

    Returns:
        (K,) cents.
    """
    minutes = outcome.end - shifts.start
    if not settings.paid_breaks:
        minutes = minutes - outcome.resting
    piece = outcome.deliveries * round(settings.pay_per_delivery * 100)
    guarantee = _cents(settings.hourly_guarantee * minutes / 60.0)
    overtime = np.maximum(outcome.end - shifts.end, 0.0) / 60.0
    on_top = _cents((settings.overtime_factor - 1.0) * settings.hourly_guarantee * overtime)
    pay: NDArray[np.int64] = np.maximum(piece, guarantee) + on_top
    return pay


def pay_couriers(market: Marketplace, shifts: Shifts, outcome: DayOutcome) -> None:
    """Pay the shifts and the kilometres, from the platform; couriers spend what they earn."""
    ledger, day = market.ledger, market.day
    pay = pay_of_shifts(market.settings.couriers, shifts, outcome)
    who = [market.couriers[row] for row in shifts.courier.tolist()]
    for courier, end in zip(who, outcome.end.tolist(), strict=True):
        courier.busy_until = end
    platform, outside = ledger.account(Owner.PLATFORM), ledger.account(Owner.OUTSIDE)
    account = ledger.account(Owner.COURIER, shifts.courier)
    ledger.transfer(day, platform, account, pay, Purpose.COURIER_PAY)
    ledger.transfer(day, account, outside, pay, Purpose.COURIER_SPENDING)
    vehicle = np.array([courier.vehicle for courier in who], dtype=np.int64)
    types, kilometres = vehicle_types(market), outcome.metres / 1000.0
    cost = _cents(np.array([one.cost_per_km for one in types])[vehicle] * kilometres)
    ledger.transfer(day, platform, outside, cost, Purpose.VEHICLE_COST)
    market.shifts.append(
        day=day,
        courier=shifts.courier,
        carrier=[courier.carrier for courier in who],
        vehicle=vehicle,
        start=shifts.start,
        end=outcome.end,
        planned_end=shifts.end,
        deliveries=outcome.deliveries,
        pickups=outcome.pickups,
        pickup_visits=outcome.pickup_visits,
        offers=outcome.offers,
        refusals=outcome.refusals,
        metres=outcome.metres,
        empty_metres=outcome.empty_metres,
        minutes_driving=outcome.driving,
        minutes_serving=outcome.serving,
        minutes_waiting=outcome.waiting,
        minutes_resting=outcome.resting,
        grams_co2=np.array([one.grams_co2_per_km for one in types])[vehicle] * kilometres,
        vehicle_cost=cost,
        pay=pay,
    )


def _cents(amount: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(amount * 100.0).astype(np.int64)
