"""Who knows whom: a small world of consumers.

One community is a Watts-Strogatz graph; a larger market is several communities of (nearly) equal
size, copies of the same one or two graphs under other rows.

Source: Watts & Strogatz (1998), "Collective dynamics of 'small-world' networks", Nature 393.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from sim.settings.consumers import ResponseSettings
from sim.streams import Streams


@dataclass(frozen=True, slots=True)
class SocialGraph:
    """Undirected ties in compressed rows; friends of i: `neighbour[indptr[i]:indptr[i + 1]]`."""

    indptr: NDArray[np.int64]  # (N + 1,)
    neighbour: NDArray[np.int32]  # (ties both ways,) ascending within a row

    def __len__(self) -> int:
        """Number of consumers."""
        return len(self.indptr) - 1

    def friends_of(self, consumer: int) -> NDArray[np.int32]:
        """The friends of one consumer, ascending."""
        return self.neighbour[self.indptr[consumer] : self.indptr[consumer + 1]]


def found_social_graph(count: int, settings: ResponseSettings, streams: Streams) -> SocialGraph:
    """Tie consumers to friends.

    Args:
        count: N consumers.
        settings: mean number of friends (an odd one is rounded down), share of rewired ties, size
            of a community at most.
        streams: the run's streams.

    Returns:
        The graph; without ties if `friends` is 0.
    """
    communities = max(-(-count // settings.community), 1)
    small, larger = divmod(count, communities)
    parts = [
        _copies(_community(size, settings, streams), copies)
        for size, copies in ((small + 1, larger), (small, communities - larger))
        if copies
    ]
    return _side_by_side(parts)


def _community(size: int, settings: ResponseSettings, streams: Streams) -> SocialGraph:
    """One Watts-Strogatz graph; in a community too small for so many friends, with fewer."""
    friends = min(settings.friends, size - 1) // 2 * 2
    if friends <= 0:
        return SocialGraph(np.zeros(size + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    seed = int(streams.key(f"social_graph/{size}"))
    graph = nx.watts_strogatz_graph(size, friends, settings.rewiring, seed=seed)
    tie = np.array(graph.edges(), dtype=np.int64).reshape(-1, 2)
    start = np.concatenate([tie[:, 0], tie[:, 1]])
    end = np.concatenate([tie[:, 1], tie[:, 0]])
    order = np.lexsort((end, start))
    degree = np.bincount(start, minlength=size)
    indptr = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
    return SocialGraph(indptr, end[order].astype(np.int32))


def _copies(graph: SocialGraph, copies: int) -> SocialGraph:
    """Several graphs like this one, each with rows of its own."""
    offset = np.arange(copies)[:, None]
    indptr = (graph.indptr[1:] + offset * graph.indptr[-1]).ravel()
    neighbour = (graph.neighbour + offset.astype(np.int32) * len(graph)).ravel()
    return SocialGraph(np.concatenate([[0], indptr]), neighbour.astype(np.int32))


def _side_by_side(graphs: list[SocialGraph]) -> SocialGraph:
    """Graphs without ties between them as one, their rows one after the other."""
    indptr, neighbour, rows = [np.zeros(1, dtype=np.int64)], [], 0
    for graph in graphs:
        indptr.append(graph.indptr[1:] + indptr[-1][-1])
        neighbour.append(graph.neighbour + np.int32(rows))
        rows += len(graph)
    return SocialGraph(np.concatenate(indptr), np.concatenate(neighbour))
