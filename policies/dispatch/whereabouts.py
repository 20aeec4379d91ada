"""Which couriers are, or will be, near a place: compiled.

Each courier who takes work stands in a list of every place that its route touches, or of the place
where it is, if it has no route. Whoever looks for couriers near a pickup walks through the places
in the order of their nearness.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

PLACE = np.dtype(
    [
        ("busy", np.int64),  # first entry of a courier with a route; -1: none
        ("idle", np.int64),  # first entry of a courier without; -1: none
        ("row", np.int64),  # where the places near it are listed; -1: they are not
    ]
)
"""A place, with the heads of its lists."""

ENTRY = np.dtype([("next", np.int64), ("before", np.int64), ("place", np.int64)])
"""An entry in a list. Entry s of a courier: for where it is after s stops."""

MARK = np.dtype(
    [
        ("entries", np.int64),
        ("is_idle", np.bool_),  # as entered
        ("met", np.int64),  # the last search in which it was met
    ]
)
"""A courier, as entered."""

LEDGER = np.dtype(
    [
        ("idle", np.int64),  # couriers entered as such
        ("busy", np.int64),
        ("searches", np.int64),
    ]
)
"""Sums over couriers."""


class Whereabouts(NamedTuple):
    """Who is where. P places, K couriers, R stops at most, Q places with lists of N places."""

    place: NDArray[Any]  # (P,) PLACE
    entry: NDArray[Any]  # (K, R + 1) ENTRY
    mark: NDArray[Any]  # (K,) MARK
    ledger: NDArray[Any]  # (1,) LEDGER
    near: NDArray[np.int32]  # (Q, N) places in the order of the minutes to them


NOWHERE = Whereabouts(
    np.empty(0, PLACE),
    np.empty((0, 0), ENTRY),
    np.empty(0, MARK),
    np.zeros(1, LEDGER),
    np.empty((0, 0), np.int32),
)
"""Of a fleet so small that nobody asks."""


def whereabouts(
    couriers: int, stops: int, minutes: NDArray[Any], pickups: NDArray[np.int64]
) -> Whereabouts:
    """Room for a fleet that is not entered yet.

    Args:
        couriers: how many.
        stops: that a route holds.
        minutes: (P, P) travel minutes.
        pickups: places near which couriers will be looked for.
    """
    lists = _lists_of(minutes)
    place = np.full(len(minutes), -1, PLACE)
    place["row"] = lists.rows(pickups)
    entry, mark = np.empty((couriers, stops + 1), ENTRY), np.zeros(couriers, MARK)
    return Whereabouts(place, entry, mark, np.zeros(1, LEDGER), lists.near)


PLACES_LISTED = 1024
"""Places that are listed as near, at most."""

TABLES_KEPT = 8
"""Tables of minutes whose lists are kept: the periods of a day."""


class _Lists:
    """The places in the order of their nearness to some, worked out when first asked for."""

    def __init__(self, minutes: NDArray[Any]) -> None:
        self.minutes = weakref.ref(minutes)
        self.near = np.empty((0, min(len(minutes), PLACES_LISTED)), np.int32)
        self._row = np.full(len(minutes), -1, np.int64)
        self._known = 0

    def rows(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """(P,) row in `near` of each place; -1 where none is known."""
        new = np.unique(places[self._row[places] < 0])
        minutes = self.minutes()
        if len(new) and minutes is not None:
            wanted = self._known + len(new)
            if wanted > len(self.near):
                larger = np.empty((2 * wanted, self.near.shape[1]), np.int32)
                larger[: self._known] = self.near[: self._known]
                self.near = larger
            for row, place in enumerate(new.tolist(), start=self._known):
                self.near[row] = _nearest(minutes[place], self.near.shape[1])
                self._row[place] = row
            self._known = wanted
        return self._row


def _nearest(minutes: NDArray[Any], count: int) -> NDArray[np.int64]:
    """(N,) places with the least minutes, the nearest first; of equals, the lower number."""
    farthest = np.partition(minutes, count - 1)[count - 1]
    near = np.flatnonzero(minutes <= farthest)
    places: NDArray[np.int64] = near[np.argsort(minutes[near], kind="stable")][:count]
    return places


_kept: list[_Lists] = []
"""The lists of the tables used last, which others may ask for again."""


def _lists_of(minutes: NDArray[Any]) -> _Lists:
    """The lists of a table, which nobody changes in place."""
    _kept[:] = [lists for lists in _kept if lists.minutes() is not None][-TABLES_KEPT:]
    for lists in _kept:
        if lists.minutes() is minutes:
            return lists
    _kept.append(_Lists(minutes))
    return _kept[-1]


@njit(cache=True)
def _leave(k, where):  # type: ignore[no-untyped-def]
    """Take courier k out of all lists."""
    for s in range(where.mark[k].entries):
        then, before = where.entry[k, s].next, where.entry[k, s].before
        width = where.entry.shape[1]
        if then >= 0:
            where.entry[then // width, then % width].before = before
        if before >= 0:
            where.entry[before // width, before % width].next = then
        elif where.mark[k].is_idle:
            where.place[where.entry[k, s].place].idle = then
        else:
            where.place[where.entry[k, s].place].busy = then
    if where.mark[k].entries > 0:
        where.ledger[0].idle -= where.mark[k].is_idle
        where.ledger[0].busy -= not where.mark[k].is_idle
    where.mark[k].entries = 0


@njit(cache=True)
def _put(k, s, place, where):  # type: ignore[no-untyped-def]
    """Put entry s of courier k at the head of a place's list."""
    width = where.entry.shape[1]
    here = k * width + s
    idle = where.mark[k].is_idle
    head = where.place[place].idle if idle else where.place[place].busy
    where.entry[k, s].next, where.entry[k, s].before = head, -1
    where.entry[k, s].place = place
    if head >= 0:
        where.entry[head // width, head % width].before = here
    if idle:
        where.place[place].idle = here
    else:
        where.place[place].busy = here


@njit(cache=True)
def enter(k, where, sheet, work, team, most_stops):  # type: ignore[no-untyped-def]
    """Enter courier k, whose route may have changed.

    Args:
        k: the courier.
        where: changed in place.
        sheet: the routes, evaluated.
        work: the jobs.
        team: the couriers.
        most_stops: of a route; who has no room for one more parcel is in no list.
    """
    _leave(k, where)
    n = sheet.route[k].length
    if not team[k].takes_work or n + 2 > most_stops:
        return
    where.mark[k].is_idle = n == 0
    where.mark[k].entries = n + 1
    where.ledger[0].idle += n == 0
    where.ledger[0].busy += n > 0
    _put(k, 0, team[k].place, where)
    for s in range(n):
        stop = sheet.step[k, s].stop
        _put(k, s + 1, work[stop >> 1].dropoff if stop & 1 else work[stop >> 1].pickup, where)


@njit(cache=True)
def enter_all(where, sheet, work, team, most_stops):  # type: ignore[no-untyped-def]
    """Enter all couriers, if anybody asks where they are; see `enter`."""
    for k in range(len(where.mark)):
        enter(k, where, sheet, work, team, most_stops)


@njit(cache=True)
def couriers_near(place, most, where):  # type: ignore[no-untyped-def]
    """(N,) couriers with a route and without, of each the nearest to a place.

    Args:
        place: one of those near which couriers may be looked for.
        most: couriers of each kind; more where several are at the last place, fewer where few are
            at the places that are listed as near.
        where: all couriers, entered.
    """
    where.ledger[0].searches += 1
    search, width = where.ledger[0].searches, where.entry.shape[1]
    found, count = np.empty(len(where.mark), np.int64), 0
    for has_route in (False, True):
        everybody = where.ledger[0].busy if has_route else where.ledger[0].idle
        met = 0
        for other in where.near[where.place[place].row]:
            if met >= min(most, everybody):
                break
            here = where.place[other].busy if has_route else where.place[other].idle
            while here >= 0:
                k = here // width
                here = where.entry[k, here % width].next
                if where.mark[k].met != search:
                    where.mark[k].met = search
                    found[count] = k
                    count += 1
                    met += 1
    return found[:count]
