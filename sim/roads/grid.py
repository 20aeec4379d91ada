"""A rectangular grid of streets: for tests and small worlds, the same every time."""

import math

import numpy as np

from sim.roads.assembly import Links, Nodes, assemble
from sim.roads.classes import drive_minutes
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork


def grid(
    rows: int, columns: int, *, spacing_m: float = 100.0, speed_kph: float = 30.0
) -> RoadNetwork:
    """Streets both ways between neighbours; node `row * columns + column` lies at its corner.

    Args:
        rows: Corners from south to north, >= 1.
        columns: Corners from west to east, >= 1; rows * columns >= 2.
        spacing_m: Metres between neighbours, > 0.
        speed_kph: Speed on every street, km/h, > 0.

    Raises:
        RoadDataError: An argument is outside its range.
    """
    name = f"grid {rows} x {columns}"
    if rows < 1 or columns < 1 or rows * columns < 2:
        raise RoadDataError.at(
            name, f"rows is {rows} and columns is {columns}", ">= 1 each, and two corners in all"
        )
    for argument, value in (("spacing_m", spacing_m), ("speed_kph", speed_kph)):
        if not (math.isfinite(value) and value > 0):
            raise RoadDataError.at(name, f"{argument} is {value}", "a finite number > 0")
    corners = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    west, east = corners[:, :-1].ravel(), corners[:, 1:].ravel()
    south, north = corners[:-1].ravel(), corners[1:].ravel()
    tail = np.concatenate([west, east, south, north])
    head = np.concatenate([east, west, north, south])
    length_m = np.full(len(tail), spacing_m, dtype=np.float64)
    return assemble(
        name,
        Nodes(
            labels=np.arange(rows * columns, dtype=np.int64),
            x=np.tile(np.arange(columns) * spacing_m, rows).astype(np.float64),
            y=np.repeat(np.arange(rows) * spacing_m, columns).astype(np.float64),
            crs="metres from the south-west corner",
            through=np.ones(rows * columns, dtype=np.bool_),
        ),
        Links(
            tail=tail,
            head=head,
            length_m=length_m,
            minutes=drive_minutes(length_m, np.full(len(tail), speed_kph, dtype=np.float64)),
            road_class=np.zeros(len(tail), dtype=np.int16),
            class_names=("residential",),
        ),
    )
