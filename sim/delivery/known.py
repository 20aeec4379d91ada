"""The state of a day's jobs and couriers in columns, of which the dispatcher sees windows."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from policies.observations.dispatching import Fleet, KnownJobs
from sim.delivery.jobs import Jobs, Shifts


class JobState(IntEnum):
    """Where a known job is; it is in exactly one state."""

    WAITING = 0
    PLANNED = 1
    FETCHING = 2  # a courier is on its way to it, or waits for it at the shop
    ABOARD = 3
    ENDED = 4  # delivered, cancelled or spoiled
    BACK = 5  # at the shop until tomorrow


class JobColumns:
    """Known jobs: row j holds the j-th job that became known; rows are added at the end."""

    def __init__(self, jobs: Jobs) -> None:
        """Make room for jobs, none of them known yet."""
        self.source = jobs
        n = len(jobs.number)
        self.known = 0
        self.index = np.empty(n, dtype=np.int64)  # row of the jobs that the day was given
        self.number = np.empty(n, dtype=np.int64)
        self.pickup, self.dropoff = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        self.placed, self.ready = np.empty(n), np.empty(n)
        self.pickup_by, self.not_before = np.empty(n), np.empty(n)
        self.due, self.deadline = np.empty(n), np.empty(n)
        self.units = np.empty(n, dtype=np.int64)
        self.pickup_service, self.dropoff_service = np.empty(n), np.empty(n)
        self.waits = np.zeros(n, dtype=np.bool_)
        # Hidden from the dispatcher:
        self.state = np.full(n, JobState.WAITING, dtype=np.int8)
        self.true_ready = np.empty(n)
        self.holder = np.full(n, -1, dtype=np.int64)  # courier that has it in its route or bag
        self.tries = np.zeros(n, dtype=np.int64)  # at the door, today
        self.assigned = np.full(n, np.nan)  # minute at which a courier left for its pickup
        shown = [
            self.number, self.pickup, self.dropoff, self.placed, self.ready, self.pickup_by,
            self.not_before, self.due, self.deadline, self.units, self.pickup_service,
            self.dropoff_service, self.waits,
        ]  # fmt: skip
        self._shown: list[Any] = [_window(column) for column in shown]

    def admit(self, index: int) -> int:
        """Let the dispatcher know a job; returns its row."""
        row, jobs = self.known, self.source
        self.known += 1
        self.index[row] = index
        self.number[row] = jobs.number[index]
        self.pickup[row], self.dropoff[row] = jobs.pickup[index], jobs.dropoff[index]
        self.placed[row], self.ready[row] = jobs.placed[index], jobs.expected_ready[index]
        self.pickup_by[row], self.not_before[row] = jobs.pickup_by[index], jobs.not_before[index]
        self.due[row], self.deadline[row] = jobs.due[index], jobs.deadline[index]
        self.units[row] = jobs.units[index]
        self.pickup_service[row] = jobs.pickup_service[index]
        self.dropoff_service[row] = jobs.dropoff_service[index]
        self.true_ready[row] = jobs.ready[index]
        return row

    def shown(self) -> KnownJobs:
        """Windows on what is known now."""
        return KnownJobs(*(column[: self.known] for column in self._shown))


class FleetColumns:
    """The couriers of the day; row k is courier k of its shifts."""

    def __init__(self, shifts: Shifts, most_stops: int) -> None:
        """Couriers at their bases before their shifts."""
        n = len(shifts.courier)
        self.courier = shifts.courier.astype(np.int64)
        self.on_shift = np.zeros(n, dtype=np.bool_)
        self.base = shifts.base.astype(np.int64)
        self.place = self.base.copy()
        self.free_at = shifts.start.astype(np.float64)
        self.lingers = np.zeros(n)
        self.shift_end = shifts.end.astype(np.float64)
        self.capacity = shifts.capacity.astype(np.int64)
        self.speed = shifts.speed.astype(np.float64)
        self.load = np.zeros(n, dtype=np.int64)
        self.earned = np.zeros(n)
        self.minutes_on_shift = np.zeros(n)
        self.route_length = np.zeros(n, dtype=np.int64)
        self.route_job = np.full((n, most_stops), -1, dtype=np.int64)
        self.route_is_dropoff = np.zeros((n, most_stops), dtype=np.bool_)
        self.shown = Fleet(
            *map(
                _window,
                (
                    self.courier, self.on_shift, self.base, self.place, self.free_at, self.lingers,
                    self.shift_end, self.capacity, self.speed, self.load, self.earned,
                    self.minutes_on_shift, self.route_length, self.route_job,
                    self.route_is_dropoff,
                ),
            )
        )  # fmt: skip

    def route(self, k: int) -> list[tuple[int, bool]]:
        """The (job, is it the drop-off) of a courier's planned stops."""
        n = int(self.route_length[k])
        return list(
            zip(self.route_job[k, :n].tolist(), self.route_is_dropoff[k, :n].tolist(), strict=True)
        )

    def set_route(self, k: int, route: list[tuple[int, bool]]) -> None:
        """Replace a courier's planned stops."""
        n = len(route)
        self.route_length[k] = n
        self.route_job[k, n:] = -1
        self.route_is_dropoff[k, n:] = False
        if n:
            self.route_job[k, :n] = [job for job, _ in route]
            self.route_is_dropoff[k, :n] = [is_dropoff for _, is_dropoff in route]

    def append(self, k: int, job: int, *, is_dropoff: bool) -> None:
        """Add a stop to the end of a courier's route."""
        n = int(self.route_length[k])
        if n == self.route_job.shape[1]:
            raise AssertionError(f"the route of courier {k} is full")
        self.route_job[k, n], self.route_is_dropoff[k, n] = job, is_dropoff
        self.route_length[k] = n + 1

    def take_first(self, k: int) -> tuple[int, bool]:
        """Take the first stop out of a courier's route."""
        first = int(self.route_job[k, 0]), bool(self.route_is_dropoff[k, 0])
        n = int(self.route_length[k])
        self.route_job[k, : n - 1] = self.route_job[k, 1:n]
        self.route_is_dropoff[k, : n - 1] = self.route_is_dropoff[k, 1:n]
        self.route_job[k, n - 1] = -1
        self.route_is_dropoff[k, n - 1] = False
        self.route_length[k] = n - 1
        return first


def _window(column: np.ndarray) -> np.ndarray:
    view = column.view()
    view.flags.writeable = False
    return view
