"""A solution's files as the checkers read them."""

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

TOLERANCE = 1e-6


@dataclass
class Given:
    """A solution as it stands in its files."""

    orders: dict[str, dict[str, Any]]  # by name
    stops: dict[str, list[dict[str, Any]]]  # by courier, in the file's order
    couriers: dict[str, dict[str, Any]]  # by name
    measures: dict[str, float | None]


def read(folder: Path) -> Given:
    """Read a solution's files; an empty number is nan, an empty name is empty."""
    tables = {
        name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, dtype=str)
        for name in ("orders", "stops", "couriers")
    }
    rows = {
        name: [
            {str(key): _value(str(key), text) for key, text in row.items()}
            for row in table.to_dict("records")
        ]
        for name, table in tables.items()
    }
    stops: dict[str, list[dict[str, Any]]] = {}
    for row in rows["stops"]:
        stops.setdefault(row["courier"], []).append(row)
    return Given(
        orders={row["order"]: row for row in rows["orders"]},
        stops=stops,
        couriers={row["courier"]: row for row in rows["couriers"]},
        measures=json.loads((folder / "measures.json").read_text())["measures"],
    )


NAMES = {"order", "courier", "kind", "origin", "point", "pickup", "dropoff", "status"}


def _value(column: str, text: str) -> Any:
    if column in NAMES:
        return text
    if text in ("True", "False"):
        return text == "True"
    return float(text) if text else math.nan


def differ(a: float, b: float) -> bool:
    """Whether two figures are not the same; nan is the same as nan."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) != math.isnan(b)
    return not math.isclose(a, b, rel_tol=1e-6, abs_tol=TOLERANCE)


def visits(given: Given, orders: set[str]) -> list[str]:
    """Every order is fetched and brought at most once, and brought if it was fetched."""
    seen = Counter(
        (stop["order"], stop["kind"])
        for stops in given.stops.values()
        for stop in stops
        if stop["kind"] in ("pickup", "dropoff")
    )
    wrong = []
    for (order, kind), count in seen.items():
        if order not in orders:
            wrong.append(f"{kind} of {order!r}, which is no order of the instance")
        elif count > 1:
            wrong.append(f"{order}: {count} stops of kind {kind}")
        elif kind == "pickup" and seen[order, "dropoff"] == 0:
            wrong.append(f"{order}: fetched and never brought")
    return wrong


def rows_differ(what: str, row: dict[str, Any], expected: dict[str, float | str]) -> list[str]:
    """Columns of a row that are not as they must be."""
    wrong = []
    for column, value in expected.items():
        found = row.get(column)
        if isinstance(value, str) or found is None or isinstance(found, str):
            same = found == value
        else:
            same = not differ(float(found), float(value))
        if not same:
            wrong.append(f"{what}: {column} is {found}, it should be {value}")
    return wrong


def measures_differ(found: dict[str, float | None], expected: dict[str, float | None]) -> list[str]:
    """Measures that do not follow from the stops, are missing, or are nowhere defined."""
    wrong = [f"measures.json: {name} is not defined" for name in found if name not in expected]
    for name, value in expected.items():
        told = found.get(name)
        if (value is None) != (told is None) or (
            value is not None and told is not None and differ(value, told)
        ):
            wrong.append(f"measures.json: {name} = {told}, recomputed {value}")
    return wrong
