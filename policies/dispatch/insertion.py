"""Where a parcel adds least to the couriers' routes: compiled.

Only some couriers are tried: those from whose present place, or from a stop of whose route, the
parcel is fetched with the least detour and delay. So the work a parcel makes hardly grows with the
number of couriers.

Source: Jaw, Odoni, Psaraftis & Wilson (1986), Transportation Research B 20(3), insertion of
pickups and deliveries; the candidates: as the neighbour lists of Toth & Vigo (2003), INFORMS
Journal on Computing 15(4), in time and space.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.evaluation import (
    ROUNDING,
    VIOLATION,
    Sheet,
    Team,
    Terms,
    Work,
    ending,
    evaluate,
    idle_before,
    place_after,
    place_of,
    serve,
)


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
def candidates(  # type: ignore[no-untyped-def]
    job, sheet, work, team, minutes, terms, chosen, promise
):
    """The couriers most promising for a job, best first.

    Args:
        job: row of the job.
        sheet: the routes, evaluated.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.
        chosen: (C,) filled with rows of couriers.
        promise: (C,) scratch.

    Returns:
        How many were found.
    """
    found, most = 0, len(chosen)
    near = minutes[work.pickup[job]]
    ready = work.ready[job] - terms.service_before * work.pickup_service[job]
    by = work.pickup_by[job]
    door = terms.door + terms.busy + ROUNDING
    way = terms.busy + terms.driven + ROUNDING
    for k in range(len(sheet.length)):
        n = sheet.length[k]
        if not team.takes_work[k] or n + 2 > terms.most_stops:
            continue
        speed = team.speed[k]
        end = min(team.shift_end[k], by)
        least = np.inf
        there = near[team.place[k]] * speed
        for s in range(n + 1):
            arrival = sheet.clock[k, s] + there
            if arrival > end:
                break
            detour = there
            if s < n:
                there = near[place_of(sheet.stop[k, s], work)] * speed
                detour += there - sheet.leg[k, s]
            cost = door * max(arrival, ready) + way * detour
            least = min(least, cost)
        if n == 0:
            least += team.opening[k]
        least += team.per_job[k]
        if least == np.inf or (found == most and least >= promise[found - 1]):
            continue
        if found < most:
            found += 1
        row = found - 1
        while row > 0 and promise[row - 1] > least:
            promise[row], chosen[row] = promise[row - 1], chosen[row - 1]
            row -= 1
        promise[row], chosen[row] = least, k
    return found


@njit(cache=True)
def _remainder(  # type: ignore[no-untyped-def]
    k, j, clock, at, rest, spent, sheet, work, team, minutes, terms, whole, give_up_at
):
    """Cost of a route whose stops from j on follow a new beginning; infinite if not below."""
    for s in range(j, sheet.length[k]):
        clock, at, rest, _, cost = serve(
            clock, at, rest, sheet.stop[k, s], k, work, team, minutes, terms
        )
        spent += cost
        remaining = whole - sheet.spent[k, s + 1]
        if spent + remaining >= give_up_at:
            return np.inf
        if clock <= sheet.clock[k, s + 1] + ROUNDING and rest == sheet.rest[k, s + 1]:
            return spent + remaining
    return spent + ending(clock, at, k, team, minutes, terms)


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
    n, units = sheet.length[k], work.units[job]
    if n + 2 > terms.most_stops:
        return best, best_i, best_j
    pickup, dropoff = 2 * job, 2 * job + 1
    whole = sheet.total[k] + terms.busy * sheet.slack[k]
    speed = team.speed[k]
    for i in range(n + 1):
        if sheet.load[k, i] + units > team.capacity[k]:
            continue
        if sheet.parcels[k, i] >= terms.most_on_board:
            continue
        if blinks > 0.0 and draw(luck) < blinks:
            continue
        at = place_after(k, i, sheet, work, team)
        clock, at, rest, _, cost = serve(
            sheet.clock[k, i], at, sheet.rest[k, i], pickup, k, work, team, minutes, terms
        )
        if cost >= VIOLATION:
            break  # later stops begin later
        spent = sheet.spent[k, i] + cost + (team.opening[k] if n == 0 else 0.0)
        slack = sheet.slack[k]
        if i == 0:
            slack = idle_before(k, pickup, work, team, minutes, terms)
        known = sheet.total[k] + terms.busy * slack  # what a new total is compared with
        for j in range(i, n + 1):
            out, door, new_rest, _, cost = serve(
                clock, at, rest, dropoff, k, work, team, minutes, terms
            )
            if cost >= VIOLATION:
                break
            if j == n:
                total = spent + cost + ending(out, door, k, team, minutes, terms)
            else:
                then = place_of(sheet.stop[k, j], work)
                longer = minutes[door, then] * speed - sheet.leg[k, j]
                total = np.inf
                bound = spent + cost + terms.driven * longer + whole - sheet.spent[k, j]
                give_up_at = known + min(best, limit)
                if bound < give_up_at and out + longer <= sheet.latest[k, j] + ROUNDING:
                    total = _remainder(
                        k, j, out, door, new_rest, spent + cost, sheet, work, team, minutes,
                        terms, whole, give_up_at,
                    )  # fmt: skip
            if total - known < min(best, limit) and (
                terms.most_detour == np.inf
                or _rides_are_short(k, i, j, job, sheet, work, team, minutes, terms)
            ):
                best, best_i, best_j = total - known, i, j
            if j == n:
                break
            stop = sheet.stop[k, j]
            if not stop & 1 and (
                sheet.load[k, j] + work.units[stop >> 1] + units > team.capacity[k]
                or sheet.parcels[k, j] + 2 > terms.most_on_board
            ):
                break
            clock, at, rest, _, cost = serve(clock, at, rest, stop, k, work, team, minutes, terms)
            spent += cost
            if clock > sheet.latest[k, j + 1] + ROUNDING:
                break
            if spent + whole - sheet.spent[k, j + 1] - known >= min(best, limit):
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
    n = sheet.length[k]
    stops = np.empty(n + 2, np.int64)
    stops[:i], stops[i] = sheet.stop[k, :i], 2 * job
    stops[i + 1 : j + 1], stops[j + 1] = sheet.stop[k, i:j], 2 * job + 1
    stops[j + 2 :] = sheet.stop[k, j:n]
    handover = np.empty(n + 2)
    clock, at, rest = team.start[k], team.place[k], -1.0
    for s in range(n + 2):
        clock, at, rest, handover[s], _ = serve(
            clock, at, rest, stops[s], k, work, team, minutes, terms
        )
        if not stops[s] & 1 or s <= i:
            continue
        other = stops[s] >> 1
        began, origin = team.start[k], team.place[k]
        after = 0.0
        between = 0
        for q in range(s):
            if stops[q] == stops[s] - 1:
                began, origin = handover[q], work.pickup[other]
                after = (1.0 - terms.service_before) * work.pickup_service[other]
                between = q
        if other != job and (between > j + 1 or s < i):
            continue
        direct = minutes[origin, work.dropoff[other]] * team.speed[k] + after
        direct += terms.service_before * work.dropoff_service[other]
        door = max(began + direct, work.not_before[other])
        if handover[s] > door + terms.most_detour + ROUNDING:
            return False
    return True


@njit(cache=True)
def put_in(k, i, j, job, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Put a job's pickup before stop i and its drop-off before stop j of route k."""
    row, n = sheet.stop[k], sheet.length[k]
    for s in range(n - 1, j - 1, -1):
        row[s + 2] = row[s]
    row[j + 1] = 2 * job + 1
    for s in range(j - 1, i - 1, -1):
        row[s + 1] = row[s]
    row[i] = 2 * job
    sheet.length[k] = n + 2
    evaluate(k, sheet, work, team, minutes, terms)


