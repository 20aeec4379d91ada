"""Streets from a GraphML file, as OSMnx and others write them.

Nodes have `x` and `y` (or `lon` and `lat`); edges have `length` in metres (in a file that gives
none at all they are straight lines) and any of `travel_time` in seconds, `speed_kph`, `maxspeed`,
`highway`, `oneway`. The first of these that an edge has gives its time: travel_time, speed_kph,
maxspeed, the default of its class.
"""

import math
import re
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Literal, TypeVar
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np

from sim.roads import osm_tags
from sim.roads.arrays import FloatArray, LabelArray
from sim.roads.assembly import Links, Nodes, assemble
from sim.roads.classes import DEFAULT_SPEED_KPH, OTHER_SPEED_KPH, UNKNOWN_CLASS
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork
from sim.roads.projection import centre, equirectangular

Attributes = Mapping[str, object]
T = TypeVar("T")


def read_graphml(
    path: Path,
    *,
    name: str,
    coordinates: Literal["auto", "lonlat", "metres"] = "auto",
    attribution: str = "",
    strongly_connected: bool = True,
) -> RoadNetwork:
    """Read a GraphML file, plain or gzipped; directed or not, with parallel edges or without.

    An edge of a directed graph leads from its source to its target, and also back where its
    `oneway` says no. An edge of an undirected graph leads both ways unless `oneway` says yes.

    Args:
        path: The file.
        name: What to call the network.
        coordinates: What x and y are. Auto goes by the attributes `lon` and `lat`, by the
            graph's `crs`, and by values that can't be degrees.
        attribution: To be printed on every map of these roads. Absent: the graph's attribute
            `attribution`, or OpenStreetMap's where OSMnx made the file, which reads nothing else.
        strongly_connected: Keep only the part where each node can be reached from each.

    Raises:
        RoadDataError: The file cannot be what it should be; the message says where and why.
    """
    graph = _read(path)
    if graph.number_of_nodes() == 0:
        raise RoadDataError.at(path, "the network is empty", "nodes with coordinates, and edges")
    nodes = _nodes(path, graph, coordinates)
    return assemble(
        name,
        nodes,
        _links(path, graph, nodes),
        attribution=attribution or _attribution(graph),
        strongly_connected=strongly_connected,
    )


def _read(path: Path) -> "nx.Graph[Hashable]":
    try:
        graph: nx.Graph[Hashable] = nx.read_graphml(path)
    except (
        OSError,
        EOFError,
        ParseError,
        nx.NetworkXException,
        # networkx passes on what it trips over: a type it does not know, a number that is none.
        KeyError,
        ValueError,
    ) as error:
        raise RoadDataError.at(path, f"cannot be read ({error})", "a GraphML file") from error
    return graph


def _attribution(graph: "nx.Graph[Hashable]") -> str:
    """Whom a map of the graph must name, as far as the file says."""
    if named := str(graph.graph.get("attribution", "")):
        return named
    by_osmnx = "osmnx" in str(graph.graph.get("created_with", "")).lower()
    return osm_tags.ATTRIBUTION if by_osmnx else ""


def _nodes(
    path: Path, graph: "nx.Graph[Hashable]", coordinates: Literal["auto", "lonlat", "metres"]
) -> Nodes:
    attributes: dict[Hashable, Attributes] = {node: graph.nodes[node] for node in graph}
    has_xy = all("x" in node and "y" in node for node in attributes.values())
    has_degrees = all("lon" in node and "lat" in node for node in attributes.values())
    if not has_xy and not has_degrees:
        label = next(
            label
            for label, node in attributes.items()
            if not ("x" in node and "y" in node) and not ("lon" in node and "lat" in node)
        )
        raise RoadDataError.at(
            path, f"node {label} has no coordinates", "attributes x and y, or lon and lat"
        )

    def column(key: str) -> FloatArray:
        return np.array(
            [_number(path, f"node {label}", node, key) for label, node in attributes.items()]
        )

    lon, lat = (column("lon"), column("lat")) if has_degrees else (None, None)
    x, y = (column("x"), column("y")) if has_xy else (column("lon"), column("lat"))
    crs = str(graph.graph.get("crs", ""))
    degrees = not has_xy or (
        _in_degrees(path, x, y, crs) if coordinates == "auto" else coordinates == "lonlat"
    )
    if degrees:
        for label, px, py in zip(attributes, x, y, strict=True):
            if abs(px) > 180 or abs(py) > 90:
                raise RoadDataError.at(
                    path, f"node {label} lies at {px}, {py}", "degrees: |x| <= 180, |y| <= 90"
                )
    return Nodes(
        labels=_labels(list(attributes)),
        x=x,
        y=y,
        crs="" if degrees else crs or "metres",
        through=np.ones(len(attributes), dtype=np.bool_),
        lon=lon,
        lat=lat,
    )


