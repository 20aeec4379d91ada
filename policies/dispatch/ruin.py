"""Taking strings of neighbouring parcels out of neighbouring routes, and back in: compiled.

Source: Christiaens & Vanden Berghe (2020), "Slack induction by string removals for vehicle routing
problems", Transportation Science 54(2): its ruin, and its recreate by greedy insertion with
blinks, on parcels with a pickup and a drop-off in place of customers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.candidates import candidates
from policies.dispatch.evaluation import copy_stops, evaluate, set_stops
from policies.dispatch.insertion import best_courier, draw, put_in, take_out
from policies.dispatch.whereabouts import Whereabouts

BLINKS = 0.01
"""Share of places overlooked (the source's beta)."""

LONGEST_STRING = 10.0
"""Most parcels taken out of one route in an iteration (the source's L-max)."""

SPLIT = 0.5
"""Share of strings that keep a part of them in their route (the source's alpha)."""

NEIGHBOURS = 40
"""Parcels that count as neighbours of a parcel."""

APART_IN_TIME = 0.2
"""Minutes of travel that a minute between ready times counts for, among neighbours."""

ORDERS = 4
"""Orders of putting parcels back: by chance, by promise, the longest way first, the shortest."""


class Movable(NamedTuple):
    """The parcels that may be moved: those that wait and those that are planned, not fetched.

    N parcels, B neighbours, C couriers, M known jobs.
    """

    job: NDArray[np.int64]  # (N,) rows of the known jobs
    row: NDArray[np.int64]  # (M,) where a job stands in `job`; -1: it may not be moved
    courier: NDArray[np.int64]  # (N,) whose route it is in; -1: none
    neighbours: NDArray[np.int64]  # (N, B) rows of `job`, nearest first; -1 first: not found yet
    tried: NDArray[np.int64]  # (N, C) couriers tried for it
    tries: NDArray[np.int64]  # (N,) how many of them; -1: not found yet
    absences: NDArray[np.float64]  # (N,) iterations in which it was in no route
    where: Whereabouts  # of the couriers, before the search


class Undo(NamedTuple):
    """What an iteration changes, as it was before. K couriers, R stops at most."""

    changes: NDArray[np.int64]  # (1,) couriers changed
    courier: NDArray[np.int64]  # (K,) which
    is_changed: NDArray[np.bool_]  # (K,)
    length: NDArray[np.int64]  # (K,)
    stop: NDArray[np.int64]  # (K, R)
    total: NDArray[np.float64]  # (K,)


@njit(cache=True)
def movable_parcels(focus, sheet, jobs, most_candidates, where):  # type: ignore[no-untyped-def]
    """What may be moved.

    Args:
        focus: rows of jobs that come first, in a route or not.
        sheet: the routes.
        jobs: number of known jobs.
        most_candidates: couriers tried for each.
        where: where the couriers are.
    """
    row = np.full(jobs, -1, np.int64)
    count = 0
    for job in focus:
        row[job] = count
        count += 1
    for k in range(len(sheet.route)):
        for s in range(sheet.route[k].length):
            stop = sheet.step[k, s].stop
            if not stop & 1 and row[stop >> 1] < 0:
                row[stop >> 1] = count
                count += 1
    job = np.empty(count, np.int64)
    for j in range(jobs):
        if row[j] >= 0:
            job[row[j]] = j
    movable = Movable(
        job,
        row,
        np.full(count, -1, np.int64),
        np.full((count, min(NEIGHBOURS, count)), -1, np.int64),
        np.empty((count, most_candidates), np.int64),
        np.full(count, -1, np.int64),
        np.zeros(count),
        where,
    )
    find_couriers(movable, sheet)
    return movable


@njit(cache=True)
def find_couriers(movable, sheet):  # type: ignore[no-untyped-def]
    """Read from the routes who has which parcel."""
    movable.courier[:] = -1
    for k in range(len(sheet.route)):
        for s in range(sheet.route[k].length):
            stop = sheet.step[k, s].stop
            if not stop & 1:
                movable.courier[movable.row[stop >> 1]] = k


@njit(cache=True)
def remember(k, undo, sheet):  # type: ignore[no-untyped-def]
    """Note a route before it is changed for the first time."""
    if undo.is_changed[k]:
        return
    n = sheet.route[k].length
    undo.is_changed[k] = True
    undo.courier[undo.changes[0]] = k
    undo.changes[0] += 1
    undo.length[k], undo.total[k] = n, sheet.route[k].total
    copy_stops(k, sheet, undo.stop[k])


@njit(cache=True)
def add_changes(undo, best):  # type: ignore[no-untyped-def]
    """Name among the changes of `best` all couriers that `undo` names."""
    for c in range(undo.changes[0]):
        k = undo.courier[c]
        if not best.is_changed[k]:
            best.is_changed[k] = True
            best.courier[best.changes[0]] = k
            best.changes[0] += 1


@njit(cache=True)
def forget_changes(undo):  # type: ignore[no-untyped-def]
    """Name no courier any more."""
    for c in range(undo.changes[0]):
        undo.is_changed[undo.courier[c]] = False
    undo.changes[0] = 0


@njit(cache=True)
def _find_neighbours(i, movable, work, minutes):  # type: ignore[no-untyped-def]
    """Fill row i of the neighbours: near at the pickup, at the door and in time; i is the first."""
    job = movable.job
    near, found = movable.neighbours[i], 0
    distance = np.empty(len(near))
    a = job[i]
    for b in range(len(job)):
        c = job[b]
        apart = minutes[work[a].pickup, work[c].pickup] + minutes[work[a].dropoff, work[c].dropoff]
        apart += APART_IN_TIME * abs(work[a].ready - work[c].ready)
        if b == i:
            apart = -1.0
        if found == len(near) and apart >= distance[found - 1]:
            continue
        if found < len(near):
            found += 1
        place = found - 1
        while place > 0 and distance[place - 1] > apart:
            distance[place], near[place] = distance[place - 1], near[place - 1]
            place -= 1
        distance[place], near[place] = apart, b


@njit(cache=True)
def strings_among(stops, routes, mean, luck):  # type: ignore[no-untyped-def]
    """The longest string to be taken out of a route, and of how many routes.

    Args:
        stops: of the neighbours' routes, each route's as often as it has neighbours.
        routes: how many these are.
        mean: parcels taken out in an iteration, on average.
        luck: state of the generator.
    """
    longest = max(min(LONGEST_STRING, 0.5 * stops / max(routes, 1)), 1.0)
    return longest, 1 + int(draw(luck) * max(4.0 * mean / (1.0 + longest) - 1.0, 1.0))


@njit(cache=True)
def string_about(where, n, longest, luck):  # type: ignore[no-untyped-def]
    """A string of parcels about one of a route's n parcels, maybe with a gap that stays.

    Args:
        where: the one's number among the route's parcels, which is in the string and is taken out.
        n: parcels of the route.
        longest: most parcels taken out of one route.
        luck: state of the generator.

    Returns:
        The string's first parcel, its parcels, the gap's first parcel, and its parcels.
    """
    length = 1 + int(draw(luck) * min(longest, n))
    kept = 0
    if 1 < length < n and draw(luck) < SPLIT:
        kept = 1
        while length + kept < n and draw(luck) < 0.5:
            kept += 1
    whole = length + kept
    first = min(max(where - int(draw(luck) * whole), 0), n - whole)
    gap = first + 1 + int(draw(luck) * (length - 1)) if kept else n
    return first, whole, gap, kept


@njit(cache=True)
def _take_string(  # type: ignore[no-untyped-def]
    i, longest, movable, removed, count, sheet, work, team, minutes, terms, luck
):
    """Take a string of parcels about parcel i out of its route; returns the new count."""
    k = movable.courier[i]
    string = np.empty(sheet.route[k].length, np.int64)
    n = where = 0
    for s in range(sheet.route[k].length):
        stop = sheet.step[k, s].stop
        if stop & 1:
            continue
        row = movable.row[stop >> 1]
        if row == i:
            where = n
        string[n] = row
        n += 1
    first, whole, gap, kept = string_about(where, n, longest, luck)
    for place in range(first, first + whole):
        row = string[place]
        if gap <= place < gap + kept and row != i:
            continue
        removed[count] = row
        count += 1
        movable.courier[row] = -1
        take_out(k, movable.job[row], sheet, work, team, minutes, terms)
    return count


@njit(cache=True)
def ruin(  # type: ignore[no-untyped-def]
    centre, mean, movable, removed, undo, sheet, work, team, minutes, terms, luck
):
    """Take strings of parcels out of the routes about a centre.

    Args:
        centre: row of the parcel in the middle.
        mean: parcels taken out in an iteration, on average.
        movable: what may be moved; changed in place.
        removed: (N,) filled with rows of parcels.
        undo: filled with the routes as they were.
        sheet: the routes; changed in place.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.
        luck: state of the generator.

    Returns:
        The number of parcels taken out.
    """
    if movable.neighbours[centre, 0] < 0:
        _find_neighbours(centre, movable, work, minutes)
    near = movable.neighbours[centre]
    stops = routes = 0
    for i in near:
        k = movable.courier[i]
        if k >= 0:
            stops += sheet.route[k].length
            routes += 1
    longest, strings = strings_among(stops, routes, mean, luck)
    count = taken = 0
    for i in near:
        if taken == strings:
            break
        k = movable.courier[i]
        if k < 0 or undo.is_changed[k]:
            continue
        remember(k, undo, sheet)
        taken += 1
        count = _take_string(
            i, longest, movable, removed, count, sheet, work, team, minutes, terms, luck
        )
    return count


@njit(cache=True)
def sort_by(key, rows):  # type: ignore[no-untyped-def]
    """Sort the first rows by as many keys; those with the same key stay in their order."""
    for r in range(1, len(key)):
        value, row, place = key[r], rows[r], r
        while place > 0 and key[place - 1] > value:
            key[place], rows[place] = key[place - 1], rows[place - 1]
            place -= 1
        key[place], rows[place] = value, row


@njit(cache=True)
def _sort(rows, count, movable, work, minutes, luck):  # type: ignore[no-untyped-def]
    """Put parcels into one of the orders."""
    way = int(draw(luck) * ORDERS)
    key = np.empty(count)
    for r in range(count):
        job = movable.job[rows[r]]
        if way == 0:
            key[r] = draw(luck)
        elif way == 1:
            key[r] = min(work[job].due, work[job].deadline)
        else:
            drive = minutes[work[job].pickup, work[job].dropoff]
            key[r] = -drive if way == 2 else drive
    sort_by(key, rows)


@njit(cache=True)
def recreate(  # type: ignore[no-untyped-def]
    rows, count, movable, undo, sheet, work, team, minutes, terms, refused, luck
):
    """Put parcels into the routes, each where it adds least; places are overlooked by chance.

    Args:
        rows: (N,) of which the first `count` are rows of parcels; sorted in place.
        count: how many.
        movable: what may be moved; changed in place.
        undo: filled with the routes as they were.
        sheet: the routes; changed in place.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.
        refused: (D, 2) pairs of courier and job that may not be.
        luck: state of the generator.
    """
    _sort(rows, count, movable, work, minutes, luck)
    everybody, most = len(sheet.route), movable.tried.shape[1]
    promise = np.empty(most)
    for row in rows[:count]:
        job = movable.job[row]
        if movable.tries[row] < 0:
            if most >= everybody:
                movable.tries[row] = everybody
                for k in range(everybody):
                    movable.tried[row, k] = k
            else:
                movable.tries[row] = candidates(
                    job, movable.where, sheet, work, team, minutes, terms, movable.tried[row],
                    promise,
                )  # fmt: skip
        tried = movable.tried[row, : movable.tries[row]]
        _, k, i, j = best_courier(
            job, tried, sheet, work, team, minutes, terms, refused, BLINKS, luck
        )
        if k >= 0:
            remember(k, undo, sheet)
            put_in(k, i, j, job, sheet, work, team, minutes, terms)
            movable.courier[row] = k


@njit(cache=True)
def put_back(undo, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Make the routes what they were before the iteration."""
    for c in range(undo.changes[0]):
        k = undo.courier[c]
        set_stops(k, undo.stop[k], undo.length[k], sheet)
        evaluate(k, sheet, work, team, minutes, terms)
