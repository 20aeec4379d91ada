"""Exact many-to-many searches by customisable contraction hierarchies, where they are installed.

The hierarchy knows whole numbers only, so it tells which links can lie on a fastest path: those
that rounding leaves open. Minutes and metres are then added up along these, link by link from the
source, as Dijkstra's algorithm does; minutes are the same to the last bit.

Source: Dibbelt, Strasser & Wagner (2016), "Customizable contraction hierarchies", Journal of
Experimental Algorithmics 21; RoutingKit through `pyroutingkit` (extra `routing`).
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from policies.compiled import compiled
from sim.roads.arrays import BoolArray, FloatArray, IntArray
from sim.roads.chains import Chains
from sim.roads.search import SearchGraph, batches

FEWEST_SOURCES = 50
"""Below, a search from each source costs less than to contract the network."""

TOPOLOGIES_KEPT = 4
"""Contracted networks that a process remembers; one of 15,000 nodes takes a few megabytes."""

LARGEST = 2**31 - 2
"""The longest path that the hierarchy can tell from none."""


@cache
def available() -> bool:
    """Whether `pyroutingkit` is installed."""
    return importlib.util.find_spec("pyroutingkit") is not None


@dataclass(frozen=True, slots=True)
class Reach:
    """What the hierarchy can answer, and how finely; S sources, T targets."""

    main: BoolArray  # (S,) sources that reach the hub, and nothing that the hub does not reach
    reached: BoolArray  # (T,) targets that the hub reaches, and so does every main source
    scale: float  # whole units a minute
    slack: int  # units by which rounding may mistake a path, and links that a path may have

    @classmethod
    def of(cls, graph: SearchGraph, sources: IntArray, targets: IntArray) -> Reach:
        """Measure the network from a hub in its largest part where each node reaches each.

        No trip from a main source takes longer than to the hub and on from it. A path of h links is
        mistaken by at most h / 2 units, and so is the one that it is compared with.
        """
        _, part = connected_components(graph.matrix, directed=True, connection="strong")
        hub = int(np.argmax(part == np.argmax(np.bincount(part))))
        hubs = np.array([hub], dtype=np.int32)
        backward = csr_array(graph.matrix.T)
        (to,), (to_tree,) = dijkstra(backward, indices=hubs, return_predecessors=True)
        (on,), (on_tree,) = dijkstra(graph.matrix, indices=hubs, return_predecessors=True)
        beyond = np.isinf(on)
        tail = np.repeat(np.arange(len(on)), np.diff(graph.matrix.indptr))
        leads_beyond = np.zeros(len(on), dtype=np.bool_)
        leads_beyond[tail[beyond[graph.matrix.indices]]] = True
        roots = graph.start[sources]
        main = np.isfinite(to[roots]) & ~(beyond[roots] & leads_beyond[roots])
        reached = ~beyond[targets]
        longest = to[roots[main]].max(initial=0.0) + on[targets[reached]].max(initial=0.0)
        # Twice the links of the paths by way of the hub: room for paths with more.
        return cls(
            main=main,
            reached=reached,
            scale=0.999 * LARGEST / longest if longest > 0 else 1.0,
            slack=2 * (_depth(to_tree) + _depth(on_tree)),
        )


def minutes_and_metres(
    graph: SearchGraph, x: FloatArray, y: FloatArray, sources: IntArray, targets: IntArray
) -> tuple[FloatArray, FloatArray, BoolArray] | None:
    """Minutes and metres of the fastest paths from those sources that the hierarchy can answer for.

    Args:
        graph: what is searched.
        x: (N,) metres east of the nodes, by which the network is dissected.
        y: (N,) metres north.
        sources: (S,) nodes.
        targets: (T,) nodes.

    Returns:
        Minutes and metres (S, T), infinite where there is no path, and which sources (S,) they
        hold for. None where the hierarchy is of no use: without `pyroutingkit`, for a few sources,
        for nodes without coordinates, and where some link is so short beside the longest path, or
        takes no time at all, that whole numbers cannot order them.
    """
    if not available() or len(sources) < FEWEST_SOURCES or not np.isfinite(x).all():
        return None
    if graph.matrix.nnz == 0:
        return None
    reach = Reach.of(graph, sources, targets)
    contracted = _topology(graph, x, y, np.unique(np.concatenate([graph.start[sources], targets])))
    whole = np.minimum(np.rint(graph.matrix.data * reach.scale), LARGEST).astype(np.int64)
    weights = np.minimum(contracted.chains.added_up(whole), LARGEST)
    if weights.min(initial=LARGEST) <= reach.slack:
        return None
    import pyroutingkit

    metric = pyroutingkit.CCHMetric(contracted.topology)
    metric.customize(weights.astype(np.uint32))
    minutes = np.full((len(sources), len(targets)), np.inf)
    metres = minutes.copy()
    # Longer paths than were allowed for: rounding may have hidden the fastest.
    filled = _fill(
        metric, graph, contracted.chains, weights, reach, sources, targets, (minutes, metres)
    )
    if filled > reach.slack:
        return None
    return minutes, metres, reach.main


def _fill(
    metric: Any,
    graph: SearchGraph,
    chains: Chains,
    weights: npt.NDArray[np.int64],
    reach: Reach,
    sources: IntArray,
    targets: IntArray,
    tables: tuple[FloatArray, FloatArray],
) -> int:
    """Fill the rows of main sources; returns the most links that a path has."""
    minutes, length_m = graph.matrix.data[chains.entries], graph.length_m[chains.entries]
    everywhere = np.arange(len(chains.vertices), dtype=np.uint32)
    rows, columns = np.flatnonzero(reach.main), np.flatnonzero(reach.reached)
    most = 0
    for batch in batches(len(rows), len(chains.vertices)):
        some = rows[batch]
        roots = chains.row_of[graph.start[sources[some]]]
        found = np.empty((2, len(some), len(columns)))
        links = climb(
            metric.distances_many_to_many(roots.astype(np.uint32), everywhere),
            roots,
            chains.row_of[targets[columns]],
            chains.entering,
            chains.tail,
            weights,
            chains.first,
            minutes,
            length_m,
            reach.slack,
            found,
        )
        most = max(most, links)
        for table, part in zip(tables, found, strict=True):
            table[np.ix_(some, columns)] = part
    return most


@compiled
def climb(
    far: npt.NDArray[np.uint32],
    roots: npt.NDArray[np.int32],
    targets: npt.NDArray[np.int32],
    entering: npt.NDArray[np.int32],
    tail: npt.NDArray[np.int32],
    whole: npt.NDArray[np.int64],
    first: npt.NDArray[np.int32],
    minutes: npt.NDArray[np.float64],
    length_m: npt.NDArray[np.float64],
    slack: int,
    found: npt.NDArray[np.float64],
) -> int:
    """Fill minutes and metres (2, B, T) of the fastest paths by chains that may lie on them.

    A chain may lie on a fastest path where the distance (B, K) to its tail and its own length lead
    beyond its head's distance by no more than the slack. Each is longer than the slack, so that
    following them never leads back. Minutes are added up link by link.

    Returns:
        The most links of a path.
    """
    n_rows, n_vertices = far.shape
    best = np.empty(n_vertices)
    metres = np.empty(n_vertices)
    links = np.empty(n_vertices, dtype=np.int64)
    stack = np.empty(n_vertices + 1, dtype=np.int32)
    most = 0
    for row in range(n_rows):
        best[:] = -1.0
        best[roots[row]], metres[roots[row]], links[roots[row]] = 0.0, 0.0, 0
        for column in range(len(targets)):
            stack[0] = targets[column]
            depth = 1 if best[targets[column]] < 0.0 else 0
            while depth > 0:
                vertex = stack[depth - 1]
                bound = np.int64(far[row, vertex]) + slack
                least, length, count, missing = np.inf, np.inf, 0, -1
                for chain in range(entering[vertex], entering[vertex + 1]):
                    before = tail[chain]
                    if np.int64(far[row, before]) + whole[chain] > bound:
                        continue
                    if best[before] < 0.0:
                        missing = before
                        break
                    time, way = best[before], metres[before]
                    for link in range(first[chain], first[chain + 1]):
                        time += minutes[link]
                        way += length_m[link]
                    if time < least or (time == least and way < length):
                        least, length = time, way
                        count = links[before] + first[chain + 1] - first[chain]
                if missing >= 0:
                    stack[depth] = missing
                    depth += 1
                else:
                    best[vertex], metres[vertex], links[vertex] = least, length, count
                    depth -= 1
            found[0, row, column] = best[targets[column]]
            found[1, row, column] = metres[targets[column]]
            most = max(most, links[targets[column]])
    return most


def _depth(tree: npt.NDArray[np.int32]) -> int:
    """Links on the longest branch of a search tree (V,) of predecessors."""
    jump = np.where(tree >= 0, tree, np.arange(len(tree)))
    depth = (tree >= 0).astype(np.int64)
    while np.any(jump != jump[jump]):
        depth = depth + depth[jump]
        jump = jump[jump]
    return int(depth.max())


@dataclass(frozen=True, slots=True)
class _Contracted:
    """What serves all minutes that the links may take."""

    chains: Chains
    topology: Any


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a contraction depends on, whatever the minutes; equal when the content is equal."""

    content: str
    graph: SearchGraph = field(compare=False)
    x: FloatArray = field(compare=False)
    y: FloatArray = field(compare=False)
    ends: IntArray = field(compare=False)


def _topology(graph: SearchGraph, x: FloatArray, y: FloatArray, ends: IntArray) -> _Contracted:
    """The network contracted for trips between some vertices."""
    digest = hashlib.sha256()
    for array in (graph.matrix.indptr, graph.matrix.indices, graph.node_of, x, y, ends):
        digest.update(array.tobytes() + b"/")
    return _contract(_Shape(digest.hexdigest(), graph, x, y, ends))


@lru_cache(maxsize=TOPOLOGIES_KEPT)
def _contract(shape: _Shape) -> _Contracted:
    import pyroutingkit

    chains = Chains.of(shape.graph, shape.ends)
    nodes = shape.graph.node_of[chains.vertices]
    topology = pyroutingkit.CCHTopology()
    topology.build(
        chains.tail.astype(np.uint32),
        chains.head.astype(np.uint32),
        shape.y[nodes].astype(np.float32),
        shape.x[nodes].astype(np.float32),
        len(nodes),
    )
    return _Contracted(chains, topology)
