"""The truth about merchants' conduct: who did what a rule is meant to find, and with which offer.

A deed is the act of a merchant of a kind (`sim.merchants.agent`): it undercut its own cost to drive
others out, announced more than an honest price before discount, advertised less than it asks. Costs
that jump leave an honest merchant below cost for a while as well: that is no deed, and a sanction
for it is wrongful, however right the figures are. Gouging needs no intent: whoever asks more in an
emergency than the statute allows did it, whatever its strategy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray
from policies.observations import NO_LISTING, PLATFORM
from policies.rules.gouging import Gouging, lawful_price
from sim.merchants.agent import PRICE_MISCONDUCT
from sim.merchants.pricing import DISCOUNT_DAYS
from sim.merchants.unit_costs import average_variable_cost, net_price
from sim.platform_truth import has_done
from sim.price_watch import PRICE_MONITOR

if TYPE_CHECKING:
    from sim.market import Marketplace

MISCONDUCT_OF_RULE = {
    "below_cost": "below_cost",
    "false_discount": "fake_list_price",
    "discount_base": "fake_list_price",
    "bait_price": "bait",
    "gouging": "gouging",
}
"""The misconduct that a rule is meant to find; a rule not named here means that of its own name."""

DEEDS = ("below_cost", "fake_list_price", "bait", "gouging")
"""Kinds of misconduct that are done with single offers, day by day."""

NEEDS_NO_INTENT = frozenset({"gouging"})
"""Kinds that a merchant can do without being of the kind."""

MEMORY = 120
"""Days for which a deed may be held against a merchant: as long as prices are on record."""

ROUNDING = 1.005
"""An announced price before over an honest one that is no deed: cents are rounded."""

STATUTE = Gouging.Params()
"""The limits in an emergency that the law has, whatever a scenario's regulator makes of them."""


class Deeds:
    """When each offer was last used for each kind of misconduct."""

    def __init__(self, listings: int) -> None:
        """Nobody has done anything.

        Args:
            listings: L.
        """
        self.last: NDArray[np.int32] = np.full((len(DEEDS), listings), -1, dtype=np.int32)

    def grow(self, listings: int) -> None:
        """Make room for `listings` more."""
        self.last = np.pad(self.last, ((0, 0), (0, listings)), constant_values=-1)

    def note(self, market: Marketplace) -> None:
        """Write down what is done today, once prices are set."""
        listings = market.listings
        self._did(market, "bait", np.flatnonzero(listings.advertised < listings.price))
        self._did(market, "fake_list_price", _false_announcements(market))
        self._did(market, "below_cost", _predatory_prices(market))
        self._did(market, "gouging", _prices_of_need(market))

    def done(self, kind: str, day: int, listing: int | IntArray | slice = slice(None)) -> BoolArray:
        """(n,) whether offers were used for a kind of misconduct that day, or not long before.

        Args:
            kind: of misconduct.
            day: today.
            listing: (n,) offers, one, or all.
        """
        last = self.last[DEEDS.index(kind), listing]
        recent: BoolArray = (last >= 0) & (last > day - MEMORY)
        return recent

    def _did(self, market: Marketplace, kind: str, rows: IntArray) -> None:
        self.last[DEEDS.index(kind), rows] = market.day


def is_wrongful(market: Marketplace, merchant: int, rule: str, listing: int = NO_LISTING) -> bool:
    """Whether a merchant did not do, by the hidden truth, what a rule is meant to find.

    Of the platform it is known what it does.

    Args:
        market: the market.
        merchant: whom a finding or a sanction names; PLATFORM: the platform.
        rule: name of the rule.
        listing: the offer that it names, or NO_LISTING for the whole shop.
    """
    if merchant == PLATFORM:
        return not has_done(market, rule)
    misconduct: frozenset[str] = market.merchants[merchant].misconduct
    if rule == PRICE_MONITOR:
        return not misconduct & PRICE_MISCONDUCT
    kind = MISCONDUCT_OF_RULE.get(rule, rule)
    if kind not in misconduct and kind not in NEEDS_NO_INTENT:
        return True
    if kind not in DEEDS:
        return False
    if listing != NO_LISTING:
        return not market.deeds.done(kind, market.day, listing).any()
    own = np.flatnonzero(market.listings.merchant == merchant)
    return not market.deeds.done(kind, market.day, own).any()


def _of_kind(market: Marketplace, kind: str) -> IntArray:
    """Offers of merchants in business who are of a kind."""
    of_kind = market.conduct.of_kind(kind) & market.books.is_open
    return np.flatnonzero(of_kind[market.listings.merchant])


def _false_announcements(market: Marketplace) -> IntArray:
    rows, listings = _of_kind(market, "fake_list_price"), market.listings
    rows = rows[listings.list_price[rows] > listings.advertised[rows]]
    past = market.price_history[-DISCOUNT_DAYS:, rows]
    lowest = np.where(past > 0, past, listings.advertised[rows]).min(axis=0)
    false: IntArray = rows[listings.list_price[rows] > ROUNDING * lowest]
    return false


def _predatory_prices(market: Marketplace) -> IntArray:
    rows = _of_kind(market, "below_cost")
    if len(rows) == 0:
        return rows
    return rows[net_price(market)[rows] < average_variable_cost(market)[rows]]


def _prices_of_need(market: Marketplace) -> IntArray:
    state, listings = market.emergencies, market.listings
    declared = (state.since >= 0) & (market.day - state.since < STATUTE.days)
    rows = np.flatnonzero(declared[listings.category] & market.books.is_open[listings.merchant])
    most = lawful_price(
        state.price_before[rows], state.cost_before[rows], listings.unit_cost[rows], STATUTE
    )
    above: IntArray = rows[listings.price[rows] > most]
    return above
