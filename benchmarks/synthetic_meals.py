"""Days of meal orders like those of Grubhub's instances, of any size.

Two rushes of orders, at noon and in the evening; shifts of two hours and a half that lie around an
order each; restaurants that a third as many orders have, and doors some two kilometres from them.
"""

from __future__ import annotations

import numpy as np

from experiments.dispatching.instance import Instance, MealTerms, Plane, Problem
from policies.arrays import FloatArray, IntArray
from sim.delivery.jobs import Conditions, Jobs, Shifts

RUSHES = ((150.0, 60.0), (550.0, 90.0))
"""Minute and spread of the rushes; the instances begin at ten in the morning."""

METRES_A_MINUTE = 320.0
SERVICE = 4.0
SHIFT = 150.0
FARTHEST = 5000.0
"""Metres from a restaurant to a door at most."""

NEAR = 1500.0
"""Metres within which doors are likely: they are then some two kilometres away, on average."""


def meals(orders: int, couriers: int, *, per_square_km: float = 0.0, seed: int = 0) -> Instance:
    """A day.

    Args:
        orders: how many.
        couriers: how many.
        per_square_km: couriers on a square kilometre; 0: a city of ten kilometres by eight.
        seed: of chance.
    """
    rng = np.random.default_rng(seed)
    area = couriers / per_square_km if per_square_km else 80.0  # square kilometres
    side = 1000.0 * np.sqrt(area)
    places = max(orders, 20)
    x, y = rng.uniform(0.0, side, (2, places))
    metres = np.hypot(x[:, None] - x, y[:, None] - y).astype(np.float32)
    restaurants = rng.choice(places, max(orders // 3, 1), replace=False)
    pickup = rng.choice(restaurants, orders)
    placed, ready = _minutes(rng, orders)
    order, k, none = np.arange(orders), np.arange(couriers), np.full(orders, np.inf)
    start = np.maximum(rng.choice(placed, couriers) - rng.uniform(0.0, SHIFT, couriers), 0.0)
    return Instance(
        name=f"made{orders}",
        problem=Problem.MEALS,
        jobs=Jobs(
            number=order,
            pickup=pickup,
            dropoff=_doors(rng, metres, pickup),
            known_at=placed,
            placed=placed,
            expected_ready=ready,
            ready=ready,
            pickup_by=none,
            not_before=np.zeros(orders),
            due=placed + 40.0,
            deadline=none,
            units=np.ones(orders, dtype=np.int64),
            pickup_service=np.full(orders, SERVICE),
            dropoff_service=np.full(orders, SERVICE),
            fails=np.zeros((orders, 1), dtype=np.bool_),
            tried=np.zeros(orders, dtype=np.int64),
            cancelled_at=none,
        ),
        shifts=Shifts(
            courier=k,
            start=start,
            end=start + SHIFT,
            base=rng.choice(restaurants, couriers),
            speed=np.ones(couriers),
            capacity=np.full(couriers, 1_000_000),
            break_at=np.full(couriers, np.inf),
            break_minutes=np.zeros(couriers),
            offline_at=np.full(couriers, np.inf),
        ),
        conditions=Conditions(pay_per_delivery=10.0, most_stops=64),
        travel=Plane(np.ceil(metres / np.float32(METRES_A_MINUTE)), metres),
        x=x,
        y=y,
        point_names=tuple(f"p{place}" for place in range(places)),
        orders=tuple(f"o{row}" for row in order),
        couriers=tuple(f"c{row}" for row in k),
        meal=MealTerms(target=40.0, worst=90.0, pay_per_order=10.0, guarantee_per_hour=15.0),
    )


def _minutes(rng: np.random.Generator, orders: int) -> tuple[FloatArray, FloatArray]:
    """(J,) whole minutes at which orders are placed, in order, and ready."""
    middle, spread = np.array(RUSHES)[rng.integers(0, len(RUSHES), orders)].T
    placed = np.sort(np.clip(np.round(rng.normal(middle, spread)), 0.0, 800.0))
    return placed, placed + np.round(rng.gamma(4.0, 4.0, orders)) + 1.0


def _doors(rng: np.random.Generator, metres: FloatArray, pickup: IntArray) -> IntArray:
    """(J,) places near the restaurants, the nearer the likelier."""
    return np.array(
        [
            rng.choice(len(metres), p=weight / weight.sum())
            for shop in pickup
            for weight in [np.where(metres[shop] <= FARTHEST, np.exp(-metres[shop] / NEAR), 0.0)]
        ]
    )
