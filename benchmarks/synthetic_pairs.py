"""Instances of pickup and delivery like Li and Lim's classes, made where theirs are not at hand.

    python -m benchmarks.synthetic_pairs --data FOLDER/pdptw --out FOLDER

Customers are those of the instances lr101, lrc101 and lc101 in --data. Their windows are drawn anew
by Solomon's recipe: so many of them have one, about a random minute (clustered ones: about the
minute at which a tour of the cluster comes by), and so wide; the others are open all day. As Li and
Lim did, customers are made pairs within the routes of a good solution, so that few vehicles are
needed; PyVRP finds it. None of these is an instance of Li and Lim's.

The reference is the best of PyVRP and of our own search with many more iterations than it has by
default. It is written into the name of a file beside the instance, as `weal dispatch` reads it.

Source: Solomon (1987), Operations Research 35(2); Li & Lim (2001), "A metaheuristic for the pickup
and delivery problem with time windows".
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pyvrp import Model
from pyvrp.stop import MaxIterations

from benchmarks.pickup_and_delivery import found_by, pyvrps
from experiments.dispatching.reading import read_instance


class Kind(NamedTuple):
    """A class of Solomon's."""

    customers: str  # instance whose customers these are
    horizon: int
    capacity: int
    service: int
    clusters: int  # 0: windows lie anywhere


KINDS = {
    "r1": Kind("lr101", 230, 200, 10, 0),
    "r2": Kind("lr101", 1000, 1000, 10, 0),
    "rc1": Kind("lrc101", 240, 200, 10, 0),
    "rc2": Kind("lrc101", 960, 1000, 10, 0),
    "c1": Kind("lc101", 1236, 200, 90, 10),
    "c2": Kind("lc101", 3390, 700, 90, 3),
}
"""Horizon, capacity and service as published."""

WIDTHS = {
    "r1": [(25, 10), (50, 30), (100, 59), (100, 118)],
    "r2": [(100, 115), (50, 115), (25, 115), (75, 240), (100, 350), (100, 470)],
    "rc1": [(25, 30), (50, 60), (100, 112)],
    "rc2": [(100, 120), (50, 120), (25, 120), (100, 240), (100, 470)],
    "c1": [(25, 60), (100, 360)],
    "c2": [(25, 160), (100, 320), (100, 640)],
}
"""Percent of customers with a window, and its mean width, as in the classes' members."""

VEHICLES = 25
CUSTOMERS = 100
A_VEHICLE = 2_000  # units of distance


