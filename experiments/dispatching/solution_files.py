"""A solution's folder, which somebody else can check against the instance.

orders.csv     when each order was placed, ready, assigned (a courier left for it), fetched, brought
stops.csv      every stop of every courier: where from, where, left, arrived, handover
couriers.csv   shifts, deliveries, metres, minutes, pay
measures.json  the measures, the policy and its parameters
solution_info_*.txt   for meals: the same for the evaluation that Grubhub publishes
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.dispatching.instance import InstanceError, Problem
from experiments.dispatching.living import Solution
from experiments.dispatching.measures import measures
from scenarios.atomic import refuse_unwritable

MEASURES = "measures.json"


def refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds something else than solutions.

    Raises:
        InstanceError: There is such a folder, or a file, of that name.
        OSError: It could not be written.
    """
    refuse_unwritable(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InstanceError(f"{folder}: is no folder; choose another name with --out")
    if any(folder.iterdir()) and not any(folder.glob(f"*/{MEASURES}")):
        raise InstanceError(
            f"{folder}: holds something else than solutions (none of its folders has a "
            f"{MEASURES}) and is left alone; choose another name with --out"
        )


def write_solution(folder: Path, solution: Solution, settings: dict[str, Any]) -> None:
    """Write the files of a solution into a new folder.

    Args:
        folder: is made.
        solution: what is written.
        settings: the policy's parameters, the seed and the noise: all that the solution depends on.
    """
    folder.mkdir(parents=True)
    for name in ("orders", "stops", "couriers"):
        getattr(solution, name).to_csv(folder / f"{name}.csv", index=False)
    (folder / MEASURES).write_text(json.dumps(told(solution, settings), indent=2) + "\n")
    if solution.instance.problem is Problem.MEALS:
        _write_for_evaluation(folder, solution)


def told(solution: Solution, settings: dict[str, Any]) -> dict[str, Any]:
    """A solution's measures as JSON holds them."""
    return {
        "instance": solution.instance.name,
        "problem": solution.instance.problem.value,
        "policy": solution.policy,
        **settings,
        "weal": version("weal"),
        "measures": {measure.name: measure.value for measure in measures(solution)},
        "units": {measure.name: measure.unit for measure in measures(solution)},
    }


def _write_for_evaluation(folder: Path, solution: Solution) -> None:
    """The three files that the evaluation published with the instances reads."""
    orders, stops = solution.orders.set_index("order"), solution.stops
    lines = ["assignment_time pickup_time courier orders"]
    for courier, orders_of in _bundles(stops):
        rows = orders.loc[orders_of]
        assigned = rows["assigned"].max()
        lines.append(
            f"{_whole(assigned)} {_whole(rows['picked_up'].max())} {courier} {' '.join(orders_of)}"
        )
    (folder / "solution_info_assignments.txt").write_text("\n".join(lines) + "\n")
    table = solution.orders.loc[
        :, ["order", "placed", "ready", "picked_up", "delivered", "courier"]
    ].rename(
        columns={
            "placed": "placement_time",
            "ready": "ready_time",
            "picked_up": "pickup_time",
            "delivered": "dropoff_time",
        }
    )
    table.to_csv(folder / "solution_info_orders.txt", sep=" ", index=False, na_rep="nan")
    driven = stops[stops["origin"] != stops["point"]]
    moves = ["courier departure_time origin destination"] + [
        f"{row.courier} {_whole(row.left)} {row.origin} {row.point}"
        for row in driven.itertuples(index=False)
    ]
    (folder / "solution_info_couriers.txt").write_text("\n".join(moves) + "\n")


def _bundles(stops: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Orders that a courier fetched at one visit, in the order of their drop-offs."""
    brought = stops[stops["kind"] == "dropoff"].set_index("order")["handover"].to_dict()
    bundles: list[tuple[str, list[str]]] = []
    before: tuple[str, str, str] | None = None
    for row in stops.itertuples(index=False):
        if row.kind != "pickup":
            before = None
            continue
        here = (row.courier, row.point, "pickup")
        if before == here and row.origin == row.point:
            bundles[-1][1].append(row.order)
        else:
            bundles.append((row.courier, [row.order]))
        before = here
    return [
        (courier, sorted(orders, key=lambda order: brought.get(order, np.inf)))
        for courier, orders in bundles
    ]


def _whole(minute: float) -> str:
    return f"{minute:g}"
