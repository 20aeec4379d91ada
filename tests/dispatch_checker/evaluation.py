"""What the evaluation published with Grubhub's instances asks of its three files.

It reads minutes as whole numbers. Every order is in one bundle at most; a bundle is assigned after
its orders were placed, fetched when all are ready and by the courier's off time, and dropped off in
its order, a service apart; moves begin where the last one ended, and after it; each pickup and
drop-off happens where the courier then stands.
"""

import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pandas as pd

from tests.dispatch_checker.meals import Definition


def evaluation_violations(folder: Path, solution: Path) -> list[str]:
    """What the published evaluation would object to."""
    instance = Definition(folder)
    bundles = [line.split() for line in _lines(solution / "solution_info_assignments.txt")]
    orders = pd.read_csv(solution / "solution_info_orders.txt", sep=" ").set_index("order")
    moves: dict[str, list[tuple[int, str, str]]] = {}
    for line in _lines(solution / "solution_info_couriers.txt"):
        courier, left, origin, target = line.split()
        moves.setdefault(courier, []).append((int(float(left)), origin, target))
    wrong = []
    count = Counter(order for bundle in bundles for order in bundle[3:])
    wrong += [f"{order} is in {n} bundles" for order, n in count.items() if n > 1]
    if set(count) != set(orders.index[orders["pickup_time"].notna()].astype(str)):
        wrong.append("bundles do not hold what was fetched")
    for assigned, fetched, courier, *members in bundles:
        rows = [instance.orders[order] for order in members]
        at, pickup = int(float(assigned)), int(float(fetched))
        if at < max(row["placement_time"] for row in rows):
            wrong.append(f"{members}: assigned before they are placed")
        if pickup > instance.shift(courier)[1]:
            wrong.append(f"{members}: fetched after the off time")
        if pickup < max(row["ready_time"] for row in rows):
            wrong.append(f"{members}: fetched before they are ready")
        drops = [float(orders.loc[order, "dropoff_time"]) for order in members]
        if any(b < a + 2 * instance.at_door for a, b in pairwise(drops)):
            wrong.append(f"{members}: dropped off in another order")
        shop = str(rows[0]["restaurant"])
        if _stands(instance, courier, moves.get(courier, []), pickup) != shop:
            wrong.append(f"{members}: fetched elsewhere")
        for order, drop in zip(members, drops, strict=True):
            if orders.loc[order, "courier"] != courier:
                wrong.append(f"{order}: brought by somebody else")
            if _stands(instance, courier, moves.get(courier, []), drop) != order:
                wrong.append(f"{order}: dropped off elsewhere")
    for courier, own in moves.items():
        here, free = courier, instance.shift(courier)[0]
        for left, origin, target in own:
            if origin != here or left < free:
                wrong.append(f"{courier} at {left}: leaves {origin}, was at {here} until {free}")
            here, free = target, left + instance.minutes(origin, target)
    return wrong


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:]


def _stands(
    instance: Definition, courier: str, moves: list[tuple[int, str, str]], minute: float
) -> str | None:
    """Where a courier stands at a minute; None: it is on its way, or not on duty yet."""
    place, since = courier, instance.shift(courier)[0]
    for left, origin, target in [*moves, (math.inf, "", courier)]:
        if minute <= since:
            return None
        if minute <= left:
            return place
        place, since = target, left + instance.minutes(origin, target)
    return None
