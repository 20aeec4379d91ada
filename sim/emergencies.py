"""Declared emergencies: which categories they hold for, and what was asked on their eve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import IntArray
from sim.settings.events import Emergency

if TYPE_CHECKING:
    from sim.market import Marketplace


@dataclass(slots=True)
class Emergencies:
    """The emergencies in force."""

    since: IntArray  # (C,) day on which it was declared for a category, -1: none holds
    price_before: IntArray  # (L,) cents at checkout on its eve; 0: none holds, or listed later
    cost_before: IntArray  # (L,) cents of unit cost on its eve; 0 alike

    @classmethod
    def none(cls, categories: int, listings: int) -> Emergencies:
        """No emergency."""
        return cls(
            np.full(categories, -1),
            np.zeros(listings, dtype=np.int64),
            np.zeros(listings, dtype=np.int64),
        )

    def grow(self, listings: int) -> None:
        """Listings that are new today were not there on the eve."""
        self.price_before = np.pad(self.price_before, (0, listings))
        self.cost_before = np.pad(self.cost_before, (0, listings))


def declare(market: Marketplace, events: Sequence[Emergency]) -> None:
    """Let today's emergencies hold; of a new one the eve's prices and costs are kept.

    Args:
        market: the market, before merchants set today's prices.
        events: the emergencies of the scenario that hold today.
    """
    state, listings = market.emergencies, market.listings
    holds = np.zeros(len(market.category_names), dtype=np.bool_)
    for event in events:
        holds[market.category_names.index(event.category) if event.category else slice(None)] = True
    begins = holds & (state.since < 0)
    if not begins.any() and (holds == (state.since >= 0)).all():
        return
    state.since = np.where(holds, np.where(begins, market.day, state.since), -1)
    new, over = begins[listings.category], ~holds[listings.category]
    for before, now in (
        (state.price_before, listings.price),
        (state.cost_before, listings.unit_cost),
    ):
        before[new] = now[new]
        before[over] = 0
