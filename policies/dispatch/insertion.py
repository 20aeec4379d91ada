"""Where a parcel adds least to the couriers' routes: compiled.

Only some couriers are tried: the candidates.

Source: Jaw, Odoni, Psaraftis & Wilson (1986), Transportation Research B 20(3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.candidates import candidates
from policies.dispatch.evaluation import (
    ROUNDING,
    VIOLATION,
    Records,
    Sheet,
    Terms,
    ending,
    evaluate,
    idle_before,
    place_after,
    place_of,
    serve,
)
from policies.dispatch.whereabouts import Whereabouts, enter, enter_all


@njit(cache=True)
def draw(luck: NDArray[np.uint64]) -> float:
    """The next number in [0, 1) of an xorshift generator.

    Source: Marsaglia (2003), Journal of Statistical Software 8(14).

    Args:
        luck: (1,) its state, not 0; changed in place.
    """
    x = luck[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    luck[0] = x
    return float(x >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def _remainder(  # type: ignore[no-untyped-def]
    k, j, clock, at, rest, spent, sheet, work, team, minutes, terms, whole, give_up_at
):
    """Cost of a route whose stops from j on follow a new beginning; infinite if not below."""
    for s in range(j, sheet.route[k].length):
        clock, at, rest, _, cost = serve(
            clock, at, rest, sheet.step[k, s].stop, k, work, team, minutes, terms
        )
        spent += cost
        remaining = whole - sheet.step[k, s + 1].spent
        if spent + remaining >= give_up_at:
            return np.inf
        if clock <= sheet.step[k, s + 1].clock + ROUNDING and rest == sheet.step[k, s + 1].rest:
            return spent + remaining
    return spent + ending(clock, at, k, team, minutes, terms)


@njit(cache=True)
def _detour(k, s, first, second, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Minutes that courier k drives more if it goes to `first` and `second` before its stop s."""
    at = place_after(k, s, sheet, work, team)
    drive = minutes[at, first] + minutes[first, second]
    if s < sheet.route[k].length:
        then = place_of(sheet.step[k, s].stop, work)
        return (drive + minutes[second, then]) * team[k].speed - sheet.step[k, s].leg
    if terms.must_return:
        drive += minutes[second, team[k].base] - minutes[at, team[k].base]
    return drive * team[k].speed


