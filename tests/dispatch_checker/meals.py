"""Meal delivery (Reyes et al. 2018).

Driving takes the Euclidean distance over the metres a minute, rounded up. A courier at a restaurant
takes half of the service before the handover and half after it; one service for all that it fetches
at one visit. At each door it takes half before and half after. An order is fetched when it is ready
and not later than the courier's off time, by a courier on duty, who leaves for it after the order
was placed.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.dispatch_checker.reading import (
    TOLERANCE,
    Given,
    differ,
    measures_differ,
    read,
    rows_differ,
    visits,
)


class Definition:
    """An instance's files."""

    def __init__(self, folder: Path) -> None:
        given = {
            name: pd.read_csv(folder / f"{name}.txt", sep="\t")
            for name in ("orders", "restaurants", "couriers", "instance_parameters")
        }
        self.terms = {
            str(key): float(value) for key, value in given["instance_parameters"].iloc[0].items()
        }
        self.orders: dict[str, dict[str, Any]] = _by_name(given["orders"], "order")
        self.couriers: dict[str, dict[str, Any]] = _by_name(given["couriers"], "courier")
        shops = _by_name(given["restaurants"], "restaurant")
        everywhere = {**shops, **self.orders, **self.couriers}
        self.where = {name: (float(r["x"]), float(r["y"])) for name, r in everywhere.items()}
        self.at_shop = self.terms["pickup service minutes"] / 2
        self.at_door = self.terms["dropoff service minutes"] / 2

    def metres(self, a: str, b: str) -> float:
        return math.dist(self.where[a], self.where[b])

    def minutes(self, a: str, b: str) -> float:
        return math.ceil(self.metres(a, b) / self.terms["meters_per_minute"])

    def shift(self, courier: str) -> tuple[float, float]:
        row = self.couriers[courier]
        return float(row["on_time"]), float(row["off_time"])


