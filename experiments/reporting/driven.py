"""What couriers drove on the days that a report's map keeps: trips, their paths, late orders.

A trip belongs to the hour in which it begins, a late order to the hour in which it arrived. Paths
are the fastest ones, found again on the roads of the day: `roads_again.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.numerals import percent
from experiments.reporting.roads_again import RoadsAgain
from experiments.run_folder import RunData
from sim.event_tables import OrderStatus
from sim.roads.arrays import IntArray

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
    late: pd.DataFrame  # as `_late` has them
    volumes: pd.DataFrame | None  # hour to until, link, volume, capacity; None: not kept
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


def driven(data: RunData) -> Driven:
    """Choose the days and find the paths.

    Args:
        data: the run.

    Returns:
        The busiest day, the last one and the one with the most late orders, as far as there is
        room; without trips: no day.
    """
    legs = data.tables["legs"]
    legs = legs[legs["origin"] != legs["destination"]]  # the next parcel of the same shop
    when = np.floor_divide(legs["start"].to_numpy(np.float64), HOUR).astype(np.int64)
    legs = legs.assign(day=when // 24, hour=when % 24)
    legs = legs[legs["day"] < data.manifest.days_done]
    if legs.empty:
        return Driven((), (), "")
    late = _late(data.tables["deliveries"])
    roads = RoadsAgain(data)
    reasons = _reasons(legs["day"].value_counts(), late["day"].value_counts())
    # The only day whose traffic is kept goes first where there may be no room for all.
    reasons = dict(sorted(reasons.items(), key=lambda one: roads.traffic_on(one[0]) is None))
    kept, left_out = _kept(legs, reasons)
    days = tuple(
        _day(data, roads, trips, late[late["day"] == day], day, reasons[day])
        for day, trips in sorted(kept.items())
    )
    return Driven(days, tuple(roads.found), left_out)


def _late(deliveries: pd.DataFrame) -> pd.DataFrame:
    """Late parcels, each with the day and hour of its arrival.

    Minutes are of that day, so that `picked_up` is below 0 where a parcel was fetched before it;
    `by` counts those after the promise; `pickup` and `door` are places.
    """
    rows = deliveries[is_late(deliveries)]
    when = np.floor_divide(rows["delivered"].to_numpy(np.float64), HOUR).astype(np.int64)
    late: pd.DataFrame = pd.DataFrame(
        {
            "day": when // 24,
            "hour": when % 24,
            "delivered": rows["delivered"] % DAY,
            "picked_up": rows["picked_up"] - when // 24 * DAY,
            "by": rows["delivered"] - rows["due"],
            "merchant": rows["merchant"],
            "courier": rows["courier"],
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


def _day(
    data: RunData, roads: RoadsAgain, trips: pd.DataFrame, late: pd.DataFrame, day: int, why: str
) -> DrivenDay:
    trips = trips.sort_values(["start", "courier"], kind="stable")
    shown = pd.DataFrame(
        {
            "courier": trips["courier"],
            "start": trips["start"] - day * DAY,
            "end": trips["end"] - day * DAY,
            "hour": trips["hour"],
            "parcels": trips["parcels"],
            "path": roads.paths(trips, day),
        }
    ).reset_index(drop=True)
    late = late[late["hour"].isin(shown["hour"].unique())].drop(columns="day")
    note = _note(data, roads, shown, day)
    return DrivenDay(day, why, shown, late.reset_index(drop=True), roads.traffic_on(day), note)


def _note(data: RunData, roads: RoadsAgain, shown: pd.DataFrame, day: int) -> str:
    """Whether couriers drove other ways than those that are found again."""
    shifts, legs = data.tables["shifts"], data.tables["legs"]
    metres = float(shifts.loc[shifts["day"] == day, "metres"].sum())
    every = legs["start"].between(day * DAY, (day + 1) * DAY, inclusive="left")
    if int((every & (legs["origin"] != legs["destination"])).sum()) != len(shown) or not metres:
        return ""
    drawn = roads.metres(shown["path"].tolist())
    if abs(drawn / metres - 1.0) <= DEVIATION:
        return ""
    return (
        f"The routes drawn for day {day} are {percent(drawn / metres)} as long as those driven: "
        "couriers took other ways that day, for traffic that the run’s folder does not keep."
    )