@njit(cache=True)
def best_insertion(  # type: ignore[no-untyped-def]
    k, job, sheet, work, team, minutes, terms, limit, blinks, luck
):
    """The cheapest places in route k for a job's pickup and drop-off.

    Args:
        k: the courier.
        job: row of the job.
        sheet: the routes, evaluated.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes, which obey the triangle inequality.
        terms: what counts.
        limit: added cost that is of no interest any more.
        blinks: share of places that are overlooked by chance.
        luck: state of the generator; used only where `blinks` is not 0.

    Returns:
        The added cost (infinite if there is nothing below `limit`), the number of present stops
        before the pickup, and the number before the drop-off.
    """
    best, best_i, best_j = np.inf, -1, -1
    n, units = sheet.route[k].length, work[job].units
    if n + 2 > terms.most_stops:
        return best, best_i, best_j
    pickup, dropoff = 2 * job, 2 * job + 1
    whole = sheet.route[k].total + terms.busy * sheet.route[k].slack
    speed = team[k].speed
    origin, goal = work[job].pickup, work[job].dropoff
    quick, least = terms.driven > 0.0 and n > 0, np.inf
    if quick:
        for j in range(1, n + 1):
            least = min(least, _detour(k, j, goal, goal, sheet, work, team, minutes, terms))
    apart = 0.0
    for i in range(n + 1):
        if quick:  # what it drives more, with the drop-off apart and at once
            apart = terms.driven * (
                least + _detour(k, i, origin, origin, sheet, work, team, minutes, terms)
            )
            together = terms.driven * _detour(k, i, origin, goal, sheet, work, team, minutes, terms)
            sure = min(apart, together) + team[k].per_job
            if sure >= min(best, limit) and (i > 0 or terms.busy == 0.0):
                continue
        if sheet.step[k, i].load + units > team[k].capacity:
            continue
        if sheet.step[k, i].parcels >= terms.most_on_board:
            continue
        if blinks > 0.0 and draw(luck) < blinks:
            continue
        at = place_after(k, i, sheet, work, team)
        clock, at, rest, _, cost = serve(
            sheet.step[k, i].clock, at, sheet.step[k, i].rest, pickup, k, work, team, minutes, terms
        )
        if cost >= VIOLATION:
            break  # later stops begin later
        spent = sheet.step[k, i].spent + cost + (team[k].opening if n == 0 else 0.0)
        slack = sheet.route[k].slack
        if i == 0:
            slack = idle_before(k, pickup, work, team, minutes, terms)
        known = sheet.route[k].total + terms.busy * slack  # what a new total is compared with
        _, _, _, _, own = serve(clock, at, rest, dropoff, k, work, team, minutes, terms)
        if own >= VIOLATION:
            break
        if i < n:
            own -= terms.driven * minutes[at, work[job].dropoff] * speed
            longer = (
                minutes[at, place_of(sheet.step[k, i].stop, work)] * speed - sheet.step[k, i].leg
            )
            shared = (
                rest >= 0.0 and sheet.step[k, i].stop & 1 == 0 and longer == -sheet.step[k, i].leg
            )
            if not shared and clock + longer > sheet.step[k, i].latest + ROUNDING:
                continue
            bound = spent + own + terms.driven * longer + whole - sheet.step[k, i].spent
            if bound - known >= min(best, limit):
                continue
        for j in range(i, n + 1):
            out, door, new_rest, _, cost = serve(
                clock, at, rest, dropoff, k, work, team, minutes, terms
            )
            if cost >= VIOLATION:
                break
            if j == n:
                total = spent + cost + ending(out, door, k, team, minutes, terms)
            else:
                then = place_of(sheet.step[k, j].stop, work)
                longer = minutes[door, then] * speed - sheet.step[k, j].leg
                total = np.inf
                bound = spent + cost + terms.driven * longer + whole - sheet.step[k, j].spent
                give_up_at = known + min(best, limit)
                if bound < give_up_at and out + longer <= sheet.step[k, j].latest + ROUNDING:
                    total = _remainder(
                        k, j, out, door, new_rest, spent + cost, sheet, work, team, minutes,
                        terms, whole, give_up_at,
                    )  # fmt: skip
            if total - known < min(best, limit) and (
                terms.most_detour == np.inf
                or _rides_are_short(k, i, j, job, sheet, work, team, minutes, terms)
            ):
                best, best_i, best_j = total - known, i, j
            if j == n or (terms.busy == 0.0 and apart + team[k].per_job >= min(best, limit)):
                break
            stop = sheet.step[k, j].stop
            if not stop & 1 and (
                sheet.step[k, j].load + work[stop >> 1].units + units > team[k].capacity
                or sheet.step[k, j].parcels + 2 > terms.most_on_board
            ):
                break
            clock, at, rest, _, cost = serve(clock, at, rest, stop, k, work, team, minutes, terms)
            spent += cost
            if clock > sheet.step[k, j + 1].latest + ROUNDING:
                break
            if spent + whole - sheet.step[k, j + 1].spent - known >= min(best, limit):
                break
    if best >= 0.5 * VIOLATION:
        return np.inf, -1, -1
    return best, best_i, best_j


@njit(cache=True)
def _rides_are_short(  # type: ignore[no-untyped-def]
    k, i, j, job, sheet, work, team, minutes, terms
):
    """Whether no parcel would ride longer than by the direct way and the detour allowed.

    The ride of a parcel on board is counted from the courier's present place. Rides that the new
    parcel does not lengthen do not count.
    """
    n = sheet.route[k].length
    stops = np.empty(n + 2, np.int64)
    stops[i], stops[j + 1] = 2 * job, 2 * job + 1
    for s in range(n):
        stops[s if s < i else s + 1 if s < j else s + 2] = sheet.step[k, s].stop
    handover = np.empty(n + 2)
    clock, at, rest = team[k].start, team[k].place, team[k].lingers
    for s in range(n + 2):
        clock, at, rest, handover[s], _ = serve(
            clock, at, rest, stops[s], k, work, team, minutes, terms
        )
        if not stops[s] & 1 or s <= i:
            continue
        other = stops[s] >> 1
        began, origin = team[k].start, team[k].place
        after = 0.0
        between = 0
        for q in range(s):
            if stops[q] == stops[s] - 1:
                began, origin = handover[q], work[other].pickup
                after = (1.0 - terms.service_before) * work[other].pickup_service
                between = q
        if other != job and (between > j + 1 or s < i):
            continue
        direct = minutes[origin, work[other].dropoff] * team[k].speed + after
        direct += terms.service_before * work[other].dropoff_service
        door = max(began + direct, work[other].not_before)
        if handover[s] > door + terms.most_detour + ROUNDING:
            return False
    return True


