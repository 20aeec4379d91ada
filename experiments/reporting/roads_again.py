"""The paths that couriers took, found again on the roads as they were that day.

Closures come from the scenario's events. With traffic, minutes are those of the trip's period,
where the run kept them; it does so for its last day.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from experiments.map_tables import roads_of
from experiments.run_folder import RunData
from sim.closures import Closure, RoadsToday, closures_on, links_from_centre, roads_today
from sim.roads import UnreachableError
from sim.roads.arrays import FloatArray, IntArray
from sim.roads.paths import fastest_paths

Roads = tuple[tuple[Closure, ...], int]
"""What roads are like: their closures, and the hour at which the period begins, -1 without one."""


class RoadsAgain:
    """Finds each path once."""

    def __init__(self, data: RunData) -> None:
        self.network = roads_of(data.tables, "the roads of the run")
        self.found: list[IntArray] = []  # nodes of each path
        self._events = data.scenario.events
        self._from_centre = links_from_centre(self.network)
        self._node = data.tables["places"]["node"].to_numpy(np.int32)
        self._traffic = data.tables.get("traffic")
        self._row_of: dict[tuple[Roads, int, int], int] = {}

    def traffic_on(self, day: int) -> pd.DataFrame | None:
        """Minutes, volumes and capacities of a day by period and link; None where not kept."""
        if self._traffic is None:
            return None
        rows = self._traffic[self._traffic["day"] == day]
        return rows if len(rows) else None

    def paths(self, trips: pd.DataFrame, day: int) -> IntArray:
        """The number of each trip's path.

        Args:
            trips: of that day, with origin, destination (places), start, end and hour.
            day: which.
        """
        closures, traffic = closures_on(self._events, day), self.traffic_on(day)
        begins = np.full(len(trips), -1)
        if traffic is not None:
            periods = np.unique(traffic["hour"].to_numpy())
            begins = periods[np.searchsorted(periods, trips["hour"], side="right") - 1]
        path = np.zeros(len(trips), dtype=np.int32)
        for one in np.unique(begins).tolist():
            minutes = None
            if traffic is not None:
                rows = traffic[traffic["hour"] == one].sort_values("link")
                minutes = rows["minutes"].to_numpy(np.float64)
            own = np.flatnonzero(begins == one)
            path[own] = self._rows(trips.iloc[own], (closures, one), minutes)
        return path

    def metres(self, rows: Iterable[int]) -> float:
        """Metres of some paths together."""
        own = [self.found[row] for row in rows]
        pairs = [np.stack([one[:-1], one[1:]], axis=1) for one in own if len(one) > 1]
        if not pairs:
            return 0.0
        return float(self.network.length_m[self.network.link_ids(np.concatenate(pairs))].sum())

    def _rows(self, trips: pd.DataFrame, roads: Roads, minutes: FloatArray | None) -> list[int]:
        ends = list(zip(trips["origin"].tolist(), trips["destination"].tolist(), strict=True))
        spent = (trips["end"] - trips["start"]).tolist()
        new: dict[tuple[int, int], float] = {}
        for pair, one in zip(ends, spent, strict=True):
            if (roads, *pair) not in self._row_of:
                new[pair] = max(new.get(pair, 0.0), one)
        if new:
            pairs = np.array(list(new), dtype=np.int64)
            near = 1.5 * np.fromiter(new.values(), dtype=np.float64) + 1.0
            today = self._today(roads[0], minutes)
            for row, pair in enumerate(new, len(self.found)):
                self._row_of[roads, *pair] = row
            self.found += _paths(today, self._node[pairs[:, 0]], self._node[pairs[:, 1]], near)
        return [self._row_of[roads, *pair] for pair in ends]

    def _today(self, closures: tuple[Closure, ...], minutes: FloatArray | None) -> RoadsToday:
        roads, detour = roads_today(self.network, self._from_centre, closures)
        if minutes is None:
            return RoadsToday(roads, detour)
        if detour is not None:
            detour = detour.with_link_minutes(np.where(roads.is_open, minutes, detour.minutes))
        return RoadsToday(roads.with_link_minutes(minutes), detour)


def _paths(
    today: RoadsToday, origins: IntArray, destinations: IntArray, near: FloatArray
) -> list[IntArray]:
    """On open roads where there are any, else over closed ones."""
    roads, detour = today
    try:
        return fastest_paths(roads, origins, destinations, near=near)
    except UnreachableError:
        if detour is None:
            raise
    paths = []
    for row in range(len(origins)):
        pair = slice(row, row + 1)
        try:
            paths += fastest_paths(roads, origins[pair], destinations[pair], near=near[pair])
        except UnreachableError:
            paths += fastest_paths(detour, origins[pair], destinations[pair], near=near[pair])
    return paths