def _in_degrees(path: Path, x: FloatArray, y: FloatArray, crs: str) -> bool:
    if crs:
        return "4326" in crs or "crs84" in crs.lower()
    if np.abs(x).max() > 180 or np.abs(y).max() > 90:
        return False
    raise RoadDataError.at(
        path,
        "its x and y may be degrees or metres: it names no crs, and they fit both",
        'a graph attribute crs, such as EPSG:4326 for degrees (<data key="crs"> below <graph>); '
        "or coordinates = 'lonlat' or 'metres' (in a scenario: roads.coordinates)",
    )


def _labels(nodes: list[Hashable]) -> LabelArray:
    texts = [str(node) for node in nodes]
    # As numbers where each is one of 64 bits, written the plain way: no two become the same.
    if all(re.fullmatch(r"0|[1-9][0-9]{0,17}", text) for text in texts):
        return np.array([int(text) for text in texts], dtype=np.int64)
    return np.array(texts, dtype=np.str_)


def _links(path: Path, graph: "nx.Graph[Hashable]", nodes: Nodes) -> Links:
    row_of = {node: row for row, node in enumerate(graph.nodes)}
    straight = not any("length" in attributes for _, _, attributes in graph.edges(data=True))
    x, y = _metres(nodes)
    rows: list[tuple[int, int, float, float, str]] = []  # tail, head, metres, minutes, class
    for source, target, attributes in graph.edges(data=True):
        edge = f"edge {source} -> {target}"
        ends = (row_of[source], row_of[target])
        if straight:
            length_m = float(np.hypot(*(axis[ends[0]] - axis[ends[1]] for axis in (x, y))))
        else:
            length_m = _number(path, edge, attributes, "length", minimum=0.0)
        class_name = _tag(path, edge, attributes, "highway", osm_tags.road_class) or UNKNOWN_CLASS
        minutes = _minutes(path, edge, attributes, length_m, class_name)
        way = _tag(path, edge, attributes, "oneway", osm_tags.direction) or "as drawn"
        if way == "as drawn":
            way = "forward" if graph.is_directed() else "both"
        if way != "backward":
            rows.append((*ends, length_m, minutes, class_name))
        if way != "forward":
            rows.append((*ends[::-1], length_m, minutes, class_name))
    class_names = tuple(sorted({row[4] for row in rows}))
    codes = {class_name: code for code, class_name in enumerate(class_names)}
    return Links(
        tail=np.array([row[0] for row in rows], dtype=np.int32),
        head=np.array([row[1] for row in rows], dtype=np.int32),
        length_m=np.array([row[2] for row in rows], dtype=np.float64),
        minutes=np.array([row[3] for row in rows], dtype=np.float64),
        road_class=np.array([codes[row[4]] for row in rows], dtype=np.int16),
        class_names=class_names,
    )


def _metres(nodes: Nodes) -> tuple[FloatArray, FloatArray]:
    """Coordinates (N,) east and north in metres."""
    if nodes.crs:
        return nodes.x, nodes.y
    return equirectangular(nodes.x, nodes.y, centre(nodes.x, nodes.y))


def _minutes(
    path: Path, edge: str, attributes: Attributes, length_m: float, class_name: str
) -> float:
    if "travel_time" in attributes:
        return _number(path, edge, attributes, "travel_time", minimum=0.0) / 60.0
    if "speed_kph" in attributes:
        speed = _number(path, edge, attributes, "speed_kph", minimum=math.ulp(0.0))
    else:
        tagged = _tag(path, edge, attributes, "maxspeed", osm_tags.speed_kph)
        default = DEFAULT_SPEED_KPH.get(class_name, OTHER_SPEED_KPH)
        speed = default if tagged is None else tagged
    return length_m * 0.06 / speed


def _number(
    path: Path, element: str, attributes: Attributes, key: str, *, minimum: float = -math.inf
) -> float:
    bound = "" if minimum == -math.inf else (" > 0" if minimum > 0 else " >= 0")
    if key not in attributes:
        raise RoadDataError.at(path, f"{element} has no {key}", f"a finite number{bound}")
    text = str(attributes[key])
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= minimum):
        raise RoadDataError.at(path, f"{key} of {element} is {text}", f"a finite number{bound}")
    return value


def _tag(
    path: Path, element: str, attributes: Attributes, key: str, read: Callable[[object], T]
) -> T | None:
    if key not in attributes:
        return None
    try:
        return read(attributes[key])
    except ValueError as error:
        raise RoadDataError.at(
            path,
            f"{key} of {element} is {attributes[key]!r}",
            f"a tag as OpenStreetMap has it ({error})",
        ) from error
