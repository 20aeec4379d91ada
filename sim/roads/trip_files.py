"""Files of demand: trips in the TNTP format or as CSV, and flows that are known to solve them.

Source: Transportation Networks for Research Core Team, "Import formats".
"""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.roads.arrays import FloatArray, IntArray
from sim.roads.csv_columns import CsvColumns
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork
from sim.roads.tntp_lines import lines_of, read_metadata
from sim.roads.trips import TripTable

ZONES = "NUMBER OF ZONES"

TOLD_TOTAL = 1e-3
"""Share by which the trips may differ from what TOTAL OD FLOW says: published files round it."""

NAMED = 3
"""Labels of nodes that a message names where they are no plain range."""


def read_trips(path: Path, network: RoadNetwork) -> TripTable:
    """Read a trip table; the labels of its zones are those of the network's nodes.

    Args:
        path: `*_trips.tntp`, or CSV (`.csv`, `.csv.gz`) with the columns origin, destination and
            trips (vehicles per time unit; the trips of a pair that stands twice add up).
        network: whose nodes the zones are.

    Raises:
        RoadDataError: The file cannot be what it should be; the message says where and why.
    """
    if path.name.endswith((".csv", ".csv.gz")):
        return _read_csv(path, network)
    if path.suffix == ".tntp":
        return _read_tntp(path, network)
    raise RoadDataError.at(path, "is no table of trips", "a file that ends in .tntp or .csv")


def read_flows(path: Path, network: RoadNetwork) -> FloatArray:
    """Read `*_flow.tntp`: the best known flow (L,) of every link, vehicles per time unit.

    Raises:
        RoadDataError: The file cannot be what it should be, or lacks a link.
    """
    flow = np.full(network.n_links, np.nan)
    for line, text in lines_of(path):
        values = text.removesuffix(";").split()
        if values[0].lower() in {"from", "<number"} or values[0].startswith("<"):
            continue
        if len(values) < 3:
            raise RoadDataError.at(path, f"{text[:60]!r}", "From, To, Volume, Cost", line=line)
        ends = [_node(path, network, label, line) for label in values[:2]]
        flow[network.link_ids([ends])] = _number(path, values[2], "Volume", line)
    missing = np.flatnonzero(np.isnan(flow))
    if len(missing):
        tail, head = (network.labels[ends[missing[0]]] for ends in (network.tail, network.head))
        raise RoadDataError.at(path, f"no flow from {tail} to {head}", "one line for every link")
    return flow


def _read_csv(path: Path, network: RoadNetwork) -> TripTable:
    columns = CsvColumns.read(path, ("origin", "destination", "trips"))
    allowed = _nodes_of(network)
    row_of = {str(label): row for row, label in enumerate(network.labels.tolist())}

    def nodes(name: str) -> IntArray:
        rows = [row_of.get(_label(text), -1) for text in columns.texts(name, "")]
        found = np.array(rows, dtype=np.int32)
        columns.require(name, found >= 0, allowed)
        return found

    trips = columns.numbers("trips", "a finite number >= 0", 0.0)
    return TripTable.of(network, nodes("origin"), nodes("destination"), trips)


def _nodes_of(network: RoadNetwork) -> str:
    """Which labels a network has: their range where they are all its numbers, else some."""
    labels = network.labels
    numbers = np.issubdtype(labels.dtype, np.integer)
    if numbers and int(labels.max()) - int(labels.min()) + 1 == len(labels):
        told = f"{labels.min()} to {labels.max()}"
    else:
        told = f"such as {', '.join(str(label) for label in labels[:NAMED])}"
    return f"a node of {network.name}: {told}"


def _label(text: str) -> str:
    """A label as the network has it: a column with an empty cell is read as 1.0, 2.0, ..."""
    return text.removesuffix(".0")


def _read_tntp(path: Path, network: RoadNetwork) -> TripTable:
    lines = lines_of(path)
    zones = read_metadata(path, lines, (ZONES,))[ZONES]
    told = _told_total(path)
    columns: tuple[list[int], list[int], list[float]] = [], [], []
    origin = None
    for line, text in lines:
        if text.lower().startswith("origin"):
            origin = _zone(path, network, text[len("origin") :].strip(), zones, line)
            continue
        if origin is None:
            raise RoadDataError.at(path, f"{text[:60]!r}", "a line `Origin 1` first", line=line)
        for destination, trips in _pairs(path, text, line):
            columns[0].append(origin)
            columns[1].append(_zone(path, network, destination, zones, line))
            columns[2].append(_number(path, trips, f"trips to {destination}", line))
    total = sum(columns[2])
    if told is not None and abs(total - told) > TOLD_TOTAL * max(told, 1.0):
        raise RoadDataError.at(
            path, f"its trips add up to {total:g}", f"{told:g}, as its TOTAL OD FLOW says"
        )
    ends = np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.int64)
    return TripTable.of(network, *ends, np.array(columns[2]))


def _told_total(path: Path) -> float | None:
    for line, text in lines_of(path):
        key, _, value = text.removeprefix("<").partition(">")
        if key.strip().upper() == "TOTAL OD FLOW":
            return _number(path, value.partition("~")[0].strip(), "TOTAL OD FLOW", line)
    return None


def _pairs(path: Path, text: str, line: int) -> Iterator[tuple[str, str]]:
    """Destination and trips of each `destination : trips;` of a line, as text."""
    for piece in filter(str.strip, text.split(";")):
        destination, colon, trips = piece.partition(":")
        if not colon:
            raise RoadDataError.at(path, f"{piece.strip()!r}", "destination : trips;", line=line)
        yield destination.strip(), trips.strip()


def _zone(path: Path, network: RoadNetwork, text: str, zones: int, line: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= zones:
        raise RoadDataError.at(path, f"zone is {text!r}", f"a zone from 1 to {zones}", line=line)
    return _node(path, network, text, line)


def _node(path: Path, network: RoadNetwork, label: str, line: int) -> int:
    try:
        return network.node(label)
    except RoadDataError as error:
        raise RoadDataError.at(
            path, f"there is no node {label}", _nodes_of(network), line=line
        ) from error


def _number(path: Path, text: str, name: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise RoadDataError.at(path, f"{name} is {text!r}", "a finite number >= 0", line=line)
    return value
