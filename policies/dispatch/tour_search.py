"""Local search on routes where windows are hard and only driving costs: compiled.

The search is that of `policies.dispatch.search`, on `policies.dispatch.tours`.

Source: Christiaens & Vanden Berghe (2020), "Slack induction by string removals for vehicle routing
problems", Transportation Science 54(2): ruin, recreate with blinks, and fleet minimisation by sums
of absences.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.evaluation import Records
from policies.dispatch.insertion import draw
from policies.dispatch.tours import (
    PLACE,
    STEP,
    STOP,
    TOUR,
    Tours,
    cheapest_tour,
    put_job_in,
    take_jobs_out,
    time_tour,
)

UNSERVED = 1e6
BLINKS = 0.01
LONGEST_STRING = 10.0
SPLIT = 0.5
NEIGHBOURS = 40
APART_IN_TIME = 0.2
ORDERS = 5


class Plan(NamedTuple):
    """Which courier has which job. J jobs."""

    job: NDArray[np.int64]  # (N,)
    courier: NDArray[np.int64]  # (J,) -1: none; -2: it may not be moved
    neighbours: NDArray[np.int64]  # (J, B)
    absences: NDArray[np.float64]  # (J,)
    is_out: NDArray[np.bool_]  # (J,) scratch


class Copy(NamedTuple):
    """Routes as they were."""

    changes: NDArray[np.int64]  # (1,)
    courier: NDArray[np.int64]  # (K,)
    is_changed: NDArray[np.bool_]  # (K,)
    length: NDArray[np.int64]  # (K,)
    version: NDArray[np.int64]  # (K,)
    cost: NDArray[np.float64]  # (K,)
    stop: NDArray[np.int64]  # (K, R)


@njit(cache=True)
def new_copy(tours):  # type: ignore[no-untyped-def]
    """Room for a copy."""
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
def keep(k, tours, copy):  # type: ignore[no-untyped-def]
    n = tours.tour[k].length
    copy.length[k], copy.version[k] = n, tours.tour[k].version
    copy.cost[k] = tours.tour[k].cost
    for s in range(1, n + 1):
        copy.stop[k, s] = tours.step[k, s].stop


@njit(cache=True)
def bring_back(k, tours, copy):  # type: ignore[no-untyped-def]
    n, end = copy.length[k], tours.step[k, tours.tour[k].length + 1].stop
    for s in range(1, n + 1):
        tours.step[k, s].stop = copy.stop[k, s]
    tours.step[k, n + 1].stop = end
    tours.tour[k].length = n
    time_tour(k, tours)
    tours.tour[k].version = copy.version[k]


@njit(cache=True)
def remember(k, tours, copy):  # type: ignore[no-untyped-def]
    if not copy.is_changed[k]:
        copy.is_changed[k] = True
        copy.courier[copy.changes[0]] = k
        copy.changes[0] += 1
        keep(k, tours, copy)


@njit(cache=True)
def find_couriers(plan, tours):  # type: ignore[no-untyped-def]
    plan.courier[plan.job] = -1
    for k in range(len(tours.tour)):
        for s in range(1, tours.tour[k].length + 1):
            stop = tours.step[k, s].stop
            if not stop & 1:
                plan.courier[stop >> 1] = k


@njit(cache=True)
def ruin(centre, mean, removed, plan, tours, undo, luck):  # type: ignore[no-untyped-def]
    near = plan.neighbours[centre]
    stops = routes = 0
    for i in near:
        k = plan.courier[i]
        if k >= 0:
            stops += tours.tour[k].length
            routes += 1
    longest = max(min(LONGEST_STRING, 0.5 * stops / max(routes, 1)), 1.0)
    strings = 1 + int(draw(luck) * max(4.0 * mean / (1.0 + longest) - 1.0, 1.0))
    count = taken = 0
    string = np.empty(len(plan.courier), np.int64)
    for i in near:
        if taken == strings:
            break
        k = plan.courier[i]
        if k < 0 or undo.is_changed[k]:
            continue
        remember(k, tours, undo)
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
        length = 1 + int(draw(luck) * min(longest, n))
        kept = 0
        if 1 < length < n and draw(luck) < SPLIT:
            kept = 1
            while length + kept < n and draw(luck) < 0.5:
                kept += 1
        whole = length + kept
        first = min(max(where - int(draw(luck) * whole), 0), n - whole)
        gap = first + 1 + int(draw(luck) * (length - 1)) if kept else n
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
def sort(jobs, count, tours, luck):  # type: ignore[no-untyped-def]
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
    for r in range(1, count):
        value, job, place = key[r], jobs[r], r
        while place > 0 and key[place - 1] > value:
            key[place], jobs[place] = key[place - 1], jobs[place - 1]
            place -= 1
        key[place], jobs[place] = value, job


@njit(cache=True)
def recreate(jobs, count, plan, tours, undo, luck):  # type: ignore[no-untyped-def]
    sort(jobs, count, tours, luck)
    for job in jobs[:count]:
        k, i, j = cheapest_tour(job, BLINKS, tours, luck)
        if k >= 0:
            remember(k, tours, undo)
            if put_job_in(k, i, j, job, tours):
                plan.courier[job] = k
            else:  # sums of the same numbers differ
                plan.is_out[job] = True
                take_jobs_out(k, plan.is_out, tours)
                plan.is_out[job] = False


@njit(cache=True)
def improve(iterations, mean, hot, cold, plan, tours, luck, fewer):  # type: ignore[no-untyped-def]
    n, couriers = len(plan.job), len(tours.tour)
    undo, best = new_copy(tours), new_copy(tours)
    for k in range(couriers):
        keep(k, tours, best)
    jobs, old = np.empty(n, np.int64), np.empty(len(plan.courier), np.int64)
    cost, outside, missing = 0.0, 0, 0.0
    for k in range(couriers):
        cost += tours.tour[k].cost
    for job in plan.job:
        if plan.courier[job] < 0:
            outside += 1
            missing += plan.absences[job]
    least = cost + UNSERVED * outside
    heat = hot * cost / max(n, 1)
    cooling = (cold / hot) ** (1.0 / max(iterations, 1))
    done = 0
    while done < iterations and n > 0 and not (fewer and outside == 0):
        done += 1
        heat *= cooling
        old[:] = plan.courier
        count = 0
        if outside > 0:
            for job in plan.job:
                if plan.courier[job] < 0:
                    jobs[count] = job
                    count += 1
        count += ruin(plan.job[int(draw(luck) * n)], mean, jobs[count:], plan, tours, undo, luck)
        recreate(jobs, count, plan, tours, undo, luck)
        change = 0.0
        for c in range(undo.changes[0]):
            k = undo.courier[c]
            change += tours.tour[k].cost - undo.cost[k]
        now_outside, now_missing = 0, 0.0
        for job in jobs[:count]:
            if plan.courier[job] < 0:
                now_outside += 1
                now_missing += plan.absences[job]
                plan.absences[job] += 1.0
        chance = -np.log(max(draw(luck), 1e-12)) * heat
        if fewer:
            taken = now_missing < missing or now_outside < outside
            taken = taken or (now_missing == missing and change < chance)
        else:
            taken = change + UNSERVED * (now_outside - outside) < chance
        if taken:
            cost, outside, missing = cost + change, now_outside, 0.0
            for job in jobs[:count]:
                if plan.courier[job] < 0:
                    missing += plan.absences[job]
            for c in range(undo.changes[0]):
                k = undo.courier[c]
                if not best.is_changed[k]:
                    best.is_changed[k] = True
                    best.courier[best.changes[0]] = k
                    best.changes[0] += 1
            if cost + UNSERVED * outside < least - 1e-7:
                least = cost + UNSERVED * outside
                for c in range(best.changes[0]):
                    k = best.courier[c]
                    best.is_changed[k] = False
                    keep(k, tours, best)
                best.changes[0] = 0
        else:
            for c in range(undo.changes[0]):
                bring_back(undo.courier[c], tours, undo)
            plan.courier[:] = old
        for c in range(undo.changes[0]):
            undo.is_changed[undo.courier[c]] = False
        undo.changes[0] = 0
    if not fewer or outside > 0:
        for c in range(best.changes[0]):
            bring_back(best.courier[c], tours, best)
        find_couriers(plan, tours)
    return done


@njit(cache=True)
def close_routes(iterations, mean, hot, cold, plan, tours, luck):  # type: ignore[no-untyped-def]
    couriers = len(tours.tour)
    left, closed = iterations, 0
    for job in plan.job:
        if plan.courier[job] < 0:
            return closed
    for k in range(couriers):
        if tours.tour[k].length == 0 and tours.tour[k].opening > 0.0:
            tours.tour[k].is_open = False
    before = new_copy(tours)
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
            keep(k, tours, before)
        tours.tour[victim].is_open = False
        tours.step[victim, 1].stop = tours.step[victim, tours.tour[victim].length + 1].stop
        tours.tour[victim].length = 0
        time_tour(victim, tours)
        find_couriers(plan, tours)
        left -= max(improve(left, mean, hot, cold, plan, tours, luck, True), 1)
        outside = False
        for job in plan.job:
            outside |= plan.courier[job] < 0
        if outside:
            tours.tour[victim].is_open = True
            for k in range(couriers):
                bring_back(k, tours, before)
            find_couriers(plan, tours)
            break
        closed += 1
    return closed


def _tours(parts: tuple[Any, ...]) -> Tours:
    sheet, work, team, minutes, terms, _ = parts
    jobs, couriers, room = len(work), len(team), sheet.step.shape[1] - 1
    stop = np.zeros(2 * jobs + 2 * couriers, STOP)
    before = terms.service_before
    place = np.empty(len(stop), np.int64)
    place[0 : 2 * jobs : 2], place[1 : 2 * jobs : 2] = work["pickup"], work["dropoff"]
    place[2 * jobs : 2 * jobs + couriers] = team["place"]
    place[2 * jobs + couriers :] = team["base"]
    stop["early"][0 : 2 * jobs : 2] = work["ready"] - before * work["pickup_service"]
    stop["late"][0 : 2 * jobs : 2] = np.minimum(
        work["pickup_by"], work["deadline"] - before * work["pickup_service"]
    )
    stop["service"][0 : 2 * jobs : 2] = work["pickup_service"]
    stop["units"][0 : 2 * jobs : 2] = work["units"]
    stop["early"][1 : 2 * jobs : 2] = work["not_before"] - before * work["dropoff_service"]
    stop["late"][1 : 2 * jobs : 2] = work["deadline"] - before * work["dropoff_service"]
    stop["service"][1 : 2 * jobs : 2] = work["dropoff_service"]
    stop["units"][1 : 2 * jobs : 2] = -work["units"]
    stop["late"][2 * jobs + couriers :] = team["shift_end"]
    step = np.zeros((couriers, room + 2), STEP)
    step["stop"][:, 0] = 2 * jobs + np.arange(couriers)
    step["leave"][:, 0], step["load"][:, 0] = team["start"], team["load"]
    for k in range(couriers):
        n = sheet.route["length"][k]
        step["stop"][k, 1 : n + 1] = sheet.step["stop"][k, :n]
        step["stop"][k, n + 1] = 2 * jobs + couriers + k
    tour = np.zeros(couriers, TOUR)
    tour["length"], tour["capacity"] = sheet.route["length"], team["capacity"]
    tour["opening"], tour["is_open"] = team["opening"], team["takes_work"]
    far = minutes[np.ix_(place, place)] * float(team["speed"][0])
    tours = Tours(
        stop,
        step,
        tour,
        np.ascontiguousarray(np.stack([far, far.T])),
        np.full((jobs, couriers), -1, PLACE) if False else np.zeros((jobs, couriers), PLACE),
        np.empty((2, room + 2)),
        np.zeros(1, np.int64),
        float(terms.driven),
    )
    for k in range(couriers):
        time_tour(k, tours)
    return tours


def _plan(waiting: NDArray[np.int64], tours: Tours, jobs: int) -> Plan:
    courier = np.full(jobs, -2)
    courier[waiting] = -1
    for k, tour in enumerate(tours.tour):
        stop = tours.step["stop"][k, 1 : tour["length"] + 1]
        courier[stop[stop % 2 == 0] // 2] = k
    job = np.flatnonzero(courier > -2)
    far = tours.minutes[0]
    p, d = 2 * job, 2 * job + 1
    early = tours.stop["early"][p]
    apart = far[np.ix_(p, p)] + far[np.ix_(d, d)]
    apart = apart + APART_IN_TIME * np.abs(early[:, None] - early)
    np.fill_diagonal(apart, -1.0)
    near = np.zeros((jobs, min(NEIGHBOURS, len(job))), np.int64)
    near[job] = job[np.argsort(apart, axis=1, kind="stable")[:, :NEIGHBOURS]]
    return Plan(job, courier, near, np.zeros(jobs), np.zeros(jobs, np.bool_))


def plan_tours(waiting, iterations, ruined, hot, cold, closing, luck, parts):
    sheet = parts[0]
    tours = _tours(parts)
    plan = _plan(waiting, tours, len(parts[1]))
    if closing:
        close_routes(closing, ruined, hot, cold, plan, tours, luck)
    improve(iterations, ruined, hot, cold, plan, tours, luck, False)
    sheet.route["length"] = tours.tour["length"]
    room = sheet.step.shape[1] - 1
    sheet.step["stop"][:, :room] = tours.step["stop"][:, 1 : room + 1]
    from policies.dispatch.evaluation import evaluate_all

    evaluate_all(*parts[:5])
