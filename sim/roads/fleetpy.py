"""Streets in the tables of FleetPy: the centre of Munich ships in this form.

Nodes: `node_index`, `is_stop_only`, `pos_x`, `pos_y` in the metres of `crs.info`. Edges:
`from_node`, `to_node`, `distance` in metres, `travel_time` in seconds on an empty road. Vehicles
may stop at a stop-only node, but do not drive through it.
"""

from pathlib import Path

import numpy as np

from sim.roads.assembly import Links, Nodes, assemble
from sim.roads.classes import UNKNOWN_CLASS
from sim.roads.csv_columns import CsvColumns
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork

SECONDS_PER_MINUTE = 60.0


def read_fleetpy(
    nodes_file: Path, edges_file: Path, crs_file: Path, *, name: str, attribution: str = ""
) -> RoadNetwork:
    """Read the tables of one network.

    Args:
        nodes_file: CSV of nodes, plain or gzipped.
        edges_file: CSV of edges, plain or gzipped.
        crs_file: One line that names the projection of the nodes, such as EPSG:32632.
        name: What to call the network.
        attribution: To be printed on every map of these roads.

    Raises:
        RoadDataError: A file cannot be what it should be; the message says where and why.
    """
    try:
        crs = crs_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RoadDataError.at(
            crs_file, f"cannot be read ({error})", "one line such as EPSG:32632"
        ) from error
    if not crs or "4326" in crs:
        raise RoadDataError.at(
            crs_file, f"names {crs or 'nothing'!r}", "a projection in metres such as EPSG:32632"
        )
    nodes = CsvColumns.read(nodes_file, ("node_index", "is_stop_only", "pos_x", "pos_y"))
    labels = nodes.labels("node_index")
    edges = CsvColumns.read(edges_file, ("from_node", "to_node", "distance", "travel_time"))
    seconds = edges.numbers("travel_time", "seconds, a finite number >= 0", 0.0)
    return assemble(
        name,
        Nodes(
            labels=labels,
            x=nodes.numbers("pos_x", "metres, a finite number"),
            y=nodes.numbers("pos_y", "metres, a finite number"),
            crs=crs,
            through=~nodes.flags("is_stop_only"),
        ),
        Links(
            tail=edges.node_rows("from_node", labels, nodes_file),
            head=edges.node_rows("to_node", labels, nodes_file),
            length_m=edges.numbers("distance", "metres, a finite number >= 0", 0.0),
            minutes=seconds / SECONDS_PER_MINUTE,
            road_class=np.zeros(len(edges), dtype=np.int16),
            class_names=(UNKNOWN_CLASS,),
        ),
        attribution=attribution,
    )