def _by_name(table: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    return {str(row[key]): row for row in table.to_dict("records")}


@dataclass
class Day:
    """What a courier's stops come to."""

    metres: float = 0.0
    empty: float = 0.0
    driving: float = 0.0
    waiting: float = 0.0
    visits: int = 0
    last: float = math.nan
    assigned: dict[str, float] = field(default_factory=dict)
    fetched: dict[str, float] = field(default_factory=dict)
    brought: dict[str, float] = field(default_factory=dict)


def meal_violations(folder: Path, solution: Path, *, noisy: bool) -> list[str]:
    """What is wrong with a solution of a meal delivery instance."""
    instance, given = Definition(folder), read(solution)
    if list(given.orders) != list(instance.orders):
        return ["orders.csv does not hold the instance's orders"]
    if list(given.couriers) != list(instance.couriers):
        return ["couriers.csv does not hold the instance's couriers"]
    strangers = set(given.stops) - set(instance.couriers)
    if strangers:
        return [f"stops.csv: {sorted(strangers)} are no couriers of the instance"]
    wrong = visits(given, set(instance.orders))
    if wrong:
        return wrong
    ready = {
        name: given.orders[name]["ready"] if noisy else float(row["ready_time"])
        for name, row in instance.orders.items()
    }
    days = {
        courier: _follow(instance, ready, courier, given.stops.get(courier, []), wrong, noisy=noisy)
        for courier in instance.couriers
    }
    wrong += _orders(instance, ready, given, days)
    wrong += _couriers(instance, given, days)
    return wrong + measures_differ(given.measures, _measures(instance, ready, days))


def _follow(
    instance: Definition,
    ready: dict[str, float],
    courier: str,
    stops: list[dict[str, Any]],
    wrong: list[str],
    *,
    noisy: bool,
) -> Day:
    """Drive a courier's stops one after the other."""
    day, (on_time, off_time) = Day(), instance.shift(courier)
    here, free = courier, on_time
    bag: list[str] = []
    shop: str | None = None  # of the present visit
    for number, stop in enumerate(stops):
        kind, order = stop["kind"], stop["order"]
        name = f"{courier} stop {number} ({kind} {order})"
        if kind == "pickup":
            point = str(instance.orders[order]["restaurant"])
        elif kind == "dropoff":
            point = order
        else:
            point = stop["point"]
            if kind != "move" or order or point not in instance.where:
                wrong.append(f"{name}: is no stop that there can be")
                return day
        if differ(stop["sequence"], number):
            wrong.append(f"{name}: its sequence is {stop['sequence']}")
        if stop["point"] != point or (stop["x"], stop["y"]) != instance.where[point]:
            wrong.append(f"{name}: is at {stop['point']} ({stop['x']}, {stop['y']}), not {point}")
        if stop["origin"] != here:
            wrong.append(f"{name}: comes from {stop['origin']}, but was at {here}")
        # What is fetched while the courier is still in the restaurant shares its service.
        shared = kind == "pickup" and shop == point and stop["left"] < free - TOLERANCE
        if shared:
            free -= instance.at_shop
        if stop["left"] < free - TOLERANCE:
            wrong.append(f"{name}: leaves at {stop['left']}, but is busy until {free}")
        minutes, metres = instance.minutes(here, point), instance.metres(here, point)
        if differ(stop["arrived"] - stop["left"], minutes):
            wrong.append(f"{name}: drives {stop['arrived'] - stop['left']} minutes, not {minutes}")
        if differ(stop["parcels"], len(bag)):
            wrong.append(f"{name}: carries {stop['parcels']}, not {len(bag)}")
        day.metres += metres
        day.empty += 0.0 if bag else metres
        day.driving += minutes
        here, shop, before, after = point, None, 0.0, 0.0
        due = stop["arrived"]
        if kind == "pickup":
            before, after = 0.0 if shared else instance.at_shop, instance.at_shop
            due = max(stop["arrived"] + before, ready[order])
            day.waiting += due - stop["arrived"] - before
            day.visits += not shared
            if stop["left"] < float(instance.orders[order]["placement_time"]) - TOLERANCE:
                wrong.append(f"{name}: leaves for it before the order is placed")
            # Nobody foresees how late a noisy restaurant will be.
            latest = stop["arrived"] + before if noisy else stop["handover"]
            if latest > off_time + TOLERANCE:
                wrong.append(f"{name}: fetched at {latest}, after the off time {off_time}")
            bag.append(order)
            day.assigned[order], day.fetched[order] = stop["left"], stop["handover"]
            shop = point
        elif kind == "dropoff":
            after = instance.at_door
            due = stop["arrived"] + instance.at_door
            if order not in bag:
                wrong.append(f"{name}: is not on board")
                return day
            bag.remove(order)
            day.brought[order] = stop["handover"]
        if differ(stop["handover"], due):
            wrong.append(f"{name}: handed over at {stop['handover']}, not at {due}")
        free = stop["handover"] + after
        following = stops[number + 1]["left"] if number + 1 < len(stops) else free
        if differ(stop["departed"], following):
            wrong.append(f"{name}: departed at {stop['departed']}, not at {following}")
        day.last = stop["handover"]
    return day


def _orders(
    instance: Definition, ready: dict[str, float], given: Given, days: dict[str, Day]
) -> list[str]:
    wrong = []
    fetched_by = {order: courier for courier, day in days.items() for order in day.fetched}
    for order, row in instance.orders.items():
        day = days[fetched_by[order]] if order in fetched_by else Day()
        done = order in day.brought
        placed = float(row["placement_time"])
        wrong += rows_differ(
            order,
            given.orders[order],
            {
                "pickup": str(row["restaurant"]),
                "dropoff": order,
                "placed": placed,
                "ready": ready[order],
                "due": placed + instance.terms["target click-to-door"],
                "courier": fetched_by.get(order, ""),
                "assigned": day.assigned.get(order, math.nan),
                "picked_up": day.fetched.get(order, math.nan),
                "delivered": day.brought.get(order, math.nan),
                "status": "delivered" if done else "undelivered",
            },
        )
        if ready[order] < placed:
            wrong.append(f"{order}: ready at {ready[order]}, before it is placed")
    return wrong


def _pay(instance: Definition, courier: str, day: Day) -> tuple[float, bool]:
    on_time, off_time = instance.shift(courier)
    pieces = len(day.brought) * instance.terms["pay per order"]
    guarantee = (off_time - on_time) / 60 * instance.terms["guaranteed pay per hour"]
    return max(pieces, guarantee), pieces < guarantee


def _couriers(instance: Definition, given: Given, days: dict[str, Day]) -> list[str]:
    wrong = []
    for courier, day in days.items():
        on_time, off_time = instance.shift(courier)
        pay, at_guarantee = _pay(instance, courier, day)
        wrong += rows_differ(
            courier,
            given.couriers[courier],
            {
                "start": on_time,
                "end": off_time,
                "last_stop": day.last,
                "deliveries": len(day.brought),
                "pickups": len(day.fetched),
                "pickup_visits": day.visits,
                "metres": day.metres,
                "empty_metres": day.empty,
                "minutes_driving": day.driving,
                "minutes_waiting": day.waiting,
                "pay": pay,
                "at_guarantee": at_guarantee,
            },
        )
    return wrong


def _measures(
    instance: Definition, ready: dict[str, float], days: dict[str, Day]
) -> dict[str, float | None]:
    placed = {name: float(row["placement_time"]) for name, row in instance.orders.items()}
    fetched = {order: at for day in days.values() for order, at in day.fetched.items()}
    brought = {order: at for day in days.values() for order, at in day.brought.items()}
    door = np.array([at - placed[order] for order, at in brought.items()])
    worst, target = (instance.terms[f"{name} click-to-door"] for name in ("maximum", "target"))
    orders, done = len(placed), len(brought)
    total = Counter[str]()
    for courier, day in days.items():
        on_time, off_time = instance.shift(courier)
        pay, at_guarantee = _pay(instance, courier, day)
        total.update(
            minutes=off_time - on_time, pay=pay, at_guarantee=at_guarantee, visits=day.visits,
            metres=day.metres, empty=day.empty, driving=day.driving,
        )  # type: ignore[call-overload]  # fmt: skip
    busy = total["driving"] + 2 * (total["visits"] * instance.at_shop + done * instance.at_door)
    hours = total["minutes"] / 60

    def mean(values: Any) -> float | None:
        values = list(values)
        return float(np.mean(values)) if values else None

    def ratio(part: float, whole: float) -> float | None:
        return part / whole if whole > 0 else None

    return {
        "orders": orders,
        "delivered": done,
        "undelivered_share": ratio(100 * (orders - done), orders),
        "click_to_door": mean(door),
        "click_to_door_p10": float(np.quantile(door, 0.1)) if done else None,
        "click_to_door_p90": float(np.quantile(door, 0.9)) if done else None,
        "overage": mean(np.maximum(door - target, 0)),
        "on_time_share": mean(100.0 * (door <= target)),
        "penalised_click_to_door": ratio(
            float(np.minimum(door, worst).sum()) + (orders - done) * worst, orders
        ),
        "ready_to_door": mean(brought[o] - ready[o] for o in brought),
        "ready_to_pickup": mean(fetched[o] - ready[o] for o in brought),
        "orders_per_hour": ratio(done, hours),
        "bundles_per_hour": ratio(total["visits"], hours),
        "bundle_size": ratio(len(fetched), total["visits"]),
        "utilisation": ratio(100 * busy, total["minutes"]),
        "total_pay": total["pay"],
        "pay_per_order": ratio(total["pay"], done),
        "at_guarantee_share": ratio(100 * total["at_guarantee"], len(days)),
        "kilometres": total["metres"] / 1000,
        "kilometres_per_order": ratio(total["metres"] / 1000, done),
        "empty_share": ratio(100 * total["empty"], total["metres"]),
        "courier_hours": hours,
    }
