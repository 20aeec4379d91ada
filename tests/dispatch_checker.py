"""Checks a solution of `weal dispatch` against its instance, from the problem's definition.

It reads nothing but the instance's own files and the solution's CSV files, and shares no code with
the product. `violations` says in words what is wrong; nothing: the solution is feasible, and every
minute in it follows from the definition.

Meals (Reyes et al. 2018): driving takes the Euclidean distance over the metres a minute, rounded
up. A courier at a restaurant takes half of the service before the handover and half after it; one
service for all that it fetches at one visit. At each door it takes half before and half after. An
order is fetched when it is ready and not later than the courier's off time, by a courier on duty,
who leaves for it after the order was placed.

Pickup and delivery (Li & Lim 2001): driving takes the Euclidean distance. Service begins within the
window and takes its minutes; a pickup comes before its delivery, in the same vehicle, within its
capacity; vehicles begin and end at the depot within its window.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import pandas as pd

TOLERANCE = 1e-6


def violations(instance: Path, solution: Path) -> list[str]:
    """What is wrong with a solution."""
    return (
        check_meals(instance, solution) if instance.is_dir() else check_vehicles(instance, solution)
    )


def _read(solution: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, float]]:
    tables = [
        pd.read_csv(solution / f"{name}.csv", keep_default_na=False, na_values=["nan"])
        for name in ("orders", "stops", "couriers")
    ]
    for column in ("assigned", "picked_up", "delivered"):
        tables[0][column] = pd.to_numeric(tables[0][column], errors="coerce")
    told = json.loads((solution / "measures.json").read_text())["measures"]
    return tables[0], tables[1], tables[2], told


def _differ(a: float, b: float) -> bool:
    return not math.isclose(a, b, rel_tol=1e-6, abs_tol=TOLERANCE)


def _visits(stops: pd.DataFrame, allowed: Counter[tuple[str, str]], wrong: list[str]) -> None:
    """Every order is fetched and brought at most once, and brought if it was fetched."""
    seen: Counter[tuple[str, str]] = Counter()
    for row in stops.itertuples(index=False):
        if row.kind in ("pickup", "dropoff"):
            seen[row.order, row.kind] += 1
    for (order, kind), count in seen.items():
        if (order, kind) not in allowed:
            wrong.append(f"{kind} of {order!r}, which is no order of the instance")
        elif count > 1:
            wrong.append(f"{order}: {count} stops of kind {kind}")
    for order, kind in list(seen):
        if kind == "pickup" and seen[order, "dropoff"] == 0:
            wrong.append(f"{order}: fetched and never brought")


def check_meals(instance: Path, solution: Path) -> list[str]:
    """Check a solution of a meal delivery instance."""
    given = {
        name: pd.read_csv(instance / f"{name}.txt", sep="\t")
        for name in ("orders", "restaurants", "couriers", "instance_parameters")
    }
    terms = given["instance_parameters"].iloc[0]
    pace = float(terms["meters_per_minute"])
    at_shop = float(terms["pickup service minutes"]) / 2
    at_door = float(terms["dropoff service minutes"]) / 2
    where = {
        str(row[kind]): (float(row["x"]), float(row["y"]))
        for kind in ("order", "restaurant", "courier")
        for _, row in given[f"{kind}s"].iterrows()
    }
    order_of = {str(row["order"]): row for _, row in given["orders"].iterrows()}
    courier_of = {str(row["courier"]): row for _, row in given["couriers"].iterrows()}
    orders, stops, couriers, told = _read(solution)
    wrong: list[str] = []

    def metres(a: str, b: str) -> float:
        return math.dist(where[a], where[b])

    if orders["order"].tolist() != given["orders"]["order"].astype(str).tolist():
        return ["orders.csv does not hold the instance's orders"]
    if couriers["courier"].tolist() != given["couriers"]["courier"].astype(str).tolist():
        return ["couriers.csv does not hold the instance's couriers"]
    allowed = Counter((order, kind) for order in order_of for kind in ("pickup", "dropoff"))
    _visits(stops, allowed, wrong)
    state = orders.set_index("order")
    fetched_by: dict[str, str] = {}
    fetched, brought = {}, {}
    driven: Counter[str] = Counter()
    empty: Counter[str] = Counter()
    visits: Counter[str] = Counter()
    minutes_driven: Counter[str] = Counter()
    for courier, own in stops.groupby("courier", sort=False):
        if courier not in courier_of:
            wrong.append(f"courier {courier!r} is not in the instance")
            continue
        shift = courier_of[courier]
        here, free = str(courier), float(shift["on_time"])
        bag: list[str] = []
        waiting_at: str | None = None  # restaurant of which the present visit is
        for row in own.sort_values("sequence").itertuples(index=False):
            name = f"{courier} stop {row.sequence} ({row.kind} {row.order})"
            point = {"pickup": None, "dropoff": row.order}.get(row.kind, row.point)
            if row.kind == "pickup":
                point = str(order_of[row.order]["restaurant"])
            if row.point != point:
                wrong.append(f"{name}: is at {row.point}, not at {point}")
                break
            if row.origin != here:
                wrong.append(f"{name}: comes from {row.origin}, but was at {here}")
            # Another order of the restaurant in which the courier still is shares its service.
            same = row.kind == "pickup" and waiting_at == point and row.left < free - TOLERANCE
            if same:
                free -= at_shop
            if row.left < free - TOLERANCE:
                wrong.append(f"{name}: leaves at {row.left}, but is busy until {free}")
            drive = 0.0 if same else math.ceil(metres(here, point) / pace - 1e-9)
            if _differ(row.arrived - row.left, drive):
                wrong.append(f"{name}: drives {row.arrived - row.left} minutes, not {drive}")
            if row.parcels != len(bag):
                wrong.append(f"{name}: carries {row.parcels}, not {len(bag)}")
            driven[courier] += metres(here, point)
            minutes_driven[courier] += drive
            empty[courier] += 0.0 if bag else metres(here, point)
            here = point
            if row.kind == "pickup":
                order = order_of[row.order]
                visits[courier] += not same
                soonest = max(row.arrived + (0.0 if same else at_shop), float(order["ready_time"]))
                if _differ(row.handover, soonest):
                    wrong.append(f"{name}: handed over at {row.handover}, not at {soonest}")
                if row.left < float(order["placement_time"]) - TOLERANCE:
                    wrong.append(f"{name}: left for before the order was placed")
                if row.handover > float(shift["off_time"]) + TOLERANCE:
                    wrong.append(f"{name}: fetched after the courier's off time")
                bag.append(row.order)
                fetched_by[row.order], fetched[row.order] = courier, row.handover
                free, waiting_at = row.handover + at_shop, point
            elif row.kind == "dropoff":
                if row.order not in bag:
                    wrong.append(f"{name}: brought without having been fetched")
                    continue
                if _differ(row.handover, row.arrived + at_door):
                    wrong.append(f"{name}: handed over at {row.handover}")
                bag.remove(row.order)
                brought[row.order] = row.handover
                free, waiting_at = row.handover + at_door, None
            else:
                free, waiting_at = row.arrived, None
    for order in order_of:
        row = state.loc[order]
        for column, found in (("picked_up", fetched), ("delivered", brought)):
            value = found.get(order, math.nan)
            if math.isnan(value) != math.isnan(row[column]) or (
                not math.isnan(value) and _differ(value, row[column])
            ):
                wrong.append(f"{order}: {column} is {row[column]}, its stops say {value}")
        if (row["status"] == "delivered") != (order in brought):
            wrong.append(f"{order}: status {row['status']!r}")
        if order in fetched and row["courier"] != fetched_by[order]:
            wrong.append(f"{order}: courier {row['courier']!r}, not {fetched_by[order]!r}")
        given_row = order_of[order]
        for column, name in (("placed", "placement_time"), ("ready", "ready_time")):
            if _differ(row[column], float(given_row[name])):
                wrong += [f"{order}: {column} is {row[column]}, {name} is {given_row[name]}"]
    door = [brought[o] - float(order_of[o]["placement_time"]) for o in brought]
    worst = float(terms["maximum click-to-door"])
    lost = len(order_of) - len(door)
    hours = sum((float(c["off_time"]) - float(c["on_time"])) / 60 for c in courier_of.values())
    done_by = Counter(fetched_by[o] for o in brought)
    pay = sum(
        max(
            done_by[name] * float(terms["pay per order"]),
            (float(c["off_time"]) - float(c["on_time"]))
            / 60
            * float(terms["guaranteed pay per hour"]),
        )
        for name, c in courier_of.items()
    )
    recomputed = {
        "orders": len(order_of),
        "delivered": len(door),
        "undelivered_share": 100 * lost / len(order_of),
        "click_to_door": sum(door) / len(door),
        "overage": sum(max(m - float(terms["target click-to-door"]), 0) for m in door) / len(door),
        "penalised_click_to_door": (sum(min(m, worst) for m in door) + lost * worst)
        / len(order_of),
        "ready_to_pickup": sum(fetched[o] - float(order_of[o]["ready_time"]) for o in brought)
        / len(door),
        "orders_per_hour": len(door) / hours,
        "bundle_size": len(fetched) / sum(visits.values()),
        "total_pay": pay,
        "kilometres": sum(driven.values()) / 1000,
        "empty_share": 100 * sum(empty.values()) / sum(driven.values()),
        "courier_hours": hours,
    }
    return wrong + _compare(recomputed, told)


def _compare(recomputed: dict[str, float], told: dict[str, float]) -> list[str]:
    return [
        f"measures.json: {name} = {told.get(name)}, recomputed {value}"
        for name, value in recomputed.items()
        if told.get(name) is None or not math.isclose(value, told[name], rel_tol=1e-5, abs_tol=1e-6)
    ]


def check_vehicles(instance: Path, solution: Path) -> list[str]:
    """Check a solution of a pickup and delivery instance."""
    lines = [line.split() for line in instance.read_text().splitlines() if line.split()]
    fleet, capacity = int(float(lines[0][0])), float(lines[0][1])
    points = {fields[0]: [float(field) for field in fields] for fields in lines[1:]}
    orders, stops, _, told = _read(solution)
    wrong: list[str] = []
    pairs = {
        f"{int(p[0])}-{int(p[8])}": (str(int(p[0])), str(int(p[8])))
        for p in points.values()
        if p[8] > 0
    }
    if sorted(orders["order"].tolist()) != sorted(pairs):
        return ["orders.csv does not hold the instance's pairs"]
    allowed = Counter((order, kind) for order in pairs for kind in ("pickup", "dropoff"))
    _visits(stops, allowed, wrong)
    brought: set[str] = set()
    distance, used = 0.0, 0
    opens, closes = points["0"][4], points["0"][5]
    for vehicle, own in stops.groupby("courier", sort=False):
        here, free, load = "0", opens, 0.0
        bag: list[str] = []
        used += bool((own["kind"] == "pickup").any())
        for row in own.sort_values("sequence").itertuples(index=False):
            name = f"{vehicle} stop {row.sequence} ({row.kind} {row.order})"
            if row.kind in ("pickup", "dropoff"):
                point = pairs[row.order][row.kind == "dropoff"]
            else:
                point = "0" if row.kind == "return" else str(row.point)
            if str(row.point) != point or str(row.origin) != here:
                wrong.append(f"{name}: goes from {row.origin} to {row.point}")
                break
            _, x, y, demand, earliest, latest, service, _, _ = points[point]
            drive = math.dist((x, y), tuple(points[here][1:3]))
            distance += drive
            if row.left < free - TOLERANCE or _differ(row.arrived - row.left, drive):
                wrong.append(f"{name}: left at {row.left}, arrived at {row.arrived}")
            here = point
            if row.kind == "return":
                if row.arrived > closes + TOLERANCE:
                    wrong.append(f"{name}: back at {row.arrived}, after {closes}")
                continue
            if row.kind not in ("pickup", "dropoff"):
                free = row.arrived
                continue
            in_time = row.handover <= latest + TOLERANCE
            # A drop-off out of its window is refused: its order counts as undelivered.
            refused = row.kind == "dropoff" and not in_time
            if row.handover < max(row.arrived, earliest) - TOLERANCE or not (in_time or refused):
                wrong.append(f"{name}: service begins at {row.handover}, not in its window")
            load += demand
            if load > capacity + TOLERANCE:
                wrong.append(f"{name}: carries {load}, more than {capacity}")
            if row.kind == "pickup":
                bag.append(row.order)
            elif row.order in bag:
                bag.remove(row.order)
                if in_time:
                    brought.add(row.order)
            else:
                wrong.append(f"{name}: brought without having been fetched")
            free = row.handover + service
        if here != "0":
            wrong.append(f"{vehicle}: does not return to the depot")
    if used > fleet:
        wrong.append(f"{used} vehicles, more than {fleet}")
    state = orders.set_index("order")["status"]
    wrong += [
        f"{order}: status {state[order]!r}"
        for order in pairs
        if (state[order] == "delivered") != (order in brought)
    ]
    recomputed = {
        "orders": len(pairs),
        "delivered": len(brought),
        "vehicles": used,
        "distance": distance,
    }
    return wrong + _compare(recomputed, told)
