"""The map of deliveries, hour by hour: a picture of the busiest hour and the script's data.

The picture is SVG and needs no script. The script draws any hour of the kept days over the same
streets, and couriers on their way.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.map_tables import streets_of
from experiments.reporting.charts import ORANGE, RED
from experiments.reporting.driven import Driven, DrivenDay, driven
from experiments.reporting.map_points import Frame, Streets, polylines, runs
from experiments.run_folder import RunData

SCRIPT = "day_map.js"
"""The script of the map."""

BLUES = ("#9ecae1", "#6baed6", "#3182bd", "#08519c", "#08306b")
WIDTHS = (1.6, 2.2, 3.0, 3.9, 5.0)
"""Colours and widths of streets by their trips, few to many; pixels on a map of `PIXELS`."""

PIXELS = 768
"""Width of the map in a wide window."""

LATE = (
    (15.0, ORANGE, 3.5, "up to 15 minutes late"),
    (60.0, RED, 5.0, "15 to 60 minutes late"),
    (float("inf"), "#6a0032", 6.5, "over an hour late"),
)
"""Late parcels: by how much at most, colour, radius in pixels, name."""

FULLNESS = (
    (0.5, "up to half full"),
    (0.8, "up to 80% full"),
    (1.0, "up to full"),
    (float("inf"), "over capacity"),
)
"""Classes of streets by volume over capacity."""

FULL_COLOURS = ("#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
"""Colours of these classes: in even steps of lightness, for readers who tell no hues apart; not
those of late parcels, which lie on top of them. Source: ColorBrewer, YlGnBu."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What a picture of an hour shows, counted."""

    day: int
    why: str
    hour: int
    trips: int
    couriers: int
    most: int  # trips on its busiest street
    late: int

    @property
    def told(self) -> str:
        """The hour in a sentence."""
        return (
            f"Day {self.day}, {self.hour:02d}:00 to {self.hour + 1:02d}:00: "
            f"{_count(self.trips, 'trip')} of {_count(self.couriers, 'courier')}; the busiest "
            f"street had {self.most:,} of them; {_count(self.late, 'parcel')} came late."
        )


@dataclass(frozen=True, slots=True)
class DayMap:
    """The map, or why there is none."""

    nothing: str = ""  # why there is no map
    svg: str = ""
    hour: Hour | None = None  # that the picture shows
    data: dict[str, Any] | None = None  # of the script
    days: tuple[tuple[str, str], ...] = ()  # kept days by name and note
    loads: tuple[tuple[str, float, str], ...] = ()  # colour, width, trips a street
    fullness: tuple[tuple[str, str], ...] = ()  # colour, name; empty: the run had no traffic
    scale: tuple[float, str] = (0.0, "")  # a bar's part of the width, its length
    ratio: float = 1.0  # width by height
    left_out: str = ""


def day_map(data: RunData) -> DayMap:
    """The map of a run's deliveries.

    Args:
        data: the run; with the table `traffic`, streets can be coloured by volume over capacity.
    """
    if not data.scenario.couriers.count:
        told = "In this run parcels went by post: no couriers drove, so there are no routes to show"
        return DayMap(f"{told}.")
    if not np.isfinite(data.tables["nodes"][["x", "y"]].to_numpy()).all():
        return DayMap("The file of these streets names no coordinates, so that there is no map.")
    found = driven(data)
    if not found.days:
        return DayMap("No courier drove anywhere in this run, so there are no routes to show.")
    return _drawn(data, found)


def _drawn(data: RunData, found: Driven) -> DayMap:
    nodes = data.tables["nodes"]
    x, y = nodes["x"].to_numpy(np.float64), nodes["y"].to_numpy(np.float64)
    used = np.unique(np.concatenate(found.paths))
    frame = Frame.around(x[used], y[used])
    cells = frame.cells(x, y)
    streets = Streets([cells[path] for path in found.paths])
    loads = {day.day: loads_of(streets, day) for day in found.days}
    most = max(max(count.values(), default=0) for one in loads.values() for count in one.values())
    bounds = load_bounds(most)
    hour = _busiest(found, loads)
    day = next(one for one in found.days if one.day == hour.day)
    places = cells[data.tables["places"]["node"].to_numpy()]
    return DayMap(
        svg=_svg(data, frame, streets, loads[day.day][hour.hour], bounds, _late(day, hour), places),
        hour=hour,
        data=_data(data, frame, streets, found, bounds, hour, cells),
        days=tuple((f"day {one.day}, {one.why}", one.note) for one in found.days),
        loads=_legend(bounds, most),
        fullness=tuple(
            (colour, name) for colour, (_, name) in zip(FULL_COLOURS, FULLNESS, strict=True)
        )
        if any(one.volumes is not None for one in found.days)
        else (),
        scale=_scale(frame),
        ratio=frame.width / frame.height,
        left_out=found.left_out,
    )


