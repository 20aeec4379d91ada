"""One day of deliveries, minute by minute, on an event heap of plain tuples.

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

import heapq
import math
from collections.abc import Callable

import numpy as np

from policies.arrays import FloatArray
from policies.observations import DispatchObservation, TravelTimes
from policies.protocols import Dispatch
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.known import FleetColumns, JobColumns, JobState
from sim.delivery.plans import (
    DispatchError,
    Routes,
    check_routes,
    planned_moves,
    planned_routes,
)
from sim.delivery.records import DayOutcome, Stop, StopKind

__all__ = ["DeliveryDay", "DispatchError"]

# Kinds of events, in the order in which those of one minute happen.
HANDOVER, JOB_KNOWN, CANCELS, DEADLINE, SHIFT_BEGINS, OFFLINE, SHIFT_ENDS, DECIDE, LEAVE = range(9)


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
        self.source, self.shifts, self.conditions = jobs, shifts, conditions
        self.dispatch, self.travel_at, self.accepts = dispatch, travel_at, accepts
        self.slowdown, self.forecast = slowdown, forecast
        self.jobs = JobColumns(jobs)
        self.fleet = FleetColumns(shifts, conditions.most_stops)
        couriers = len(shifts.courier)
        self.waiting: dict[int, None] = {}  # in the order in which they came to wait
        self.planned = 0  # jobs in state PLANNED
        self.bag: list[dict[int, None]] = [
            {} for _ in range(couriers)
        ]  # drop-offs a route must hold
        self.parcels = [0] * couriers  # on board now
        self.at: list[Stop | None] = [None] * couriers  # the stop that a courier is committed to
        self.leave_at = [-math.inf] * couriers
        self._departures = [0] * couriers  # only the last departure that was scheduled counts
        self._leaves: list[float] = [math.inf] * couriers  # when it is scheduled
        self._rests = shifts.break_at.tolist()  # minute of the break that is due, inf once taken
        self._drops_out = [False] * couriers
        self._changed = np.zeros(couriers, dtype=np.bool_)
        self._refused: list[tuple[int, int]] = []
        self._answers: dict[tuple[int, int], bool] = {}  # to offers, by courier and job
        self._decides_every = float(getattr(dispatch, "decides_every", 0.0))
        self._decision = -math.inf  # minute of the last decision that was scheduled
        self._heap: list[tuple[float, int, int, int]] = []
        self.picked_up = np.full(len(jobs.number), np.nan)  # by row of known jobs
        self.handed_over = np.full(len(jobs.number), np.nan)
        self.last_courier = np.full(len(jobs.number), -1, dtype=np.int64)
        self.delivered: list[int] = []
        self.cancelled: list[int] = []
        self.spoiled: list[int] = []
        self.back: list[int] = []  # at the shop until tomorrow
        self.stops: list[Stop] = []
        self.relays = 0
        self._end = shifts.end.astype(np.float64)
        self._count, self._pickups, self._visits = np.zeros((3, couriers), dtype=np.int64)
        self._offers, self._refusals = np.zeros((2, couriers), dtype=np.int64)
        self._metres, self._empty, self._driving = np.zeros((3, couriers))
        self._waited, self._resting = np.zeros((2, couriers))
        self._rest = [0.0] * couriers  # minutes of the present stop's service after the handover
        for k in range(couriers):
            self._push(float(shifts.start[k]), SHIFT_BEGINS, k)
            self._push(float(shifts.end[k]), SHIFT_ENDS, k)
            if math.isfinite(shifts.offline_at[k]):
                self._push(float(shifts.offline_at[k]), OFFLINE, k)
        for index, minute in enumerate(jobs.known_at.tolist()):
            if math.isfinite(minute):
                self._push(minute, JOB_KNOWN, index)

    def live(self) -> DayOutcome:
        """Live the day until every courier is done."""
        self.advance(math.inf)
        return self.close()

    def next_minute(self) -> float:
        """When something happens next; inf: the day is over."""
        return self._heap[0][0] if self._heap else math.inf

    def advance(self, until: float) -> None:
        """Live on, up to what happens at a minute, this included."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            now, kind, number, version = heapq.heappop(heap)
            if kind == HANDOVER:
                self._hand_over(number, now)
            elif kind == LEAVE:
                if version == self._departures[number]:
                    self._leave(number, now)
            elif kind == DECIDE:
                self._decide(now)
            elif kind == JOB_KNOWN:
                self._learn_of(number, now)
            elif kind == SHIFT_BEGINS:
                self.fleet.on_shift[number] = True
                self._changed[number] = True
                if math.isfinite(self._rests[number]):
                    self._schedule(number, max(now, self._rests[number]))
                self._wake(now)
            elif kind == SHIFT_ENDS:
                self._end_shift(number, now)
            elif kind == OFFLINE:
                self._go_offline(number, now)
            else:
                self._withdraw(number, now, spoiled=kind == DEADLINE)

    def admit(self, index: int, now: float) -> None:
        """Let a job become known now that has no minute of its own at which it does.

        Args:
            index: row of the jobs that the day was given; its `known_at` is inf.
            now: minute, not before what has happened.
        """
        self._push(now, JOB_KNOWN, index)

    def close(self) -> DayOutcome:
        """Send couriers home where they must, and sum the day up."""
        jobs = self.jobs
        if self.conditions.must_return:
            for k in np.flatnonzero(self.fleet.place != self.fleet.base).tolist():
                free = float(self.fleet.free_at[k])
                arrived = self._drive(k, int(self.fleet.base[k]), free)
                self.stops.append(
                    Stop(k, StopKind.RETURN, -1, int(self.fleet.place[k]), int(self.fleet.base[k]),
                         free, arrived, arrived, self.parcels[k])
                )  # fmt: skip
                self._end[k] = max(self._end[k], arrived)
        n = jobs.known
        return DayOutcome(
            job=jobs.number[:n],
            courier=self.last_courier[:n],
            assigned=jobs.assigned[:n],
            picked_up=self.picked_up[:n],
            handed_over=self.handed_over[:n],
            tries=jobs.tries[:n],
            delivered=jobs.number[self.delivered],
            cancelled=jobs.number[self.cancelled],
            spoiled=jobs.number[self.spoiled],
            end=self._end,
            deliveries=self._count,
            pickups=self._pickups,
            pickup_visits=self._visits,
            metres=self._metres,
            empty_metres=self._empty,
            driving=self._driving,
            waiting=self._waited,
            resting=self._resting,
            offers=self._offers,
            refusals=self._refusals,
            relays=self.relays,
            stops=self.stops,
        )

    # What happens to jobs

    def _learn_of(self, index: int, now: float) -> None:
        job = self.jobs.admit(index)
        self._wait(job)
        self._wake(now)
        for minute, kind in (
            (float(self.source.cancelled_at[index]), CANCELS),
            (float(self.source.deadline[index]), DEADLINE),
        ):
            if math.isfinite(minute):
                self._push(max(minute, now), kind, job)

    def _wait(self, job: int) -> None:
        self.jobs.state[job] = JobState.WAITING
        self.jobs.waits[job] = True
        self.jobs.holder[job] = -1
        self.waiting[job] = None

    def _withdraw(self, job: int, now: float, *, spoiled: bool) -> None:
        """The buyer cancels, or the deadline has passed; too late for what is being fetched."""
        state = self.jobs.state[job]
        if state not in (JobState.WAITING, JobState.PLANNED):
            return
        k = int(self.jobs.holder[job])
        if k >= 0:
            self._set_route(k, [stop for stop in self.fleet.route(k) if stop[0] != job], now)
            self.planned -= 1
        self.waiting.pop(job, None)
        self._finish(job, self.spoiled if spoiled else self.cancelled)
        self._wake(now)

    def _finish(self, job: int, ended: list[int], state: JobState = JobState.ENDED) -> None:
        self.jobs.state[job] = state
        self.jobs.waits[job] = False
        self.jobs.holder[job] = -1
        ended.append(job)

    # What couriers do

    def _schedule(self, k: int, minute: float) -> None:
        """Let courier k look at its route again at a minute, and not before."""
        self._departures[k] += 1
        self._leaves[k] = minute
        self._push(minute, LEAVE, k, version=self._departures[k])

    def _leave(self, k: int, now: float) -> None:
        """Courier k, busy with nothing, takes its break, drives to its first stop, or waits."""
        fleet = self.fleet
        self._leaves[k] = math.inf
        if fleet.lingers[k] > 0 and self._fetches_more(k, now):
            return
        if now < fleet.free_at[k]:
            self._schedule(k, float(fleet.free_at[k]))
            return
        if self._rest_if_due(k, now):
            return
        if fleet.route_length[k] == 0:
            self._wake(now)
            if math.isfinite(self._rests[k]) and fleet.on_shift[k]:
                self._schedule(k, max(now, self._rests[k]))
            return
        minute = max(self.leave_at[k], float(fleet.free_at[k]))
        if minute > now:
            self._schedule(k, minute)
            return
        job, is_dropoff = int(fleet.route_job[k, 0]), bool(fleet.route_is_dropoff[k, 0])
        if not is_dropoff and not self._takes(k, job, now):
            route = [stop for stop in fleet.route(k) if stop[0] != job]
            self._set_route(k, route, now)
            self.planned -= 1
            self._wait(job)
            return
        self._go(k, now, same_visit=False)

    def _fetches_more(self, k: int, now: float) -> bool:
        """Courier k, still in the shop, fetches its next parcel if it is there too."""
        fleet, jobs = self.fleet, self.jobs
        if fleet.route_length[k] > 0 and not fleet.route_is_dropoff[k, 0]:
            job = int(fleet.route_job[k, 0])
            if jobs.pickup[job] == fleet.place[k] and self._takes(k, job, now):
                self._go(k, now, same_visit=True)
                return True
        fleet.lingers[k] = 0.0
        self._changed[k] = True
        return False

    def _takes(self, k: int, job: int, now: float) -> bool:
        """Whether courier k fetches a job: in time, and willing."""
        fleet, jobs = self.fleet, self.jobs
        here = fleet.lingers[k] > 0 and jobs.pickup[job] == fleet.place[k]
        arrival = now if here else now + self._minutes(k, int(jobs.pickup[job]), now)
        service = 0.0 if here else self.conditions.service_before * float(jobs.pickup_service[job])
        if max(arrival + service, float(jobs.ready[job])) > fleet.shift_end[k]:
            return False
        taken = self._answers.get((k, job))
        if taken is None:
            taken = self._answers[k, job] = self.accepts(k, int(jobs.index[job]))
            self._offers[k] += 1
            if not taken:
                self._refusals[k] += 1
                self._refused.append((k, job))
                self._wake(now)
        return taken

    def _rest_if_due(self, k: int, now: float) -> bool:
        if now < self._rests[k] or self.bag[k] or not self.fleet.on_shift[k]:
            return False
        minutes = float(self.shifts.break_minutes[k])
        self._rests[k] = math.inf
        self._resting[k] += minutes
        self.fleet.free_at[k] = now + minutes
        self._changed[k] = True
        self._schedule(k, now + minutes)
        self._wake(now)
        return True

    def _go(self, k: int, now: float, *, same_visit: bool) -> None:
        """Courier k is committed to the first stop of its route."""
        fleet, jobs = self.fleet, self.jobs
        job, is_dropoff = fleet.take_first(k)
        before = self.conditions.service_before
        target = int(jobs.dropoff[job] if is_dropoff else jobs.pickup[job])
        origin, carried, left = int(fleet.place[k]), self.parcels[k], now
        arrived = reached = now
        if not same_visit:
            service = float((jobs.dropoff_service if is_dropoff else jobs.pickup_service)[job])
            arrived = self._drive(k, target, now)
            reached = arrived + before * service
            self._rest[k] = (1.0 - before) * service
        if is_dropoff:
            handover = expected = max(reached, float(jobs.not_before[job]))
            fleet.load[k] -= jobs.units[job]
            fleet.lingers[k] = 0.0
            del self.bag[k][job]
        else:
            handover = max(reached, float(jobs.true_ready[job]))
            expected = max(reached, float(jobs.ready[job]))
            self._waited[k] += handover - reached
            self._visits[k] += not same_visit
            fleet.load[k] += jobs.units[job]
            fleet.lingers[k] = self._rest[k] if self.conditions.shared_pickup else 0.0
            self.bag[k][job] = None
            jobs.state[job] = JobState.FETCHING
            jobs.assigned[job] = now
            self.planned -= 1
        kind = StopKind.DROPOFF if is_dropoff else StopKind.PICKUP
        self.at[k] = Stop(k, kind, job, origin, target, left, arrived, handover, carried)
        fleet.place[k] = target
        fleet.free_at[k] = expected + self._rest[k]
        self._changed[k] = True
        self._push(handover, HANDOVER, k)

    def _drive(self, k: int, target: int, now: float) -> float:
        """Courier k drives; returns the minute of its arrival."""
        origin = int(self.fleet.place[k])
        minutes = self._minutes(k, target, now)
        metres = float(self.travel_at(now).metres[origin, target])
        self._metres[k] += metres
        self._driving[k] += minutes
        if self.parcels[k] == 0:
            self._empty[k] += metres
        return now + minutes

    def _minutes(self, k: int, target: int, now: float) -> float:
        table = self.travel_at(now).minutes
        factor = float(self.fleet.speed[k]) * self.slowdown(now)
        return float(table[self.fleet.place[k], target]) * factor

    def _hand_over(self, k: int, now: float) -> None:
        """What courier k was committed to is done, but for the rest of its service."""
        stop = self.at[k]
        if stop is None:
            raise AssertionError(f"courier {k} finished a stop that it never began")
        self.at[k] = None
        fleet, jobs, job = self.fleet, self.jobs, stop.job
        self._changed[k] = True
        fleet.free_at[k] = now + self._rest[k]
        self._end[k] = max(self._end[k], fleet.free_at[k])
        if stop.kind == StopKind.MOVE:
            self.stops.append(stop)
            self._wake(now)
        else:
            self.stops.append(stop._replace(job=int(jobs.number[job])))
            if stop.kind == StopKind.PICKUP:
                self._fetch(k, job, now)
            else:
                self._hand_out(k, job, now)
        if self._drops_out[k]:
            self._drop_out(k, now)
        if fleet.route_length[k] == 0:
            self._wake(now)
        # After a decision of this minute, which may add a parcel of the same shop.
        self._schedule(k, now)

    def _fetch(self, k: int, job: int, now: float) -> None:
        jobs = self.jobs
        if np.isnan(self.picked_up[job]):
            self.picked_up[job] = now
        self.last_courier[job] = k
        self._pickups[k] += 1
        self.parcels[k] += 1
        jobs.state[job] = JobState.ABOARD
        jobs.holder[job] = k

    def _hand_out(self, k: int, job: int, now: float) -> None:
        """Courier k is at the door."""
        jobs, conditions = self.jobs, self.conditions
        self.parcels[k] -= 1
        if now > jobs.deadline[job]:
            self._finish(job, self.spoiled)
            return
        tries = int(jobs.tries[job])
        jobs.tries[job] += 1
        fails = self.source.fails[jobs.index[job]]
        if not fails[min(tries, len(fails) - 1)]:
            self.handed_over[job] = now
            self._count[k] += 1
            self.fleet.earned[k] += conditions.pay_per_delivery
            self._finish(job, self.delivered)
        elif jobs.tries[job] + self.source.tried[jobs.index[job]] >= conditions.attempts:
            self._finish(job, self.cancelled)
        else:
            again = now + conditions.retry_after
            keeps = again <= self.fleet.shift_end[k] and self._has_room(k, int(jobs.units[job]))
            if not keeps or tries + 1 >= len(fails):
                self._finish(job, self.back, JobState.BACK)
                return
            jobs.not_before[job] = again
            self.parcels[k] += 1
            self.fleet.load[k] += jobs.units[job]
            self.bag[k][job] = None
            if self.fleet.route_length[k] == 0:
                self.leave_at[k] = again - self._minutes(k, int(jobs.dropoff[job]), now)
            self.fleet.append(k, job, is_dropoff=True)
            self._wake(now)

    def _has_room(self, k: int, units: int) -> bool:
        """Whether courier k can carry something more along all of its route."""
        fleet = self.fleet
        load = most = int(fleet.load[k])
        for job, is_dropoff in fleet.route(k):
            load += int(self.jobs.units[job]) * (-1 if is_dropoff else 1)
            most = max(most, load)
        stops = int(fleet.route_length[k])
        return most + units <= fleet.capacity[k] and stops < fleet.route_job.shape[1]

    def _end_shift(self, k: int, now: float) -> None:
        """Parcels not yet fetched wait for somebody else."""
        self.fleet.on_shift[k] = False
        self._changed[k] = True
        self._give_back(k, now)
        self._wake(now)

    def _give_back(self, k: int, now: float) -> None:
        bag = self.bag[k]
        route = self.fleet.route(k)
        kept = [stop for stop in route if stop[0] in bag]
        for job, is_dropoff in route:
            if not is_dropoff:
                self.planned -= 1
                self._wait(job)
        self._set_route(k, kept, now)

    def _go_offline(self, k: int, now: float) -> None:
        if self.at[k] is None:
            self._drop_out(k, now)
        else:
            self._drops_out[k] = True

    def _drop_out(self, k: int, now: float) -> None:
        """Courier k stops working: somebody else fetches what it carries from where it is."""
        fleet, jobs = self.fleet, self.jobs
        self._drops_out[k] = False
        fleet.on_shift[k] = False
        fleet.shift_end[k] = min(float(fleet.shift_end[k]), now)
        self._end[k] = min(float(self.shifts.end[k]), max(now, float(fleet.free_at[k])))
        self._give_back(k, now)
        for job in list(self.bag[k]):
            jobs.pickup[job] = fleet.place[k]
            jobs.ready[job] = jobs.true_ready[job] = now
            self.relays += 1
            self._wait(job)
        self.bag[k].clear()
        self._set_route(k, [], now)
        self.parcels[k] = 0
        fleet.load[k] = 0
        fleet.free_at[k] = now
        self._wake(now)

    # What the dispatcher does

    def _wake(self, now: float) -> None:
        """Let the dispatcher decide, at this minute or the next one at which it decides."""
        every = self._decides_every
        minute = math.ceil(now / every - 1e-9) * every if every > 0 else now
        if minute > self._decision:
            self._decision = minute
            self._push(max(minute, now), DECIDE, 0)

    def _decide(self, now: float) -> None:
        self._decision = -math.inf
        if not self.waiting and self.planned == 0:
            return
        fleet = self.fleet
        if not fleet.on_shift.any():
            return
        if self._decides_every > 0:
            self._wake(now + 0.5 * self._decides_every)
        np.clip(now - self.shifts.start, 0.0, None, out=fleet.minutes_on_shift)
        plan = self.dispatch.dispatch(self._observation(now))
        self._changed[:] = False
        who = f"dispatch policy {self.dispatch.name!r}"
        routes = planned_routes(who, plan, fleet)
        moves = planned_moves(who, plan, fleet, len(self.travel_at(now).minutes))
        if routes:
            fetched = check_routes(who, routes, fleet, self.jobs, self.bag)
            self._adopt(routes, fetched, plan.leave_at, now)
        for k, place in moves.items():
            idle = self.at[k] is None and fleet.route_length[k] == 0 and fleet.free_at[k] <= now
            if idle and place != fleet.place[k]:
                self._move(k, place, now)

    def _observation(self, now: float) -> DispatchObservation:
        conditions = self.conditions
        changed = self._changed.view()
        changed.flags.writeable = False
        return DispatchObservation(
            now=now,
            jobs=self.jobs.shown(),
            waiting=np.fromiter(self.waiting, np.int64, len(self.waiting)),
            fleet=self.fleet.shown,
            changed=changed,
            slowdown=self.slowdown(now),
            service_before=conditions.service_before,
            shared_pickup=conditions.shared_pickup,
            must_return=conditions.must_return,
            refused=np.array(self._refused, dtype=np.int64).reshape(-1, 2),
            forecast=np.empty(0) if self.forecast is None else self.forecast(now),
            travel=self.travel_at(now),
        )

    def _adopt(self, routes: Routes, fetched: set[int], leave_at: FloatArray, now: float) -> None:
        """Make a plan that has been checked the couriers' routes."""
        jobs = self.jobs
        for k in routes:
            for job, is_dropoff in self.fleet.route(k):
                if not is_dropoff and job not in fetched:
                    self.planned -= 1
                    self._wait(job)
        minutes = leave_at.tolist() if len(leave_at) else [-math.inf] * len(routes)
        for (k, route), minute in zip(routes.items(), minutes, strict=True):
            for job, is_dropoff in route:
                if not is_dropoff:
                    if jobs.state[job] == JobState.WAITING:
                        self.planned += 1
                        jobs.state[job] = JobState.PLANNED
                        jobs.waits[job] = False
                        del self.waiting[job]
                    jobs.holder[job] = k
            self._set_route(k, route, now, minute)

    def _set_route(
        self, k: int, route: list[tuple[int, bool]], now: float, leave_at: float = -math.inf
    ) -> None:
        self.fleet.set_route(k, route)
        self.leave_at[k] = leave_at
        self._changed[k] = True
        # Who still lingers in a shop looks at its route at the end of this minute.
        if self.at[k] is None and route and self.fleet.lingers[k] == 0:
            minute = max(now, float(self.fleet.free_at[k]), leave_at)
            if minute != self._leaves[k]:
                self._schedule(k, minute)

    def _move(self, k: int, place: int, now: float) -> None:
        """Courier k, who is idle, goes where orders are expected."""
        fleet = self.fleet
        origin = int(fleet.place[k])
        arrived = self._drive(k, place, now)
        self.at[k] = Stop(
            k, StopKind.MOVE, -1, origin, place, now, arrived, arrived, self.parcels[k]
        )
        self._rest[k] = 0.0
        self._departures[k] += 1
        fleet.place[k] = place
        fleet.free_at[k] = arrived
        self._changed[k] = True
        self._push(arrived, HANDOVER, k)

    def _push(self, minute: float, kind: int, number: int, version: int = 0) -> None:
        heapq.heappush(self._heap, (minute, kind, number, version))
