"""Minutes by period of the day: other traffic and the couriers' own load on the same roads.

No fixed point is sought within a day. Today's minutes come from other traffic and from the load of
the couriers of the days before, smoothed: they plan with what they have lived (day-to-day
dynamics).

Source: Cantarella & Cascetta (1995), "Dynamic processes and equilibrium in transportation
networks", Transportation Science 29(4), exponential smoothing of costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.roads.arrays import FloatArray, IntArray
from sim.roads.background import Demand, background, hours
from sim.roads.bpr import BprParameters
from sim.roads.capacity import with_capacities
from sim.roads.loading import load
from sim.roads.network import RoadNetwork
from sim.roads.travel_table import TravelTable
from sim.roads.trips import TripTable
from sim.settings.traffic import TrafficSettings

ROUNDING = 1e-5
"""Share by which a table's minutes, of single precision, may be short of those of a search."""


@dataclass(slots=True)
class _Derived:
    """What is worked out from the roads and the settings of today; T periods, L links."""

    roads: RoadNetwork  # with BPR parameters and closures
    bpr: BprParameters
    detour: RoadNetwork | None  # the same, with closed links as they can be passed
    background: FloatArray  # (T, L) other vehicles an hour
    tables: dict[int, TravelTable]  # by period, once asked for


@dataclass(frozen=True, slots=True)
class DayOfTraffic:
    """What traffic cost on a day."""

    driven_minutes: float = float("nan")  # of couriers' legs, as the tables have them
    free_minutes: float = float("nan")  # of the same legs on empty roads
    delay_hours: float = float("nan")  # vehicle-hours above those of empty roads, of all vehicles
    delay_without_couriers: float = float("nan")  # what it would be if none drove


class Traffic:
    """The streets of a market through the day, and what its couriers put on them."""

    NOT_SAVED: ClassVar = ("_derived",)

    def __init__(self, settings: TrafficSettings, network: RoadNetwork, places: IntArray) -> None:
        """Begin without any load of couriers.

        Args:
            settings: of traffic.
            network: roads.
            places: (P,) nodes between which couriers drive, ascending.
        """
        self.settings = settings
        self.places = places
        periods = len(settings.periods)
        self.load: FloatArray = np.zeros((periods, network.n_links))  # (T, L) smoothed, an hour
        self.in_force = self.load.copy()  # (T, L) the load that today's minutes are made of
        self.lived = DayOfTraffic()
        self._derived: _Derived | None = None

    def period_of(self, minute: float) -> int:
        """The period of a minute since the start of day 0."""
        hour = minute % 1440.0 / 60.0
        return int(np.searchsorted(self.settings.periods, hour, side="right")) - 1

    def renew(self, roads: RoadNetwork, detour: RoadNetwork | None, demand: Demand | None) -> None:
        """Take over other roads or settings than yesterday's; the couriers' load stays.

        Args:
            roads: as they are today.
            detour: the same with closed links as they can be passed; None: none is closed.
            demand: other traffic of the busiest hour; None: volumes by road class.
        """
        settings = self.settings
        capable = with_capacities(roads, settings.capacity, settings.capacity_factor)
        if capable.bpr is None:
            raise AssertionError("with_capacities gives every network its capacities")
        self._derived = _Derived(
            roads=capable,
            bpr=capable.bpr,
            detour=detour,
            background=background(capable, demand, settings),
            tables={},
        )

    def begin_day(self) -> None:
        """Let the load of the days before count where it changes some link's minutes enough."""
        derived = self._known()
        for period in range(len(self.load)):
            before, now = self.link_minutes(period), self._minutes(derived, self.load, period)
            if np.any(np.abs(now - before) > self.settings.tolerance * before):
                self.in_force[period] = self.load[period]
                derived.tables.pop(period, None)

    def at(self, minute: float) -> TravelTable:
        """Trips between the places for who leaves at a minute since the start of day 0."""
        return self.times(self.period_of(minute))

    def times(self, period: int) -> TravelTable:
        """Trips between the places in a period."""
        derived = self._known()
        if period not in derived.tables:
            minutes = self.link_minutes(period)
            detour = derived.detour
            if detour is not None:
                # Who passes a closed link does so at its own pace, and drives the others as all do.
                slow = np.where(derived.roads.is_open, minutes, detour.minutes)
                detour = detour.with_link_minutes(slow)
            derived.tables[period] = TravelTable.of(
                derived.roads.with_link_minutes(minutes),
                self.places,
                detour=detour,
                # Without any load of couriers, other markets of the process ask for the same.
                remember=not self.in_force[period].any(),
            )
        return derived.tables[period]

    def link_minutes(self, period: int) -> FloatArray:
        """Minutes (L,) of each link in a period, as they are in force today."""
        return self._minutes(self._known(), self.in_force, period)

    def flow(self, period: int) -> FloatArray:
        """Vehicles an hour (L,) that today's minutes of a period are made of."""
        flow: FloatArray = self._known().background[period] + self.in_force[period]
        return flow

    def capacity(self) -> FloatArray:
        """Vehicles an hour (L,) that each link carries."""
        return self._known().bpr.capacity

    def enter(
        self, origin: IntArray, destination: IntArray, start: FloatArray, free: TravelTable
    ) -> None:
        """Put a day's legs on the roads, and work out what traffic cost.

        A leg counts in the hour's flow of every link of the fastest path of the period in which it
        starts. Legs over closed links are none that others would meet.

        Args:
            origin: (n,) places.
            destination: (n,) places.
            start: (n,) minutes since the start of day 0.
            free: trips on the empty roads of today.
        """
        derived, last = self._known(), hours(self.settings.periods)
        period = np.array([self.period_of(minute) for minute in start.tolist()], dtype=np.int64)
        own = np.zeros_like(self.load)
        driven = 0.0
        for one in np.unique(period).tolist():
            legs = period == one
            table = self.times(one)
            driven += float(table.minutes[origin[legs], destination[legs]].sum())
            share = np.full(int(legs.sum()), self.settings.courier_equivalent / last[one])
            ends = self.places[origin[legs]], self.places[destination[legs]]
            trips = TripTable.of(derived.roads, *ends, share)
            rows, columns = table.place_at(trips.origin), table.place_at(trips.destination)
            own[one] = load(
                derived.roads,
                trips,
                minutes=self.link_minutes(one),
                at_most=table.minutes[rows, columns].astype(np.float64) * (1.0 + ROUNDING),
                gaps=True,
            ).flow
        self.load += self.settings.smoothing * (own - self.load)
        self.lived = DayOfTraffic(
            driven_minutes=driven,
            free_minutes=float(free.minutes[origin, destination].sum()),
            delay_hours=self._delay(derived, derived.background + own),
            delay_without_couriers=self._delay(derived, derived.background),
        )

    def _delay(self, derived: _Derived, flow: FloatArray) -> float:
        """Vehicle-hours a day that flows (T, L) take above those of empty roads."""
        empty = derived.roads.minutes
        lost = flow * (derived.bpr.minutes(empty, flow) - empty) * derived.roads.is_open
        return float(hours(self.settings.periods) @ lost.sum(axis=1)) / 60.0

    def _minutes(self, derived: _Derived, own: FloatArray, period: int) -> FloatArray:
        flow = derived.background[period] + own[period]
        return derived.bpr.minutes(derived.roads.minutes, flow)

    def _known(self) -> _Derived:
        if self._derived is None:
            raise AssertionError("the roads of the day are not known yet: call renew()")
        return self._derived
