"""The points in a file of Li and Lim's, and whether their windows and pairs hold together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.dispatching.instance import InstanceError
from experiments.dispatching.tables import number_in, whole_number_in
from policies.arrays import FloatArray

FIELDS = ("point", "x", "y", "demand", "earliest", "latest", "service", "pickup", "delivery")
PAIRING = ("demand", "pickup", "delivery")
WHOLE = {"point", *PAIRING}

NumberedLine = tuple[int, str]
"""A line of a file, and its number there."""


@dataclass(frozen=True, slots=True)
class Points:
    """All points in columns; row p is point p, and point 0 the depot. P points, J pairs."""

    columns: dict[str, FloatArray]  # each (P,)
    pickups: NDArray[np.int64]  # (J,) points
    drops: NDArray[np.int64]  # (J,) points

    @classmethod
    def read(cls, path: Path, lines: list[NumberedLine]) -> Points:
        """Read the table.

        Args:
            path: for messages.
            lines: of the points, blank ones left out.

        Raises:
            InstanceError: Something is wrong; it names the file, line, field and value.
        """
        rows = [_row(path, at, text, point) for point, (at, text) in enumerate(lines)]
        if len(rows) < 3:
            raise InstanceError(
                f"{path}: {len(rows)} points; expected a depot and at least one pair"
            )
        columns = dict(zip(FIELDS, np.array(rows, dtype=np.float64).T, strict=True))
        numbers = [at for at, _ in lines]
        pickups, drops = _pairs(path, columns, numbers)
        return cls(columns, pickups, drops)


def _row(path: Path, at: int, text: str, point: int) -> list[float]:
    fields = text.split()
    if len(fields) != len(FIELDS):
        raise InstanceError(f"{path}:{at}: {len(fields)} fields; expected {len(FIELDS)}")
    row = {
        name: (whole_number_in if name in WHOLE else number_in)(field, f"{path}:{at}: {name}")
        for name, field in zip(FIELDS, fields, strict=True)
    }
    if row["point"] != point:
        raise InstanceError(
            f"{path}:{at}: point = {fields[0]}: expected {point}, as points are numbered in their "
            "order"
        )
    if row["latest"] < row["earliest"]:
        raise InstanceError(
            f"{path}:{at}: latest = {row['latest']:g}: is before earliest = {row['earliest']:g}; a "
            "window closes when it opens or later"
        )
    if row["service"] < 0:
        raise InstanceError(f"{path}:{at}: service = {row['service']:g}: must be 0 or more")
    return list(row.values())


def _pairs(
    path: Path, columns: dict[str, FloatArray], numbers: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pickups and their drop-offs, each of which names the other and nothing else."""
    demand, pickup, delivery = (columns[name].astype(np.int64) for name in PAIRING)
    for name, column in zip(PAIRING, (demand, pickup, delivery), strict=True):
        if column[0] != 0:
            raise InstanceError(
                f"{path}:{numbers[0]}: {name} = {column[0]}: must be 0 at the depot"
            )
    for point in range(1, len(demand)):
        hands_out = demand[point] > 0
        here, there = (pickup, delivery) if hands_out else (delivery, pickup)
        own, other = ("pickup", "delivery") if hands_out else ("delivery", "pickup")
        kind = "drop-off" if hands_out else "pickup"
        place, partner = f"{path}:{numbers[point]}", int(there[point])
        if demand[point] == 0:
            raise InstanceError(
                f"{place}: demand = 0: must be more than 0 at a pickup and less at a drop-off"
            )
        if here[point] != 0:
            raise InstanceError(
                f"{place}: {own} = {here[point]}: must be 0, as a demand of {demand[point]} makes "
                f"point {point} a {'pickup' if hands_out else 'drop-off'}"
            )
        paired = 0 < partner < len(demand) and here[partner] == point
        if not paired or demand[partner] != -demand[point]:
            raise InstanceError(
                f"{place}: {other} = {partner}: is no {kind} of what point {point} "
                f"{'hands out' if hands_out else 'takes'}; expected the point that names {point} "
                f"as its {own} and has a demand of {-demand[point]}"
            )
    pickups: NDArray[np.int64] = np.flatnonzero(demand > 0)
    return pickups, delivery[pickups]
