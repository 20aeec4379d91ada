"""Demand for travel: how many vehicles want to go from which node to which in a time unit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.roads.arrays import FloatArray, IntArray
from sim.roads.errors import RoadDataError
from sim.roads.network import RoadNetwork


@dataclass(frozen=True, slots=True)
class TripTable:
    """K pairs of nodes with trips between them, sorted by (origin, destination)."""

    origin: IntArray  # (K,) nodes
    destination: IntArray  # (K,) nodes; a pair occurs once, and none leads home
    trips: FloatArray  # (K,) vehicles per time unit, > 0

    @classmethod
    def of(
        cls,
        network: RoadNetwork,
        origin: npt.ArrayLike,
        destination: npt.ArrayLike,
        trips: npt.ArrayLike,
    ) -> TripTable:
        """Add up the trips of each pair; trips within a node use no road and are left out.

        Args:
            network: whose nodes they are.
            origin: (n,) nodes, in any order, repeated or not.
            destination: (n,) nodes.
            trips: (n,) vehicles per time unit, finite and >= 0.

        Raises:
            RoadDataError: a node does not exist, or a number of trips is negative or not finite.
        """
        ends = [_nodes(network, name, nodes) for name, nodes in _named(origin, destination)]
        number = np.asarray(trips, dtype=np.float64)
        if number.ndim != 1 or not len(ends[0]) == len(ends[1]) == len(number):
            lengths = f"{len(ends[0])}, {len(ends[1])} and shape {number.shape}"
            raise RoadDataError.at(
                network.name, f"origin, destination, trips hold {lengths}", "columns of one length"
            )
        wrong = np.flatnonzero(~(np.isfinite(number) & (number >= 0)))
        if len(wrong):
            pair = " -> ".join(str(network.labels[nodes[wrong[0]]]) for nodes in ends)
            raise RoadDataError.at(
                network.name, f"{number[wrong[0]]} trips {pair}", "a finite number of trips >= 0"
            )
        key = ends[0] * network.n_nodes + ends[1]
        keep = (number > 0) & (ends[0] != ends[1])
        pairs, row = np.unique(key[keep], return_inverse=True)
        first, last = np.divmod(pairs, network.n_nodes)
        total = np.bincount(row, number[keep], minlength=len(pairs)).astype(np.float64)
        return cls(first.astype(np.int32), last.astype(np.int32), total)

    def __len__(self) -> int:
        """Pairs with trips."""
        return len(self.trips)

    def content_hash(self) -> str:
        """SHA-256 of the table, as hex digits."""
        digest = hashlib.sha256()
        for column in (self.origin, self.destination, self.trips):
            digest.update(column.astype(column.dtype.newbyteorder("<")).tobytes())
        return digest.hexdigest()

    @property
    def total(self) -> float:
        """All trips."""
        return float(self.trips.sum())

    def take(self, pairs: npt.NDArray[np.bool_]) -> TripTable:
        """The pairs (K,) that are true."""
        return TripTable(self.origin[pairs], self.destination[pairs], self.trips[pairs])

    def scaled(self, factor: float) -> TripTable:
        """The table with every number of trips multiplied by a factor > 0."""
        return replace(self, trips=self.trips * factor)


def _named(origin: npt.ArrayLike, destination: npt.ArrayLike) -> list[tuple[str, npt.ArrayLike]]:
    return [("origin", origin), ("destination", destination)]


def _nodes(network: RoadNetwork, name: str, given: npt.ArrayLike) -> npt.NDArray[np.int64]:
    nodes = np.asarray(given)
    if nodes.ndim != 1 or (nodes.size and not np.issubdtype(nodes.dtype, np.integer)):
        raise RoadDataError.at(
            network.name,
            f"{name} has shape {nodes.shape} and type {nodes.dtype}",
            "a one-dimensional array of node numbers",
        )
    outside = nodes[(nodes < 0) | (nodes >= network.n_nodes)]
    if len(outside):
        raise RoadDataError.at(
            network.name,
            f"{name} holds {outside[:5].tolist()}",
            f"node numbers from 0 to {network.n_nodes - 1}",
        )
    return nodes.astype(np.int64)
