"""Dynamic price-directed prominence: who has the place keeps it by not raising its price."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import Prominence, Steering, SteeringObservation
from policies.params import PolicyParams
from policies.steering.cheapest import cheapest


class DynamicProminence:
    """Gives the one place of each category to the cheapest offer, which then may keep it.

    The offer shown keeps its place as long as it is on sale, does not raise its price, and is not
    undercut by more than the tolerance; else the cheapest of the day has it. An undercutter
    therefore wins the place for good, and sellers cannot take turns.

    Source: Johnson, Rhodes & Wildenbeest (2023), "Platform design when sellers use pricing
    algorithms", Econometrica 91(5).
    """

    family: ClassVar[str] = "steering"
    name: ClassVar[str] = "dynamic_prominence"

    class Params(PolicyParams):
        """How far the holder of a place may be undercut."""

        tolerance: float = Field(
            0.03,
            ge=0.0,
            le=1.0,
            description="how far below the shown offer's price another must be to take its place, "
            "share of that price",
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._holder: IntArray = np.empty(0, dtype=np.int64)  # (C,) listing, -1: none
        self._asked: IntArray = np.empty(0, dtype=np.int64)  # (C,) cents it asked when last shown

    def steer(self, observation: SteeringObservation) -> Steering:
        """Those who keep their place, and the cheapest where it is free."""
        listings = observation.listings
        categories, price = len(listings.category_names), listings.checkout_price
        if len(self._holder) != categories:
            self._holder = np.full(categories, -1, dtype=np.int64)
            self._asked = np.zeros(categories, dtype=np.int64)
        lowest = np.full(categories, np.iinfo(np.int64).max)
        rows = np.flatnonzero(listings.on_sale)
        np.minimum.at(lowest, listings.category[rows], price[rows])
        now = price[self._holder]
        keeps = (self._holder >= 0) & listings.on_sale[self._holder] & (now <= self._asked)
        keeps &= lowest >= now * (1.0 - self.params.tolerance)
        best = np.flatnonzero(cheapest(observation, 1))
        newcomer = np.full(categories, -1, dtype=np.int64)
        newcomer[listings.category[best]] = best
        self._holder = np.where(keeps, self._holder, newcomer)
        self._asked = np.where(self._holder >= 0, price[self._holder], 0)
        shown = np.zeros(len(price), dtype=np.bool_)
        shown[self._holder[self._holder >= 0]] = True
        return Steering(shown=shown, first=np.zeros(len(price), dtype=np.bool_))

    def prominence(self) -> Prominence:
        """One is shown, and may keep its place."""
        return Prominence(shown=1, keeps=True, tolerance=self.params.tolerance)
