"""What price monitoring finds, held against the hidden truth of what it should have found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from sim.merchants.agent import PRICE_MISCONDUCT
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace

PRICE_MONITOR = "price_monitor"
"""The rule that is scored."""

MEMORY = 28
"""Days after its end within which misconduct may be found, and counts as one with the next."""

_NEVER = -(10**6)


class PriceWatch:
    """Days of misconduct in prices and of findings, by listing; nothing without a monitor."""

    def __init__(self, listings: int) -> None:
        """Nothing has happened to `listings` listings."""
        self.since: NDArray[np.int64] = np.full(listings, _NEVER)  # (L,) first day of misconduct
        self.last: NDArray[np.int64] = np.full(listings, _NEVER)  # (L,) last day of it so far
        self.found_on: NDArray[np.int64] = np.full(listings, _NEVER)  # (L,) first finding since
        self.flagged_on: NDArray[np.int64] = np.full(listings, _NEVER)  # (L,) last finding
        self.rightly: BoolArray = np.zeros(listings, dtype=np.bool_)  # (L,) of a real offender

    def grow(self, listings: int) -> None:
        """Make room for `listings` more."""
        new = PriceWatch(listings)
        for column in ("since", "last", "found_on", "flagged_on", "rightly"):
            setattr(self, column, np.concatenate([getattr(self, column), getattr(new, column)]))

    def note(self, market: Marketplace) -> None:
        """Note today's misconduct and today's findings, if prices are monitored."""
        if PRICE_MONITOR not in market.policies.rules:
            return
        day = market.day
        now = misbehaving(market)
        begins = now & (self.last < day - MEMORY)
        self.since[begins], self.found_on[begins] = day, _NEVER
        self.last[now] = day
        rows = [one.listing for one in market.today.findings if one.rule == PRICE_MONITOR]
        self.flagged_on[rows] = day
        self.rightly[rows] = [
            bool(market.merchants[merchant].misconduct & PRICE_MISCONDUCT)
            for merchant in market.listings.merchant[rows].tolist()
        ]
        found = np.zeros(len(self.since), dtype=np.bool_)
        found[rows] = True
        found &= (self.last >= day - MEMORY) & (self.found_on < self.since)
        self.found_on[found] = day


def misbehaving(market: Marketplace) -> BoolArray:
    """(L,) hidden truth: on sale below cost on purpose, or gouged in an emergency, today."""
    listings, emergencies = market.listings, market.emergencies
    conduct, merchant, day = market.conduct, listings.merchant, market.day
    below = conduct.does("below_cost", day)[merchant] & (listings.price < listings.unit_cost)
    declared = emergencies.since[listings.category] >= 0
    dearer = declared & (listings.price > emergencies.price_before)
    misbehaves = below | (conduct.does("gouging", day)[merchant] & dearer)
    rows: BoolArray = misbehaves & may_be_sold(market) & (listings.stock > 0)
    return rows
