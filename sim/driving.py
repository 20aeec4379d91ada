"""The roads of a market on a day: closures, congestion, and how long couriers take on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.closures import Closure, links_from_centre, roads_today
from sim.roads import TravelTable
from sim.roads.traffic import Traffic

if TYPE_CHECKING:
    from policies.arrays import IntArray
    from sim.market import Marketplace


class Driving:
    """The trips between a market's places, whatever the roads are like today."""

    NOT_SAVED = ("free",)  # megabytes, and the same whenever they are worked out

    free: TravelTable  # on the empty roads of today

    def __init__(self, market: Marketplace) -> None:
        """Open the roads of a market whose network and places are known."""
        self.market = market
        self.closures: tuple[Closure, ...] = ()
        self.traffic: Traffic | None = None  # None: roads are empty
        self._from_centre: IntArray = links_from_centre(market.network)
        self._first_leg = 0  # of today, in the market's table
        self._take_settings()
        self._take_roads()

    def begin_day(self, closures: tuple[Closure, ...]) -> None:
        """Take today's closures, settings and couriers' load of the days before into account."""
        changed = self.market.settings.roads.traffic != self._settings
        if changed:
            self._take_settings()
        if changed or closures != self.closures:
            self.closures = closures
            self._take_roads()
        if self.traffic is not None:
            self.traffic.begin_day()

    def at(self, minute: float) -> TravelTable:
        """Trips for who leaves at a minute since the start of day 0."""
        return self.free if self.traffic is None else self.traffic.at(minute)

    def end_day(self) -> None:
        """Put the legs that couriers drove today on the roads."""
        legs = self.market.legs
        if self.traffic is not None:
            rows = slice(self._first_leg, len(legs))
            self.traffic.enter(
                legs["origin"][rows], legs["destination"][rows], legs["start"][rows], self.free
            )
        self._first_leg = len(legs)

    def after_loading(self) -> None:
        """Work out what a saved state leaves out."""
        self._take_roads()

    def _take_settings(self) -> None:
        settings = self.market.settings.roads.traffic
        self._settings = settings
        if not settings.on:
            self.traffic = None
        elif self.traffic is not None and self.traffic.settings.periods == settings.periods:
            self.traffic.settings = settings
        else:
            self.traffic = Traffic(settings, self.market.network, self.market.places)

    def _take_roads(self) -> None:
        market = self.market
        roads, detour = roads_today(market.network, self._from_centre, self.closures)
        self.free = TravelTable.of(roads, market.places, detour=detour)
        if self.traffic is not None:
            self.traffic.renew(roads, detour, market.trips)
