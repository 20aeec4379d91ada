"""Times and distances between the places of a market, worked out once and then looked up.

Merchants, couriers' bases and consumers' addresses share a few thousand road nodes, the places.
Kernels read `minutes[place, place]` and `metres[place, place]`.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sim.roads.arrays import Float32Array, FloatArray, IntArray
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork

TABLES_KEPT = 8
"""Tables that a process remembers: the periods of a day; one of 2,000 places takes 32 MB."""


@dataclass(frozen=True, slots=True)
class TravelTable:
    """Fastest paths between P places of a network of N nodes."""

    places: IntArray  # (P,) nodes, ascending
    minutes: Float32Array  # (P, P) from row to column
    metres: Float32Array  # (P, P) driven along the same paths
    place_of_node: IntArray  # (N,) place at each node, -1 where there is none

    @classmethod
    def of(
        cls,
        network: RoadNetwork,
        places: npt.ArrayLike,
        *,
        detour: RoadNetwork | None = None,
        remember: bool = True,
    ) -> "TravelTable":
        """The table for some nodes; a process remembers the last few, by content.

        Where closures leave a trip without an open road, and a `detour` is given, it takes the
        minutes of the detour and on top as many as the longest trip by open roads: such a trip is
        slower than every other one, so that minutes obey the triangle inequality.

        Args:
            network: Roads, with today's minutes and closures.
            places: Nodes, in any order, repeated or not; at least one.
            detour: The same roads with closed links that can be passed somehow, and slowly.
            remember: Whether the process keeps it for the next who asks.

        Raises:
            UnreachableError: Some places cannot be reached from others; it names them.
            RoadDataError: There are no places, or one is no node of the network.
        """
        given = np.asarray(places)
        if given.size == 0:
            raise RoadDataError.at(network.name, "there are no places", "at least one node")
        if not np.issubdtype(given.dtype, np.integer):
            raise RoadDataError.at(network.name, f"places are {given.dtype}", "node numbers")
        nodes = np.unique(given.ravel()).astype(np.int64)
        if not remember:
            return _work_out(network, detour, nodes)
        digest = hashlib.sha256(network.content_hash().encode() + nodes.tobytes())
        if detour is not None:
            digest.update(detour.content_hash().encode())
        return _remembered(_Key(digest.hexdigest(), network, detour, nodes))

    def place_at(self, nodes: IntArray) -> IntArray:
        """The places (K,) at nodes (K,).

        Raises:
            RoadDataError: A node is not among the places.
        """
        places = self.place_of_node[nodes]
        strangers = np.asarray(nodes)[places < 0]
        if len(strangers):
            raise RoadDataError.at(
                "travel table",
                f"node(s) {strangers[:5].tolist()} are not among its {len(self.places)} places",
                "nodes that were given as places when the table was made",
            )
        return places


@dataclass(frozen=True, slots=True)
class _Key:
    """What a table depends on; equal when the content is equal."""

    content: str
    network: RoadNetwork = field(compare=False)
    detour: RoadNetwork | None = field(compare=False)
    nodes: npt.NDArray[np.int64] = field(compare=False)


@lru_cache(maxsize=TABLES_KEPT)
def _remembered(key: _Key) -> TravelTable:
    return _work_out(key.network, key.detour, key.nodes)


def _work_out(
    network: RoadNetwork, detour: RoadNetwork | None, nodes: npt.NDArray[np.int64]
) -> TravelTable:
    minutes, metres = network.minutes_and_metres(nodes, nodes, gaps=detour is not None)
    if detour is not None:
        _go_round(minutes, metres, detour, nodes)
    place_of_node = np.full(network.n_nodes, -1, dtype=np.int32)
    place_of_node[nodes] = np.arange(len(nodes), dtype=np.int32)
    table = TravelTable(
        places=nodes.astype(np.int32),
        minutes=minutes.astype(np.float32),
        metres=metres.astype(np.float32),
        place_of_node=place_of_node,
    )
    # Every market of the process shares it.
    for array in (table.places, table.minutes, table.metres, table.place_of_node):
        array.flags.writeable = False
    return table


def _go_round(
    minutes: FloatArray, metres: FloatArray, detour: RoadNetwork, nodes: npt.NDArray[np.int64]
) -> None:
    """Replace the infinite entries of both (P, P) by those of the detour."""
    cut_off = np.isinf(minutes)
    if not cut_off.any():
        return
    longest = minutes[~cut_off].max()
    slow, far = detour.minutes_and_metres(nodes, nodes)
    minutes[cut_off] = slow[cut_off] + longest
    metres[cut_off] = far[cut_off]
