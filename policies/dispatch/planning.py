"""From what a dispatcher is shown to the arrays that kernels plan on, and back to a plan."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policies.dispatch.evaluation import (
    COURIER,
    JOB,
    Records,
    Sheet,
    Terms,
    empty_sheet,
    evaluate_all,
)
from policies.dispatch.options import A_DAY, Planning
from policies.dispatch.whereabouts import NOWHERE, whereabouts
from policies.observations import DispatchObservation, DispatchPlan
from policies.observations.dispatching import KnownJobs

NOBODY = DispatchPlan(np.empty(0, np.int64), np.empty((0, 0), np.int64), np.empty((0, 0), np.bool_))
"""The plan that changes nothing."""

SOONER = 1e-6
"""Minutes that couriers leave before the last moment, as sums of the same numbers may differ."""

FEW = 200
"""Couriers at work of whom nobody asks where they are: to look at all of them is as fast."""

Parts: TypeAlias = tuple[Sheet, Records, Records, NDArray[Any], Terms, NDArray[np.int64]]
"""Routes, jobs, couriers, travel minutes, terms and refused pairs: what kernels take."""


class Board:
    """The couriers' routes at one moment, to be changed, and what is needed to judge them."""

    def __init__(self, seen: DispatchObservation, params: Planning) -> None:
        """Take over what the dispatcher is shown.

        Args:
            seen: what it is shown.
            params: what counts, and what is allowed.
        """
        self.seen, self.params = seen, params
        fleet = seen.fleet
        planned = fleet.route_job[fleet.route_job >= 0]
        wanted = np.zeros(len(seen.jobs.number), np.bool_)
        wanted[planned] = True
        wanted[seen.waiting] = True
        self.rows: NDArray[np.int64] = np.flatnonzero(wanted)
        self._local = np.cumsum(wanted) - 1
        self.work = records_of(seen.jobs, self.rows)
        self.team = _couriers(seen, params)
        self.minutes: NDArray[Any] = np.asarray(seen.travel.minutes).view()
        self.minutes.flags.writeable = False  # of one type wherever they come from: compiled once
        longest = int(fleet.route_length.max(initial=0))
        room = max(longest, min(params.most_stops, fleet.route_job.shape[1]))
        self.terms = Terms(
            float(seen.now),
            float(seen.service_before),
            bool(seen.shared_pickup),
            bool(seen.must_return),
            params.door_weight,
            params.lateness_weight,
            params.courier_weight,
            params.driving_weight,
            min(params.most_stops, room),
            params.most_on_board,
            params.most_detour if params.most_detour < A_DAY else np.inf,
        )
        self.refused = self._refusals()
        known = np.maximum(fleet.route_job[:, :room], 0)
        self.shown = 0 * known
        if len(planned):
            self.shown = 2 * self._local[known] + fleet.route_is_dropoff[:, :room]
        self.sheet: Sheet = empty_sheet(len(fleet.place), room)
        self.sheet.route["length"] = fleet.route_length
        self.sheet.step["stop"][:, :room] = self.shown
        evaluate_all(self.sheet, self.work, self.team, self.minutes, self.terms)
        self.where = NOWHERE
        if np.count_nonzero(self.team["takes_work"]) > FEW:
            self.where = whereabouts(len(self.team), room, self.minutes, self.work["pickup"])

    @property
    def parts(self) -> Parts:
        """What every kernel that changes routes takes, in its order."""
        return self.sheet, self.work, self.team, self.minutes, self.terms, self.refused

    def due(self) -> NDArray[np.int64]:
        """(J,) rows in `work` of the waiting jobs to be planned now, the earliest promise first."""
        waiting, jobs = self.seen.waiting, self.seen.jobs
        if self.params.hold_back > 0.0 and len(waiting):
            waiting = waiting[~self._held(waiting)]
        rows: NDArray[np.int64] = self._local[waiting[np.lexsort((waiting, jobs.due[waiting]))]]
        return rows

    def idle(self) -> NDArray[np.int64]:
        """(I,) couriers on shift who have just come to have nothing to do."""
        idle = (self.sheet.route["length"] == 0) & (self.team["start"] <= self.seen.now)
        couriers: NDArray[np.int64] = np.flatnonzero(
            idle & self.seen.changed & self.team["takes_work"]
        )
        return couriers

    def _refusals(self) -> NDArray[np.int64]:
        """(D, 2) pairs of courier and row in `work` that the courier has turned down."""
        pairs = np.asarray(self.seen.refused, dtype=np.int64).reshape(-1, 2)
        rows = np.searchsorted(self.rows, pairs[:, 1])
        here = np.append(self.rows, -1)[rows] == pairs[:, 1]
        return np.column_stack([pairs[here, 0], rows[here]])

    def _held(self, waiting: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Parcels held back: newly ordered, not ready yet, and not so urgent that it would cost."""
        jobs, now = self.seen.jobs, self.seen.now
        young = now < jobs.placed[waiting] + self.params.hold_back
        direct = self.minutes[jobs.pickup[waiting], jobs.dropoff[waiting]] * self.seen.slowdown
        service = jobs.pickup_service[waiting] + jobs.dropoff_service[waiting]
        last = np.minimum(jobs.due[waiting], jobs.deadline[waiting]) - direct - service
        last = np.minimum(last, jobs.pickup_by[waiting])
        held: NDArray[np.bool_] = young & (now + self.params.hold_back < last)
        # Whatever waits at a shop goes along as soon as something of that shop does.
        shop = jobs.pickup[waiting]
        return held & ~np.isin(shop, shop[~held])

    def changed(self) -> NDArray[np.int64]:
        """(U,) couriers whose routes differ from those shown."""
        length, room = self.sheet.route["length"], self.shown.shape[1]
        differ = length != self.seen.fleet.route_length
        within = np.arange(room) < length[:, None]
        differ |= ((self.sheet.step["stop"][:, :room] != self.shown) & within).any(axis=1)
        couriers: NDArray[np.int64] = np.flatnonzero(differ)
        return couriers

    def plan(self) -> DispatchPlan:
        """The changed routes; whoever would only wait at the first stop leaves later."""
        couriers = self.changed()
        if not len(couriers):
            return NOBODY
        route = self.sheet.route[couriers]
        stop = self.sheet.step["stop"][couriers, : self.shown.shape[1]]
        beyond = np.arange(stop.shape[1]) >= route["length"][:, None]
        job = np.where(beyond, -1, self.rows[np.where(beyond, 0, stop >> 1)])
        is_dropoff = ((stop & 1) == 1) & ~beyond
        leave_at = self.team["start"][couriers].copy()
        if self.params.leave_late:
            spare = max(self.params.arrive_early, SOONER)
            leave_at += np.maximum(route["slack"] - spare, 0.0)
        return DispatchPlan(couriers, job, is_dropoff, leave_at)


def records_of(jobs: KnownJobs, rows: NDArray[np.int64]) -> Records:
    """(n,) records of the jobs in these rows."""
    work = np.empty(len(rows), JOB)
    for name in JOB.names or ():
        work[name] = getattr(jobs, name)[rows]
    return work


def _couriers(seen: DispatchObservation, params: Planning) -> Records:
    """The couriers as records."""
    fleet = seen.fleet
    team = np.empty(len(fleet.place), COURIER)
    for name in ("place", "base", "shift_end", "load", "capacity"):
        team[name] = getattr(fleet, name)
    team["takes_work"] = fleet.on_shift
    team["start"] = np.maximum(fleet.free_at, seen.now)
    team["speed"] = fleet.speed * seen.slowdown
    busy = fleet.free_at > seen.now
    team["lingers"] = np.where(busy & (fleet.lingers > 0.0), fleet.lingers, -1.0)
    fresh = (fleet.route_length == 0) & ~busy & (fleet.load == 0)
    team["opening"] = np.where(fresh, params.opening_cost, 0.0)
    team["per_job"] = _unfairness(seen, params.fairness)
    return team


def _unfairness(seen: DispatchObservation, weight: float) -> NDArray[np.float64]:
    """(K,) cost of a parcel by how much more than the others its courier has earned an hour."""
    fleet = seen.fleet
    none = np.zeros(len(fleet.place))
    if weight == 0.0 or not fleet.on_shift.any():
        return none
    hours = np.maximum(fleet.minutes_on_shift, 1.0) / 60.0
    hourly = np.asarray(fleet.earned / hours, dtype=np.float64)
    mean = float(hourly[fleet.on_shift].mean())
    if mean <= 0.0:
        return none
    return weight * (hourly / mean - 1.0)
