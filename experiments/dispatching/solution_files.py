"""A solution's folder, which somebody else can check against the instance.

orders.csv     when each order was placed, ready, assigned (a courier left for it), fetched, brought
stops.csv      every stop of every courier: from where, to where, left, arrived, handover, departed
couriers.csv   shifts, deliveries, metres, minutes, pay
measures.json  the measures, the policy and its parameters
solution_info_*.txt   for meals: the same for the evaluation that Grubhub publishes

The same instance, policy, parameters and version of Weal give the same bytes.
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
FOR_EVALUATION = tuple(
    f"solution_info_{part}.txt" for part in ("assignments", "orders", "couriers")
)
FILES = {"orders.csv", "stops.csv", "couriers.csv", MEASURES, *FOR_EVALUATION}


def refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds anything else than solutions.

    Raises:
        InstanceError: There is such a folder, or a file or link, of that name.
        OSError: It could not be written.
    """
    refuse_unwritable(folder)
    if folder.is_symlink():
        raise InstanceError(f"{folder}: is a link; name the folder itself with --out")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InstanceError(f"{folder}: is no folder; choose another name with --out")
    foreign = [
        path
        for path in sorted(folder.rglob("*"))
        if not (path.name in FILES and _is_solution(path.parent) and not path.is_symlink())
        and not (path.parent == folder and _is_solution(path))
    ]
    if foreign:
        raise InstanceError(
            f"{folder}: holds {foreign[0].relative_to(folder)}, which belongs to no solution of "
            "dispatch, and is left alone; choose another name with --out"
        )


def _is_solution(folder: Path) -> bool:
    return not folder.is_symlink() and (folder / MEASURES).is_file()


def write_solution(folder: Path, solution: Solution, settings: dict[str, Any]) -> None:
    """Write the files of a solution into a folder.

    Args:
        folder: is made if need be.
        solution: what is written.
        settings: the policy's parameters, the seed and the noise: all that the solution depends on.
    """
    folder.mkdir(parents=True, exist_ok=True)
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
        assigned, fetched = (float(rows[name].max()) for name in ("assigned", "picked_up"))
        lines.append(f"{assigned:g} {fetched:g} {courier} {' '.join(orders_of)}")
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
    columns = (driven[name].tolist() for name in ("courier", "left", "origin", "point"))
    moves = ["courier departure_time origin destination"] + [
        f"{courier} {left:g} {origin} {point}"
        for courier, left, origin, point in zip(*columns, strict=True)
    ]
    (folder / "solution_info_couriers.txt").write_text("\n".join(moves) + "\n")


def _bundles(stops: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Orders that a courier fetched at one visit, in the order of their drop-offs."""
    brought = stops[stops["kind"] == "dropoff"].set_index("order")["handover"].to_dict()
    columns = (stops[name].tolist() for name in ("courier", "kind", "order", "origin", "point"))
    bundles: list[tuple[str, list[str]]] = []
    before: tuple[str, str] | None = None  # courier and shop of the pickup just before
    for courier, kind, order, origin, point in zip(*columns, strict=True):
        if kind != "pickup":
            before = None
            continue
        if before == (courier, point) and origin == point:
            bundles[-1][1].append(order)
        else:
            bundles.append((courier, [order]))
        before = courier, point
    return [
        (courier, sorted(orders, key=lambda order: brought.get(order, np.inf)))
        for courier, orders in bundles
    ]