@njit(cache=True)
def put_in(k, i, j, job, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Put a job's pickup before stop i and its drop-off before stop j of route k."""
    row, n = sheet.step[k], sheet.route[k].length
    for s in range(n - 1, j - 1, -1):
        row[s + 2].stop = row[s].stop
    row[j + 1].stop = 2 * job + 1
    for s in range(j - 1, i - 1, -1):
        row[s + 1].stop = row[s].stop
    row[i].stop = 2 * job
    sheet.route[k].length = n + 2
    evaluate(k, sheet, work, team, minutes, terms)


@njit(cache=True)
def take_out(k, job, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Take a job's two stops out of route k."""
    kept = 0
    for s in range(sheet.route[k].length):
        if sheet.step[k, s].stop >> 1 != job:
            sheet.step[k, kept].stop = sheet.step[k, s].stop
            kept += 1
    sheet.route[k].length = kept
    evaluate(k, sheet, work, team, minutes, terms)


@njit(cache=True)
def is_refused(k, job, refused):  # type: ignore[no-untyped-def]
    """Whether courier k has turned the job down."""
    found = False
    for row in range(len(refused)):
        found |= refused[row, 0] == k and refused[row, 1] == job
    return found


@njit(cache=True)
def best_courier(  # type: ignore[no-untyped-def]
    job, tried, sheet, work, team, minutes, terms, refused, blinks, luck
):
    """The courier, among those tried, to whose route a job adds least.

    Returns:
        The added cost, the courier (-1: none can bring it), and the two places in its route.
    """
    best, best_k, best_i, best_j = np.inf, -1, -1, -1
    for k in tried:
        if not team[k].takes_work or (len(refused) > 0 and is_refused(k, job, refused)):
            continue
        cost, i, j = best_insertion(k, job, sheet, work, team, minutes, terms, best, blinks, luck)
        if cost < best:
            best, best_k, best_i, best_j = cost, k, i, j
    return best, best_k, best_i, best_j


@njit(cache=True)
def insert_in_turn(
    jobs: NDArray[np.int64],
    sheet: Sheet,
    work: Records,
    team: Records,
    minutes: NDArray[Any],
    terms: Terms,
    refused: NDArray[np.int64],
    where: Whereabouts,
    most_candidates: int,
    patience: int,
) -> int:
    """Insert jobs one after the other, each where it adds least; some may fit nowhere.

    Args:
        jobs: (J,) rows in the order of insertion.
        sheet: the routes, evaluated; changed in place.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes, which obey the triangle inequality.
        terms: what counts.
        refused: (D, 2) pairs of courier and job that may not be.
        where: where the couriers are; they are entered here.
        most_candidates: couriers tried for each job.
        patience: jobs in a row that fit nowhere after which no more are tried.

    Returns:
        How many were inserted.
    """
    chosen = np.empty(most_candidates, np.int64)
    promise = np.empty(most_candidates)
    luck = np.ones(1, np.uint64)
    enter_all(where, sheet, work, team, terms.most_stops)
    inserted = failures = 0
    for job in jobs:
        if failures == patience:
            break
        found = candidates(job, where, sheet, work, team, minutes, terms, chosen, promise)
        _, k, i, j = best_courier(
            job, chosen[:found], sheet, work, team, minutes, terms, refused, 0.0, luck
        )
        if k < 0:
            failures += 1
            continue
        put_in(k, i, j, job, sheet, work, team, minutes, terms)
        if len(where.mark):
            enter(k, where, sheet, work, team, terms.most_stops)
        inserted += 1
        failures = 0
    return inserted
