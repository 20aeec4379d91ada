"""Word of mouth: who had an experience today moves her friends' trust towards it.

Activation: synchronous. Each friend who tells a consumer of an experience s moves her trust T by
the share w of the way to (1 + s)/2; k friends together by 1 - (1 - w)^k of the way to the mean of
theirs, so that the order of telling does not matter and T stays in [0, 1].

Source: opinions as averages of neighbours' opinions: DeGroot (1974), "Reaching a consensus", JASA
69(345).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from sim.response.social_graph import SocialGraph


def tell_friends(
    trust: NDArray[np.float32],
    graph: SocialGraph,
    teller: IntArray,
    satisfaction: FloatArray,
    weight: float,
) -> None:
    """Spread today's experiences.

    Args:
        trust: (N,) in [0, 1]; changed in place.
        graph: who knows whom.
        teller: (n,) consumers with an experience, each once.
        satisfaction: (n,) in [-1, 1].
        weight: step towards a friend's experience, in [0, 1].
    """
    if weight <= 0 or len(teller) == 0 or len(graph.neighbour) == 0:
        return
    told = (1.0 + np.asarray(satisfaction, dtype=np.float64)) / 2.0
    _tell(trust, graph.indptr, graph.neighbour, np.asarray(teller, np.int64), told, weight)


@njit(cache=True)
def _tell(trust, indptr, neighbour, teller, told, weight):  # type: ignore[no-untyped-def]
    heard = np.zeros(len(trust), dtype=np.int32)
    total = np.zeros(len(trust), dtype=np.float64)
    for k in range(len(teller)):
        for at in range(indptr[teller[k]], indptr[teller[k] + 1]):
            heard[neighbour[at]] += 1
            total[neighbour[at]] += told[k]
    for friend in range(len(trust)):
        if heard[friend] > 0:
            step = 1.0 - (1.0 - weight) ** heard[friend]
            trust[friend] += step * (total[friend] / heard[friend] - trust[friend])


def tell_friends_reference(
    trust: NDArray[np.float32],
    graph: SocialGraph,
    teller: IntArray,
    satisfaction: FloatArray,
    weight: float,
) -> None:
    """What `tell_friends` does, in plain NumPy."""
    heard, total = np.zeros(len(trust)), np.zeros(len(trust))
    degree = np.diff(graph.indptr)[teller]
    told = np.repeat((1.0 + np.asarray(satisfaction)) / 2.0, degree)
    within = np.arange(degree.sum()) - np.repeat(np.cumsum(degree) - degree, degree)
    friend = graph.neighbour[np.repeat(graph.indptr[teller], degree) + within]
    np.add.at(heard, friend, 1.0)
    np.add.at(total, friend, told)
    some = heard > 0
    step = 1.0 - (1.0 - weight) ** heard[some]
    trust[some] += step * (total[some] / heard[some] - trust[some])
