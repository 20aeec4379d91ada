"""Test networks in the TNTP format: links with capacity and BPR parameters, zones, nodes.

Zones are nodes 1 to NUMBER OF ZONES; nodes below FIRST THRU NODE may not be driven through.

Source: Transportation Networks for Research Core Team, "Import formats".
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sim.roads.arrays import FloatArray
from sim.roads.assembly import Links, Nodes, assemble
from sim.roads.bpr import BprParameters
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork
from sim.roads.tntp_lines import Lines, lines_of, read_metadata

LINK_COLUMNS = (
    "init_node",
    "term_node",
    "capacity",
    "length",
    "free_flow_time",
    "b",
    "power",
    "speed",
    "toll",
    "link_type",
)
METADATA = ("NUMBER OF ZONES", "NUMBER OF NODES", "FIRST THRU NODE", "NUMBER OF LINKS")


@dataclass(frozen=True, slots=True)
class _Link:
    """One line of links; numbers in the units of the file."""

    init_node: int
    term_node: int
    capacity: float
    length: float
    free_flow_time: float
    b: float
    power: float
    link_type: str


def read_tntp(
    net_file: Path,
    *,
    name: str,
    node_file: Path | None = None,
    coordinates: Literal["lonlat", "metres"] = "lonlat",
    metres_per_unit: float = 1.0,
    minutes_per_unit: float = 1.0,
    strongly_connected: bool = False,
    attribution: str = "",
) -> RoadNetwork:
    """Read `*_net.tntp` and, where there is one, `*_node.tntp`.

    Args:
        net_file: Metadata and links.
        name: What to call the network.
        node_file: Node, X, Y; without it nothing can be snapped to the network.
        coordinates: What X and Y are: degrees of longitude and latitude, or metres.
        metres_per_unit: Metres in one unit of the file's lengths (a foot is 0.3048); > 0.
        minutes_per_unit: Minutes in one unit of the file's times; > 0.
        strongly_connected: Keep only the part where each node can be reached from each. These
            networks are published for trips between zones, and roads that serve one zone alone
            lie outside that part; so all is kept unless asked otherwise.
        attribution: To be printed on every map of these roads.

    Raises:
        RoadDataError: A file cannot be what it should be; the message says where and why.
    """
    for argument, value in (
        ("metres_per_unit", metres_per_unit),
        ("minutes_per_unit", minutes_per_unit),
    ):
        if not (math.isfinite(value) and value > 0):
            raise RoadDataError.at(net_file, f"{argument} is {value}", "a finite number > 0")
    lines = lines_of(net_file)
    metadata = read_metadata(net_file, lines, METADATA)
    n_nodes = metadata["NUMBER OF NODES"]
    links = _read_links(net_file, lines, n_nodes)
    if len(links) != metadata["NUMBER OF LINKS"]:
        raise RoadDataError.at(
            net_file,
            f"it has {len(links)} links",
            f"{metadata['NUMBER OF LINKS']}, as its NUMBER OF LINKS says",
        )
    labels = np.arange(1, n_nodes + 1, dtype=np.int64)
    x, y = _read_coordinates(node_file, n_nodes, coordinates)
    # Without coordinates there is nothing to project.
    degrees = node_file is not None and coordinates == "lonlat"
    class_names = tuple(sorted({f"type {link.link_type}" for link in links}))
    codes = {class_name: code for code, class_name in enumerate(class_names)}
    return assemble(
        name,
        Nodes(
            labels=labels,
            x=x,
            y=y,
            crs="" if degrees else "metres",
            through=labels >= metadata["FIRST THRU NODE"],
        ),
        Links(
            tail=np.array([link.init_node - 1 for link in links], dtype=np.int32),
            head=np.array([link.term_node - 1 for link in links], dtype=np.int32),
            length_m=np.array([link.length for link in links]) * metres_per_unit,
            minutes=np.array([link.free_flow_time for link in links]) * minutes_per_unit,
            road_class=np.array([codes[f"type {link.link_type}"] for link in links], np.int16),
            class_names=class_names,
            bpr=BprParameters(
                capacity=np.array([link.capacity for link in links]),
                b=np.array([link.b for link in links]),
                power=np.array([link.power for link in links]),
            ),
        ),
        attribution=attribution,
        strongly_connected=strongly_connected,
    )


def _read_links(path: Path, lines: Lines, n_nodes: int) -> list[_Link]:
    links: list[_Link] = []
    line_of: dict[tuple[int, int], int] = {}
    for number, line in lines:
        values = line.removesuffix(";").split()
        if len(values) != len(LINK_COLUMNS):
            raise RoadDataError.at(
                path,
                f"{len(values)} values",
                f"{len(LINK_COLUMNS)}: {', '.join(LINK_COLUMNS)}",
                line=number,
            )
        link = _link(path, number, dict(zip(LINK_COLUMNS, values, strict=True)), n_nodes)
        pair = (link.init_node, link.term_node)
        if pair in line_of:
            # Merging two would change the capacity between their nodes.
            raise RoadDataError.at(
                path,
                f"a second link from node {pair[0]} to node {pair[1]}, as on line {line_of[pair]}",
                "one link a pair; put a node into one of the two",
                line=number,
            )
        line_of[pair] = number
        links.append(link)
    return links


def _link(path: Path, line: int, values: dict[str, str], n_nodes: int) -> _Link:
    def number(column: str, allowed: str, minimum: float) -> float:
        try:
            value = float(values[column])
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= minimum):
            raise RoadDataError.at(path, f"{column} is {values[column]}", allowed, line=line)
        return value

    def node(column: str) -> int:
        text = values[column]
        if not text.isdecimal() or not 1 <= int(text) <= n_nodes:
            raise RoadDataError.at(
                path, f"{column} is {text}", f"a node from 1 to {n_nodes}", line=line
            )
        return int(text)

    return _Link(
        init_node=node("init_node"),
        term_node=node("term_node"),
        capacity=number("capacity", "a finite number > 0", math.ulp(0.0)),
        length=number("length", "a finite number >= 0", 0.0),
        free_flow_time=number("free_flow_time", "a finite number >= 0", 0.0),
        b=number("b", "a finite number >= 0", 0.0),
        power=number("power", "a finite number >= 0", 0.0),
        link_type=values["link_type"],
    )


def _read_coordinates(
    path: Path | None, n_nodes: int, coordinates: Literal["lonlat", "metres"]
) -> tuple[FloatArray, FloatArray]:
    points = np.full((n_nodes, 2), np.nan)
    if path is None:
        return points[:, 0], points[:, 1]
    limits = (180.0, 90.0) if coordinates == "lonlat" else (math.inf, math.inf)
    for number, line in lines_of(path):
        values = line.removesuffix(";").split()
        if values[0].lower() == "node":
            continue
        try:
            label, point = int(values[0]), (float(values[1]), float(values[2]))
        except (ValueError, IndexError):
            raise RoadDataError.at(path, f"{line[:60]!r}", "node, X, Y", line=number) from None
        if not 1 <= label <= n_nodes:
            raise RoadDataError.at(
                path, f"node is {label}", f"a node from 1 to {n_nodes}", line=number
            )
        if not all(
            math.isfinite(value) and abs(value) <= limit
            for value, limit in zip(point, limits, strict=True)
        ):
            raise RoadDataError.at(
                path, f"X, Y are {point[0]}, {point[1]}", f"{coordinates} coordinates", line=number
            )
        points[label - 1] = point
    missing = np.flatnonzero(np.isnan(points[:, 0]))
    if len(missing):
        raise RoadDataError.at(
            path, f"node {missing[0] + 1} has no coordinates", "one line for every node"
        )
    return points[:, 0], points[:, 1]
