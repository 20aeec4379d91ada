"""Local search on the couriers' routes: ruin and recreate under simulated annealing, compiled.

Only what is planned and not fetched is moved. The number of iterations is given, never the time, so
that the same input gives the same plan.

Source: Christiaens & Vanden Berghe (2020), "Slack induction by string removals for vehicle routing
problems", Transportation Science 54(2): the search, and fleet minimisation by sums of absences.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.evaluation import Records, Sheet, Terms, copy_stops, evaluate, set_stops
from policies.dispatch.insertion import draw
from policies.dispatch.ruin import (
    Movable,
    Undo,
    add_changes,
    find_couriers,
    forget_changes,
    movable_parcels,
    put_back,
    recreate,
    ruin,
)
from policies.dispatch.whereabouts import Whereabouts, enter_all

UNSERVED = 1e6
"""Cost of a parcel in no route; more than that of any route that breaks no rule."""

FOCUS = 0.5
"""Share of iterations about a parcel that is new to the plan."""


class Search(NamedTuple):
    """How the search goes about it."""

    iterations: int
    ruined: float  # parcels taken out in an iteration, on average
    hot: float  # how much worse is accepted at the beginning, in costs of a parcel
    cold: float  # and at the end


@njit(cache=True)
def _new_undo(couriers, stops):  # type: ignore[no-untyped-def]
    return Undo(
        np.zeros(1, np.int64),
        np.empty(couriers, np.int64),
        np.zeros(couriers, np.bool_),
        np.empty(couriers, np.int64),
        np.empty((couriers, stops), np.int64),
        np.empty(couriers),
    )


@njit(cache=True)
def brings_in(change, more_outside, more_missing, chance):  # type: ignore[no-untyped-def]
    """Whether routes are taken where the goal is only that every parcel gets into one.

    Args:
        change: of their cost.
        more_outside: parcels more that are in no route.
        more_missing: sum of the absences of those in no route, more than of those of now.
        chance: how much worse is accepted this time.
    """
    return more_missing < 0.0 or more_outside < 0 or (more_missing == 0.0 and change < chance)


@njit(cache=True)
def improve(
    focus: int,
    movable: Movable,
    search: Search,
    sheet: Sheet,
    work: Records,
    team: Records,
    minutes: NDArray[Any],
    terms: Terms,
    refused: NDArray[np.int64],
    luck: NDArray[np.uint64],
    fewer: bool,
) -> int:
    """Search for cheaper routes; the best found stand in the sheet afterwards.

    Args:
        focus: how many of the first movable parcels are new to the plan.
        movable: what may be moved; changed in place.
        search: how.
        sheet: the routes, evaluated; changed in place, never for the worse.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes, which obey the triangle inequality.
        terms: what counts.
        refused: (D, 2) pairs of courier and job that may not be.
        luck: (1,) state of the generator; changed in place.
        fewer: whether the goal is only that every parcel gets into a route: those that were left
            out often count more, and the search ends once all are in.

    Returns:
        The iterations done.
    """
    n, couriers = len(movable.job), len(sheet.route)
    undo, best = _new_undo(couriers, sheet.step.shape[1]), _new_undo(couriers, sheet.step.shape[1])
    for k in range(couriers):
        best.length[k] = sheet.route[k].length
        copy_stops(k, sheet, best.stop[k])
    rows, old_courier = np.empty(n, np.int64), np.empty(n, np.int64)
    cost, outside, missing = 0.0, 0, 0.0
    scale = 0.0
    for k in range(couriers):
        cost += sheet.route[k].total
        if sheet.route[k].length > 0:
            scale += sheet.route[k].total - team[k].opening
    for i in range(n):
        if movable.courier[i] < 0:
            outside += 1
            missing += movable.absences[i]
    least = cost + UNSERVED * outside
    heat = search.hot * abs(scale) / max(n, 1)
    cooling = (search.cold / search.hot) ** (1.0 / max(search.iterations, 1))
    done = 0
    while done < search.iterations and n > 0 and not (fewer and outside == 0):
        done += 1
        heat *= cooling
        about = focus if 0 < focus < n and draw(luck) < FOCUS else n
        old_courier[:] = movable.courier
        count = 0
        for i in range(n):
            if movable.courier[i] < 0:
                rows[count] = i
                count += 1
        count += ruin(
            int(draw(luck) * about), search.ruined, movable, rows[count:], undo, sheet, work,
            team, minutes, terms, luck,
        )  # fmt: skip
        recreate(rows, count, movable, undo, sheet, work, team, minutes, terms, refused, luck)
        change = 0.0
        for c in range(undo.changes[0]):
            change += sheet.route[undo.courier[c]].total - undo.total[undo.courier[c]]
        now_outside, now_missing = 0, 0.0
        for row in rows[:count]:
            if movable.courier[row] < 0:
                now_outside += 1
                now_missing += movable.absences[row]
                movable.absences[row] += 1.0
        chance = -np.log(max(draw(luck), 1e-12)) * heat
        if fewer:
            taken = brings_in(change, now_outside - outside, now_missing - missing, chance)
        else:
            taken = change + UNSERVED * (now_outside - outside) < chance
        if taken:
            cost, outside, missing = cost + change, now_outside, 0.0
            for row in rows[:count]:
                if movable.courier[row] < 0:
                    missing += movable.absences[row]
            add_changes(undo, best)
            if cost + UNSERVED * outside < least - 1e-7:
                least = cost + UNSERVED * outside
                for c in range(best.changes[0]):
                    k = best.courier[c]
                    best.is_changed[k] = False
                    best.length[k] = sheet.route[k].length
                    copy_stops(k, sheet, best.stop[k])
                best.changes[0] = 0
        else:
            put_back(undo, sheet, work, team, minutes, terms)
            movable.courier[:] = old_courier
        forget_changes(undo)
    if not fewer or outside > 0:
        put_back(best, sheet, work, team, minutes, terms)
        find_couriers(movable, sheet)
    return done


@njit(cache=True)
def close_routes(
    movable: Movable,
    search: Search,
    sheet: Sheet,
    work: Records,
    team: Records,
    minutes: NDArray[Any],
    terms: Terms,
    refused: NDArray[np.int64],
    luck: NDArray[np.uint64],
) -> int:
    """Use fewer couriers: empty route after route, as long as its parcels fit elsewhere.

    Args:
        movable: what may be moved; changed in place.
        search: how; its iterations are for all routes together.
        sheet: the routes, evaluated; changed in place.
        work: the jobs.
        team: the couriers; `takes_work` is changed in place: closed routes stay closed.
        minutes: (P, P) travel minutes.
        terms: what counts.
        refused: (D, 2) pairs of courier and job that may not be.
        luck: (1,) state of the generator; changed in place.

    Returns:
        The number of routes closed.
    """
    couriers = len(sheet.route)
    left, closed = search.iterations, 0
    for row in range(len(movable.job)):
        if movable.courier[row] < 0:
            return closed
    for k in range(couriers):
        if sheet.route[k].length == 0 and team[k].opening > 0.0:
            team[k].takes_work = False
    stop = np.empty((couriers, sheet.step.shape[1]), np.int64)
    length = np.empty(couriers, np.int64)
    while left > 0:
        least, victim = np.inf, -1
        for k in range(couriers):
            if sheet.route[k].length == 0 or team[k].opening == 0.0 or not team[k].takes_work:
                continue
            absences = 0.0
            for row in range(len(movable.job)):
                if movable.courier[row] == k:
                    absences += movable.absences[row] + 1e-3
            if absences < least:
                least, victim = absences, k
        if victim < 0:
            break
        for k in range(couriers):
            length[k] = sheet.route[k].length
            copy_stops(k, sheet, stop[k])
        team[victim].takes_work = False
        sheet.route[victim].length = 0
        evaluate(victim, sheet, work, team, minutes, terms)
        find_couriers(movable, sheet)
        some = Search(left, search.ruined, search.hot, search.cold)
        left -= max(
            improve(0, movable, some, sheet, work, team, minutes, terms, refused, luck, True),
            1,
        )
        outside = False
        for row in range(len(movable.job)):
            outside |= movable.courier[row] < 0
        if outside:
            team[victim].takes_work = True
            for k in range(couriers):
                set_stops(k, stop[k], length[k], sheet)
                evaluate(k, sheet, work, team, minutes, terms)
            find_couriers(movable, sheet)
            break
        closed += 1
    return closed


@njit(cache=True)
def seed_of(seed: int, now: float, jobs: int) -> NDArray[np.uint64]:
    """A state of the generator from the policy's seed and the moment, never 0."""
    luck = np.empty(1, np.uint64)
    mixed = np.uint64(seed * 1_000_003 + jobs) * np.uint64(0x9E3779B97F4A7C15)
    luck[0] = (mixed ^ np.uint64(int(now * 1000.0) + 1)) | np.uint64(1)
    for _ in range(8):
        draw(luck)
    return luck


def plan_anew(
    waiting: NDArray[np.int64],
    search: Search,
    closing: int,
    seed: int,
    most_candidates: int,
    parts: tuple[Any, ...],
    where: Whereabouts,
) -> None:
    """Improve the routes after an insertion.

    Args:
        waiting: rows of the jobs that were waiting, in a route now or not.
        search: how.
        closing: iterations to use fewer couriers; 0: couriers cost nothing beyond their minutes.
        seed: of chance.
        most_candidates: couriers tried for each parcel.
        parts: sheet, work, team, minutes, terms and refused pairs.
        where: where the couriers are; they are entered as they are before the search.
    """
    sheet, work, team, _, terms, _ = parts
    jobs = len(work)
    luck = seed_of(seed, terms.now, len(waiting))
    movable = movable_parcels(waiting, sheet, jobs, min(most_candidates, len(sheet.route)), where)
    if not len(movable.job):
        return
    enter_all(where, sheet, work, team, terms.most_stops)
    if closing:
        hunt = Search(closing, search.ruined, search.hot, search.cold)
        close_routes(movable, hunt, *parts, luck)  # type: ignore[call-arg]
    improve(len(waiting), movable, search, *parts, luck, False)  # type: ignore[call-arg]