def loads_of(streets: Streets, day: DrivenDay) -> dict[int, Counter[tuple[int, int]]]:
    """Trips a street and hour; streets as pairs of points, the higher number first.

    Args:
        streets: the points of all paths.
        day: whose trips are counted, both directions together.
    """
    loads: dict[int, Counter[tuple[int, int]]] = {}
    for hour, path in zip(day.trips["hour"].tolist(), day.trips["path"].tolist(), strict=True):
        points = streets.paths[path]
        counts = loads.setdefault(hour, Counter())
        counts.update({(max(one), min(one)) for one in pairwise(points)})
    return loads


def load_bounds(most: int) -> list[int]:
    """Least number of trips of each class of streets, in even steps of proportion.

    Args:
        most: trips of the busiest street in any hour.
    """
    steps = range(len(BLUES))
    return sorted({max(1, int(np.ceil(max(most, 1) ** (step / len(BLUES))))) for step in steps})


def _busiest(found: Driven, loads: dict[int, dict[int, Counter[tuple[int, int]]]]) -> Hour:
    """The hour with the most trips of the kept days, of equal ones the first."""
    every = [(day, hour) for day in found.days for hour in day.hours]
    day, hour = max(every, key=lambda one: int((one[0].trips["hour"] == one[1]).sum()))
    trips = day.trips[day.trips["hour"] == hour]
    return Hour(
        day=day.day,
        why=day.why,
        hour=hour,
        trips=len(trips),
        couriers=trips["courier"].nunique(),
        most=max(loads[day.day][hour].values(), default=0),
        late=int((day.late["hour"] == hour).sum()),
    )


def _late(day: DrivenDay, hour: Hour) -> pd.DataFrame:
    late: pd.DataFrame = day.late[day.late["hour"] == hour.hour]
    return late


def _svg(
    data: RunData,
    frame: Frame,
    streets: Streets,
    load: Counter[tuple[int, int]],
    bounds: list[int],
    late: pd.DataFrame,
    places: NDArray[np.int64],
) -> str:
    """All streets within the frame and, in a group of its own, what the busiest hour had."""
    pixel = frame.width / PIXELS
    lines = streets_of(data.tables["nodes"], data.tables["links"]).to_numpy(np.float64)
    ends = np.concatenate(
        [frame.cells(lines[:, 0], lines[:, 1]), frame.cells(lines[:, 2], lines[:, 3])], axis=1
    )
    size = np.array([frame.width, frame.height])
    seen = (np.maximum(ends[:, :2], ends[:, 2:]) >= 0).all(axis=1)
    seen &= (np.minimum(ends[:, :2], ends[:, 2:]) <= size).all(axis=1)
    parts = [
        f'<svg viewBox="0 0 {frame.width} {frame.height}" fill="none" aria-hidden="true"',
        ' stroke-linecap="round" stroke-linejoin="round">',
        f'<path d="{polylines(ends[seen])}" stroke="#ccd1d7" stroke-width="0.8"',
        ' vector-effect="non-scaling-stroke"/>',
        '<g class="hour">',
    ]
    points = np.array(streets.points, dtype=np.int64).reshape(-1, 2)
    for number, least in enumerate(bounds):
        below = bounds[number + 1] if number + 1 < len(bounds) else np.inf
        own = [street for street, count in sorted(load.items()) if least <= count < below]
        if own:
            both = np.array(own)
            path = polylines(np.concatenate([points[both[:, 0]], points[both[:, 1]]], axis=1))
            colour, width = _shade(number, len(bounds))
            parts.append(f'<path d="{path}" stroke="{colour}" stroke-width="{width * pixel:.1f}"/>')
    for by, door in zip(late["by"].tolist(), late["door"].tolist(), strict=True):
        _, colour, radius, _ = next(row for row in LATE if by <= row[0])
        at_x, at_y = places[door]
        parts.append(
            f'<circle cx="{at_x}" cy="{at_y}" r="{radius * pixel:.1f}" fill="{colour}" '
            f'stroke="#fff" stroke-width="{pixel:.1f}"/>'
        )
    return "".join([*parts, "</g></svg>"])


def _shade(number: int, classes: int) -> tuple[str, float]:
    """Colour and width of a class of streets; few classes take the ends of the scale."""
    row = round(number * (len(BLUES) - 1) / max(classes - 1, 1))
    return BLUES[row], WIDTHS[row]


