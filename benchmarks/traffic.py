"""Equilibria on published networks, and tables of a city with and without the accelerator.

python -m benchmarks.traffic             # WEAL_SHARED names the folder with the networks
python -m benchmarks.traffic --places 3000

Seconds are the processor's; kernels are compiled before.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.measuring import peak_megabytes, report
from scenarios import cities
from sim.roads import (
    RoadNetwork,
    TravelTable,
    contraction,
    read_flows,
    read_tntp,
    read_trips,
    system_optimum,
    user_equilibrium,
)
from sim.roads.assignment import flow_difference
from sim.roads.traffic import Traffic
from sim.settings.traffic import TrafficSettings

T = TypeVar("T")

KNOWN = {
    "SiouxFalls": (7_480_225.3, 4_231_335.287),
    "Anaheim": (1_419_913.85, 1_286_032.17),
}
"""Total travel time and Beckmann's objective, as published."""

GAPS = (1e-3, 1e-4, 1e-5, 1e-6)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What work gives, and the processor seconds that it took."""
    began = time.process_time()
    result = work()
    return result, round(time.process_time() - began, 3)


def equilibria(data: Path) -> Iterator[dict[str, Any]]:
    """A row a network and gap."""
    for name, (total, objective) in KNOWN.items():
        folder = data / "tntp" / name
        network = read_tntp(folder / f"{name}_net.tntp", name=name)
        trips = read_trips(folder / f"{name}_trips.tntp", network)
        known = read_flows(folder / f"{name}_flow.tntp", network)
        user_equilibrium(network, trips, most_iterations=2)
        for gap in GAPS:
            found, seconds = timed(partial(user_equilibrium, network, trips, gap=gap))
            yield {
                "network": name,
                "relative_gap": found.relative_gap,
                "iterations": found.iterations,
                "seconds": seconds,
                "total_minutes": round(found.total_minutes, 1),
                "total_minutes_off": round(found.total_minutes / total - 1.0, 7),
                "beckmann": round(found.objective, 2),
                "beckmann_off": round(found.objective / objective - 1.0, 9),
                "flows_off": round(flow_difference(found.flow, known), 6),
            }
        best = system_optimum(network, trips)
        selfish = user_equilibrium(network, trips, gap=1e-6)
        yield {
            "network": name,
            "price_of_anarchy": round(selfish.total_minutes / best.total_minutes, 4),
        }


def braess(data: Path) -> dict[str, Any]:
    """Minutes a trip without and with the new link."""
    folder = data / "tntp" / "Braess-Example"
    network = read_tntp(folder / "Braess_net.tntp", name="Braess")
    trips = read_trips(folder / "Braess_trips.tntp", network)
    link = network.link_ids([(network.node(3), network.node(4))])
    without = user_equilibrium(network.closed(link), trips).total_minutes / trips.total
    return {
        "without_the_link": round(without, 6),
        "with_it": round(user_equilibrium(network, trips).total_minutes / trips.total, 6),
    }


@contextmanager
def without_accelerator() -> Iterator[None]:
    """Do as if `pyroutingkit` were not installed."""
    available, contraction.available = contraction.available, lambda: False  # type: ignore[assignment]
    try:
        yield
    finally:
        contraction.available = available


def tables(city: RoadNetwork, places: np.ndarray) -> dict[str, Any]:
    """A table on other minutes than any before, both ways; the bytes must be the same."""
    rain = city.with_minutes(np.random.default_rng(1).uniform(1.0, 2.0, city.n_links))
    TravelTable.of(city, places[:60], remember=False)
    result: dict[str, Any] = {"city": city.name, "nodes": city.n_nodes, "places": len(places)}
    with without_accelerator():
        plain, seconds = timed(lambda: TravelTable.of(rain, places, remember=False))
    result["seconds_scipy"] = seconds
    if contraction.available():
        fast, result["seconds_accelerated"] = timed(
            lambda: TravelTable.of(rain, places, remember=False)
        )
        result["times_faster"] = round(seconds / result["seconds_accelerated"], 1)
        same = np.array_equal(fast.minutes, plain.minutes)
        result["same_bits"] = bool(same and np.array_equal(fast.metres, plain.metres))
    return result


def days(city: RoadNetwork, places: np.ndarray) -> dict[str, Any]:
    """A day of couriers entered, and the tables of all its periods renewed."""
    traffic = Traffic(TrafficSettings(on=True, tolerance=0.0), city, places)
    traffic.renew(city, None, None)
    rng = np.random.default_rng(0)
    legs = 40_000
    free = TravelTable.of(city, places)
    origin = rng.integers(0, len(places), legs)
    # To one of the hundred places that are nearest.
    near = np.argsort(free.minutes, axis=1)[:, 1:101]
    ends = np.stack([origin, near[origin, rng.integers(0, 100, legs)]])
    start = rng.uniform(9 * 60.0, 22 * 60.0, legs)
    periods = sorted({traffic.period_of(minute) for minute in start.tolist()})
    for period in periods:
        traffic.times(period)
    _, entering = timed(lambda: traffic.enter(*ends, start, free))
    traffic.begin_day()
    _, renewing = timed(lambda: [traffic.times(period) for period in periods])
    return {
        "legs_of_a_day": legs,
        "seconds_to_enter_them": entering,
        "periods_driven": len(periods),
        "seconds_to_renew_their_tables": renewing,
    }


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=1500)
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    shared = Path(os.environ.get("WEAL_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    city = cities.load("coquimbo")
    rng = np.random.default_rng(0)
    places = np.sort(rng.choice(city.n_nodes, chosen.places, replace=False)).astype(np.int32)
    result: dict[str, Any] = {"benchmark": "traffic"}
    if (shared / "tntp").is_dir():
        result["equilibria"] = list(equilibria(shared))
        result["braess_minutes"] = braess(shared)
    else:
        result["equilibria"] = f"no networks: {shared / 'tntp'} is missing (set WEAL_SHARED)"
    result["tables"] = tables(city, places)
    result["day"] = days(city, places)
    result["peak_megabytes"] = round(peak_megabytes())
    report(result, chosen.json)


if __name__ == "__main__":
    main()
