"""What couriers drove on the days that a report's map keeps: trips, their paths, late orders.

A trip belongs to the hour in which it begins, a late order to the hour in which it arrived. Paths
are the fastest ones, found again on the run's roads: with the minutes of each hour where the run
kept them (`traffic`), else with those of the links themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.map_tables import roads_of
from experiments.numerals import percent
from sim.event_tables import OrderStatus
from sim.roads.arrays import IntArray
from sim.roads.paths import fastest_paths

DAY, HOUR = 1440.0, 60.0
"""Minutes."""

MOST_TRIPS = 6_000
"""Trips that a report has room for, about 20 bytes each."""

DEVIATION = 0.01
"""Part by which drawn kilometres may differ from driven ones before the page says so."""


@dataclass(frozen=True, slots=True)
class DrivenDay:
    """A day, or some hours of it."""

    day: int
    why: str  # it was kept
    trips: pd.DataFrame  # courier, start, end (minutes of the day), hour, parcels, path
    late: pd.DataFrame  # delivered (minute of the day), hour, by (minutes), merchant, pickup, door
    volumes: pd.DataFrame | None  # hour, link, volume, capacity, where the run had traffic
    note: str  # what is to be said of it, "" where nothing

    @property
    def hours(self) -> list[int]:
        """The hours that are kept, ascending."""
        return sorted(self.trips["hour"].unique().tolist())


@dataclass(frozen=True, slots=True)
class Driven:
    """The kept days, in the order of the calendar."""

    days: tuple[DrivenDay, ...]
    paths: tuple[IntArray, ...]  # nodes
    left_out: str  # what the map leaves out, in a sentence


def is_late(deliveries: pd.DataFrame) -> pd.Series:
    """Which parcels arrived after the promised minute."""
    done = deliveries["status"] == OrderStatus.DELIVERED
    late: pd.Series = done & (deliveries["delivered"] > deliveries["due"])
    return late


def driven(tables: Mapping[str, pd.DataFrame], days_done: int) -> Driven:
    """Choose the days and find the paths.

    Args:
        tables: of a run: legs, deliveries, shifts, places, nodes, links and, where the run had
            traffic, traffic: day, hour, link, minutes, volume and capacity (vehicles an hour).
        days_done: days of the run.

    Returns:
        The busiest day, the last one and the one with the most late orders, as far as there is
        room; without trips: no day.
    """
    legs = tables["legs"]
    legs = legs[legs["origin"] != legs["destination"]]  # the next parcel of the same shop
    when = np.floor_divide(legs["start"].to_numpy(np.float64), HOUR).astype(np.int64)
    legs = legs.assign(day=when // 24, hour=when % 24)
    legs = legs[legs["day"] < days_done]
    if legs.empty:
        return Driven((), (), "")
    late = _late(tables["deliveries"])
    reasons = _reasons(legs["day"].value_counts(), late["day"].value_counts())
    kept, left_out = _kept(legs, reasons)
    paths = _Paths(tables)
    days = tuple(
        _day(tables, paths, trips, late[late["day"] == day], day, reasons[day])
        for day, trips in sorted(kept.items())
    )
    return Driven(days, tuple(paths.found), left_out)


def _late(deliveries: pd.DataFrame) -> pd.DataFrame:
    rows = deliveries[is_late(deliveries)]
    when = np.floor_divide(rows["delivered"].to_numpy(np.float64), HOUR).astype(np.int64)
    late: pd.DataFrame = pd.DataFrame(
        {
            "day": when // 24,
            "hour": when % 24,
            "delivered": rows["delivered"] % DAY,
            "by": rows["delivered"] - rows["due"],
            "merchant": rows["merchant"],
            "pickup": rows["pickup"],
            "door": rows["dropoff"],
        }
    ).sort_values("delivered", kind="stable")
    return late


def _reasons(trips: pd.Series, late: pd.Series) -> dict[int, str]:
    """Why a day is kept, the day that matters most first."""
    reasons: dict[int, list[str]] = {}
    reasons.setdefault(_most(trips), []).append("the busiest")
    reasons.setdefault(int(trips.index.max()), []).append("the last")
    if len(late):
        reasons.setdefault(_most(late), []).append("the one with the most late orders")
    return {day: " and ".join(names) for day, names in reasons.items()}


def _most(counts: pd.Series) -> int:
    """The day that counts most, of equal ones the first."""
    return int(counts.index[counts == counts.max()].min())


def _kept(legs: pd.DataFrame, reasons: Mapping[int, str]) -> tuple[dict[int, pd.DataFrame], str]:
    """Whole days while there is room; of a day with too many trips its busiest hours."""
    kept: dict[int, pd.DataFrame] = {}
    room, told = MOST_TRIPS, []
    for day, why in reasons.items():
        trips = legs[legs["day"] == day]
        if len(trips) > room and not kept:
            by_hour = (
                trips["hour"]
                .value_counts()
                .sort_index()
                .sort_values(ascending=False, kind="stable")
            )
            fits = by_hour.index[(by_hour.cumsum() <= room) | (by_hour == by_hour.iloc[0])]
            trips = trips[trips["hour"].isin(fits)]
            told.append(f"of day {day} all but its {len(fits)} busiest hours")
        elif len(trips) > room:
            told.append(f"day {day}, {why}")
            continue
        kept[day] = trips
        room -= len(trips)
    left = " and ".join(told)
    return kept, f"For want of room the map leaves out {left}." if told else ""


class _Paths:
    """Finds each path once."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.network = roads_of(tables, "the roads of the run")
        self.node = tables["places"]["node"].to_numpy(np.int32)
        self.traffic = tables.get("traffic")
        self.found: list[IntArray] = []
        self._row_of: dict[tuple[int, int, int], int] = {}

    def of(self, trips: pd.DataFrame, day: int, hour: int) -> list[int]:
        """The path of each trip, by number; they begin in one hour where minutes change."""
        weights, minutes = 0, None
        if self.traffic is not None:
            rows = self.traffic[(self.traffic["day"] == day) & (self.traffic["hour"] == hour)]
            if len(rows):
                minutes = self.network.minutes.copy()
                minutes[rows["link"].to_numpy()] = rows["minutes"].to_numpy(np.float64)
                weights = 1 + day * 24 + hour
        ends = list(zip(trips["origin"].tolist(), trips["destination"].tolist(), strict=True))
        length = (trips["end"] - trips["start"]).to_numpy(np.float64)
        new: dict[tuple[int, int, int], float] = {}
        for (origin, destination), spent in zip(ends, length.tolist(), strict=True):
            key = (weights, origin, destination)
            if key not in self._row_of:
                new[key] = max(new.get(key, 0.0), spent)
        if new:
            pairs = np.array([key[1:] for key in new], dtype=np.int64)
            self._row_of.update({key: row for row, key in enumerate(new, len(self.found))})
            self.found += fastest_paths(
                self.network,
                self.node[pairs[:, 0]],
                self.node[pairs[:, 1]],
                minutes=minutes,
                near=1.5 * np.fromiter(new.values(), dtype=np.float64) + 1.0,
            )
        return [self._row_of[weights, origin, destination] for origin, destination in ends]


