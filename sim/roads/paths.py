"""Fastest paths of many pairs of nodes, node by node: what maps draw.

One search an origin serves all its destinations. It need not cover the city where the pairs are
known to be near: a search that stops too early is made again without bounds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from sim.roads.arrays import FloatArray, IntArray
from sim.roads.errors import UnreachableError
from sim.roads.network import RoadNetwork
from sim.roads.search import SearchGraph


def fastest_paths(
    network: RoadNetwork,
    origins: IntArray,
    destinations: IntArray,
    *,
    minutes: FloatArray | None = None,
    near: FloatArray | None = None,
) -> list[IntArray]:
    """The nodes of each pair's fastest path, both ends included; one node where they are the same.

    Args:
        network: roads.
        origins: (K,) nodes.
        destinations: (K,) nodes.
        minutes: (L,) minutes of the links to use in place of the network's own.
        near: (K,) minutes within which each destination probably lies; saves time, changes nothing.

    Raises:
        UnreachableError: no open road leads from an origin to its destination; it names them.
    """
    graph = network.search_graph(minutes)
    paths: list[IntArray] = [np.empty(0, dtype=np.int32)] * len(origins)
    order = np.argsort(origins, kind="stable")
    bounds = np.flatnonzero(np.diff(origins[order], prepend=-1))
    for rows in np.split(order, bounds[1:]) if len(order) else []:
        origin, targets = int(origins[rows[0]]), destinations[rows]
        limit = np.inf if near is None else float(near[rows].max())
        tree = _tree(graph, origin, limit)
        beyond = (tree[targets] < 0) & (targets != origin)
        if limit < np.inf and beyond.any():
            tree = _tree(graph, origin, np.inf)
            beyond = (tree[targets] < 0) & (targets != origin)
        if beyond.any():
            ends = np.array([origin], dtype=np.int32), targets.astype(np.int32)
            raise UnreachableError.of(network.labels, *ends, beyond[None, :])
        for row in rows.tolist():
            paths[row] = _climbed(graph, tree, origin, int(destinations[row]))
    return paths


def _tree(graph: SearchGraph, origin: int, limit: float) -> npt.NDArray[np.int32]:
    """The vertex before each vertex on its fastest path from the origin, negative where none."""
    roots = graph.start[origin : origin + 1]
    _, trees = dijkstra(graph.matrix, indices=roots, limit=limit, return_predecessors=True)
    tree: npt.NDArray[np.int32] = trees[0]
    return tree


def _climbed(
    graph: SearchGraph, tree: npt.NDArray[np.int32], origin: int, destination: int
) -> IntArray:
    if origin == destination:
        return np.array([origin], dtype=np.int32)
    root, vertices = int(graph.start[origin]), [destination]
    while vertices[-1] != root:
        vertices.append(int(tree[vertices[-1]]))
    return graph.node_of[np.array(vertices[::-1], dtype=np.int32)]
