"""The jobs that are known so far, in columns of which the dispatcher sees windows."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.observations.dispatching import KnownJobs
from sim.delivery.jobs import Jobs


class JobState(IntEnum):
    """Where a known job is; it is in exactly one state."""

    WAITING = 0
    PLANNED = 1
    FETCHING = 2  # a courier is on its way to it, or waits for it at the shop
    ABOARD = 3
    ENDED = 4  # delivered, cancelled or spoiled
    BACK = 5  # at the shop until tomorrow


# Plain numbers, as looking a member of an enumeration up costs more than what is done with it.
WAITING: Final = int(JobState.WAITING)
PLANNED: Final = int(JobState.PLANNED)
FETCHING: Final = int(JobState.FETCHING)
ABOARD: Final = int(JobState.ABOARD)
ENDED: Final = int(JobState.ENDED)
BACK: Final = int(JobState.BACK)


class WaitingLine:
    """The jobs that wait, in the order in which they came to wait."""

    def __init__(self, jobs: int) -> None:
        """An empty line with room for so many jobs."""
        self._line = np.zeros(2 * jobs + 1, dtype=np.int64)
        self._window = window(self._line)
        self._position = np.zeros(jobs, dtype=np.int64)
        self._end = self._gaps = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._end - self._gaps

    def join(self, job: int) -> None:
        """A job waits at the end of the line."""
        if self._end == len(self._line):
            self._close_up()
        self._line[self._end] = job
        self._position[job] = self._end
        self._end += 1

    def quit(self, job: int) -> None:
        """A job waits no longer."""
        self._line[self._position[job]] = -1
        self._gaps += 1

    def shown(self) -> IntArray:
        """(J,) window on the line; it changes when the line does."""
        if self._gaps:
            self._close_up()
        return self._window[: self._end]

    def _close_up(self) -> None:
        line = self._line[: self._end]
        waiting = line[line >= 0]
        self._end, self._gaps = len(waiting), 0
        self._line[: self._end] = waiting
        self._position[waiting] = np.arange(self._end)


class JobColumns:
    """Known jobs: row j holds the j-th job that became known; rows are added at the end."""

    def __init__(self, jobs: Jobs) -> None:
        """Make room for jobs, none of them known yet."""
        self.source = jobs
        n = len(jobs.number)
        self.known = 0
        self.index = np.zeros(n, dtype=np.int64)  # row of the jobs that the day was given
        self.number = np.zeros(n, dtype=np.int64)
        self.pickup, self.dropoff = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        self.placed, self.ready = np.zeros(n), np.zeros(n)
        self.pickup_by, self.not_before = np.zeros(n), np.zeros(n)
        self.due, self.deadline = np.zeros(n), np.zeros(n)
        self.units = np.zeros(n, dtype=np.int64)
        self.pickup_service, self.dropoff_service = np.zeros(n), np.zeros(n)
        self.waits = np.zeros(n, dtype=np.bool_)
        shown = [
            self.number, self.pickup, self.dropoff, self.placed, self.ready, self.pickup_by,
            self.not_before, self.due, self.deadline, self.units, self.pickup_service,
            self.dropoff_service, self.waits,
        ]  # fmt: skip
        self._shown = [window(column) for column in shown]
        # Hidden from the dispatcher, by row:
        self.true_ready: list[float] = []
        self.state: list[int] = []
        self.holder: list[int] = []  # courier that has it in its route or bag, -1: nobody
        self.tries: list[int] = []  # at the door, today
        self.assigned: list[float] = []  # minute at which a courier left for its pickup
        self.picked_up: list[float] = []  # for the first time
        self.handed_over: list[float] = []
        self.courier: list[int] = []  # who fetched it last, -1: nobody
        self.waiting = WaitingLine(n)
        self.planned = 0  # jobs in state PLANNED
        self.delivered: list[int] = []
        self.cancelled: list[int] = []
        self.spoiled: list[int] = []
        self.back: list[int] = []

    def admit(self, index: int) -> int:
        """Let the dispatcher know a job, which waits; returns its row."""
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
        self.true_ready.append(float(jobs.ready[index]))
        self.state.append(ENDED)
        self.holder.append(-1)
        self.courier.append(-1)
        self.tries.append(0)
        for minutes in (self.assigned, self.picked_up, self.handed_over):
            minutes.append(math.nan)
        self.wait(row)
        return row

    def shown(self) -> KnownJobs:
        """Windows on what is known now."""
        n = self.known
        return KnownJobs(*[column[:n] for column in self._shown])

    def wait(self, job: int) -> None:
        """A job that is new, was planned, or is left behind on its way waits."""
        self.planned -= self.state[job] == PLANNED
        self.state[job] = WAITING
        self.waits[job] = True
        self.holder[job] = -1
        self.waiting.join(job)

    def plan(self, job: int, courier: int) -> None:
        """A job that waits, or was planned for another, is in a courier's route."""
        if self.state[job] == WAITING:
            self._stop_waiting(job)
            self.planned += 1
            self.state[job] = PLANNED
        self.holder[job] = courier

    def set_out_for(self, job: int, now: float) -> None:
        """The courier that a job is planned for leaves for it."""
        self.planned -= 1
        self.state[job] = FETCHING
        self.assigned[job] = now

    def fetch(self, job: int, courier: int, now: float) -> None:
        """A job is on board."""
        if math.isnan(self.picked_up[job]):
            self.picked_up[job] = now
        self.courier[job] = courier
        self.state[job] = ABOARD

    def relay(self, job: int, place: int, now: float) -> None:
        """A parcel on board is left at a place, where others may fetch it, unless it is spoiled."""
        self.pickup[job] = place
        self.ready[job] = self.true_ready[job] = now
        if now > self.deadline[job]:
            self.spoil(job)
        else:
            self.wait(job)

    def deliver(self, job: int, now: float) -> None:
        """A job is handed over at the door."""
        self.handed_over[job] = now
        self._end(job, self.delivered)

    def cancel(self, job: int) -> None:
        """A job ends without a delivery."""
        self._end(job, self.cancelled)

    def spoil(self, job: int) -> None:
        """A job missed its deadline."""
        self._end(job, self.spoiled)

    def bring_back(self, job: int) -> None:
        """A job goes back to the shop until tomorrow."""
        self._end(job, self.back)
        self.state[job] = BACK

    def _end(self, job: int, ended: list[int]) -> None:
        if self.state[job] == WAITING:
            self._stop_waiting(job)
        self.planned -= self.state[job] == PLANNED
        self.state[job] = ENDED
        self.holder[job] = -1
        ended.append(job)

    def _stop_waiting(self, job: int) -> None:
        self.waiting.quit(job)
        self.waits[job] = False


def window(column: NDArray[Any]) -> NDArray[Any]:
    """A read-only array on the memory of a column: neither it nor its base can be made writable."""
    return np.asarray(memoryview(column).toreadonly())  # type: ignore[arg-type]
