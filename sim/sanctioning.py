"""How decisions against merchants and the platform take effect, are written down, and are undone.

Undone they are on appeal: bans and demotions end, fines and restitution are paid back.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policies.arrays import FloatArray, IntArray
from policies.observations import PLATFORM, WITHOUT_END
from sim.columns import NEVER
from sim.ledger import Owner, Purpose
from sim.merchants.stocking import expected_sales

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
    DEMOTE = 3
    CLOSE = 4
    RESTITUTION = 5


def rule_number(market: Marketplace, rule: str) -> int:
    """The number of a rule in the run's list of rules; a new rule is appended."""
    if rule not in market.rules:
        market.rules.append(rule)
    return market.rules.index(rule)


def write_down(market: Marketplace, **columns: ArrayLike) -> NDArray[np.int64]:
    """Append to the table of sanctions; what is not given is nothing. Returns the new rows."""
    nothing = {
        "days": 0,
        "fine": 0,
        "level": 0,
        "points": 0,
        "restitution": 0,
        "finding": -1,
        "sales": 0.0,
        "margin": 0.0,
        "overturned": False,
    }
    return market.sanctions.append(day=market.day, **(nothing | columns))


def sales_at_stake(market: Marketplace) -> tuple[FloatArray, FloatArray]:
    """(L,) cents a day of recent sales at checkout, and (L,) what merchants earn on them."""
    listings = market.listings
    units = expected_sales(listings, market.day)
    earned = listings.price * (1.0 - market.fees.commission) - listings.unit_cost
    return units * listings.price, units * earned


def delist(market: Marketplace, merchant: int, listing: int, until: int) -> None:
    """Take a listing (or with -1 a shop) off sale until a day; a longer ban stands."""
    if listing == WHOLE_SHOP:
        closed = market.books.closed_until
        closed[merchant] = max(int(closed[merchant]), until)
    else:
        delisted = market.listings.delisted_until
        delisted[listing] = max(int(delisted[listing]), until)


def demote(market: Marketplace, merchant: int, cut: float, until: int) -> None:
    """A shop loses a share of its places until a day; a longer or deeper demotion stands."""
    books = market.books
    in_force = market.day < books.demoted_until[merchant]
    books.demotion[merchant] = max(cut, books.demotion[merchant]) if in_force else cut
    books.demoted_until[merchant] = max(int(books.demoted_until[merchant]), until)


def collect_fine(market: Marketplace, merchant: int, amount: int) -> None:
    """A merchant, or the platform, pays the treasury, into debt if need be."""
    ledger = market.ledger
    treasury = ledger.account(Owner.TREASURY)
    if merchant == PLATFORM:
        payer = ledger.account(Owner.PLATFORM)
    else:
        payer = ledger.account(Owner.MERCHANT, merchant)
        market.books.other_cost[merchant] += amount
    ledger.transfer(market.day, payer, treasury, amount, Purpose.FINE)


def lift(market: Marketplace, rows: IntArray) -> None:
    """Offers that were off sale until fixed were fixed: their bans end today, if no other stands.

    Args:
        market: the market.
        rows: rows of the table of sanctions, of delistings without end.
    """
    if len(rows) == 0:
        return
    table = market.sanctions
    table["days"][rows] = market.day - table["day"][rows]
    fixed = np.zeros(len(market.listings), dtype=np.bool_)
    fixed[table["listing"][rows]] = True
    bans = (table["kind"] == Measure.DELIST) & ~table["overturned"] & (table["listing"] >= 0)
    bans &= fixed[table["listing"]]
    until = first_day_free(table["day"][bans], table["days"][bans], table["issuer"][bans])
    delisted = market.listings.delisted_until
    delisted[fixed] = 0
    np.maximum.at(delisted, table["listing"][bans], until.astype(delisted.dtype))


def overturn(market: Marketplace, rows: IntArray) -> None:
    """Undo sanctions: bans end, money is paid back, the record is cleared.

    Fines come back from the treasury; what buyers got back they keep, and the state makes up for
    it. With a decision of the platform the complaints that it rested on are refuted: they no longer
    count against the listing, or it would be flagged again the same evening.

    Args:
        market: the market.
        rows: rows of the table of sanctions.
    """
    table = market.sanctions
    table["overturned"][rows] = True
    for row in rows.tolist():
        merchant, kind = int(table["merchant"][row]), table["kind"][row]
        _pay_back(market, merchant, int(table["fine"][row]), Owner.TREASURY, Purpose.FINE)
        given = int(table["restitution"][row])
        _pay_back(market, merchant, given, Owner.OUTSIDE, Purpose.RESTITUTION)
        if kind in (Measure.DELIST, Measure.CLOSE):
            _end_ban(market, merchant, int(table["listing"][row]))
        elif kind == Measure.DEMOTE:
            market.books.demoted_until[merchant] = _demotion_ends(market, merchant)
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
    standing = np.isin(table["kind"], (Measure.DELIST, Measure.CLOSE)) & ~table["overturned"]
    standing &= (table["listing"] == listing) & (table["merchant"] == merchant)
    until = first_day_free(table["day"], table["days"], table["issuer"])
    return int(until[standing].max(initial=0))


def first_day_free(day: IntArray, days: IntArray, issuer: IntArray) -> NDArray[np.int64]:
    """(n,) first day after bans: the regulator's begin on their day, the platform's on the next."""
    first: NDArray[np.int64] = day.astype(np.int64) + days + (issuer == Issuer.PLATFORM)
    return np.where(days == WITHOUT_END, NEVER, first)


def _end_ban(market: Marketplace, merchant: int, listing: int) -> None:
    end = ban_ends(market, merchant, listing)
    if listing == WHOLE_SHOP:
        market.books.closed_until[merchant] = end
    else:
        market.listings.delisted_until[listing] = end


def _demotion_ends(market: Marketplace, merchant: int) -> int:
    table = market.sanctions
    standing = (table["kind"] == Measure.DEMOTE) & ~table["overturned"]
    standing &= table["merchant"] == merchant
    return int((table["day"] + table["days"])[standing].max(initial=0))


def _pay_back(
    market: Marketplace, merchant: int, amount: int, payer: Owner, purpose: Purpose
) -> None:
    ledger = market.ledger
    if merchant == PLATFORM:
        account = ledger.account(Owner.PLATFORM)
    else:
        account = ledger.account(Owner.MERCHANT, merchant)
        market.books.other_cost[merchant] -= amount
    ledger.transfer(market.day, ledger.account(payer), account, amount, purpose)


def _clear_record(market: Marketplace, merchant: int, overturned: IntArray) -> None:
    """Down again by the rungs that each decision undone went up; the last offence that stands."""
    table, books = market.sanctions, market.books
    own = (table["merchant"] == merchant) & (table["issuer"] == Issuer.REGULATOR)
    down = 0
    for day in np.unique(table["day"][overturned[table["merchant"][overturned] == merchant]]):
        reached = int(table["level"][own & (table["day"] == day)].max())
        before = table["level"][own & (table["day"] < day)]
        down += max(reached - int(before[-1]), 1) if len(before) and reached else reached
    last = int(table["day"][own & ~table["overturned"]].max(initial=-1))
    if merchant == PLATFORM:
        regulator = market.regulator
        regulator.platform_level = max(regulator.platform_level - down, 0)
        regulator.platform_last_offence = last
        return
    books.sanction_level[merchant] = max(int(books.sanction_level[merchant]) - down, 0)
    books.last_offence[merchant] = last
