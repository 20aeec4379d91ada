"""Indicators of delivery in a small world."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.event_tables import OrderStatus
from sim.health import find

Order = Callable[..., Any]
NOON = 10 * 1440.0 + 720.0


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def arrive(market: SimpleNamespace, order: Order) -> None:
    """Three orders in two parcels: one in time after 30 minutes, one 20 minutes late after 80."""
    line = dict.fromkeys(("consumer", "merchant", "carrier", "pickup", "dropoff", "attempts"), 0)
    market.deliveries.append(
        units=1,
        placed=NOON,
        begins=NOON,
        not_before=0.0,
        deadline=np.inf,
        patience=np.inf,
        ending=1,
        ready=[NOON + 10, NOON + 30],
        due=NOON + 60,
        courier=[0, 1],
        picked_up=[NOON + 15, NOON + 25],
        delivered=[NOON + 30, NOON + 80],
        status=OrderStatus.DELIVERED,
        **line,
    )
    closed = [NOON + 30, NOON + 80, NOON + 80]
    rows = order(market, [0, 1, 4], job=[0, 1, 1], due=NOON + 60, closed=closed)
    market.today.delivered = rows


def work(market: SimpleNamespace, day: int, courier: int, hours: float, pay: int) -> None:
    market.shifts.append(
        day=day,
        courier=courier,
        carrier=0,
        vehicle=0,
        start=day * 1440.0,
        end=day * 1440.0 + hours * 60.0,
        planned_end=day * 1440.0 + 45.0,
        deliveries=6,
        pickups=8,
        pickup_visits=5,
        offers=10,
        refusals=2,
        metres=9000.0,
        empty_metres=3000.0,
        minutes_driving=30.0,
        minutes_serving=6.0,
        minutes_waiting=5.0,
        minutes_resting=4.0,
        grams_co2=540.0,
        vehicle_cost=300,
        pay=pay,
    )


def test_times_are_those_of_parcels_and_promises_those_of_orders(
    market: SimpleNamespace, order: Order
) -> None:
    arrive(market, order)
    assert value(market, "on_time_share") == pytest.approx(1 / 3)
    assert value(market, "click_to_door") == pytest.approx(55.0)
    assert value(market, "click_to_door_p90") == pytest.approx(75.0)
    assert value(market, "ready_to_pickup") == pytest.approx(2.5)
    assert value(market, "lateness") == pytest.approx(10.0)


def test_orders_that_never_came_have_failed(market: SimpleNamespace) -> None:
    market.today.delivered, market.today.closed = np.arange(12), np.arange(12, 16)
    market.today.called_off, market.today.spoiled = np.array([12, 14]), np.array([13])
    assert value(market, "failed_share") == 0.25
    assert value(market, "cancelled_share") == 0.125
    assert value(market, "spoiled_share") == 0.0625


def test_parcels_with_a_window_count_by_their_windows_alone(
    market: SimpleNamespace, order: Order
) -> None:
    arrive(market, order)
    market.deliveries["not_before"][1] = NOON + 30
    assert value(market, "click_to_door") == pytest.approx(30.0)
    assert value(market, "on_time_share") == pytest.approx(1 / 3)
    assert value(market, "lateness") == pytest.approx(10.0)


def test_what_is_promised_is_that_of_todays_orders(market: SimpleNamespace, order: Order) -> None:
    arrive(market, order)
    market.today.orders = order(market, [2, 3], job=[0, 0], due=NOON + 60)
    market.deliveries["due"][1] += 500
    assert value(market, "promised_minutes") == pytest.approx(60.0)


def test_what_a_courier_hour_brings(market: SimpleNamespace) -> None:
    work(market, day=9, courier=0, hours=8.0, pay=1)
    work(market, day=10, courier=0, hours=2.0, pay=3000)
    work(market, day=10, courier=1, hours=1.0, pay=900)
    assert value(market, "orders_per_hour") == pytest.approx(4.0)
    assert value(market, "utilisation") == pytest.approx(1 / 3)
    assert value(market, "courier_earnings") == pytest.approx(13.0)
    assert value(market, "km_per_order") == pytest.approx(1.5)
    assert value(market, "co2_per_order") == pytest.approx(90.0)
    assert value(market, "empty_share") == pytest.approx(1 / 3)
    assert value(market, "bundle_size") == pytest.approx(1.6)
    assert value(market, "refusals_share") == pytest.approx(0.2)
    assert value(market, "cost_per_order") == pytest.approx((39.0 + 6.0) / 12)
    assert value(market, "idle_share") == pytest.approx(90 / 180)
    assert value(market, "overtime_share") == pytest.approx((75 + 15) / 180)


def test_inequality_between_couriers_is_that_of_hourly_earnings_over_28_days(
    market: SimpleNamespace,
) -> None:
    work(market, day=1, courier=0, hours=2.0, pay=2000)
    work(market, day=2, courier=2, hours=1.0, pay=3000)
    market.day = 28
    assert value(market, "courier_gini") == pytest.approx(0.25)
    market.day = 29
    assert value(market, "courier_gini") == 0.0
    market.day = 30
    assert math.isnan(value(market, "courier_gini"))


def test_by_post_only_promises_are_measured(market: SimpleNamespace, order: Order) -> None:
    market.today.delivered = order(market, [0, 1], due=NOON, closed=[NOON, NOON + 1])
    assert value(market, "on_time_share") == 0.5
    assert math.isnan(value(market, "click_to_door"))
    assert math.isnan(value(market, "courier_earnings"))
