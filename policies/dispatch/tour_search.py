"""Local search on routes where windows are hard and only driving costs: compiled.

The search is that of `policies.dispatch.search`, on the routes of `policies.dispatch.tours`.

Source: Christiaens & Vanden Berghe (2020), "Slack induction by string removals for vehicle routing
problems", Transportation Science 54(2): ruin, recreate with blinks, and fleet minimisation by sums
of absences.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.insertion import draw
from policies.dispatch.ruin import (
    BLINKS,
    add_changes,
    forget_changes,
    sort_by,
    string_about,
    strings_among,
)
from policies.dispatch.search import UNSERVED, Search, brings_in
from policies.dispatch.tours import Tours, cheapest_tour, put_job_in, take_jobs_out, time_tour

ORDERS = 5
"""Orders of putting jobs back: by chance, the earliest deadline first, the longest way first, the
shortest, the least time for it first."""


OUTSIDER = 10.0
"""Cost of a job that is in no route for a while, in costs of a job: low enough to find a way from
one division of the jobs among few couriers to another."""


class Assignment(NamedTuple):
    """Which courier has which job. J jobs, N of which may be moved; B neighbours."""

    job: NDArray[np.int64]  # (N,) rows of those that may be moved
    courier: NDArray[np.int64]  # (J,) -1: none; -2: it may not be moved
    neighbours: NDArray[np.int64]  # (J, B) jobs that may be moved, nearest first
    absences: NDArray[np.float64]  # (J,) iterations in which it was in no route
    is_out: NDArray[np.bool_]  # (J,) scratch, false between the kernels


class Copy(NamedTuple):
    """Routes as they were. K couriers, R stops at most."""

    changes: NDArray[np.int64]  # (1,) couriers changed since
    courier: NDArray[np.int64]  # (K,) which
    is_changed: NDArray[np.bool_]  # (K,)
    length: NDArray[np.int64]  # (K,)
    version: NDArray[np.int64]  # (K,)
    cost: NDArray[np.float64]  # (K,)
    stop: NDArray[np.int64]  # (K, R + 2)


@njit(cache=True)
def _new_copy(tours):  # type: ignore[no-untyped-def]
    """Room to note routes in."""
    k, r = tours.step.shape
    return Copy(
        np.zeros(1, np.int64),
        np.empty(k, np.int64),
        np.zeros(k, np.bool_),
        np.empty(k, np.int64),
        np.empty(k, np.int64),
        np.empty(k),
        np.empty((k, r), np.int64),
    )


@njit(cache=True)
def _keep(k, tours, copy):  # type: ignore[no-untyped-def]
    """Note route k as it is."""
    n = tours.tour[k].length
    copy.length[k], copy.version[k] = n, tours.tour[k].version
    copy.cost[k] = tours.tour[k].cost
    for s in range(1, n + 1):
        copy.stop[k, s] = tours.step[k, s].stop


@njit(cache=True)
def _bring_back(k, tours, copy):  # type: ignore[no-untyped-def]
    """Make route k what was noted; what was found about it then holds again."""
    n, end = copy.length[k], tours.step[k, tours.tour[k].length + 1].stop
    for s in range(1, n + 1):
        tours.step[k, s].stop = copy.stop[k, s]
    tours.step[k, n + 1].stop = end
    tours.tour[k].length = n
    time_tour(k, tours)
    tours.tour[k].version = copy.version[k]


@njit(cache=True)
def _remember(k, tours, copy):  # type: ignore[no-untyped-def]
    """Note route k before it is changed for the first time."""
    if not copy.is_changed[k]:
        copy.is_changed[k] = True
        copy.courier[copy.changes[0]] = k
        copy.changes[0] += 1
        _keep(k, tours, copy)


@njit(cache=True)
def find_couriers(plan, tours):  # type: ignore[no-untyped-def]
    """Read from the routes who has which job that may be moved."""
    plan.courier[plan.job] = -1
    for k in range(len(tours.tour)):
        for s in range(1, tours.tour[k].length + 1):
            stop = tours.step[k, s].stop
            if not stop & 1:
                plan.courier[stop >> 1] = k


@njit(cache=True)
def _ruin(centre, mean, removed, plan, tours, undo, luck):  # type: ignore[no-untyped-def]
    """Take strings of jobs out of the routes about a job; how many, the first of `removed`."""
    near = plan.neighbours[centre]
    stops = routes = 0
    for i in near:
        k = plan.courier[i]
        if k >= 0:
            stops += tours.tour[k].length
            routes += 1
    longest, strings = strings_among(stops, routes, mean, luck)
    count = taken = 0
    string = np.empty(len(plan.courier), np.int64)
    for i in near:
        if taken == strings:
            break
        k = plan.courier[i]
        if k < 0 or undo.is_changed[k]:
            continue
        _remember(k, tours, undo)
        taken += 1
        n = where = 0
        for s in range(1, tours.tour[k].length + 1):
            stop = tours.step[k, s].stop
            if stop & 1:
                continue
            if stop >> 1 == i:
                where = n
            string[n] = stop >> 1
            n += 1
        first, whole, gap, kept = string_about(where, n, longest, luck)
        for place in range(first, first + whole):
            job = string[place]
            if gap <= place < gap + kept and job != i:
                continue
            removed[count] = job
            count += 1
            plan.courier[job] = -1
            plan.is_out[job] = True
        take_jobs_out(k, plan.is_out, tours)
    for r in range(count):
        plan.is_out[removed[r]] = False
    return count


@njit(cache=True)
def _sort(jobs, count, tours, luck):  # type: ignore[no-untyped-def]
    """Put the first jobs into one of the orders."""
    way = int(draw(luck) * ORDERS)
    key = np.empty(count)
    for r in range(count):
        pickup, dropoff = 2 * jobs[r], 2 * jobs[r] + 1
        if way == 0:
            key[r] = draw(luck)
        elif way == 1:
            key[r] = tours.stop[dropoff].late
        elif way == 4:
            key[r] = tours.stop[dropoff].late - tours.stop[pickup].early
        else:
            drive = tours.minutes[0, pickup, dropoff]
            key[r] = -drive if way == 2 else drive
    sort_by(key, jobs)


@njit(cache=True)
def _recreate(jobs, count, plan, tours, undo, luck):  # type: ignore[no-untyped-def]
    """Put jobs into the routes, each where it adds least; places are overlooked by chance."""
    _sort(jobs, count, tours, luck)
    for job in jobs[:count]:
        k, i, j = cheapest_tour(job, BLINKS, tours, luck)
        if k >= 0:
            _remember(k, tours, undo)
            if put_job_in(k, i, j, job, tours):
                plan.courier[job] = k
            else:  # sums of the same numbers differ
                plan.is_out[job] = True
                take_jobs_out(k, plan.is_out, tours)
                plan.is_out[job] = False


@njit(cache=True)
def improve(
    plan: Assignment, search: Search, tours: Tours, luck: NDArray[np.uint64], fewer: bool
) -> int:
    """Search for cheaper routes; the best found stand in the tours afterwards.

    Args:
        plan: who has which job; changed in place.
        search: how.
        tours: all routes; changed in place, never for the worse.
        luck: (1,) state of the generator; changed in place.
        fewer: whether the goal is only that every job gets into a route: those that were left out
            often count more, and the search ends once all are in.

    Returns:
        The iterations done.
    """
    n, couriers = len(plan.job), len(tours.tour)
    undo, best = _new_copy(tours), _new_copy(tours)
    for k in range(couriers):
        _keep(k, tours, best)
    jobs, old = np.empty(n, np.int64), np.empty(len(plan.courier), np.int64)
    cost, opened, outside, missing = 0.0, 0.0, 0, 0.0
    for k in range(couriers):
        cost += tours.tour[k].cost
        if tours.tour[k].length > 0:
            opened += tours.tour[k].opening
    for job in plan.job:
        if plan.courier[job] < 0:
            outside += 1
            missing += plan.absences[job]
    least = cost + UNSERVED * outside
    each = (cost - opened) / max(n, 1)
    outsider = OUTSIDER * each if outside == 0 else UNSERVED
    worth, served_by = cost + outsider * outside, opened
    heat = search.hot * each
    cooling = (search.cold / search.hot) ** (1.0 / max(search.iterations, 1))
    done = 0
    while done < search.iterations and n > 0 and not (fewer and outside == 0):
        done += 1
        heat *= cooling
        old[:] = plan.courier
        count = 0
        if outside > 0:
            for job in plan.job:
                if plan.courier[job] < 0:
                    jobs[count] = job
                    count += 1
        centre = plan.job[int(draw(luck) * n)]
        count += _ruin(centre, search.ruined, jobs[count:], plan, tours, undo, luck)
        _recreate(jobs, count, plan, tours, undo, luck)
        change = 0.0
        now_opened = opened
        for c in range(undo.changes[0]):
            k = undo.courier[c]
            change += tours.tour[k].cost - undo.cost[k]
            now_opened += tours.tour[k].opening * (
                (tours.tour[k].length > 0) - (undo.length[k] > 0)
            )
        now_outside, now_missing = 0, 0.0
        for job in jobs[:count]:
            if plan.courier[job] < 0:
                now_outside += 1
                now_missing += plan.absences[job]
                plan.absences[job] += 1.0
        # Who leaves the last job of a courier out saves nothing by that.
        worth_then = cost + change + outsider * now_outside
        if now_outside > 0:
            worth_then += max(served_by - now_opened, 0.0)
        chance = -np.log(max(draw(luck), 1e-12)) * heat
        if fewer:
            taken = brings_in(change, now_outside - outside, now_missing - missing, chance)
        else:
            taken = worth_then - worth < chance
        if taken:
            cost, outside, missing = cost + change, now_outside, 0.0
            worth, opened = worth_then, now_opened
            if outside == 0:
                served_by = opened
            for job in jobs[:count]:
                if plan.courier[job] < 0:
                    missing += plan.absences[job]
            add_changes(undo, best)
            if cost + UNSERVED * outside < least - 1e-7:
                least = cost + UNSERVED * outside
                for c in range(best.changes[0]):
                    k = best.courier[c]
                    best.is_changed[k] = False
                    _keep(k, tours, best)
                best.changes[0] = 0
        else:
            for c in range(undo.changes[0]):
                _bring_back(undo.courier[c], tours, undo)
            plan.courier[:] = old
        forget_changes(undo)
    if not fewer or outside > 0:
        for c in range(best.changes[0]):
            _bring_back(best.courier[c], tours, best)
        find_couriers(plan, tours)
    return done


@njit(cache=True)
def close_routes(plan: Assignment, search: Search, tours: Tours, luck: NDArray[np.uint64]) -> int:
    """Use fewer couriers: empty route after route, as long as its jobs fit elsewhere.

    Args:
        plan: who has which job; changed in place.
        search: how; its iterations are for all routes together.
        tours: all routes; changed in place: closed routes stay closed.
        luck: (1,) state of the generator; changed in place.

    Returns:
        The number of routes closed.
    """
    couriers = len(tours.tour)
    left, closed = search.iterations, 0
    for job in plan.job:
        if plan.courier[job] < 0:
            return closed
    for k in range(couriers):
        if tours.tour[k].length == 0 and tours.tour[k].opening > 0.0:
            tours.tour[k].is_open = False
    before = _new_copy(tours)
    while left > 0:
        least, victim = np.inf, -1
        for k in range(couriers):
            tour = tours.tour[k]
            if tour.length == 0 or tour.opening == 0.0 or not tour.is_open:
                continue
            absences = 0.0
            for job in plan.job:
                if plan.courier[job] == k:
                    absences += plan.absences[job] + 1e-3
            if absences < least:
                least, victim = absences, k
        if victim < 0:
            break
        for k in range(couriers):
            _keep(k, tours, before)
        tours.tour[victim].is_open = False
        tours.step[victim, 1].stop = tours.step[victim, tours.tour[victim].length + 1].stop
        tours.tour[victim].length = 0
        time_tour(victim, tours)
        find_couriers(plan, tours)
        some = Search(left, search.ruined, search.hot, search.cold)
        left -= max(improve(plan, some, tours, luck, True), 1)
        outside = False
        for job in plan.job:
            outside |= plan.courier[job] < 0
        if outside:
            tours.tour[victim].is_open = True
            for k in range(couriers):
                _bring_back(k, tours, before)
            find_couriers(plan, tours)
            break
        closed += 1
    return closed
