"""A road network as arrays: where one can drive, how far, and how long it takes.

Links are sorted by (tail, head), so that a link's id is its place in the sparse matrix of a
network without closures. A closure or a slower link gives a new network with the same numbering.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, cast, overload

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from sim.roads import many_to_many, search
from sim.roads.arrays import BoolArray, FloatArray, IntArray, LabelArray
from sim.roads.bpr import BprParameters
from sim.roads.errors import RoadDataError, UnreachableError
from sim.roads.projection import Origin, equirectangular


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a road file held and the network leaves out."""

    nodes: int = 0  # nodes outside the part where each can be reached from each
    links: int = 0  # links that touch such a node
    self_loops: int = 0  # links from a node to itself
    slower_parallels: int = 0  # links beside a faster one from the same tail to the same head

    def __str__(self) -> str:
        """One sentence for a log or a report."""
        return (
            f"left out: {self.nodes} nodes and {self.links} links outside the largest strongly "
            f"connected part, {self.self_loops} self-loops, "
            f"{self.slower_parallels} links beside a faster parallel one"
        )


@dataclass(slots=True)
class _Derived:
    """What a network computes once, when first asked."""

    NOT_SAVED: ClassVar = ("graph", "tree", "search_graph", "content_hash", "index_of")

    graph: "nx.DiGraph[int] | None" = None
    tree: cKDTree | None = None
    search_graph: search.SearchGraph | None = None
    content_hash: str | None = None
    index_of: dict[str, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """N nodes and L directed links. Node i and link k are rows; `labels` are the file's names."""

    name: str
    labels: LabelArray  # (N,) names of the nodes in their source, unique
    x: FloatArray  # (N,) metres east; NaN where the source has no coordinates
    y: FloatArray  # (N,) metres north
    tail: IntArray  # (L,) node where the link starts; links are sorted by (tail, head)
    head: IntArray  # (L,) node where it ends; a pair (tail, head) occurs once
    length_m: FloatArray  # (L,) metres, >= 0
    free_flow_minutes: FloatArray  # (L,) minutes on an empty road, >= 0
    minutes: FloatArray  # (L,) minutes today
    is_open: BoolArray  # (L,) false while the link is closed
    road_class: npt.NDArray[np.int16]  # (L,) row of class_names
    class_names: tuple[str, ...]
    through: BoolArray  # (N,) false where paths may only start and end
    crs: str  # what x and y are
    lon: FloatArray | None = None  # (N,) degrees, where known
    lat: FloatArray | None = None  # (N,) degrees, where known
    origin: Origin | None = None  # degrees of x = y = 0, where this program projected
    bpr: BprParameters | None = None  # of the L links, where known
    attribution: str = ""  # to be printed on every map of these roads
    dropped: Dropped = field(default_factory=Dropped)
    _derived: _Derived = field(default_factory=_Derived, init=False, repr=False)

    @property
    def n_nodes(self) -> int:
        """N."""
        return len(self.labels)

    @property
    def n_links(self) -> int:
        """L, closed links included."""
        return len(self.tail)

    @property
    def csr(self) -> csr_array:
        """(N, N) minutes of the open links; a stored zero is a link that takes no time."""
        is_open = self.is_open
        indptr = np.zeros(self.n_nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(self.tail[is_open], minlength=self.n_nodes), out=indptr[1:])
        return csr_array(
            (self.minutes[is_open], self.head[is_open], indptr),
            shape=(self.n_nodes, self.n_nodes),
        )

    @property
    def graph(self) -> "nx.DiGraph[int]":
        """The open links as a networkx graph, built when first asked.

        Nodes are 0..N-1 with `label`, `x`, `y`; edges have `minutes`, `length_m`, `road_class`.
        """
        if self._derived.graph is None:
            graph: nx.DiGraph[int] = nx.DiGraph(name=self.name, crs=self.crs)
            columns = zip(self.labels.tolist(), self.x.tolist(), self.y.tolist(), strict=True)
            graph.add_nodes_from(
                (node, {"label": label, "x": x, "y": y})
                for node, (label, x, y) in enumerate(columns)
            )
            for link in np.flatnonzero(self.is_open):
                graph.add_edge(
                    int(self.tail[link]),
                    int(self.head[link]),
                    minutes=float(self.minutes[link]),
                    length_m=float(self.length_m[link]),
                    road_class=self.class_names[self.road_class[link]],
                )
            self._derived.graph = graph
        return self._derived.graph

    def node(self, label: object) -> int:
        """The row of the node with this label.

        Raises:
            RoadDataError: No node has it.
        """
        if self._derived.index_of is None:
            self._derived.index_of = {str(name): row for row, name in enumerate(self.labels)}
        row = self._derived.index_of.get(str(label))
        if row is None:
            raise RoadDataError.at(
                self.name,
                f"there is no node {label!r}",
                f"labels such as {self.labels[0]!s} ({self.dropped})",
            )
        return row

    def link_ids(self, pairs: npt.ArrayLike) -> IntArray:
        """The links (K,) between pairs of nodes.

        Args:
            pairs: (K, 2) tail and head of each link.

        Raises:
            RoadDataError: A pair has no link.
        """
        ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        self._check_nodes(ends.ravel(), "pairs")
        # (tail, head) as one number: sorted because the links are.
        keys = self.tail.astype(np.int64) * self.n_nodes + self.head
        wanted = ends[:, 0] * self.n_nodes + ends[:, 1]
        found = np.minimum(np.searchsorted(keys, wanted), self.n_links - 1)
        missing = np.flatnonzero(keys[found] != wanted)
        if len(missing):
            tail, head = ends[missing[0]]
            raise RoadDataError.at(
                self.name,
                f"no link leads from node {self.labels[tail]!s} to node {self.labels[head]!s}",
                "pairs (tail, head) of node numbers that a link joins in this direction",
            )
        return found.astype(np.int32)

    @overload
    def nearest_node(self, x: float, y: float) -> int: ...

    @overload
    def nearest_node(self, x: FloatArray, y: FloatArray) -> IntArray: ...

    def nearest_node(self, x: float | FloatArray, y: float | FloatArray) -> int | IntArray:
        """Snap points to the network.

        Args:
            x: Metres east, a number or (K,).
            y: Metres north, a number or (K,).

        Returns:
            The node nearest to each point as the crow flies, a number or (K,).

        Raises:
            RoadDataError: The network has no coordinates, or a point is not finite.
        """
        if not np.isfinite(self.x).all():
            raise RoadDataError.at(
                self.name,
                "its nodes have no coordinates, so that nothing can be snapped to them",
                "a network read together with its node file",
            )
        points = np.stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)], -1)
        if not np.isfinite(points).all():
            raise RoadDataError.at(self.name, "a point to snap is not finite", "metres x and y")
        if self._derived.tree is None:
            self._derived.tree = cKDTree(np.column_stack([self.x, self.y]))
        _, rows = self._derived.tree.query(points)
        return int(rows) if points.ndim == 1 else cast(IntArray, rows.astype(np.int32))

    def project(self, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Metres x and y (K,) of points in degrees (K,), as this network counts them.

        Raises:
            RoadDataError: The network came in metres, so that its projection is not known.
        """
        if self.origin is None:
            raise RoadDataError.at(
                self.name, f"x and y are {self.crs}", "points already in that projection"
            )
        return equirectangular(lon, lat, self.origin)

    def travel_times(
        self,
        sources: npt.ArrayLike,
        targets: npt.ArrayLike | None = None,
        *,
        minutes: FloatArray | None = None,
    ) -> FloatArray:
        """Minutes of the fastest paths.

        Args:
            sources: (S,) nodes.
            targets: (T,) nodes; every node of the network when left out.
            minutes: (L,) minutes of the links to use in place of the network's own.

        Returns:
            (S, T) minutes.

        Raises:
            UnreachableError: Some pairs have no path of open links; it names them.
            RoadDataError: A node does not exist, or `minutes` do not fit.
        """
        rows, columns = self._ends(sources, targets)
        result = search.fastest_minutes(self.search_graph(minutes), rows, columns)
        self._check_reached(rows, columns, result)
        return result

    def distances_m(
        self,
        sources: npt.ArrayLike,
        targets: npt.ArrayLike | None = None,
        *,
        minutes: FloatArray | None = None,
    ) -> FloatArray:
        """Metres (S, T) driven along the fastest paths; arguments and errors as `travel_times`."""
        return self.minutes_and_metres(sources, targets, minutes=minutes)[1]

    def minutes_and_metres(
        self,
        sources: npt.ArrayLike,
        targets: npt.ArrayLike | None = None,
        *,
        minutes: FloatArray | None = None,
        gaps: bool = False,
    ) -> tuple[FloatArray, FloatArray]:
        """Both of `travel_times` and `distances_m` (S, T), from one search.

        With `gaps`, pairs without a path of open links are infinite instead of an error.
        """
        rows, columns = self._ends(sources, targets)
        times, metres = many_to_many.minutes_and_metres(
            self.search_graph(minutes), self.x, self.y, rows, columns
        )
        if not gaps:
            self._check_reached(rows, columns, times)
        return times, metres

    def path(self, source: int, target: int) -> IntArray:
        """The nodes (K,) of the fastest path from source to target, both included.

        Raises:
            UnreachableError: No path of open links leads there.
        """
        rows, columns = self._ends([source], [target])
        nodes = search.fastest_path(self.search_graph(), int(rows[0]), int(columns[0]))
        if len(nodes) == 0:
            raise UnreachableError.of(self.labels, rows, columns, np.array([[True]]))
        return nodes

    def closed(self, links: npt.ArrayLike | Sequence[tuple[int, int]]) -> "RoadNetwork":
        """The network while some links are closed; nodes and links keep their numbers.

        Args:
            links: (K,) link ids, or (K, 2) pairs (tail, head) of nodes. A street that is open
                both ways is two links.

        Raises:
            RoadDataError: A link does not exist.
        """
        chosen = np.asarray(links)
        if chosen.size and not np.issubdtype(chosen.dtype, np.integer):
            raise RoadDataError.at(
                self.name, f"links to close are {chosen.dtype}", "whole numbers (K,) or (K, 2)"
            )
        if chosen.ndim == 2:
            chosen = self.link_ids(chosen)
        outside = chosen[(chosen < 0) | (chosen >= self.n_links)]
        if chosen.ndim != 1 or len(outside):
            raise RoadDataError.at(
                self.name,
                f"cannot close link(s) {outside[:5].tolist() if chosen.ndim == 1 else links!r}",
                f"ids from 0 to {self.n_links - 1}, or pairs (tail, head) of nodes",
            )
        is_open = self.is_open.copy()
        is_open[chosen.astype(np.int32)] = False
        return replace(self, is_open=is_open)

    def with_minutes(self, factors: float | FloatArray) -> "RoadNetwork":
        """The network with today's minutes multiplied, as by congestion or rain.

        Args:
            factors: One factor for every link, or (L,); finite and > 0.

        Raises:
            RoadDataError: A factor is not positive, or there are not L of them.
        """
        scale = np.asarray(factors, dtype=np.float64)
        wrong = scale[~(np.isfinite(scale) & (scale > 0))]
        if scale.shape not in {(), (self.n_links,)} or wrong.size:
            raise RoadDataError.at(
                self.name,
                f"factors have shape {scale.shape} and hold {wrong[:5].tolist()}",
                f"one factor or ({self.n_links},), finite and > 0; close links with closed()",
            )
        return replace(self, minutes=self.minutes * scale)

    def with_link_minutes(self, minutes: FloatArray) -> "RoadNetwork":
        """The network with today's minutes (L,) given, finite and >= 0.

        Raises:
            RoadDataError: They do not fit.
        """
        self._check_minutes(minutes)
        return replace(self, minutes=minutes)

    def content_hash(self) -> str:
        """SHA-256 of everything that travel depends on: for manifests and caches, as hex digits."""
        if self._derived.content_hash is None:
            digest = hashlib.sha256()
            columns: dict[str, npt.NDArray[np.generic] | None] = {
                "labels": self.labels,
                "x": self.x,
                "y": self.y,
                "tail": self.tail,
                "head": self.head,
                "length_m": self.length_m,
                "free_flow_minutes": self.free_flow_minutes,
                "minutes": self.minutes,
                "is_open": self.is_open,
                "road_class": self.road_class,
                "class_names": np.array(self.class_names),
                "through": self.through,
                "capacity": self.bpr.capacity if self.bpr else None,
                "b": self.bpr.b if self.bpr else None,
                "power": self.bpr.power if self.bpr else None,
            }
            for name, column in columns.items():
                if column is not None:
                    little = column.astype(column.dtype.newbyteorder("<"))
                    digest.update(f"{name} {little.dtype.str} {little.shape}\n".encode())
                    digest.update(little.tobytes())
            self._derived.content_hash = digest.hexdigest()
        return self._derived.content_hash

    def search_graph(self, minutes: FloatArray | None = None) -> search.SearchGraph:
        """The open links as a search sees them.

        Args:
            minutes: (L,) minutes of the links to use in place of the network's own.

        Raises:
            RoadDataError: `minutes` do not fit.
        """
        if minutes is not None:
            self._check_minutes(minutes)
            return self._build_search_graph(minutes)
        if self._derived.search_graph is None:
            self._derived.search_graph = self._build_search_graph(self.minutes)
        return self._derived.search_graph

    def _check_minutes(self, minutes: FloatArray) -> None:
        if minutes.shape != self.minutes.shape or not np.all(np.isfinite(minutes) & (minutes >= 0)):
            raise RoadDataError.at(
                self.name,
                f"minutes of shape {minutes.shape}",
                f"({self.n_links},) finite numbers >= 0",
            )

    def _build_search_graph(self, minutes: FloatArray) -> search.SearchGraph:
        is_open = self.is_open
        return search.search_graph(
            self.tail[is_open],
            self.head[is_open],
            minutes[is_open],
            self.length_m[is_open],
            self.through,
            np.flatnonzero(is_open).astype(np.int32),
        )

    def _ends(
        self, sources: npt.ArrayLike, targets: npt.ArrayLike | None
    ) -> tuple[IntArray, IntArray]:
        rows = self._check_nodes(sources, "sources")
        if targets is None:
            return rows, np.arange(self.n_nodes, dtype=np.int32)
        return rows, self._check_nodes(targets, "targets")

    def _check_nodes(self, nodes: npt.ArrayLike, role: str) -> IntArray:
        rows = np.asarray(nodes)
        if rows.ndim != 1 or (rows.size and not np.issubdtype(rows.dtype, np.integer)):
            raise RoadDataError.at(
                self.name,
                f"{role} have shape {rows.shape} and type {rows.dtype}",
                "a one-dimensional array of node numbers",
            )
        outside = rows[(rows < 0) | (rows >= self.n_nodes)]
        if len(outside):
            raise RoadDataError.at(
                self.name,
                f"{role} hold {outside[:5].tolist()}",
                f"node numbers from 0 to {self.n_nodes - 1}",
            )
        return rows.astype(np.int32)

    def _check_reached(self, rows: IntArray, columns: IntArray, minutes: FloatArray) -> None:
        unreachable = np.isinf(minutes)
        if unreachable.any():
            raise UnreachableError.of(self.labels, rows, columns, unreachable)
