"""From what a dispatcher is shown to the arrays that kernels plan on, and back to a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from policies.dispatch.evaluation import Sheet, Team, Terms, Work, empty_sheet, evaluate_all
from policies.dispatch.options import A_DAY, Planning
from policies.observations import DispatchObservation, DispatchPlan

NOBODY = DispatchPlan(
    np.empty(0, np.int64), np.empty((0, 0), np.int64), np.empty((0, 0), np.bool_)
)
"""The plan that changes nothing."""


def _floats(array: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(array, dtype=np.float64)


def _integers(array: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(array, dtype=np.int64)


class Board:
    """The couriers' routes at one moment, to be changed, and what is needed to judge them."""

    def __init__(self, seen: DispatchObservation, params: Planning) -> None:
        """Take over what the dispatcher is shown.

        Args:
            seen: what it is shown.
            params: what counts, and what is allowed.
        """
        self.seen, self.params = seen, params
        jobs, fleet = seen.jobs, seen.fleet
        self.work = Work(
            _integers(jobs.pickup),
            _integers(jobs.dropoff),
            _floats(jobs.ready),
            _floats(jobs.pickup_by),
            _floats(jobs.not_before),
            _floats(jobs.due),
            _floats(jobs.deadline),
            _integers(jobs.units),
            _floats(jobs.pickup_service),
            _floats(jobs.dropoff_service),
        )
        length = _integers(fleet.route_length)
        start = np.maximum(_floats(fleet.free_at), seen.now)
        fresh = (length == 0) & (fleet.free_at <= seen.now) & (fleet.load == 0)
        self.team = Team(
            np.array(fleet.on_shift, dtype=np.bool_),
            _integers(fleet.place),
            _integers(fleet.base),
            start,
            _floats(fleet.shift_end),
            _floats(fleet.speed) * seen.slowdown,
            _integers(fleet.load),
            _integers(fleet.capacity),
            np.where(fresh, params.opening_cost, 0.0),
            _unfairness(seen, params.fairness),
        )
        self.minutes: NDArray[Any] = np.asarray(seen.travel.minutes)
        room = fleet.route_job.shape[1]
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
        self.refused = _integers(seen.refused).reshape(-1, 2)
        self.shown = 2 * _integers(fleet.route_job) + fleet.route_is_dropoff
        self.sheet: Sheet = empty_sheet(len(length), room)
        self.sheet.length[:] = length
        self.sheet.stop[:] = self.shown
        evaluate_all(self.sheet, self.work, self.team, self.minutes, self.terms)

    def due(self) -> NDArray[np.int64]:
        """The waiting jobs that may be planned now: the earliest promise first."""
        waiting, jobs = _integers(self.seen.waiting), self.seen.jobs
        if self.params.hold_back > 0.0 and len(waiting):
            waiting = waiting[~self._held(waiting)]
        return waiting[np.lexsort((waiting, jobs.due[waiting]))]

    def _held(self, waiting: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Parcels held back: newly ordered, not ready yet, and not so urgent that it would cost."""
        jobs, now = self.seen.jobs, self.seen.now
        young = now < jobs.placed[waiting] + self.params.hold_back
        direct = self.minutes[jobs.pickup[waiting], jobs.dropoff[waiting]] * self.seen.slowdown
        service = jobs.pickup_service[waiting] + jobs.dropoff_service[waiting]
        last = np.minimum(jobs.due[waiting], jobs.deadline[waiting]) - direct - service
        last = np.minimum(last, jobs.pickup_by[waiting])
        held: NDArray[np.bool_] = young & (now + self.params.hold_back < last)
        return held

    def changed(self) -> NDArray[np.int64]:
        """(U,) couriers whose routes differ from those shown."""
        fleet, sheet = self.seen.fleet, self.sheet
        differ = sheet.length != fleet.route_length
        within = np.arange(sheet.stop.shape[1]) < sheet.length[:, None]
        differ |= ((sheet.stop != self.shown) & within).any(axis=1)
        couriers: NDArray[np.int64] = np.flatnonzero(differ)
        return couriers

    def plan(self) -> DispatchPlan:
        """The changed routes; whoever would only wait at the first stop leaves later."""
        couriers = self.changed()
        if not len(couriers):
            return NOBODY
        stop = self.sheet.stop[couriers]
        length = self.sheet.length[couriers]
        beyond = np.arange(stop.shape[1]) >= length[:, None]
        job = np.where(beyond, -1, stop >> 1)
        is_dropoff = ((stop & 1) == 1) & ~beyond
        leave_at = self.team.start[couriers].copy()
        if self.params.leave_late:
            leave_at += np.maximum(self.sheet.slack[couriers] - 1e-6, 0.0)
        return DispatchPlan(couriers, job, is_dropoff, leave_at)


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
