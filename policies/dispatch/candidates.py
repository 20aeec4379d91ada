"""The couriers worth trying for a parcel: compiled.

Those from whose present place, or from a stop of whose route, it is fetched with the least detour
and delay. Of a large fleet only those near the pickup are looked at, so that the work a parcel
makes does not grow with the number of couriers.

Source: as the neighbour lists of Toth & Vigo (2003), INFORMS Journal on Computing 15(4), in time
and space.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from policies.dispatch.evaluation import ROUNDING, place_of
from policies.dispatch.whereabouts import couriers_near

LOOKED_AT = 4
"""Couriers that are looked at for each candidate: so many with a route, and so many without."""


@njit(cache=True)
def candidates(  # type: ignore[no-untyped-def]
    job, where, sheet, work, team, minutes, terms, chosen, promise
):
    """The couriers most promising for a job, best first.

    Args:
        job: row of the job.
        where: where the couriers of a large fleet are; a small one is looked at altogether.
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
    most = len(chosen)
    if len(where.mark) > 0:
        nearby = couriers_near(work[job].pickup, LOOKED_AT * most, where)
        found = _best(nearby, job, sheet, work, team, minutes, terms, chosen, promise)
        if found == most:
            return found
    return _best(np.arange(len(team)), job, sheet, work, team, minutes, terms, chosen, promise)


@njit(cache=True)
def _best(  # type: ignore[no-untyped-def]
    couriers, job, sheet, work, team, minutes, terms, chosen, promise
):
    """The same as `candidates`, of some couriers; of equals, the lower number comes first."""
    found, most = 0, len(chosen)
    near = minutes[work[job].pickup]
    ready = work[job].ready - terms.service_before * work[job].pickup_service
    by = work[job].pickup_by
    door = terms.door + terms.busy + ROUNDING
    way = terms.busy + terms.driven + ROUNDING
    for k in couriers:
        n = sheet.route[k].length
        if not team[k].takes_work or n + 2 > terms.most_stops:
            continue
        speed = team[k].speed
        end = min(team[k].shift_end, by)
        least = np.inf
        there = near[team[k].place] * speed
        for s in range(n + 1):
            arrival = sheet.step[k, s].clock + there
            if arrival > end:
                break
            detour = there
            if s < n:
                there = near[place_of(sheet.step[k, s].stop, work)] * speed
                detour += there - sheet.step[k, s].leg
            cost = door * max(arrival, ready) + way * detour
            least = min(least, cost)
        if n == 0:
            least += team[k].opening
        least += team[k].per_job
        if least == np.inf or (found == most and least > promise[found - 1]):
            continue
        if found == most and least == promise[found - 1] and k > chosen[found - 1]:
            continue
        if found < most:
            found += 1
        row = found - 1
        while row > 0 and promise[row - 1] >= least:
            if promise[row - 1] == least and chosen[row - 1] < k:
                break
            promise[row], chosen[row] = promise[row - 1], chosen[row - 1]
            row -= 1
        promise[row], chosen[row] = least, k
    return found
