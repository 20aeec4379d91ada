"""One day of deliveries, minute by minute.

A job is known to the dispatcher from its `known_at` on, never before. Couriers wait for
preparation, carry several parcels, finish what is on board after their shift's end, take breaks,
turn work down, drop out, and may find nobody at home. A stop to which a courier is on its way is
never changed. At every moment a known job is in exactly one `JobState`.

A stop's service is parking, walking there, handing over and walking back: a share of it lies before
the handover and the rest after it. So a courier who waits for a parcel leaves the rest of a pickup
service after it is ready. Parcels fetched together at one place share one service.

Source: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018), "The meal delivery routing
problem"; that half of a service lies on either side of the handover, and that a bundle takes one
pickup service, is as programs that implement the paper have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from policies.arrays import FloatArray, IntArray
from policies.observations import DispatchObservation, TravelTimes
from policies.protocols import Dispatch
from sim.delivery.calendar import (
    CANCELS,
    DEADLINE,
    DECIDE,
    HANDOVER,
    HOUR,
    JOB_KNOWN,
    LEAVE,
    OFFLINE,
    SHIFT_BEGINS,
    SHIFT_ENDS,
    Calendar,
)
from sim.delivery.doors import Doors
from sim.delivery.fleet import FleetColumns
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.known_jobs import PLANNED, WAITING, JobColumns, window
from sim.delivery.plans import (
    DispatchError,
    Routes,
    check_routes,
    columns_of,
    planned_moves,
    planned_routes,
)
from sim.delivery.records import DayOutcome, StopKind
from sim.delivery.rounds import Rounds
from sim.delivery.tallies import Tallies

__all__ = ["DeliveryDay", "DispatchError"]


def _always(_courier: int, _job: int) -> bool:
    return True


def _even(_minute: float) -> float:
    return 1.0


class DeliveryDay:
    """The state of one day of deliveries."""

    def __init__(
        self,
        jobs: Jobs,
        shifts: Shifts,
        conditions: Conditions,
        dispatch: Dispatch,
        travel_at: Callable[[float], TravelTimes],
        *,
        accepts: Callable[[int, int], bool] = _always,
        slowdown: Callable[[float], float] = _even,
        forecast: Callable[[float], FloatArray] | None = None,
    ) -> None:
        """Prepare a day.

        Args:
            jobs: the parcels that may be brought.
            shifts: who works.
            conditions: what holds all day.
            dispatch: the dispatch policy.
            travel_at: minutes and metres between places for a courier who leaves at a minute.
            accepts: whether the courier of a row of the shifts takes the job of a row of `jobs`.
            slowdown: factor on travel minutes at a minute.
            forecast: (P,) orders expected at each place in the hour after a minute.
        """
        self.source, self.conditions, self.dispatch = jobs, conditions, dispatch
        self.travel_at, self.slowdown, self.forecast = travel_at, slowdown, forecast
        self.jobs = JobColumns(jobs)
        self.fleet = FleetColumns(shifts, conditions.most_stops)
        self.tallies = Tallies(shifts)
        self.calendar = Calendar(float(getattr(dispatch, "decides_every", 0.0)))
        self.rounds = Rounds(
            self.jobs, self.fleet, conditions, self.calendar, self.tallies, travel_at, slowdown,
            accepts,
        )  # fmt: skip
        self.doors = Doors(self.jobs, self.fleet, conditions, self.tallies, self.rounds)
        self._working = 0  # couriers on shift, and those who dropped out before its end
        self._refused: IntArray = window(np.empty((0, 2), dtype=np.int64))
        for kind, minutes in (
            (SHIFT_BEGINS, shifts.start),
            (SHIFT_ENDS, shifts.end),
            (OFFLINE, shifts.offline_at),
            (JOB_KNOWN, jobs.known_at),
        ):
            for row, minute in enumerate(minutes.tolist()):
                self.calendar.push(minute, kind, row)
        if self.fleet.has_hours and len(shifts.start):
            # Whoever still drives then keeps the speed of the last hour.
            hours = np.arange(np.floor(shifts.start.min() / 60.0), shifts.end.max() / 60.0 + 12.0)
            for hour in hours.tolist():
                self.calendar.push(hour * 60.0, HOUR, 0)

    def live(self) -> DayOutcome:
        """Live the day until every courier is done."""
        self.advance(math.inf)
        return self.close()

    def next_minute(self) -> float:
        """When something happens next; inf: the day is over."""
        return self.calendar.next_minute()

    def admit(self, index: int, now: float) -> None:
        """Let a job become known now that has no minute of its own at which it does.

        Args:
            index: row of the jobs that the day was given; its `known_at` is inf.
            now: minute, not before what has happened.
        """
        self.calendar.push(now, JOB_KNOWN, index)

    def advance(self, until: float) -> None:
        """Live on, up to what happens at a minute, this included."""
        calendar, rounds = self.calendar, self.rounds
        while calendar.next_minute() <= min(until, _LAST):
            now, kind, number, version = calendar.pop()
            if kind == LEAVE:
                rounds.leave(number, now, version)
            elif kind == DECIDE:
                self._decide(now)
            elif kind == HOUR:
                self.fleet.hour_strikes(now)
            elif kind == HANDOVER:
                self._finish_stop(number, now)
            elif kind == JOB_KNOWN:
                self._learn_of(number, now)
            elif kind == CANCELS:
                self._withdraw(number, now, self.jobs.cancel)
            elif kind == DEADLINE:
                self._withdraw(number, now, self.jobs.spoil)
            elif kind == SHIFT_BEGINS:
                self._working += 1
                rounds.begin_shift(number, now)
            elif kind == SHIFT_ENDS:
                self._working -= 1
                rounds.end_shift(number, now)
            else:
                rounds.go_offline(number, now)

    def close(self) -> DayOutcome:
        """Send couriers home where they must, and sum the day up."""
        if self.conditions.must_return:
            for k in range(len(self.fleet.courier)):
                self.rounds.go_home(k)
        return self.tallies.outcome(self.jobs)

    # What happens to jobs

    def _learn_of(self, index: int, now: float) -> None:
        job = self.jobs.admit(index)
        for kind, column in (
            (CANCELS, self.source.cancelled_at),
            (DEADLINE, self.source.deadline),
        ):
            if column[index] < self.conditions.last_call:
                self.calendar.push(max(float(column[index]), now), kind, job)
        self.calendar.wake(now)

    def _withdraw(self, job: int, now: float, end: Callable[[int], None]) -> None:
        """A job ends, unless somebody is already on the way to it or has it."""
        if self.jobs.state[job] in (WAITING, PLANNED):
            if self.jobs.state[job] == PLANNED:
                self.rounds.take_out(self.jobs.holder[job], job, now)
            end(job)
            self.calendar.wake(now)

    def _finish_stop(self, k: int, now: float) -> None:
        """What courier k was committed to is done, but for the rest of its service."""
        stop = self.rounds.finish_stop(k, now)
        job = stop.job
        if job >= 0:
            stop = stop._replace(job=int(self.jobs.number[job]))
        self.tallies.stops.append(stop)
        if stop.kind == StopKind.PICKUP:
            self.doors.fetch(k, job, now)
        elif stop.kind == StopKind.DROPOFF:
            self.doors.hand_out(k, job, now)
        self.rounds.go_on(k, now)

    # What the dispatcher does

    def _decide(self, now: float) -> None:
        """Ask the dispatcher if there is something to plan, or couriers to send somewhere."""
        jobs, fleet = self.jobs, self.fleet
        something = len(jobs.waiting) > 0 or jobs.planned > 0
        asks = self._working > 0 and (something or self.forecast is not None)
        self.calendar.decides(now, again=asks and something)
        if not asks or not fleet.on_shift.any():
            return
        np.clip(now - fleet.start, 0.0, None, out=fleet.minutes_on_shift)
        who = f"dispatch policy {self.dispatch.name!r}"
        plan = columns_of(who, self.dispatch.dispatch(self._observation(now)))
        fleet.changed[:] = False
        routes = planned_routes(who, plan, fleet)
        moves = planned_moves(who, plan, fleet, len(self.travel_at(now).minutes))
        if routes:
            fetched = check_routes(who, routes, fleet, jobs)
            leave_at = plan.leave_at.tolist() or [-math.inf] * len(routes)
            self._adopt(routes, fetched, leave_at, now)
        for k, place in moves.items():
            self.rounds.move(k, place, now)

    def _observation(self, now: float) -> DispatchObservation:
        conditions, refused = self.conditions, self.rounds.refused
        if len(self._refused) < len(refused):
            self._refused = window(np.array(refused, dtype=np.int64))
        return DispatchObservation(
            now=now,
            jobs=self.jobs.shown(),
            waiting=self.jobs.waiting.shown(),
            fleet=self.fleet.shown,
            changed=self.fleet.shown_changed,
            slowdown=self.slowdown(now),
            service_before=conditions.service_before,
            shared_pickup=conditions.shared_pickup,
            must_return=conditions.must_return,
            refused=self._refused,
            forecast=_NO_FORECAST if self.forecast is None else window(self.forecast(now)),
            travel=self.travel_at(now),
        )

    def _adopt(self, routes: Routes, fetched: set[int], leave_at: list[float], now: float) -> None:
        """Make a plan that has been checked the couriers' routes."""
        jobs, fleet = self.jobs, self.fleet
        for k in routes:
            for job, is_dropoff in fleet.route(k):
                if not is_dropoff and job not in fetched:
                    jobs.wait(job)
        for (k, route), minute in zip(routes.items(), leave_at, strict=True):
            for job, is_dropoff in route:
                if not is_dropoff:
                    jobs.plan(job, k)
            self.rounds.set_route(k, route, now, minute)


_NO_FORECAST = window(np.empty(0))

_LAST = 1e300
"""A minute after everything, but before never."""
