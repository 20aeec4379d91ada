"""One day of deliveries, minute by minute, on an event heap of plain tuples.

A job is known to the dispatcher from its placement on, never before. The dispatcher is asked while
jobs wait, when a job becomes known, a shift begins or ends, or a courier has no stop left. Couriers
wait for preparation, carry several parcels, finish what is on board after their shift's end, and
may find nobody at home. A stop to which a courier is on its way is never changed. At every moment a
job waits, is planned, is on board, has ended, or is back at the shop until tomorrow.

A stop's service is parking, walking there, handing over and walking back, so half of it comes
before the handover and half after it: a courier who waits for a parcel leaves half a pickup service
after it is ready, and a parcel is at the door half a drop-off service after the courier.

Source: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018), "The meal delivery routing
problem"; what service is: the same, "Meal delivery routing: the Grubhub instances", section 1.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray, read_only
from policies.observations import DispatchObservation, DispatchPlan, TravelTimes
from policies.protocols import Dispatch
from sim.delivery.couriers import Shifts
from sim.delivery.rush import slowdown
from sim.event_tables import OrderStatus
from sim.tables import Table

STOPS = 24
"""Most stops that a route holds."""

SHIFT_BEGINS, STOP_DONE, JOB_KNOWN, SHIFT_ENDS = 0, 1, 2, 3


class DispatchError(ValueError):
    """A dispatch policy answered with a plan that cannot be driven."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds all day."""

    pickup_service: float  # minutes, half of them before the handover
    dropoff_service: float  # minutes, half of them before the handover
    peak_slowdown: float
    attempts: int  # tries at the door before a parcel is cancelled


@dataclass(frozen=True, slots=True)
class DayOutcome:
    """What the day did beside the deliveries table. K couriers of the day's shifts."""

    delivered: IntArray  # jobs
    cancelled: IntArray  # jobs
    end: FloatArray  # (K,) minute at which each courier was done
    deliveries: IntArray  # (K,) parcels delivered
    metres: FloatArray  # (K,)
    empty_metres: FloatArray  # (K,)
    driving: FloatArray  # (K,) minutes


