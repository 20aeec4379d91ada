"""Li and Lim's instances of pickup and delivery with time windows.

The first line has the number of vehicles, their capacity and their speed, which is 1; then a line
for each point: its number, x, y, demand, earliest and latest start of its service, minutes of
service, the pickup that belongs to a drop-off and the drop-off that belongs to a pickup (0: none).
Point 0 is the depot, where every vehicle starts and ends. Travel takes the Euclidean distance. The
fewest vehicles win, and of these the shortest distance.

Source: Li & Lim (2001), "A metaheuristic for the pickup and delivery problem with time windows",
13th IEEE International Conference on Tools with Artificial Intelligence.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from experiments.dispatching.instance import BestKnown, Instance, InstanceError, Plane, Problem
from experiments.dispatching.li_lim_points import FIELDS, NumberedLine, Points
from experiments.dispatching.tables import number_in
from sim.delivery.jobs import Conditions, Jobs, Shifts

HEAD = ("vehicles", "capacity", "speed")


def is_li_lim(path: Path) -> bool:
    """Whether a file begins as an instance does: with three numbers, and then nine."""
    if not path.is_file():
        return False
    try:
        lines = _lines(path)[:2]
    except UnicodeDecodeError:
        return False
    return [len(text.split()) for _, text in lines] == [len(HEAD), len(FIELDS)]


def read_li_lim(path: Path) -> Instance:
    """Read an instance.

    Raises:
        InstanceError: Something is missing or wrong; it names the file, line, field and value.
    """
    lines = _lines(path)
    vehicles, capacity = _vehicles(path, *lines[0])
    read = Points.read(path, lines[1:])
    table, pickups, drops = read.columns, read.pickups, read.drops
    points = np.stack([table["x"], table["y"]])
    distance = np.hypot(*(axis[:, None] - axis for axis in points))
    n, k = len(pickups), vehicles
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
            capacity=np.full(k, capacity),
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


def _lines(path: Path) -> list[NumberedLine]:
    """The lines that are not blank."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return [(at, text) for at, text in enumerate(lines, start=1) if text.strip()]


def _vehicles(path: Path, at: int, text: str) -> tuple[int, int]:
    """How many vehicles there are, and how much each carries."""
    vehicles, capacity, speed = (
        number_in(number, f"{path}:{at}: {name}")
        for name, number in zip(HEAD, text.split(), strict=True)
    )
    for name, value in (("vehicles", vehicles), ("capacity", capacity)):
        if value < 1 or value != int(value):
            raise InstanceError(
                f"{path}:{at}: {name} = {value:g}: must be a whole number of 1 or more"
            )
    if speed != 1:
        raise InstanceError(
            f"{path}:{at}: speed = {speed:g}: must be 1, as travel takes the Euclidean distance"
        )
    return int(vehicles), int(capacity)


def _best_known(path: Path) -> BestKnown | None:
    """The best figures in the names of solutions that lie beside: NAME.VEHICLES_DISTANCE.txt."""
    pattern = re.compile(re.escape(path.stem) + r"\.(\d+)_(\d+(?:\.\d+)?)\.txt")
    matches = [pattern.fullmatch(other.name) for other in path.parent.iterdir()]
    known = [(int(match[1]), float(match[2])) for match in matches if match]
    return BestKnown(*min(known)) if known else None
