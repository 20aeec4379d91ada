"""All-or-nothing loading: every vehicle of a pair drives the pair's fastest path.

One search tree an origin serves all its destinations, so that thousands of trips load at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from policies.compiled import compiled
from sim.roads.arrays import FloatArray, IntArray
from sim.roads.errors import UnreachableError
from sim.roads.network import RoadNetwork
from sim.roads.search import SearchGraph, batches
from sim.roads.trips import TripTable


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loading puts on L links for K pairs."""

    flow: FloatArray  # (L,) vehicles per time unit
    minutes: FloatArray  # (K,) minutes of each pair's fastest path; infinite: there is none


def load(
    network: RoadNetwork,
    trips: TripTable,
    *,
    minutes: FloatArray | None = None,
    at_most: FloatArray | None = None,
    gaps: bool = False,
) -> Loaded:
    """Put all trips on the fastest paths; nodes that may not be crossed are not crossed.

    Args:
        network: roads.
        trips: demand between its nodes.
        minutes: (L,) minutes of the links to use in place of the network's own.
        at_most: (K,) minutes that each pair's fastest path is known not to exceed, so that less of
            the network need be searched; a pair that exceeds them counts as not joined.
        gaps: leave out pairs that no open road joins, instead of an error.

    Raises:
        UnreachableError: no open road leads from an origin to its destination; it names them.
    """
    graph = network.search_graph(minutes)
    flow = np.zeros(network.n_links)
    taken = np.full(len(trips), np.inf)
    on_matrix = np.zeros(len(graph.link))
    origins, first = np.unique(trips.origin, return_index=True)
    last = np.append(first[1:], len(trips))
    reach = np.full(len(origins), np.inf)
    if at_most is not None and len(origins):
        reach = np.maximum.reduceat(at_most, first)
    # Origins whose trips are about as long are searched together, and no farther than needed.
    order = np.argsort(reach, kind="stable")
    for batch in batches(len(order), graph.matrix.shape[0]):
        some = order[batch]
        roots = graph.start[origins[some]]
        times, tree = dijkstra(
            graph.matrix, indices=roots, return_predecessors=True, limit=reach[some].max()
        )
        pairs = np.concatenate([np.arange(first[one], last[one]) for one in some])
        row = np.repeat(np.arange(len(some)), last[some] - first[some])
        taken[pairs] = times[row, trips.destination[pairs]]
        driven = np.isfinite(taken[pairs])
        pairs, row = pairs[driven], row[driven].astype(np.int32)
        climb(
            tree,
            roots,
            row,
            trips.destination[pairs],
            trips.trips[pairs],
            graph.matrix.indptr,
            graph.matrix.indices,
            on_matrix,
        )
    if not gaps:
        _check(network, trips, taken)
    flow[graph.link] = on_matrix
    return Loaded(flow, taken)


def _check(network: RoadNetwork, trips: TripTable, minutes: FloatArray) -> None:
    beyond = np.flatnonzero(np.isinf(minutes))
    if len(beyond):
        ends = trips.origin[beyond], trips.destination[beyond]
        raise UnreachableError.of(network.labels, *ends, np.eye(len(beyond), dtype=np.bool_))


@compiled
def climb(
    tree: npt.NDArray[np.int32],
    roots: npt.NDArray[np.int32],
    row: npt.NDArray[np.int32],
    destination: npt.NDArray[np.int32],
    trips: npt.NDArray[np.float64],
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    flow: npt.NDArray[np.float64],
) -> None:
    """Add trips (K,) to the flow (E,) of each link between a destination and its tree's root."""
    for k in range(len(row)):
        vertex = destination[k]
        while vertex != roots[row[k]]:
            before = tree[row[k], vertex]
            for link in range(indptr[before], indptr[before + 1]):
                if indices[link] == vertex:
                    flow[link] += trips[k]
                    break
            vertex = before


def climb_plain(
    tree: npt.NDArray[np.int32],
    roots: IntArray,
    row: IntArray,
    destination: IntArray,
    trips: FloatArray,
    graph: SearchGraph,
) -> FloatArray:
    """What the kernel adds (E,), in plain NumPy: all trips climb one link each round."""
    entry_of = {
        (int(tail), int(head)): entry
        for entry, (tail, head) in enumerate(
            zip(
                np.repeat(np.arange(len(graph.node_of)), np.diff(graph.matrix.indptr)),
                graph.matrix.indices,
                strict=True,
            )
        )
    }
    flow = np.zeros(len(graph.link))
    vertex = destination.copy()
    under_way = np.flatnonzero(vertex != roots[row])
    while len(under_way):
        below = vertex[under_way]
        above = tree[row[under_way], below]
        entries = [entry_of[pair] for pair in zip(above.tolist(), below.tolist(), strict=True)]
        np.add.at(flow, entries, trips[under_way])
        vertex[under_way] = above
        under_way = under_way[above != roots[row[under_way]]]
    return flow