class DeliveryDay:
    """The state of one day of deliveries."""

    def __init__(
        self,
        jobs: Table,
        expected_ready: FloatArray,
        known_at: dict[int, float],
        shifts: Shifts,
        travel: TravelTimes,
        conditions: Conditions,
        dispatch: Dispatch,
        fails: Callable[[int], bool],
        legs: Table,
    ) -> None:
        """Prepare a day.

        Args:
            jobs: the deliveries table; its rows are changed.
            expected_ready: (jobs,) minute at which merchants expect each to be ready.
            known_at: minute from which each of today's open jobs is known to the dispatcher.
            shifts: who works.
            travel: minutes and metres between places.
            conditions: what holds all day.
            dispatch: the dispatch policy.
            fails: whether the next try at the door of a job fails.
            legs: table of drives; rows are appended.
        """
        self.jobs, self.expected_ready, self.known_at = jobs, expected_ready, known_at
        self.shifts, self.travel, self.conditions = shifts, travel, conditions
        self.dispatch, self.fails, self.legs = dispatch, fails, legs
        couriers = len(shifts.courier)
        self.place = shifts.base.astype(np.int32).copy()
        self.free_at = shifts.start.copy()
        self.load = np.zeros(couriers, dtype=np.int32)
        self.parcels = np.zeros(couriers, dtype=np.int32)
        self.on_shift = np.zeros(couriers, dtype=np.bool_)
        # Job, kind and minute of the handover of the stop that each courier is committed to.
        self.moving: list[tuple[int, bool, float] | None] = [None] * couriers
        self.route_length = np.zeros(couriers, dtype=np.int32)
        self.route_job = np.full((couriers, STOPS), -1, dtype=np.int64)
        self.route_is_dropoff = np.zeros((couriers, STOPS), dtype=np.bool_)
        self.on_board: list[dict[int, None]] = [{} for _ in range(couriers)]  # or being fetched
        self.waiting: dict[int, None] = {}  # unassigned jobs in the order in which they came
        self.delivered: list[int] = []
        self.cancelled: list[int] = []
        self.end = shifts.end.copy()
        self.count = np.zeros(couriers, dtype=np.int64)
        self.metres = np.zeros(couriers)
        self.empty_metres = np.zeros(couriers)
        self.driving = np.zeros(couriers)
        self._legs: list[tuple[int, int, int, float, float, int]] = []
        self._heap: list[tuple[float, int, int]] = []

    def live(self) -> DayOutcome:
        """Live the day until every courier is done."""
        heap = self._heap
        heap.extend((minute, JOB_KNOWN, job) for job, minute in self.known_at.items())
        for k in range(len(self.shifts.courier)):
            heap.append((float(self.shifts.start[k]), SHIFT_BEGINS, k))
            heap.append((float(self.shifts.end[k]), SHIFT_ENDS, k))
        heapq.heapify(heap)
        while heap:
            now = heap[0][0]
            decide = False
            may_leave: set[int] = set()  # couriers who have just become free or got a route
            while heap and heap[0][0] == now:
                _, kind, number = heapq.heappop(heap)
                decide |= self._happen(now, kind, number)
                if kind == STOP_DONE:
                    may_leave.add(number)
            if decide and self.waiting and self.on_shift.any():
                may_leave.update(self._decide(now))
            for k in sorted(may_leave):
                if self.moving[k] is None and self.route_length[k] > 0:
                    self._drive(k, now)
        self._write_legs()
        return DayOutcome(
            delivered=np.array(self.delivered, dtype=np.int64),
            cancelled=np.array(self.cancelled, dtype=np.int64),
            end=self.end,
            deliveries=self.count,
            metres=self.metres,
            empty_metres=self.empty_metres,
            driving=self.driving,
        )

    def _happen(self, now: float, kind: int, number: int) -> bool:
        """One event; returns whether the dispatcher has reason to think again."""
        if kind == STOP_DONE:
            self._finish_stop(number, now)
            return bool(self.route_length[number] == 0)
        if kind == JOB_KNOWN:
            self.waiting[number] = None
        elif kind == SHIFT_BEGINS:
            self.on_shift[number] = True
        else:
            self.on_shift[number] = False
            self._hand_back(number)
        return True

    def _hand_back(self, k: int) -> None:
        """At the end of a shift, parcels not yet fetched wait for somebody else."""
        kept: list[tuple[int, bool]] = [
            (job, is_dropoff)
            for job, is_dropoff in self._route(k)
            if is_dropoff and job in self.on_board[k]
        ]
        for job, is_dropoff in self._route(k):
            if not is_dropoff:
                self.waiting[job] = None
        self._set_route(k, kept)

    def _drive(self, k: int, now: float) -> None:
        """Courier k leaves for its first stop and serves it."""
        job, is_dropoff = self._leave_for_first(k)
        column = "dropoff" if is_dropoff else "pickup"
        target = int(self.jobs[column][job])
        origin = int(self.place[k])
        factor = self.shifts.speed[k] * slowdown(now, self.conditions.peak_slowdown)
        minutes = float(self.travel.minutes[origin, target]) * factor
        metres = float(self.travel.metres[origin, target])
        arrival = now + minutes
        self.metres[k] += metres
        self.driving[k] += minutes
        if self.parcels[k] == 0:
            self.empty_metres[k] += metres
        self._legs.append(
            (int(self.shifts.courier[k]), origin, target, now, arrival, int(self.parcels[k]))
        )
        if is_dropoff:
            half = 0.5 * self.conditions.dropoff_service
            handover = expected = arrival + half
            self.load[k] -= self.jobs["units"][job]
        else:
            half = 0.5 * self.conditions.pickup_service
            handover = max(arrival + half, float(self.jobs["ready"][job]))
            expected = max(arrival + half, float(self.expected_ready[job]))
            self.on_board[k][job] = None
            self.load[k] += self.jobs["units"][job]
        self.moving[k] = (job, is_dropoff, handover)
        self.place[k] = target
        self.free_at[k] = expected + half
        heapq.heappush(self._heap, (handover + half, STOP_DONE, k))

    def _finish_stop(self, k: int, now: float) -> None:
        stop = self.moving[k]
        if stop is None:
            raise AssertionError(f"courier {k} finished a stop that it never began")
        job, is_dropoff, handover = stop
        self.moving[k] = None
        self.free_at[k] = now
        self.end[k] = max(self.end[k], now)
        if not is_dropoff:
            self.jobs["picked_up"][job] = handover
            self.jobs["courier"][job] = self.shifts.courier[k]
            self.parcels[k] += 1
            return
        self.parcels[k] -= 1
        del self.on_board[k][job]
        self.jobs["attempts"][job] += 1
        if not self.fails(job):
            self.jobs["delivered"][job] = handover
            self.jobs["status"][job] = OrderStatus.DELIVERED
            self.count[k] += 1
            self.delivered.append(job)
        elif self.jobs["attempts"][job] >= self.conditions.attempts:
            self.jobs["status"][job] = OrderStatus.CANCELLED
            self.cancelled.append(job)

    def _decide(self, now: float) -> list[int]:
        """Ask the dispatcher and take its plan over; returns the couriers with new routes."""
        couriers = np.flatnonzero(self.on_shift)
        observation = self._observe(now, couriers)
        plan = self.dispatch.dispatch(observation)
        return self._adopt(plan, couriers)

    def _observe(self, now: float, couriers: NDArray[np.int64]) -> DispatchObservation:
        jobs = self.jobs
        waiting = np.fromiter(self.waiting, dtype=np.int64, count=len(self.waiting))
        waiting = waiting[np.lexsort((waiting, jobs["placed"][waiting]))]
        route_job = self.route_job[couriers]
        is_dropoff = self.route_is_dropoff[couriers]
        known = np.maximum(route_job, 0)
        place = np.where(is_dropoff, jobs["dropoff"][known], jobs["pickup"][known])
        return DispatchObservation(
            now=now,
            job=read_only(waiting),
            pickup=read_only(jobs["pickup"][waiting]),
            dropoff=read_only(jobs["dropoff"][waiting]),
            placed=read_only(jobs["placed"][waiting]),
            ready=read_only(self.expected_ready[waiting]),
            due=read_only(jobs["due"][waiting]),
            units=read_only(jobs["units"][waiting]),
            courier=read_only(self.shifts.courier[couriers]),
            place=read_only(self.place[couriers]),
            free_at=read_only(np.maximum(self.free_at[couriers], now)),
            shift_end=read_only(self.shifts.end[couriers]),
            capacity=read_only(self.shifts.capacity[couriers]),
            speed=read_only(
                self.shifts.speed[couriers] * slowdown(now, self.conditions.peak_slowdown)
            ),
            load=read_only(self.load[couriers]),
            route_length=read_only(self.route_length[couriers]),
            route_job=read_only(route_job),
            route_is_dropoff=read_only(is_dropoff),
            route_place=read_only(place),
            route_due=read_only(jobs["due"][known]),
            route_ready=read_only(self.expected_ready[known]),
            route_units=read_only(jobs["units"][known]),
            pickup_service=self.conditions.pickup_service,
            dropoff_service=self.conditions.dropoff_service,
            travel=self.travel,
        )

    def _adopt(self, plan: DispatchPlan, couriers: NDArray[np.int64]) -> list[int]:
        """Check a plan and make it the couriers' routes; returns the couriers that it changes."""
        who = f"dispatch policy {self.dispatch.name!r}"
        self._check_shape(who, plan, len(couriers))
        changed = [int(couriers[index]) for index in np.asarray(plan.courier).tolist()]
        if len(set(changed)) != len(changed):
            raise DispatchError(f"{who}: plans a courier twice")
        routes = {
            k: [
                (int(job), bool(drop))
                for job, drop in zip(jobs.tolist(), drops.tolist(), strict=True)
                if job >= 0
            ]
            for k, jobs, drops in zip(changed, plan.route_job, plan.route_is_dropoff, strict=True)
        }
        free = dict(self.waiting)
        for k in changed:
            free.update((job, None) for job, is_dropoff in self._route(k) if not is_dropoff)
        for k, route in routes.items():
            self._check_route(who, k, route, free)
        for k, route in routes.items():
            self._set_route(k, route)
        self.waiting = free
        return changed

    @staticmethod
    def _check_shape(who: str, plan: DispatchPlan, couriers: int) -> None:
        """Refuse a plan whose columns do not fit together or that names couriers not shown."""
        index = np.asarray(plan.courier)
        shapes = index.shape, np.shape(plan.route_job), np.shape(plan.route_is_dropoff)
        if all(0 in shape for shape in shapes):
            return  # a plan that changes nothing
        if len(shapes[0]) != 1 or len(shapes[1]) != 2 or shapes[1] != shapes[2]:
            raise DispatchError(f"{who}: courier (U,) and routes (U, R) have the shapes {shapes}")
        if shapes[0][0] != shapes[1][0]:
            raise DispatchError(f"{who}: plans {shapes[0][0]} couriers, but {shapes[1][0]} routes")
        strange = index[(index < 0) | (index >= couriers)]
        if len(strange):
            raise DispatchError(
                f"{who}: plans for courier index {int(strange[0])}, but {couriers} are on shift: "
                f"an index into the observation's couriers is 0 to {couriers - 1}"
            )

    def _check_route(
        self, who: str, k: int, route: list[tuple[int, bool]], free: dict[int, None]
    ) -> None:
        """Refuse a route that cannot be driven; takes the jobs that it fetches out of `free`."""
        name = f"{who}: courier {int(self.shifts.courier[k])}"
        if len(route) > STOPS:
            raise DispatchError(f"{name}: a route has at most {STOPS} stops, not {len(route)}")
        aboard = set(self.on_board[k])
        going = self.moving[k]
        if going is not None and going[1]:
            aboard.discard(going[0])
        load = int(self.load[k])
        for job, is_dropoff in route:
            if is_dropoff:
                if job not in aboard:
                    raise DispatchError(f"{name}: drops job {job} off before fetching it")
                aboard.remove(job)
                load -= int(self.jobs["units"][job])
                continue
            if job not in free:
                raise DispatchError(f"{name}: fetches job {job}, which is not to be had")
            del free[job]
            aboard.add(job)
            load += int(self.jobs["units"][job])
            if load > self.shifts.capacity[k]:
                raise DispatchError(
                    f"{name}: carries {load} units with job {job}, but only "
                    f"{int(self.shifts.capacity[k])} fit"
                )
        if aboard:
            raise DispatchError(f"{name}: never drops off job(s) {sorted(aboard)}")

    def _route(self, k: int) -> list[tuple[int, bool]]:
        n = int(self.route_length[k])
        return list(
            zip(self.route_job[k, :n].tolist(), self.route_is_dropoff[k, :n].tolist(), strict=True)
        )

    def _leave_for_first(self, k: int) -> tuple[int, bool]:
        """Take the first stop out of a route."""
        first = int(self.route_job[k, 0]), bool(self.route_is_dropoff[k, 0])
        n = self.route_length[k]
        for row, empty in ((self.route_job[k], -1), (self.route_is_dropoff[k], False)):
            row[: n - 1] = row[1:n]
            row[n - 1] = empty
        self.route_length[k] = n - 1
        return first

    def _set_route(self, k: int, route: list[tuple[int, bool]]) -> None:
        n = len(route)
        self.route_length[k] = n
        self.route_job[k, :n] = [job for job, _ in route]
        self.route_job[k, n:] = -1
        self.route_is_dropoff[k, :n] = [is_dropoff for _, is_dropoff in route]
        self.route_is_dropoff[k, n:] = False

    def _write_legs(self) -> None:
        if self._legs:
            names = ("courier", "origin", "destination", "start", "end", "parcels")
            columns = zip(*self._legs, strict=True)
            self.legs.append(**dict(zip(names, map(list, columns), strict=True)))
