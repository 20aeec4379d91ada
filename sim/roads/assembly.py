"""From nodes and links as a file lists them to a network in which every trip can be driven.

Self-loops go, of parallel links the fastest stays, and only the largest strongly connected part
is kept. What goes is counted in `RoadNetwork.dropped`.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sim.roads.arrays import BoolArray, FloatArray, IntArray, LabelArray
from sim.roads.bpr import BprParameters
from sim.roads.errors import RoadDataError
from sim.roads.network import Dropped, RoadNetwork
from sim.roads.projection import centre, equirectangular


@dataclass(frozen=True, slots=True)
class Nodes:
    """N nodes as a file lists them, with coordinates in metres or in degrees."""

    labels: LabelArray  # (N,) unique
    x: FloatArray  # (N,) metres east, or degrees of longitude
    y: FloatArray  # (N,) metres north, or degrees of latitude
    crs: str  # "" for degrees, else the projection of x and y
    through: BoolArray  # (N,) false where paths may only start and end
    lon: FloatArray | None = None  # (N,) degrees, where a file gives them beside metres
    lat: FloatArray | None = None  # (N,) degrees


@dataclass(frozen=True, slots=True)
class Links:
    """L directed links as a file lists them; tail and head are rows of the nodes."""

    tail: IntArray  # (L,)
    head: IntArray  # (L,)
    length_m: FloatArray  # (L,) metres
    minutes: FloatArray  # (L,) minutes on an empty road
    road_class: npt.NDArray[np.int16]  # (L,) row of class_names
    class_names: tuple[str, ...]
    bpr: BprParameters | None = None  # of the L links

    def take(self, rows: npt.NDArray[np.intp]) -> "Links":
        """The links at these rows, in this order."""
        bpr = self.bpr
        return Links(
            tail=self.tail[rows],
            head=self.head[rows],
            length_m=self.length_m[rows],
            minutes=self.minutes[rows],
            road_class=self.road_class[rows],
            class_names=self.class_names,
            bpr=bpr and BprParameters(bpr.capacity[rows], bpr.b[rows], bpr.power[rows]),
        )


def assemble(
    name: str,
    nodes: Nodes,
    links: Links,
    *,
    attribution: str = "",
    strongly_connected: bool = True,
) -> RoadNetwork:
    """Build a network from nodes and links whose values have been checked.

    Args:
        name: What errors, manifests and maps call it.
        nodes: N of them.
        links: L of them, in any order.
        attribution: To be printed on every map of these roads.
        strongly_connected: Keep only the largest part in which every node can be reached from
            every other. Without it, trips may turn out to be unreachable.

    Raises:
        RoadDataError: There are no links, or no two nodes that can be reached from each other.
    """
    links, self_loops, parallels = _one_link_a_pair(links)
    if len(links.tail) == 0:
        raise RoadDataError.at(name, "the network is empty", "at least one link between two nodes")
    keep = np.ones(len(nodes.labels), dtype=np.bool_)
    if strongly_connected:
        keep = largest_connected_part(links.tail, links.head, nodes.through)
        if keep.sum() < 2:
            raise RoadDataError.at(
                name,
                "no two nodes can be reached from each other",
                "roads that lead there and back; strongly_connected=False keeps all nodes",
            )
    inside = keep[links.tail] & keep[links.head]
    dropped = Dropped(
        nodes=int((~keep).sum()),
        links=int((~inside).sum()),
        self_loops=self_loops,
        slower_parallels=parallels,
    )
    row_of = (np.cumsum(keep) - 1).astype(np.int32)
    links = links.take(np.flatnonzero(inside))
    x, y = nodes.x[keep], nodes.y[keep]
    lon = nodes.lon[keep] if nodes.lon is not None else None
    lat = nodes.lat[keep] if nodes.lat is not None else None
    origin, crs = None, nodes.crs
    if not crs:
        lon, lat = x, y
        origin = centre(lon, lat)
        x, y = equirectangular(lon, lat, origin)
        crs = f"equirectangular metres around longitude {origin[0]:.6f}, latitude {origin[1]:.6f}"
    network = RoadNetwork(
        name=name,
        labels=nodes.labels[keep],
        x=x,
        y=y,
        tail=row_of[links.tail],
        head=row_of[links.head],
        length_m=links.length_m,
        free_flow_minutes=links.minutes,
        minutes=links.minutes,
        is_open=np.ones(len(links.tail), dtype=np.bool_),
        road_class=links.road_class,
        class_names=links.class_names,
        through=nodes.through[keep],
        crs=crs,
        lon=lon,
        lat=lat,
        origin=origin,
        bpr=links.bpr,
        attribution=attribution,
        dropped=dropped,
    )
    # A process reads a city once, and every market in it drives on the same arrays.
    for member in fields(network):
        value = getattr(network, member.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return network


def largest_connected_part(tail: IntArray, head: IntArray, through: BoolArray) -> BoolArray:
    """Which nodes (N,) belong to the largest part where each can be reached from each.

    Nodes that may be crossed form the part; a node that may not be crossed belongs to it when a
    link leads to it from the part and another leads back.

    Args:
        tail: (L,) node where each link starts.
        head: (L,) node where it ends.
        through: (N,) which nodes may be crossed.
    """
    n_nodes = len(through)
    inner = through[tail] & through[head]
    ones = np.ones(int(inner.sum()), dtype=np.int8)
    matrix = csr_array((ones, (tail[inner], head[inner])), shape=(n_nodes, n_nodes))
    _, part = connected_components(matrix, directed=True, connection="strong")
    sizes = np.bincount(part[through], minlength=part.max() + 1)
    # Of parts of equal size, the one whose node comes first: SciPy's numbering says nothing.
    first = np.flatnonzero(through & (sizes[part] == sizes.max()))[0] if through.any() else 0
    core: BoolArray = through & (part == part[first])
    entered = np.zeros(n_nodes, dtype=np.bool_)
    left = np.zeros(n_nodes, dtype=np.bool_)
    entered[head[core[tail]]] = True
    left[tail[core[head]]] = True
    return core | (~through & entered & left)


def _one_link_a_pair(links: Links) -> tuple[Links, int, int]:
    """Links sorted by (tail, head), without self-loops, the fastest (then shortest) of each pair.

    Returns:
        The links, the number of self-loops and the number of slower parallel links left out.
    """
    proper = np.flatnonzero(links.tail != links.head)
    self_loops = len(links.tail) - len(proper)
    keys = (links.length_m, links.minutes, links.head, links.tail)
    order = proper[np.lexsort([key[proper] for key in keys])]
    tail, head = links.tail[order], links.head[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return links.take(order[first]), self_loops, int((~first).sum())