def _day(
    tables: Mapping[str, pd.DataFrame],
    paths: _Paths,
    trips: pd.DataFrame,
    late: pd.DataFrame,
    day: int,
    why: str,
) -> DrivenDay:
    trips = trips.sort_values(["start", "courier"], kind="stable")
    path = np.zeros(len(trips), dtype=np.int64)
    hours = trips["hour"].to_numpy()
    at_once = [np.unique(hours)] if paths.traffic is None else [[one] for one in np.unique(hours)]
    for some in at_once:
        rows = np.flatnonzero(np.isin(hours, some))
        path[rows] = paths.of(trips.iloc[rows], day, int(some[0]))
    shown = pd.DataFrame(
        {
            "courier": trips["courier"],
            "start": trips["start"] - day * DAY,
            "end": trips["end"] - day * DAY,
            "hour": trips["hour"],
            "parcels": trips["parcels"],
            "path": path,
        }
    ).reset_index(drop=True)
    volumes = None
    if paths.traffic is not None and (paths.traffic["day"] == day).any():
        volumes = paths.traffic[paths.traffic["day"] == day].reset_index(drop=True)
    late = late[late["hour"].isin(shown["hour"].unique())].drop(columns="day")
    note = _note(tables, paths, trips, shown, day)
    return DrivenDay(day, why, shown, late.reset_index(drop=True), volumes, note)


def path_metres(paths: _Paths, rows: list[int]) -> float:
    """Metres of some paths together."""
    own = [paths.found[row] for row in rows]
    pairs = [np.stack([one[:-1], one[1:]], axis=1) for one in own if len(one) > 1]
    if not pairs:
        return 0.0
    links = paths.network.link_ids(np.concatenate(pairs))
    return float(paths.network.length_m[links].sum())


def _note(
    tables: Mapping[str, pd.DataFrame],
    paths: _Paths,
    trips: pd.DataFrame,
    shown: pd.DataFrame,
    day: int,
) -> str:
    """Whether couriers drove other ways than the fastest ones of the roads as they are kept."""
    shifts = tables["shifts"]
    metres = float(shifts.loc[shifts["day"] == day, "metres"].sum())
    every = tables["legs"]["start"].between(day * DAY, (day + 1) * DAY, inclusive="left")
    proper = tables["legs"]["origin"] != tables["legs"]["destination"]
    if int((every & proper).sum()) != len(trips) or metres <= 0.0:
        return ""
    drawn = path_metres(paths, shown["path"].tolist())
    if abs(drawn / metres - 1.0) <= DEVIATION:
        return ""
    return (
        f"The routes drawn for day {day} are {percent(drawn / metres)} as long as those driven: "
        "streets were closed or slow that day, and couriers went round them in ways that the run’s "
        "folder does not keep."
    )
