"""How decisions against merchants take effect, are written down, and are undone on appeal."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from sim.ledger import Owner, Purpose

if TYPE_CHECKING:
    from sim.market import Marketplace

WHOLE_SHOP = -1


class Issuer(IntEnum):
    """Who decided."""

    REGULATOR = 0
    PLATFORM = 1


class Measure(IntEnum):
    """What was decided."""

    REMIND = 0
    DELIST = 1
    FINE = 2


def rule_number(market: Marketplace, rule: str) -> int:
    """The number of a rule in the run's list of rules; a new rule is appended."""
    if rule not in market.rules:
        market.rules.append(rule)
    return market.rules.index(rule)


def delist(market: Marketplace, merchant: int, listing: int, until: int) -> None:
    """Take a listing (or with -1 a shop) off sale until a day; a longer ban stands."""
    if listing == WHOLE_SHOP:
        closed = market.books.closed_until
        closed[merchant] = max(int(closed[merchant]), until)
    else:
        delisted = market.listings.delisted_until
        delisted[listing] = max(int(delisted[listing]), until)


def collect_fine(market: Marketplace, merchant: int, amount: int) -> None:
    """A merchant pays the treasury, into debt if need be."""
    ledger = market.ledger
    payer = ledger.account(Owner.MERCHANT, merchant)
    ledger.transfer(market.day, payer, ledger.account(Owner.TREASURY), amount, Purpose.FINE)
    market.books.other_cost[merchant] += amount


def overturn(market: Marketplace, rows: IntArray) -> None:
    """Undo sanctions: bans end, fines are paid back, the record is cleared.

    With a decision of the platform the complaints that it rested on are refuted: they no longer
    count against the listing, or it would be flagged again the same evening.

    Args:
        market: the market.
        rows: rows of the table of sanctions.
    """
    table, books, ledger = market.sanctions, market.books, market.ledger
    table["overturned"][rows] = True
    treasury = ledger.account(Owner.TREASURY)
    for row in rows.tolist():
        merchant, listing = int(table["merchant"][row]), int(table["listing"][row])
        fine = int(table["fine"][row])
        account = ledger.account(Owner.MERCHANT, merchant)
        ledger.transfer(market.day, treasury, account, fine, Purpose.FINE)
        books.other_cost[merchant] -= fine
        if table["kind"][row] == Measure.DELIST:
            end = int(ban_ends(market, merchant, listing))
            if listing == WHOLE_SHOP:
                books.closed_until[merchant] = end
            else:
                market.listings.delisted_until[listing] = end
    of_platform = table["issuer"][rows] == Issuer.PLATFORM
    refuted = table["listing"][rows[of_platform]]
    market.listings.complaints[refuted] = 0
    market.listings.counterfeit_complaints[refuted] = 0
    of_regulator = rows[~of_platform]
    for merchant in np.unique(table["merchant"][of_regulator]).tolist():
        _clear_record(market, merchant, of_regulator)


def ban_ends(market: Marketplace, merchant: int, listing: int) -> int:
    """First day without a ban on a listing (or with -1 a shop), by the sanctions that stand."""
    table = market.sanctions
    standing = (table["kind"] == Measure.DELIST) & ~table["overturned"]
    standing &= (table["listing"] == listing) & (table["merchant"] == merchant)
    until = first_day_free(table["day"], table["days"], table["issuer"])
    return int(until[standing].max(initial=0))


def first_day_free(day: IntArray, days: IntArray, issuer: IntArray) -> NDArray[np.int64]:
    """(n,) first day after bans: the regulator's begin on their day, the platform's on the next."""
    first: NDArray[np.int64] = day.astype(np.int64) + days + (issuer == Issuer.PLATFORM)
    return first


def _clear_record(market: Marketplace, merchant: int, overturned: IntArray) -> None:
    """One rung down for each decision undone; the last offence is the last that still stands."""
    table, books = market.sanctions, market.books
    own = overturned[table["merchant"][overturned] == merchant]
    decisions = len(np.unique(table["day"][own]))
    books.sanction_level[merchant] = max(int(books.sanction_level[merchant]) - decisions, 0)
    standing = (table["merchant"] == merchant) & (table["issuer"] == Issuer.REGULATOR)
    standing &= ~table["overturned"]
    books.last_offence[merchant] = table["day"][standing].max(initial=-1)
