"""Streets of OpenStreetMap as AequilibraE tabulates them: Coquimbo ships in this form.

Nodes: `node`, `lon`, `lat` in degrees. Links: `a`, `b`, `dir` (0 both ways, 1 from a to b, -1
from b to a), `length_m`, `speed_ab` and `speed_ba` in km/h where known, `type` (OSM class).
"""

from pathlib import Path

import numpy as np

from sim.roads.arrays import FloatArray
from sim.roads.assembly import Links, Nodes, assemble
from sim.roads.classes import UNKNOWN_CLASS, default_speeds, drive_minutes
from sim.roads.csv_columns import CsvColumns
from sim.roads.network import RoadNetwork


def read_aequilibrae(
    nodes_file: Path, links_file: Path, *, name: str, attribution: str = ""
) -> RoadNetwork:
    """Read the two tables; a direction without a speed has the other's, or its class's default.

    Args:
        nodes_file: CSV of nodes, plain or gzipped.
        links_file: CSV of links, plain or gzipped.
        name: What to call the network.
        attribution: To be printed on every map of these roads.

    Raises:
        RoadDataError: A file cannot be what it should be; the message says where and why.
    """
    nodes = CsvColumns.read(nodes_file, ("node", "lon", "lat"))
    labels = nodes.labels("node")
    degrees = {
        column: nodes.numbers(column, f"degrees from -{limit} to {limit}", -float(limit))
        for column, limit in (("lon", 180), ("lat", 90))
    }
    nodes.require("lon", degrees["lon"] <= 180, "degrees from -180 to 180")
    nodes.require("lat", degrees["lat"] <= 90, "degrees from -90 to 90")

    links = CsvColumns.read(
        links_file, ("a", "b", "dir", "length_m", "speed_ab", "speed_ba", "type")
    )
    a = links.node_rows("a", labels, nodes_file)
    b = links.node_rows("b", labels, nodes_file)
    ways = "0 (both ways), 1 (a to b) or -1 (b to a)"
    direction = links.integers("dir", ways)
    links.require("dir", np.isin(direction, (-1, 0, 1)), ways)
    length_m = links.numbers("length_m", "metres, a finite number >= 0", 0.0)
    speed_ab, speed_ba = links.speeds("speed_ab"), links.speeds("speed_ba")
    class_of_link = np.array(links.texts("type", UNKNOWN_CLASS))
    class_names, road_class = np.unique(class_of_link, return_inverse=True)
    of_class = default_speeds([str(name) for name in class_names])[road_class]

    forth, back = np.flatnonzero(direction >= 0), np.flatnonzero(direction <= 0)
    rows = np.concatenate([forth, back])
    speed = np.concatenate(
        [
            _first_known(speed_ab, speed_ba, of_class)[forth],
            _first_known(speed_ba, speed_ab, of_class)[back],
        ]
    )
    return assemble(
        name,
        Nodes(
            labels=labels,
            x=degrees["lon"],
            y=degrees["lat"],
            crs="",
            through=np.ones(len(labels), dtype=np.bool_),
        ),
        Links(
            tail=np.concatenate([a[forth], b[back]]),
            head=np.concatenate([b[forth], a[back]]),
            length_m=length_m[rows],
            minutes=drive_minutes(length_m[rows], speed),
            road_class=road_class[rows].astype(np.int16),
            class_names=tuple(str(name) for name in class_names),
        ),
        attribution=attribution,
    )


def _first_known(*speeds: FloatArray) -> FloatArray:
    """Of several columns (L,), the first that is not NaN in each row."""
    result = speeds[0]
    for other in speeds[1:]:
        result = np.where(np.isnan(result), other, result)
    return result
