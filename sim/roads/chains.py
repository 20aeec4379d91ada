"""A network without the nodes at which nothing can be decided.

Half the nodes of a city's map only bend a street or end it. Where no trip begins or ends at them
they are left out, and the links between two nodes that stay become one chain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from policies.compiled import compiled
from sim.roads.arrays import BoolArray, IntArray
from sim.roads.search import SearchGraph


@dataclass(frozen=True, slots=True)
class Chains:
    """K vertices that stay, of V, and C chains of links, sorted by the vertex they lead to."""

    vertices: IntArray  # (K,) of the graph, ascending
    row_of: IntArray  # (V,) row among those that stay, -1: left out
    tail: IntArray  # (C,) row that a chain comes from
    head: IntArray  # (C,) row that it leads to, ascending
    entering: IntArray  # (K + 1,) first chain that leads to each row
    first: IntArray  # (C + 1,) first link of each chain
    entries: IntArray  # (E',) places of the links in the matrix, in the order of driving

    @classmethod
    def of(cls, graph: SearchGraph, ends: IntArray) -> Chains:
        """Leave out what has at most two neighbours.

        Args:
            graph: what is searched.
            ends: vertices where trips begin or end: they stay.
        """
        matrix = graph.matrix
        n_vertices = matrix.shape[0]
        stays = _neighbours(matrix) > 2
        stays[ends] = True
        tail, head, first, entries = follow(matrix.indptr, matrix.indices, stays)
        vertices = np.flatnonzero(stays).astype(np.int32)
        row_of = np.full(n_vertices, -1, dtype=np.int32)
        row_of[vertices] = np.arange(len(vertices), dtype=np.int32)
        order = np.argsort(row_of[head], kind="stable")
        lengths = np.diff(first)[order]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        # The links of each chain stay together, and in their order.
        moved = np.repeat(first[:-1][order] - starts[:-1], lengths) + np.arange(len(entries))
        entering = np.searchsorted(row_of[head][order], np.arange(len(vertices) + 1))
        return cls(
            vertices=vertices,
            row_of=row_of,
            tail=row_of[tail][order],
            head=row_of[head][order],
            entering=entering.astype(np.int32),
            first=starts.astype(np.int32),
            entries=entries[moved],
        )

    def added_up(self, weights: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Weights (C,) of the chains from those of the links (E,)."""
        if len(self.entries) == 0:
            return np.empty(0, dtype=np.int64)
        return np.add.reduceat(weights[self.entries], self.first[:-1])


def _neighbours(matrix: csr_array) -> IntArray:
    """Vertices (V,) that each is joined with, whatever the direction."""
    ones = np.ones(matrix.nnz, dtype=np.int8)
    there = csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)
    both = csr_array(there + csr_array(there.T))
    return np.diff(both.indptr)


@compiled
def follow(
    indptr: npt.NDArray[np.int32], indices: npt.NDArray[np.int32], stays: BoolArray
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Follow every link out of a vertex that stays (V,) to the next one; dead ends lead nowhere.

    Returns:
        Tail and head (C,) of the chains, the first link of each (C + 1,), and the links.
    """
    n_links = len(indices)
    tail = np.empty(n_links, dtype=np.int32)
    head = np.empty(n_links, dtype=np.int32)
    first = np.zeros(n_links + 1, dtype=np.int32)
    entries = np.empty(n_links, dtype=np.int32)
    count, used = 0, 0
    for vertex in range(len(stays)):
        if not stays[vertex]:
            continue
        for link in range(indptr[vertex], indptr[vertex + 1]):
            before, here, end = vertex, indices[link], used
            entries[end] = link
            end += 1
            while not stays[here]:
                onward = -1
                for other in range(indptr[here], indptr[here + 1]):
                    if indices[other] != before:
                        onward = other
                if onward < 0:
                    break
                entries[end] = onward
                end += 1
                before, here = here, indices[onward]
            if stays[here] and here != vertex:
                tail[count], head[count] = vertex, here
                count += 1
                used = end
                first[count] = used
    return tail[:count], head[:count], first[: count + 1], entries[:used]
