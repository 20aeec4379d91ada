"""Couriers without work take over what is planned for others: compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.evaluation import Records, Sheet, Terms, copy_stops, evaluate, set_stops
from policies.dispatch.insertion import best_insertion, is_refused, put_in, take_out

LEAST_GAIN = 1e-6
"""Cost that a parcel must save to change hands."""


@njit(cache=True)
def take_over(
    idle: NDArray[np.int64],
    sheet: Sheet,
    work: Records,
    team: Records,
    minutes: NDArray[Any],
    terms: Terms,
    refused: NDArray[np.int64],
) -> int:
    """Let idle couriers, one after the other, take the parcel that saves most, while any does.

    Only parcels that the courier can fetch before their present one are looked at.

    Args:
        idle: (I,) rows of couriers.
        sheet: the routes, evaluated; changed in place.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.
        refused: (D, 2) pairs of courier and job that may not be.

    Returns:
        How many parcels changed hands.
    """
    moves = 0
    luck = np.ones(1, np.uint64)
    kept = np.empty(sheet.step.shape[1], np.int64)
    for k in idle:
        improved = True
        while improved:
            improved = False
            best, best_from, best_job, best_i, best_j = -LEAST_GAIN, -1, -1, 0, 0
            speed = team[k].speed
            for other in range(len(sheet.route)):
                n = sheet.route[other].length
                if other == k or n < 2:
                    continue
                for s in range(n):
                    stop = sheet.step[other, s].stop
                    if stop & 1:
                        continue
                    job = stop >> 1
                    arrival = team[k].start + minutes[team[k].place, work[job].pickup] * speed
                    service = work[job].pickup_service
                    before = terms.service_before * service
                    leaves = max(arrival + before, work[job].ready) + service - before
                    if leaves >= sheet.step[other, s + 1].clock - LEAST_GAIN:
                        continue
                    if is_refused(k, job, refused):
                        continue
                    present = sheet.route[other].total
                    copy_stops(other, sheet, kept)
                    take_out(other, job, sheet, work, team, minutes, terms)
                    saved = present - sheet.route[other].total
                    set_stops(other, kept, n, sheet)
                    evaluate(other, sheet, work, team, minutes, terms)
                    cost, i, j = best_insertion(
                        k, job, sheet, work, team, minutes, terms, best + saved, 0.0, luck
                    )
                    if cost - saved < best:
                        best, best_from, best_job = cost - saved, other, job
                        best_i, best_j = i, j
            if best_job >= 0:
                take_out(best_from, best_job, sheet, work, team, minutes, terms)
                put_in(k, best_i, best_j, best_job, sheet, work, team, minutes, terms)
                moves += 1
                improved = True
    return moves