@njit(cache=True)
def take_out(k, job, sheet, work, team, minutes, terms):  # type: ignore[no-untyped-def]
    """Take a job's two stops out of route k."""
    kept = 0
    for s in range(sheet.length[k]):
        if sheet.stop[k, s] >> 1 != job:
            sheet.stop[k, kept] = sheet.stop[k, s]
            kept += 1
    sheet.length[k] = kept
    evaluate(k, sheet, work, team, minutes, terms)


@njit(cache=True)
def is_refused(k, job, refused):  # type: ignore[no-untyped-def]
    """Whether courier k has turned the job down."""
    for row in range(len(refused)):
        if refused[row, 0] == k and refused[row, 1] == job:
            return True
    return False


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
        if not team.takes_work[k] or (len(refused) > 0 and is_refused(k, job, refused)):
            continue
        cost, i, j = best_insertion(
            k, job, sheet, work, team, minutes, terms, best, blinks, luck
        )
        if cost < best:
            best, best_k, best_i, best_j = cost, k, i, j
    return best, best_k, best_i, best_j


@njit(cache=True)
def insert_in_turn(
    jobs: NDArray[np.int64],
    sheet: Sheet,
    work: Work,
    team: Team,
    minutes: NDArray[Any],
    terms: Terms,
    refused: NDArray[np.int64],
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
        most_candidates: couriers tried for each job.
        patience: jobs in a row that fit nowhere after which no more are tried.

    Returns:
        How many were inserted.
    """
    chosen = np.empty(most_candidates, np.int64)
    promise = np.empty(most_candidates)
    luck = np.ones(1, np.uint64)
    inserted = failures = 0
    for job in jobs:
        if failures == patience:
            break
        found = candidates(job, sheet, work, team, minutes, terms, chosen, promise)
        _, k, i, j = best_courier(
            job, chosen[:found], sheet, work, team, minutes, terms, refused, 0.0, luck
        )
        if k < 0:
            failures += 1
            continue
        put_in(k, i, j, job, sheet, work, team, minutes, terms)
        inserted += 1
        failures = 0
    return inserted
