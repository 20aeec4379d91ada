"""How long dispatch takes: a large day in Coquimbo, meal orders, and what more couriers cost.

    python -m benchmarks.dispatch                          # all three, every policy but vroom
    python -m benchmarks.dispatch --parts day --policies local_search

`day`: a market on the streets of Coquimbo, whose couriers hear of 20,000 parcels in a day; the
seconds are those of the phase in which couriers deliver. `meals`: days of meal orders like
Grubhub's, and the real ones where WEAL_SHARED has them. `growth`: meal orders at one density, with
city, orders and couriers growing together; what a pair of courier and order costs must not grow.

Kernels are compiled, or fetched from their cache, before anything is timed. Bars are for wall
seconds; processor seconds stand beside them, as other work may share the machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.measuring import peak_megabytes, report_tables
from benchmarks.synthetic_meals import meals
from experiments.dispatching.chosen_policy import choose
from experiments.dispatching.instance import Instance
from experiments.dispatching.living import live
from experiments.dispatching.measures import measures
from experiments.dispatching.reading import read_instance
from experiments.running import resolve
from policies import registry
from scenarios.build import build
from sim import market as markets
from sim.delivery import deliver

T = TypeVar("T")

CONSUMERS_A_PARCEL = 5.6
"""Consumers for each parcel that couriers hear of on the first day, at a visit in four days."""

BARS = {"cheapest_insertion": 20.0, "local_search": 60.0}
"""Seconds of the day in Coquimbo with 20,000 parcels and 1,000 couriers."""

MEALS = {250: 5.0, 2700: 60.0}
"""Orders of an instance, and seconds that it may take."""

REAL = ("0o50t100s1p100", "1o50t100s1p100", "0o100t100s1p100")
"""Grubhub's instances that are looked for: of 252, 269 and 505 orders."""

GROWTH = (125, 250, 500, 1000, 2000)
"""Couriers."""

ORDERS_A_COURIER = 4
"""As in Grubhub's instances."""

PARTS = ("day", "meals", "growth")


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """What work gives, and the wall and processor seconds that it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - processor


def coquimbo(policy: str, parcels: int, couriers: int) -> dict[str, Any]:
    """The first day of a market whose couriers hear of about so many parcels."""
    scenario, folder = resolve(
        "baseline",
        overrides=(
            f"consumers.count={round(CONSUMERS_A_PARCEL * parcels)}",
            "commerce.population.visits_per_day=0.25",
            f"couriers.count={couriers}",
            "couriers.days_per_week=7",
            f"policies.dispatch.name={policy}",
        ),
    )
    market = build(scenario, folder=folder)
    before = next(i for i, (_, phase) in enumerate(markets.PHASES) if phase is deliver)
    for _, phase in markets.PHASES[:before]:
        phase(market)
    _, wall, processor = timed(lambda: deliver(market))
    table = market.deliveries
    today = table["begins"] < 1440.0
    door = (table["delivered"] - table["begins"])[today]
    market.end()
    return {
        "policy": policy,
        "couriers": couriers,
        "orders": int(today.sum()),
        "delivered": int(np.isfinite(door).sum()),
        "minutes_to_door": round(float(np.nanmean(door)), 2),
        "seconds": round(wall, 2),
        "processor_seconds": round(processor, 2),
        "bar": BARS.get(policy),
    }


def dispatched(policy: str, instance: Instance) -> dict[str, Any]:
    """An instance's day."""
    made, _ = choose(policy, (), instance.problem)
    solution, wall, processor = timed(lambda: live(instance, made))
    found = {one.name: one.value for one in measures(solution)}
    orders, couriers = len(instance.orders), len(instance.couriers)
    return {
        "policy": policy,
        "instance": instance.name,
        "couriers": couriers,
        "orders": orders,
        "delivered": found["delivered"],
        "minutes_to_door": round(float(found["click_to_door"] or np.nan), 2),
        "seconds": round(wall, 2),
        "processor_seconds": round(processor, 2),
        "bar": next((bar for size, bar in MEALS.items() if orders <= 1.1 * size), None),
    }


def grown(policy: str, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The same density of couriers and orders in larger and larger cities."""
    for couriers in sizes:
        instance = meals(ORDERS_A_COURIER * couriers, couriers, per_square_km=5.0)
        row = dispatched(policy, instance)
        seconds = row["processor_seconds"]
        orders = row["orders"]
        del row["bar"], row["instance"]
        yield row | {
            "microseconds_a_pair": round(1e6 * seconds / (couriers * orders), 2),
            "milliseconds_an_order": round(1e3 * seconds / orders, 3),
        }


def instances(sizes: Sequence[int], shared: Path | None) -> Iterator[Instance]:
    """Meal orders like Grubhub's, and theirs."""
    for orders in sizes:
        yield meals(orders, orders // ORDERS_A_COURIER)
    folders = [shared / "mdrp" / "instances" / name for name in REAL] if shared else []
    yield from (read_instance(folder) for folder in folders if folder.is_dir())


def measured(
    parts: Sequence[str],
    policies: Sequence[str],
    *,
    orders: int,
    couriers: int,
    growth: Sequence[int],
    meal_orders: Sequence[int],
    shared: Path | None,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of each part's table.

    Args:
        parts: which of `PARTS`.
        policies: dispatch policies by name.
        orders: that couriers hear of in the day in Coquimbo, about.
        couriers: of that day.
        growth: couriers of the growing cities.
        meal_orders: of the instances that are made.
        shared: folder in which Grubhub's instances are looked for.
    """
    rows: dict[str, list[dict[str, Any]]] = {part: [] for part in parts}
    known = list(instances(meal_orders, shared)) if "meals" in parts else []
    for policy in policies:
        sys.stderr.write(f"{policy}\n")
        dispatched(policy, meals(40, 10))  # compiles
        if "day" in parts:
            coquimbo(policy, 100, 8)  # compiles what markets do beside
            rows["day"].append(coquimbo(policy, orders, couriers))
        if "meals" in parts:
            rows["meals"] += [dispatched(policy, instance) for instance in known]
        if "growth" in parts:
            rows["growth"] += grown(policy, growth)
    return rows


def main() -> None:
    """Measure all that is asked for, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument(
        "--policies",
        nargs="+",
        choices=registry.names("dispatch"),
        default=[name for name in registry.names("dispatch") if name != "vroom"],
    )
    parser.add_argument("--orders", type=int, default=20_000, help="of the day in Coquimbo")
    parser.add_argument("--couriers", type=int, default=1000, help="of the day in Coquimbo")
    parser.add_argument(
        "--growth", type=int, nargs="+", default=GROWTH, help="couriers of the growing cities"
    )
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    rows = measured(
        chosen.parts,
        chosen.policies,
        orders=chosen.orders,
        couriers=chosen.couriers,
        growth=chosen.growth,
        meal_orders=tuple(MEALS),
        shared=Path(os.environ.get("WEAL_SHARED", Path(__file__).parents[2] / "shared")) / "data",
    )
    result = {"benchmark": "dispatch", **rows, "peak_megabytes": round(peak_megabytes())}
    report_tables(result, chosen.json)


if __name__ == "__main__":
    main()
