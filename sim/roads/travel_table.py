"""Times and distances between the places of a market, worked out once and then looked up.

Merchants, couriers' bases and consumers' addresses share a few thousand road nodes, the places.
Kernels read `minutes[place, place]` and `metres[place, place]`.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sim.roads.arrays import Float32Array, IntArray
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork

TABLES_KEPT = 4
"""Tables that a process remembers; one of 2,000 places takes 32 MB."""


@dataclass(frozen=True, slots=True)
class TravelTable:
    """Fastest paths between P places of a network of N nodes."""

    places: IntArray  # (P,) nodes, ascending
    minutes: Float32Array  # (P, P) from row to column
    metres: Float32Array  # (P, P) driven along the same paths
    place_of_node: IntArray  # (N,) place at each node, -1 where there is none

    @classmethod
    def of(cls, network: RoadNetwork, places: npt.ArrayLike) -> "TravelTable":
        """The table for some nodes; a process remembers the last few, by content.

        Args:
            network: Roads, with today's minutes and closures.
            places: Nodes, in any order, repeated or not; at least one.

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
        key = hashlib.sha256(network.content_hash().encode() + nodes.tobytes()).hexdigest()
        return _compute(_Key(key, network, nodes))

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
    nodes: npt.NDArray[np.int64] = field(compare=False)


@lru_cache(maxsize=TABLES_KEPT)
def _compute(key: _Key) -> TravelTable:
    minutes, metres = key.network.minutes_and_metres(key.nodes, key.nodes)
    place_of_node = np.full(key.network.n_nodes, -1, dtype=np.int32)
    place_of_node[key.nodes] = np.arange(len(key.nodes), dtype=np.int32)
    table = TravelTable(
        places=key.nodes.astype(np.int32),
        minutes=minutes.astype(np.float32),
        metres=metres.astype(np.float32),
        place_of_node=place_of_node,
    )
    # Every market of the process shares it.
    for array in (table.places, table.minutes, table.metres, table.place_of_node):
        array.flags.writeable = False
    return table
