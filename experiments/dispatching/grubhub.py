"""Grubhub's instances of the meal delivery routing problem.

A folder holds orders.txt, restaurants.txt, couriers.txt and instance_parameters.txt. Travel takes
the Euclidean distance over the metres a minute, rounded up to whole minutes. Half of a service lies
before the handover and half after it, and orders fetched together at a restaurant share one pickup
service: so programs that implement the paper have it.

Source: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018), "The meal delivery routing
problem"; the instances and the check of solutions: github.com/grubhub/mdrplib.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from experiments.dispatching.instance import Instance, InstanceError, MealTerms, Plane, Problem
from experiments.dispatching.tables import TextTable, nearest
from sim.delivery.jobs import Conditions, Jobs, Shifts

FILES = ("orders.txt", "restaurants.txt", "couriers.txt", "instance_parameters.txt")

BAG = 1_000_000
"""Orders that a courier carries at most: the problem sets no limit."""

MOST_STOPS = 64


def is_grubhub(path: Path) -> bool:
    """Whether a path is a folder with some of the files of an instance."""
    return path.is_dir() and any((path / name).is_file() for name in FILES)


def read_grubhub(folder: Path) -> Instance:
    """Read an instance.

    Raises:
        InstanceError: Something is missing or wrong; it names the file, line, column and value.
    """
    orders = TextTable.read(
        folder / "orders.txt", ("order", "x", "y", "placement_time", "restaurant", "ready_time")
    )
    restaurants = TextTable.read(folder / "restaurants.txt", ("restaurant", "x", "y"))
    couriers = TextTable.read(folder / "couriers.txt", ("courier", "x", "y", "on_time", "off_time"))
    terms = _terms(folder / "instance_parameters.txt")
    tables = restaurants, orders, couriers
    x, y = (np.concatenate([table.numbers(axis) for table in tables]) for axis in "xy")
    metres = np.hypot(x[:, None] - x, y[:, None] - y)
    minutes = np.ceil(metres / terms["meters_per_minute"])
    placed = orders.numbers("placement_time", at_least=0.0)
    ready = orders.numbers("ready_time", at_least=0.0)
    _refuse_before(orders, "ready_time", ready, "placement_time", placed)
    n, k = len(placed), len(couriers.rows)
    names = (
        restaurants.names("restaurant"), orders.names("order"), couriers.names("courier")
    )  # fmt: skip
    start, end = couriers.numbers("on_time", at_least=0.0), couriers.numbers("off_time")
    _refuse_before(couriers, "off_time", end, "on_time", start)
    return Instance(
        name=folder.name,
        problem=Problem.MEALS,
        jobs=Jobs(
            number=np.arange(n),
            pickup=_restaurants_of(orders, names[0]),
            dropoff=len(names[0]) + np.arange(n),
            known_at=placed,
            placed=placed,
            expected_ready=ready,
            ready=ready,
            pickup_by=np.full(n, np.inf),
            not_before=np.zeros(n),
            due=placed + terms["target click-to-door"],
            deadline=np.full(n, np.inf),
            units=np.ones(n, dtype=np.int64),
            pickup_service=np.full(n, terms["pickup service minutes"]),
            dropoff_service=np.full(n, terms["dropoff service minutes"]),
            fails=np.zeros((n, 1), dtype=np.bool_),
            tried=np.zeros(n, dtype=np.int64),
            cancelled_at=np.full(n, np.inf),
        ),
        shifts=Shifts(
            courier=np.arange(k),
            start=start,
            end=end,
            base=len(names[0]) + n + np.arange(k),
            speed=np.ones(k),
            capacity=np.full(k, BAG),
            break_at=np.full(k, np.inf),
            break_minutes=np.zeros(k),
            offline_at=np.full(k, np.inf),
        ),
        conditions=Conditions(pay_per_delivery=terms["pay per order"], most_stops=MOST_STOPS),
        travel=Plane(minutes.astype(np.float32), metres.astype(np.float32)),
        x=x,
        y=y,
        point_names=tuple(name for part in names for name in part),
        orders=names[1],
        couriers=names[2],
        meal=MealTerms(
            target=terms["target click-to-door"],
            worst=terms["maximum click-to-door"],
            pay_per_order=terms["pay per order"],
            guarantee_per_hour=terms["guaranteed pay per hour"],
        ),
    )


def _terms(path: Path) -> dict[str, float]:
    lowest = {
        "meters_per_minute": 1e-9,
        "pickup service minutes": 0.0,
        "dropoff service minutes": 0.0,
        "target click-to-door": 0.0,
        "maximum click-to-door": 0.0,
        "pay per order": 0.0,
        "guaranteed pay per hour": 0.0,
    }
    table = TextTable.read(path, tuple(lowest))
    if len(table.rows) != 1:
        raise InstanceError(f"{path}: {len(table.rows)} rows of parameters; expected one")
    return {name: float(table.numbers(name, at_least=least)[0]) for name, least in lowest.items()}


def _restaurants_of(orders: TextTable, restaurants: tuple[str, ...]) -> np.ndarray:
    row = {name: place for place, name in enumerate(restaurants)}
    places = []
    for number, name in zip(orders.lines, orders.texts("restaurant"), strict=True):
        if name not in row:
            near = nearest(name, restaurants)
            raise InstanceError(
                f"{orders.path}:{number}: restaurant = {name!r}: is not in restaurants.txt"
                + (f"; did you mean {near!r}?" if near else "")
            )
        places.append(row[name])
    return np.array(places, dtype=np.int64)


def _refuse_before(
    table: TextTable, later: str, after: np.ndarray, earlier: str, before: np.ndarray
) -> None:
    """Refuse rows whose later column lies before the earlier one."""
    wrong = np.flatnonzero(after < before)
    if len(wrong):
        row = int(wrong[0])
        raise InstanceError(
            f"{table.path}:{table.lines[row]}: {later} = {after[row]:g}: is before {earlier} = "
            f"{before[row]:g}"
        )
