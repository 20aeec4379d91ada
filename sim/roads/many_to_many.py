"""Tables of many trips: by contraction hierarchies where that is possible, else by Dijkstra."""

from __future__ import annotations

import numpy as np

from sim.roads import contraction, search
from sim.roads.arrays import FloatArray, IntArray


def minutes_and_metres(
    graph: search.SearchGraph, x: FloatArray, y: FloatArray, sources: IntArray, targets: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Minutes and metres (S, T) of the fastest paths; both infinite where there is none.

    Minutes are the same to the last bit, whichever way they come about. Metres are, but where two
    paths are equally fast to the last bit and not equally long.

    Args:
        graph: what is searched.
        x: (N,) metres east of the nodes.
        y: (N,) metres north.
        sources: (S,) nodes.
        targets: (T,) nodes.
    """
    contracted = contraction.minutes_and_metres(graph, x, y, sources, targets)
    if contracted is None:
        return search.fastest_minutes_and_metres(graph, sources, targets)
    minutes, metres, answered = contracted
    others = np.flatnonzero(~answered)
    if len(others):
        minutes[others], metres[others] = search.fastest_minutes_and_metres(
            graph, sources[others], targets
        )
    at_home = sources[:, None] == targets[None, :]
    minutes[at_home] = 0.0
    metres[at_home] = 0.0
    return minutes, metres