def main() -> None:
    """Write an instance for each class and width, and its reference."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Li and Lim's instances")
    parser.add_argument("--out", type=Path, required=True, help="folder of the instances made")
    parser.add_argument("--iterations", type=int, default=3000, help="of PyVRP, for the routes")
    parser.add_argument("--reference-seconds", type=float, default=20.0, help="of PyVRP")
    parser.add_argument("--reference-iterations", type=int, default=4000, help="of ours, a pair")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for kind, members in WIDTHS.items():
        for seed, (share, width) in enumerate(members):
            path = chosen.out / f"{kind}-{share}-{width}.txt"
            path.write_text(
                instance(kind, share / 100, width, seed, chosen.data, chosen.iterations),
                encoding="utf-8",
            )
            made = read_instance(path)
            more = [f"{name}={chosen.reference_iterations}" for name in ("iterations",)]
            more.append(f"closing_iterations={chosen.reference_iterations}")
            plans = [found_by(made, "local_search", [*more, f"seed={n}"])[:2] for n in range(2)]
            theirs = pyvrps(made, chosen.reference_seconds)
            vehicles, distance = min([*plans, *([theirs[:2]] if theirs else [])])
            for stale in chosen.out.glob(f"{path.stem}.*_*.txt"):
                stale.unlink()
            reference = f"{path.stem}.{vehicles}_{distance:.4f}.txt"
            (chosen.out / reference).write_text(f"{vehicles} {distance:.4f}\n", encoding="utf-8")
            sys.stderr.write(f"{reference}\n")


def instance(kind: str, share: float, width: float, seed: int, data: Path, iterations: int) -> str:
    """An instance in Li and Lim's format.

    Args:
        kind: of Solomon's classes.
        share: of customers with a window.
        width: mean of the windows, minutes.
        seed: of chance.
        data: folder with the instances whose customers are taken.
        iterations: of PyVRP for the routes within which customers are paired.
    """
    rng, of = np.random.default_rng(seed), KINDS[kind]
    lines = (data / f"{of.customers}.txt").read_text(encoding="utf-8").splitlines()
    table = np.array([line.split() for line in lines[1 : CUSTOMERS + 2]], dtype=np.int64)
    at, demand = table[:, 1:3], np.maximum(np.abs(table[:, 3]), 1)
    early, late = _windows(of, at, share, width, rng)
    routes = _routes(of, at, demand, early, late, seed, iterations)
    rows = [[i, *at[i], 0, early[i], late[i], of.service, 0, 0] for i in range(len(at))]
    rows[0][6] = 0  # the depot
    for route in routes:
        if len(route) % 2:  # a twin without a service, so that everyone has a partner
            rows.append([len(rows), *rows[route[-1]][1:]])
            rows[route[-1]][6] = 0
            route.append(len(rows) - 1)
        left = list(route)
        while left:
            pickup, drop = left.pop(0), left.pop(int(rng.integers(len(left))))
            units = int(demand[pickup % len(demand)])
            rows[pickup][3], rows[pickup][8] = units, drop
            rows[drop][3], rows[drop][7] = -units, pickup
    head = f"{VEHICLES}\t{of.capacity}\t1"
    return "\n".join([head, *("\t".join(map(str, row)) for row in rows)]) + "\n"


def _windows(
    of: Kind, at: np.ndarray, share: float, width: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) earliest and latest begin of the service; a vehicle of one's own is always in time."""
    home = np.hypot(*(at - at[0]).T)
    first, last = np.ceil(home), np.floor(of.horizon - home - of.service)
    centre = rng.uniform(first, last)
    if of.clusters:
        centre = _passing(at, of)
    wide = np.maximum(rng.normal(width, 0.25 * width, len(at)), 8.0)
    early = np.clip(np.round(centre - 0.5 * wide), first, last)
    late = np.clip(np.round(centre + 0.5 * wide), early, last)
    has_one = rng.random(len(at)) < share
    early, late = np.where(has_one, early, 0.0), np.where(has_one, late, last)
    early[0], late[0] = 0.0, of.horizon
    return early.astype(np.int64), late.astype(np.int64)


def _passing(at: np.ndarray, of: Kind) -> np.ndarray:
    """(N,) minutes at which tours through clusters, next after next, come by."""
    minute = np.zeros(len(at))
    angle = np.arctan2(*(at[1:] - at[0]).T[::-1])
    for cluster in np.array_split(1 + np.argsort(angle, kind="stable"), of.clusters):
        left, here, clock = cluster.tolist(), 0, 0.0
        while left:
            far = np.hypot(*(at[left] - at[here]).T)
            clock += float(far.min())
            here = left.pop(int(far.argmin()))
            minute[here] = clock
            clock += of.service
    return minute


def _routes(
    of: Kind,
    at: np.ndarray,
    demand: np.ndarray,
    early: np.ndarray,
    late: np.ndarray,
    seed: int,
    iterations: int,
) -> list[list[int]]:
    """Customers on each route of a good solution, in their order."""
    whole = 1_000  # PyVRP counts in whole numbers
    model = Model()
    places = [model.add_location(float(x), float(y)) for x, y in at]
    depot = model.add_depot(places[0])
    model.add_vehicle_type(
        VEHICLES,
        capacity=of.capacity,
        start_depot=depot,
        end_depot=depot,
        fixed_cost=A_VEHICLE * whole,
        tw_early=0,
        tw_late=of.horizon * whole,
    )
    for i in range(1, len(at)):
        model.add_client(
            places[i],
            delivery=int(demand[i]),
            service_duration=of.service * whole,
            tw_early=int(early[i]) * whole,
            tw_late=int(late[i]) * whole,
        )
    far = np.ceil(np.hypot(*(at.T[:, :, None] - at.T[:, None, :])) * whole).astype(np.int64)
    for a, b in np.ndindex(far.shape):
        model.add_edge(places[a], places[b], int(far[a, b]), int(far[a, b]))
    best = model.solve(MaxIterations(iterations), seed=seed, display=False).best
    if not best.is_feasible():
        raise SystemExit(f"PyVRP found no routes in {iterations} iterations")
    return [[visit.idx + 1 for visit in route if visit.is_client()] for route in best.routes()]


if __name__ == "__main__":
    main()
