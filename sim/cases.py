"""Open cases: offers that the regulator looks at again once their time to cure, or ban, is over.

Each sanction that gives time, or takes something off sale, opens one. An offer found in order is
cured: its case is closed, and a ban until it is fixed is lifted. Looking again costs an inspection
like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.observations import (
    NEW,
    NO_LISTING,
    PLATFORM,
    RUNNING,
    UNCURED,
    WITHOUT_END,
    Finding,
    Sanction,
)
from sim.sanctioning import lift, rule_number

if TYPE_CHECKING:
    from sim.market import Marketplace

Key = tuple[int, int, int]
"""Merchant, listing and rule that a case is about."""


class Outcome(IntEnum):
    """How a case ended."""

    OPEN = 0
    CURED = 1
    NOT_CURED = 2
    LAPSED = 3  # the shop closed, or the sanction was overturned


def open_case(market: Marketplace, one: Sanction, row: int) -> None:
    """Open the case of a sanction that is to be looked at again.

    Args:
        market: the market.
        one: the sanction.
        row: its row in the table of sanctions.
    """
    every = 0
    if one.kind in {"remind", "fine"}:
        wait = one.look_again
    elif one.kind == "delist" and one.days == WITHOUT_END:
        wait = every = max(one.look_again, 1)
    elif one.kind in {"delist", "close"} and one.days != WITHOUT_END:
        wait = one.days
    else:
        return
    market.cases.append(
        day=market.day,
        merchant=one.merchant,
        listing=one.listing,
        rule=rule_number(market, one.rule),
        sanction=row,
        due=market.day + max(wait, 1),
        every=every,
        closed_on=-1,
        outcome=Outcome.OPEN,
    )


def drop_lapsed(market: Marketplace) -> None:
    """Close the cases of shops that gave up and of sanctions that were overturned."""
    table = market.cases
    rows = open_cases(market)
    merchant = table["merchant"][rows]
    gone = (merchant != PLATFORM) & ~market.books.is_open[merchant]
    gone |= market.sanctions["overturned"][table["sanction"][rows]]
    _close(market, rows[gone], Outcome.LAPSED)


def open_cases(market: Marketplace) -> NDArray[np.int64]:
    """(n,) rows of the cases that are open."""
    return np.flatnonzero(market.cases["closed_on"] < 0)


def due_cases(market: Marketplace) -> NDArray[np.int64]:
    """(n,) rows of the open cases whose time has come, the longest overdue first."""
    rows = open_cases(market)
    due = market.cases["due"][rows]
    order = np.argsort(due, kind="stable")
    in_turn: NDArray[np.int64] = rows[order][due[order] <= market.day]
    return in_turn


def stages(
    market: Marketplace, findings: Sequence[Finding], looked_at: IntArray
) -> NDArray[np.int64]:
    """(F,) what each finding is: new, about a case that still runs, or one that was not cured.

    Args:
        market: the market.
        findings: of today.
        looked_at: rows of the due cases that were inspected again today.
    """
    table, stage = market.cases, np.full(len(findings), NEW)
    rows = open_cases(market)
    again = set(looked_at.tolist())
    known: dict[Key, int] = {}
    every = table["every"][rows].tolist()
    for row, key, wait in zip(rows.tolist(), _keys(market, rows), every, strict=True):
        uncured = row in again and wait == 0
        known[key] = max(known.get(key, NEW), UNCURED if uncured else RUNNING)
    if known:
        stage[:] = [known.get(_finding_key(market, one), NEW) for one in findings]
    return stage


def settle_cases(market: Marketplace, findings: Sequence[Finding], looked_at: IntArray) -> None:
    """Close the cases that were looked at; what is off sale and not fixed is looked at later.

    Args:
        market: the market.
        findings: of today.
        looked_at: rows of the due cases that were inspected again today.
    """
    table = market.cases
    found = {_finding_key(market, one) for one in findings}
    again = np.array([key in found for key in _keys(market, looked_at)], dtype=np.bool_)
    until_fixed = table["every"][looked_at] > 0
    cured, waiting = looked_at[~again], looked_at[again & until_fixed]
    _close(market, cured, Outcome.CURED)
    lift(market, table["sanction"][looked_at[~again & until_fixed]])
    table["due"][waiting] = market.day + table["every"][waiting]
    _close(market, looked_at[again & ~until_fixed], Outcome.NOT_CURED)


def _close(market: Marketplace, rows: IntArray, outcome: Outcome) -> None:
    market.cases["closed_on"][rows] = market.day
    market.cases["outcome"][rows] = outcome


def _keys(market: Marketplace, rows: IntArray) -> list[Key]:
    columns = (market.cases[name][rows].tolist() for name in ("merchant", "listing", "rule"))
    return list(zip(*columns, strict=True))


def _finding_key(market: Marketplace, one: Finding) -> Key:
    return one.merchant, one.listing, rule_number(market, one.rule)


def offers_of(market: Marketplace, cases: IntArray) -> NDArray[np.int64]:
    """(k,) distinct listings that cases are about, ascending."""
    listing: NDArray[np.int64] = np.unique(market.cases["listing"][cases]).astype(np.int64)
    offers: NDArray[np.int64] = listing[listing != NO_LISTING]
    return offers
