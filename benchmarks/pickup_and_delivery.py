"""Vehicles and distance on Li and Lim's instances, beside the best known and beside PyVRP.

    python -m benchmarks.pickup_and_delivery --data FOLDER/pdptw

`local_search` gets all pairs at minute 0 and decides once; the engine drives what it planned. PyVRP
gets the same pairs as shipments, a fixed cost a vehicle above any distance, and the seconds asked
for. All seconds are the processor's; ours are those of the whole day: a decision and the driving.

Source: Li & Lim (2001), "A metaheuristic for the pickup and delivery problem with time windows";
Wouda, Lan & Kool (2024), "PyVRP", INFORMS Journal on Computing 36(4).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import report
from experiments.dispatching.chosen_policy import choose
from experiments.dispatching.instance import Instance, Problem
from experiments.dispatching.living import live
from experiments.dispatching.measures import measures
from experiments.dispatching.reading import find_instances, read_instance

WHOLE = 10_000
"""PyVRP counts in whole numbers: this many to a unit of distance or time."""

A_VEHICLE = 10_000
"""Cost of a vehicle in units of distance, as our own search has it."""


def main() -> None:
    """Dispatch all instances in a folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder or file of instances")
    parser.add_argument("--policy", default="local_search")
    parser.add_argument(
        "--pyvrp-seconds", type=float, nargs="*", default=[1.0, 10.0], help="none: without it"
    )
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    instances = [
        instance
        for instance in map(read_instance, find_instances(chosen.data))
        if instance.problem is Problem.PICKUP_AND_DELIVERY
    ]
    if not instances:
        raise SystemExit(f"--data {chosen.data}: holds no instance of pickup and delivery")
    found_by(instances[0], chosen.policy)  # compiles
    found: dict[str, dict[str, Any]] = {}
    for instance in instances:
        sys.stderr.write(f"{instance.name}\n")
        best = instance.best_known
        found[instance.name] = {
            "best_known": [best.vehicles, best.distance] if best else None,
            chosen.policy: _beside(instance, *found_by(instance, chosen.policy)),
        }
        for seconds in chosen.pyvrp_seconds:
            result = pyvrps(instance, seconds)
            found[instance.name][f"pyvrp_{seconds:g}s"] = result and _beside(instance, *result)
    report(
        {
            "benchmark": "pickup_and_delivery",
            "instances": found,
            "median_seconds": statistics.median(
                one[chosen.policy]["seconds"] for one in found.values()
            ),
        },
        chosen.json,
    )


def found_by(
    instance: Instance, policy: str, settings: Sequence[str] = ()
) -> tuple[int, float, float]:
    """Vehicles, distance, and the processor's seconds; all must be delivered in time."""
    made, _ = choose(policy, settings, instance.problem)
    began = time.process_time()
    solution = live(instance, made)
    seconds = time.process_time() - began
    value = {one.name: one.value for one in measures(solution)}
    if value["delivered"] != value["orders"]:
        raise SystemExit(f"{instance.name}: {policy} delivers {value['delivered']} in time")
    return int(value["vehicles"] or 0), float(value["distance"] or 0.0), seconds


def pyvrps(instance: Instance, seconds: float) -> tuple[int, float, float] | None:
    """The same of PyVRP; None where it found no plan that serves all in time."""
    try:
        from pyvrp import Model
    except ImportError as error:
        raise SystemExit(
            "pip install 'pyvrp>=0.14', or --pyvrp-seconds without a number"
        ) from error
    model, jobs, shifts = Model(), instance.jobs, instance.shifts
    places = [
        model.add_location(float(x), float(y)) for x, y in zip(instance.x, instance.y, strict=True)
    ]
    depot = model.add_depot(places[0])
    model.add_vehicle_type(
        len(instance.couriers),
        capacity=int(shifts.capacity[0]),
        start_depot=depot,
        end_depot=depot,
        fixed_cost=A_VEHICLE * WHOLE,
        tw_early=_whole(shifts.start[0]),
        tw_late=_whole(shifts.end[0]),
    )
    for j in range(len(jobs.number)):
        model.add_shipment(
            places[jobs.pickup[j]],
            places[jobs.dropoff[j]],
            pickup_tw_early=_whole(jobs.ready[j]),
            pickup_tw_late=_whole(jobs.pickup_by[j]),
            pickup_service_duration=_whole(jobs.pickup_service[j]),
            delivery_tw_early=_whole(jobs.not_before[j]),
            delivery_tw_late=_whole(jobs.deadline[j]),
            delivery_service_duration=_whole(jobs.dropoff_service[j]),
            amount=int(jobs.units[j]),
        )
    # Rounded down, so that what just fits in time still does.
    far = np.floor(instance.travel.metres * WHOLE).astype(np.int64).tolist()
    for a, b in product(range(len(places)), repeat=2):
        model.add_edge(places[a], places[b], far[a][b], far[a][b])
    began = time.process_time()
    best = model.solve(
        lambda _cost: time.process_time() - began >= seconds, display=False, collect_stats=False
    ).best
    used = time.process_time() - began
    if not best.is_feasible():
        return None
    return best.num_routes(), best.distance() / WHOLE, used


def _beside(instance: Instance, vehicles: int, distance: float, seconds: float) -> dict[str, Any]:
    best = instance.best_known
    return {
        "vehicles": vehicles,
        "distance": round(distance, 2),
        "gap_percent": round(100.0 * (distance / best.distance - 1.0), 2) if best else None,
        "seconds": round(seconds, 2),
    }


def _whole(units: float) -> int:
    return round(float(units) * WHOLE)


if __name__ == "__main__":
    main()
