"""Fastest paths: times from SciPy's Dijkstra, and the metres driven along the same paths.

A node that may not be driven through (a TNTP zone, a stop-only node) is split in two vertices:
paths end in the one that has no way out, and start in the other that has no way in.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from policies.compiled import compiled
from sim.roads.arrays import BoolArray, FloatArray, IntArray

CELLS_PER_BATCH = 2_000_000
"""Vertices times sources searched at once: bounds the working memory to about 24 MB."""


@dataclass(frozen=True, slots=True)
class SearchGraph:
    """The open links as the search sees them: V vertices, E links, for N nodes."""

    matrix: csr_array  # (V, V) minutes; a stored zero is a link that takes no time
    length_m: FloatArray  # (E,) metres, in the order of matrix.data
    link: IntArray  # (E,) the network's link, in the order of matrix.data
    start: IntArray  # (N,) vertex where paths from a node start; they end in vertex = node
    node_of: IntArray  # (V,) node that a vertex belongs to


def search_graph(
    tail: IntArray,
    head: IntArray,
    minutes: FloatArray,
    length_m: FloatArray,
    through: BoolArray,
    link: IntArray,
) -> SearchGraph:
    """Build the graph to search from links (E,), their numbers and which nodes may be crossed."""
    n_nodes = len(through)
    terminals = np.flatnonzero(~through).astype(np.int32)
    n_vertices = n_nodes + len(terminals)
    start = np.arange(n_nodes, dtype=np.int32)
    start[terminals] = np.arange(n_nodes, n_vertices, dtype=np.int32)
    origin = start[tail]
    order = np.lexsort((head, origin))
    indptr = np.zeros(n_vertices + 1, dtype=np.int32)
    np.cumsum(np.bincount(origin, minlength=n_vertices), out=indptr[1:])
    # Built from the parts: the coordinate constructor would be free to drop stored zeros.
    matrix = csr_array((minutes[order], head[order], indptr), shape=(n_vertices, n_vertices))
    node_of = np.concatenate([np.arange(n_nodes, dtype=np.int32), terminals])
    return SearchGraph(matrix, length_m[order], link[order], start, node_of)


def fastest_minutes(graph: SearchGraph, sources: IntArray, targets: IntArray) -> FloatArray:
    """Minutes (S, T) of the fastest paths; infinite where there is none."""
    minutes = np.empty((len(sources), len(targets)))
    for rows in batches(len(sources), graph.matrix.shape[0]):
        minutes[rows] = dijkstra(graph.matrix, indices=graph.start[sources[rows]])[:, targets]
    minutes[sources[:, None] == targets[None, :]] = 0.0
    return minutes


def fastest_minutes_and_metres(
    graph: SearchGraph, sources: IntArray, targets: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Minutes and metres (S, T) of the fastest paths; both infinite where there is none."""
    minutes = np.empty((len(sources), len(targets)))
    metres = np.empty((len(sources), len(targets)))
    for rows in batches(len(sources), graph.matrix.shape[0]):
        roots = graph.start[sources[rows]]
        times, predecessors = dijkstra(graph.matrix, indices=roots, return_predecessors=True)
        minutes[rows] = times[:, targets]
        _metres_to_targets(
            predecessors,
            roots,
            targets,
            graph.matrix.indptr,
            graph.matrix.indices,
            graph.length_m,
            metres[rows],
        )
    at_home = sources[:, None] == targets[None, :]
    minutes[at_home] = 0.0
    metres[at_home] = 0.0
    return minutes, metres


def fastest_path(graph: SearchGraph, source: int, target: int) -> IntArray:
    """The nodes (K,) of the fastest path, both ends included; empty where there is none."""
    if source == target:
        return np.array([source], dtype=np.int32)
    _, predecessors = dijkstra(graph.matrix, indices=graph.start[source], return_predecessors=True)
    vertices = [target]
    while vertices[-1] != graph.start[source]:
        before = int(predecessors[vertices[-1]])
        if before < 0:
            return np.empty(0, dtype=np.int32)
        vertices.append(before)
    return graph.node_of[np.array(vertices[::-1], dtype=np.int32)]


def batches(n_sources: int, n_vertices: int) -> list[slice]:
    """Sources to search at once, so that the working memory stays small."""
    size = max(1, CELLS_PER_BATCH // n_vertices)
    return [slice(first, first + size) for first in range(0, n_sources, size)]


@compiled
def _metres_to_targets(
    predecessors: npt.NDArray[np.int32],
    roots: npt.NDArray[np.int32],
    targets: npt.NDArray[np.int32],
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    length_m: npt.NDArray[np.float64],
    metres: npt.NDArray[np.float64],
) -> None:
    """Fill `metres` (B, T) by climbing each search tree from the targets to what is known."""
    n_rows, n_vertices = predecessors.shape
    known = np.empty(n_vertices)
    stack = np.empty(n_vertices, dtype=np.int32)
    for row in range(n_rows):
        known[:] = -1.0
        known[roots[row]] = 0.0
        for column in range(len(targets)):
            vertex = targets[column]
            depth = 0
            while known[vertex] < 0.0:
                before = predecessors[row, vertex]
                if before < 0:
                    known[vertex] = np.inf
                    break
                stack[depth] = vertex
                depth += 1
                vertex = before
            while depth > 0:
                depth -= 1
                below = stack[depth]
                for link in range(indptr[vertex], indptr[vertex + 1]):
                    if indices[link] == below:
                        known[below] = known[vertex] + length_m[link]
                        break
                vertex = below
            metres[row, column] = known[targets[column]]


def metres_to_targets_plain(
    predecessors: npt.NDArray[np.int32], targets: IntArray, graph: SearchGraph
) -> FloatArray:
    """What the kernel computes, in plain NumPy: each vertex jumps twice as far each round.

    Args:
        predecessors: (B, V) search trees as SciPy gives them, negative at roots and beyond reach.
        targets: (T,) vertices.
        graph: The graph that was searched.

    Returns:
        (B, T) metres from the root of each tree. A vertex beyond reach counts as a root: 0.
    """
    lengths = csr_array(
        (graph.length_m, graph.matrix.indices, graph.matrix.indptr), shape=graph.matrix.shape
    )
    vertices = np.arange(predecessors.shape[1])
    result = np.empty((len(predecessors), len(targets)))
    for row, tree in enumerate(predecessors):
        jump = np.where(tree >= 0, tree, vertices)
        metres = np.where(tree >= 0, lengths[jump, vertices], 0.0)
        while np.any(jump != jump[jump]):
            metres = metres + metres[jump]
            jump = jump[jump]
        result[row] = metres[targets]
    return result
