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


PLANNED = np.dtype(
    [
        ("pickup", np.int64),  # place
        ("by", np.float64),  # who arrives before this minute fetches it before its courier does
        ("courier", np.int64),
        ("job", np.int64),
    ]
)
"""A parcel that somebody else might fetch sooner."""


@njit(cache=True)
def _can_be_sooner(sheet, work, terms):  # type: ignore[no-untyped-def]
    """The planned parcels that are not fetched as soon as they are ready, by courier and stop."""
    count = 0
    for k in range(len(sheet.route)):
        count += sheet.route[k].length // 2 + sheet.route[k].length % 2
    planned = np.empty(count, PLANNED)
    count = 0
    for k in range(len(sheet.route)):
        for s in range(sheet.route[k].length):
            stop = sheet.step[k, s].stop
            if stop & 1:
                continue
            job = stop >> 1
            service = work[job].pickup_service
            before = terms.service_before * service
            handover = sheet.step[k, s + 1].clock - LEAST_GAIN - (service - before)
            if work[job].ready >= handover:
                continue
            planned[count].pickup, planned[count].by = work[job].pickup, handover - before
            planned[count].courier, planned[count].job = k, job
            count += 1
    return planned[:count]


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
    planned = _can_be_sooner(sheet, work, terms)
    for k in idle:
        improved = True
        while improved:
            improved = False
            best, best_from, best_job, best_i, best_j = -LEAST_GAIN, -1, -1, 0, 0
            start, speed = team[k].start, team[k].speed
            near = minutes[team[k].place]
            for row in range(len(planned)):
                if start + near[planned[row].pickup] * speed >= planned[row].by:
                    continue
                other, job = planned[row].courier, planned[row].job
                if other == k or is_refused(k, job, refused):
                    continue
                n, present = sheet.route[other].length, sheet.route[other].total
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
                planned = _can_be_sooner(sheet, work, terms)
                moves += 1
                improved = True
    return moves
