"""Parcels, shifts and pay: what a courier carries, when, and for how much."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from experiments.running import resolve
from scenarios.build import build
from sim.delivery.couriers import work_profile
from sim.delivery.pay import pay_of_shifts
from sim.market import Marketplace
from sim.settings.couriers import CourierSettings
from tests.courier_days import shifts


def lived(days: int, *overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=overrides)
    market = build(scenario, folder=folder)
    for _ in range(days):
        market.step()
    return market


def paid(end: list[float], deliveries: list[int], resting: float = 0.0, **rates: Any) -> list[int]:
    """Cents of two shifts from 10 to 12 o'clock that lasted until `end`."""
    people = shifts(np.array([0, 2]), 600.0, 720.0)
    outcome = SimpleNamespace(
        end=np.array(end), deliveries=np.array(deliveries), resting=np.full(2, resting)
    )
    settings = CourierSettings(**{"pay_per_delivery": 3.5, "hourly_guarantee": 9.0} | rates)
    return pay_of_shifts(settings, people, outcome).tolist()


def test_a_courier_is_paid_the_larger_of_piece_rate_and_guarantee() -> None:
    # Ten parcels at 3.50 beat two hours at 9.00; one parcel does not beat 2 h 10 min of them.
    assert paid([720.0, 730.0], [10, 1]) == [3500, 1950]


def test_overtime_is_paid_on_top_of_either() -> None:
    assert paid([740.0, 740.0], [10, 1], overtime_factor=1.5) == [3500 + 150, 2100 + 150]
    # Who went offline early has no overtime.
    assert paid([660.0, 720.0], [0, 0], overtime_factor=1.5) == [900, 1800]


def test_breaks_count_if_they_are_paid() -> None:
    assert paid([720.0, 720.0], [0, 6], resting=30.0) == [1350, 2100]
    assert paid([720.0, 720.0], [0, 6], resting=30.0, paid_breaks=True) == [1800, 2100]


def test_nobody_works_two_shifts_at_once() -> None:
    market = lived(
        5,
        "couriers.count=2",
        "couriers.days_per_week=7.0",
        "couriers.shift_hours=16.0",
        "couriers.capacity=40",
        "merchants.opening_hour=0.0",
        "merchants.closing_hour=24.0",
        "delivery.dropoff_service_minutes=60.0",
    )
    worked = market.shifts
    assert (worked["end"] > (worked["day"] + 1) * 1440.0).any()
    for courier in range(2):
        own = worked["courier"] == courier
        assert (worked["start"][own][1:] >= worked["end"][own][:-1]).all()


@pytest.mark.parametrize("pickup", ["merchant", "hub"])
def test_what_one_consumer_orders_at_one_place_is_one_parcel(pickup: str) -> None:
    market = lived(2, f'delivery.pickup="{pickup}"')
    orders, jobs = market.orders, market.deliveries
    place = market.books.pickup[orders["merchant"]]
    assert (jobs["pickup"][orders["job"]] == place).all()
    assert (jobs["consumer"][orders["job"]] == orders["consumer"]).all()
    key = list(zip(orders["day"], orders["consumer"], place, strict=True))
    assert len(set(key)) == len(set(orders["job"].tolist())) == len(jobs)
    assert len(set(zip(key, orders["job"].tolist(), strict=True))) == len(jobs)
    if pickup == "hub":
        assert (jobs["pickup"] == market.hub).all()
        assert len(jobs) < len(orders)


def test_parcels_of_the_night_are_work_at_opening() -> None:
    orders = np.ones(24)
    work = work_profile(orders, opening_hour=8.0, closing_hour=22.0)
    assert work.sum() == pytest.approx(1.0)
    assert work[8] == pytest.approx(11 / 24)
    assert (work[:8] == 0).all()
    assert (work[22:] == 0).all()
    np.testing.assert_allclose(work[9:22], 1 / 24)


def test_shops_that_never_close_leave_the_profile_as_it_is() -> None:
    orders = np.arange(24.0)
    np.testing.assert_allclose(work_profile(orders, 0.0, 24.0), orders / orders.sum())