def _legend(bounds: list[int], most: int) -> tuple[tuple[str, float, str], ...]:
    rows = []
    for number, least in enumerate(bounds):
        last = bounds[number + 1] - 1 if number + 1 < len(bounds) else most
        told = f"{least:,}" if last <= least else f"{least:,} to {last:,}"
        rows.append((*_shade(number, len(bounds)), told))
    return tuple(rows)


def _scale(frame: Frame) -> tuple[float, str]:
    """A bar of a round length, at most a quarter of the map's width."""
    wanted = frame.width * frame.cell / 4.0
    power = 10.0 ** np.floor(np.log10(wanted))
    length = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= wanted)
    told = f"{length / 1000.0:g} km" if length >= 1000.0 else f"{length:g} m"
    return float(length / (frame.width * frame.cell)), told


def _data(
    data: RunData,
    frame: Frame,
    streets: Streets,
    found: Driven,
    bounds: list[int],
    hour: Hour,
    cells: NDArray[np.int64],
) -> dict[str, Any]:
    """All that the script draws, packed."""
    places = cells[data.tables["places"]["node"].to_numpy()]
    names = data.tables["merchants"]["name"].tolist()
    shops = sorted({int(row) for day in found.days for row in day.late["merchant"]})
    shop_of = {merchant: number for number, merchant in enumerate(shops)}
    shades = [_shade(number, len(bounds)) for number in range(len(bounds))]
    return {
        "size": [frame.width, frame.height],
        "cell": round(frame.cell, 4),
        "pixels": PIXELS,
        "points": streets.packed_points(),
        "streets": streets.packed_streets(),
        "paths": [streets.packed_path(path) for path in streets.paths],
        "shops": [str(names[merchant]) for merchant in shops],
        "loads": [
            [least, colour, width] for least, (colour, width) in zip(bounds, shades, strict=True)
        ],
        "lateness": [[min(by, 1e9), colour, radius] for by, colour, radius, _ in LATE],
        "fullness": [*FULL_COLOURS],
        "start": [[day.day for day in found.days].index(hour.day), hour.hour],
        "days": [
            _day_data(day, shop_of, places, _fullness(data, streets, cells, day))
            for day in found.days
        ],
    }


def _day_data(
    day: DrivenDay, shop_of: dict[int, int], places: NDArray[np.int64], full: dict[str, str] | None
) -> dict[str, Any]:
    """A day: times in tenths of minutes, each start against the one before."""
    start = np.rint(day.trips["start"].to_numpy() * 10.0).astype(np.int64)
    end = np.rint(day.trips["end"].to_numpy() * 10.0).astype(np.int64)
    late = day.late
    names = ("delivered", "by", "hour", "merchant", "pickup", "door", "courier", "picked_up")
    columns = (late[name] for name in names)
    return {
        "day": day.day,
        "hours": day.hours,
        "trips": {
            "start": np.diff(start, prepend=0).tolist(),
            "minutes": (end - start).tolist(),
            "hour": runs(np.diff(day.trips["hour"].to_numpy(), prepend=0).tolist()),
            "courier": day.trips["courier"].tolist(),
            "parcels": day.trips["parcels"].tolist(),
            "path": day.trips["path"].tolist(),
        },
        "late": [
            [int(at), ceil(by), int(hour), shop_of[int(merchant)]]
            + [int(cell) for cell in (*places[shop], *places[door])]
            + [int(courier), floor(from_shop * 10.0), ceil(at * 10.0)]
            for at, by, hour, merchant, shop, door, courier, from_shop in zip(*columns, strict=True)
        ],
        "full": full,
    }


def _fullness(
    data: RunData, streets: Streets, cells: NDArray[np.int64], day: DrivenDay
) -> dict[str, str] | None:
    """Classes of the driven streets by volume over capacity, hour by hour, the fuller direction."""
    if day.volumes is None:
        return None
    links = data.tables["links"]
    told: dict[str, str] = {}
    above = [most for most, _ in FULLNESS]
    for first in np.unique(day.volumes["hour"]).tolist():
        rows = day.volumes[day.volumes["hour"] == first]
        until = int(rows["until"].iloc[0])
        link = rows["link"].to_numpy()
        ends = [cells[links[end].to_numpy()[link]].tolist() for end in ("tail", "head")]
        full: dict[tuple[int, int], float] = {}
        ratio = (rows["volume"] / rows["capacity"]).tolist()
        for tail, head, value in zip(*ends, ratio, strict=True):
            street = streets.street(tuple(tail), tuple(head))
            if street is not None:
                full[street] = max(full.get(street, 0.0), value)
        classes = (bisect_left(above, full.get(street, 0.0)) for street in streets.streets)
        text = runs(classes)
        told |= {str(hour): text for hour in day.hours if first <= hour < until}
    return told


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
