"""Li and Lim's instances of pickup and delivery with time windows.

The first line has the number of vehicles, their capacity and their speed; then a line for each
point: its number, x, y, demand, earliest and latest start of its service, minutes of service, the
pickup that belongs to a drop-off and the drop-off that belongs to a pickup (0: none). Point 0 is
the depot, where every vehicle starts and ends. Travel takes the Euclidean distance. The fewest
vehicles win, and of these the shortest distance.

Source: Li & Lim (2001), "A metaheuristic for the pickup and delivery problem with time windows",
13th IEEE International Conference on Tools with Artificial Intelligence.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from experiments.dispatching.instance import BestKnown, Instance, InstanceError, Plane, Problem
from experiments.dispatching.tables import number_in
from sim.delivery.jobs import Conditions, Jobs, Shifts

FIELDS = ("point", "x", "y", "demand", "earliest", "latest", "service", "pickup", "delivery")


def is_li_lim(path: Path) -> bool:
    """Whether a file begins as an instance does: with three numbers, and then nine."""
    if not path.is_file():
        return False
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[:2]
    except UnicodeDecodeError:
        return False
    return len(lines) == 2 and [len(line.split()) for line in lines] == [3, len(FIELDS)]


def read_li_lim(path: Path) -> Instance:
    """Read an instance.

    Raises:
        InstanceError: Something is missing or wrong; it names the file, line, field and value.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    vehicles, capacity, _ = (
        number_in(text, f"{path}:1: {name}")
        for text, name in zip(lines[0].split(), ("vehicles", "capacity", "speed"), strict=True)
    )
    if vehicles < 1 or capacity < 1:
        raise InstanceError(f"{path}:1: vehicles and capacity must be 1 or more")
    table = _points(path, lines[1:])
    pickups = np.flatnonzero((table["demand"] > 0) & (table["delivery"] > 0))
    drops = table["delivery"][pickups].astype(np.int64)
    _refuse_unpaired(path, table, pickups, drops)
    points = np.stack([table["x"], table["y"]])
    distance = np.hypot(*(axis[:, None] - axis for axis in points))
    n, k = len(pickups), int(vehicles)
    start, end = float(table["earliest"][0]), float(table["latest"][0])
    return Instance(
        name=path.stem,
        problem=Problem.PICKUP_AND_DELIVERY,
        jobs=Jobs(
            number=np.arange(n),
            pickup=pickups,
            dropoff=drops,
            known_at=np.full(n, start),
            placed=np.full(n, start),
            expected_ready=table["earliest"][pickups],
            ready=table["earliest"][pickups],
            pickup_by=table["latest"][pickups],
            not_before=table["earliest"][drops],
            due=table["latest"][drops],
            deadline=table["latest"][drops],
            units=table["demand"][pickups].astype(np.int64),
            pickup_service=table["service"][pickups],
            dropoff_service=table["service"][drops],
            fails=np.zeros((n, 1), dtype=np.bool_),
            tried=np.zeros(n, dtype=np.int64),
            cancelled_at=np.full(n, np.inf),
        ),
        shifts=Shifts(
            courier=np.arange(k),
            start=np.full(k, start),
            end=np.full(k, end),
            base=np.zeros(k, dtype=np.int64),
            speed=np.ones(k),
            capacity=np.full(k, int(capacity)),
            break_at=np.full(k, np.inf),
            break_minutes=np.zeros(k),
            offline_at=np.full(k, np.inf),
        ),
        conditions=Conditions(
            service_before=0.0, shared_pickup=False, must_return=True, most_stops=2 * n
        ),
        travel=Plane(distance, distance),
        x=points[0],
        y=points[1],
        point_names=tuple(str(point) for point in range(len(table["x"]))),
        orders=tuple(f"{p}-{d}" for p, d in zip(pickups.tolist(), drops.tolist(), strict=True)),
        couriers=tuple(f"v{vehicle}" for vehicle in range(1, k + 1)),
        best_known=_best_known(path),
    )


def _points(path: Path, lines: list[str]) -> dict[str, np.ndarray]:
    rows = []
    for number, line in enumerate(lines, start=2):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != len(FIELDS):
            raise InstanceError(f"{path}:{number}: {len(fields)} fields; expected {len(FIELDS)}")
        rows.append(
            [
                number_in(text, f"{path}:{number}: {name}")
                for name, text in zip(FIELDS, fields, strict=True)
            ]
        )
        if rows[-1][0] != len(rows) - 1:
            raise InstanceError(
                f"{path}:{number}: point = {fields[0]}: expected {len(rows) - 1}, as points are "
                "numbered in their order"
            )
    if len(rows) < 3:
        raise InstanceError(f"{path}: {len(rows)} points; expected a depot and at least one pair")
    return dict(zip(FIELDS, np.array(rows, dtype=np.float64).T, strict=True))


def _refuse_unpaired(
    path: Path, table: dict[str, np.ndarray], pickups: np.ndarray, drops: np.ndarray
) -> None:
    count = len(table["x"])
    for pickup, drop in zip(pickups.tolist(), drops.tolist(), strict=True):
        paired = drop < count and table["pickup"][drop] == pickup
        if not paired or table["demand"][drop] != -table["demand"][pickup]:
            raise InstanceError(
                f"{path}:{pickup + 2}: delivery = {drop}: is no drop-off of what point {pickup} "
                "hands out"
            )
    if 2 * len(pickups) != count - 1:
        raise InstanceError(
            f"{path}: {count - 1} points beside the depot, but {len(pickups)} pairs of them"
        )


def _best_known(path: Path) -> BestKnown | None:
    """The best figures in the names of solutions that lie beside: NAME.VEHICLES_DISTANCE.txt."""
    pattern = re.compile(re.escape(path.stem) + r"\.(\d+)_(\d+(?:\.\d+)?)\.txt")
    matches = [pattern.fullmatch(other.name) for other in path.parent.iterdir()]
    known = [(int(match[1]), float(match[2])) for match in matches if match]
    return BestKnown(*min(known)) if known else None
