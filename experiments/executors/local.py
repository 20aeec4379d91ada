"""Processes of this machine, each doing one task at a time.

A worker that dies, or is stopped because its task takes too long, is replaced; since every worker
does one task after the other and has a link of its own, it is known whose run it was, and no other
is touched. Of quick tasks a worker has the next one ahead, which it has not begun if it dies.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from experiments.executors.protocol import Finished, SealedTask, WorkContext, seal
from experiments.studies.tasks import Task

GLANCE_S = 0.2
"""Seconds after which the driver looks whether workers live, if none has told anything."""

PATIENCE_S = 2.0
"""Seconds that a worker without a task has to end by itself."""

STARTS = 3
"""Workers in a row that may end before they are ready."""

ENVIRONMENT = {
    # A worker uses one core, and sums come out the same on any machine.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    # bm25s's bars, which nobody sees, hold a lock of processes that a killed worker leaves behind.
    "DISABLE_TQDM": "1",
}
"""What workers find in their environment."""


QUICK_S = 0.5
"""Seconds of a run below which its worker gets the next one ahead of time."""

_Sealed = tuple[str, bytes]  # a run's name, and its task as it is sent


class WorkersError(OSError):
    """Workers cannot be started."""


@dataclass(slots=True, eq=False)
class _Worker:
    """A process and what it does."""

    process: subprocess.Popen[bytes]
    link: Connection
    lifeline: int  # the pipe's end that is ours; closing it ends the worker
    ready: bool = False
    tasks: deque[_Sealed] = field(default_factory=deque)  # it does the first
    began: float = 0.0  # monotonic, s: the first of them
    quick: bool = False  # its last task took a moment

    @property
    def busy(self) -> bool:
        return bool(self.tasks)

    @property
    def takes(self) -> int:
        """How many tasks it may have. One ahead of a quick worker, so that it need not wait."""
        return (2 if self.quick else 1) if self.ready else 0

    def end(self, patience: float = 0.0) -> None:
        """End the process and let go of what belongs to it."""
        self.link.close()
        if self.lifeline >= 0:
            os.close(self.lifeline)
            self.lifeline = -1
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class _Queue:
    """Tasks that no worker has; the next is made ready while the workers work."""

    waiting: Iterator[Task | SealedTask]
    ahead: deque[_Sealed] = field(default_factory=deque)

    def next(self) -> _Sealed | None:
        """The next task, which stays; None at the end."""
        if not self.ahead:
            task = next(self.waiting, None)
            if task is not None:
                self.ahead.append((task.run, seal(task)))
        return self.ahead[0] if self.ahead else None

    def back(self, tasks: Iterable[_Sealed]) -> None:
        """Take tasks back that a dead worker has not begun."""
        self.ahead.extendleft(reversed([*tasks]))


@dataclass(slots=True)
class LocalExecutor:
    """A pool of worker processes."""

    workers: int
    _pool: list[_Worker] = field(default_factory=list)
    _context: WorkContext | None = None
    _failed_starts: int = 0
    _killed: bool = False

    def run(self, tasks: Iterable[Task | SealedTask], context: WorkContext) -> Iterator[Finished]:
        """Compute tasks; see `experiments.executors.protocol.Executor`.

        Raises:
            WorkersError: if workers end before they are ready.
        """
        if context != self._context:
            self.close()
            self._context = context
        queue = _Queue(iter(tasks))
        try:
            while queue.next() is not None or any(one.busy for one in self._pool):
                if self._killed:
                    raise WorkersError("the pool was ended from outside")
                while queue.next() is not None and len(self._pool) < self.workers:
                    self._pool.append(_start(context))
                self._hand_out(queue)
                yield from self._told(context.timeout_s, queue)
        finally:
            for one in [one for one in self._pool if one.busy]:
                self._pool.remove(one)
                one.end()

    def close(self) -> None:
        """End all workers."""
        for one in self._pool:
            one.link.close()
        for one in self._pool:
            one.end(PATIENCE_S)
        self._pool.clear()

    def kill(self) -> None:
        """Kill what is being done, while another thread waits for it; nothing more is begun."""
        self._killed = True
        for one in list(self._pool):
            one.process.kill()

    def _hand_out(self, queue: _Queue) -> None:
        """Give tasks to those that can take some, first to those that have none."""
        for one in sorted(self._pool, key=lambda one: len(one.tasks)):
            while len(one.tasks) < one.takes:
                task = queue.next()
                if task is None or not _give(one, task):
                    break
                queue.ahead.popleft()

    def _told(self, timeout_s: float | None, queue: _Queue) -> Iterator[Finished]:
        """What workers say, or their silence does, within a glance."""
        spoke = set(wait([one.link for one in self._pool], self._pause(timeout_s)))
        now = time.monotonic()
        for one in list(self._pool):
            gone = one.process.poll() is not None
            told = _heard(one) if one.link in spoke or (gone and one.link.poll()) else None
            if told is None and (one.link in spoke or gone):
                yield from self._dead(one, queue)
            elif isinstance(told, Finished):
                one.tasks.popleft()
                one.began = now
                one.quick = told.seconds < QUICK_S
                yield told
            elif told is not None:
                one.ready = True
                self._failed_starts = 0
            elif timeout_s is not None and one.busy and now - one.began > timeout_s:
                yield self._stopped(one, timeout_s, queue)

    def _pause(self, timeout_s: float | None) -> float:
        if timeout_s is None:
            return GLANCE_S
        now = time.monotonic()
        left = [one.began + timeout_s - now for one in self._pool if one.busy]
        return max(0.0, min([GLANCE_S, *left]))

    def _dead(self, worker: _Worker, queue: _Queue) -> Iterator[Finished]:
        self._pool.remove(worker)
        seconds = time.monotonic() - worker.began
        worker.end(PATIENCE_S)
        how = _how(worker.process.returncode)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= STARTS:
                raise WorkersError(f"{STARTS} workers in a row ended before they were ready: {how}")
        if worker.busy:
            (run, _), *others = worker.tasks
            queue.back(others)
            yield Finished(run, "killed", f"its worker {how}", seconds)

    def _stopped(self, worker: _Worker, timeout_s: float, queue: _Queue) -> Finished:
        self._pool.remove(worker)
        worker.process.kill()
        worker.end(PATIENCE_S)
        (run, _), *others = worker.tasks
        queue.back(others)
        return Finished(run, "timed_out", f"it took longer than {timeout_s:g} s", timeout_s)


def _start(context: WorkContext) -> _Worker:
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    program = "from experiments.executors.worker import main; "
    program += f"main({os.getpid()}, {theirs.fileno()}, {reading})"
    paths = os.pathsep.join(one or os.getcwd() for one in sys.path)  # noqa: PTH109
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=2,  # what policies print is no result
            pass_fds=(theirs.fileno(), reading),
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": paths},
        )
    except BaseException:
        ours.close()
        os.close(writing)
        raise
    finally:
        theirs.close()
        os.close(reading)
    worker = _Worker(process, Connection(ours.detach()), writing)
    with suppress(OSError):  # it is dead already; the next glance finds out
        worker.link.send(context)
    return worker


def _give(worker: _Worker, task: _Sealed) -> bool:
    """Send a task; false where the worker is gone."""
    try:
        worker.link.send(task)
    except OSError:
        return False
    if not worker.busy:
        worker.began = time.monotonic()
    worker.tasks.append(task)
    return True


def _heard(worker: _Worker) -> Finished | str | None:
    """What a worker sent; None at its end."""
    try:
        told: Finished | str = worker.link.recv()
    except (EOFError, OSError):
        return None
    return told


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        known = {one.value: one.name for one in signal.Signals}
        name = known.get(-code, f"signal {-code}")
        more = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
        return f"was killed by {name}{more}"
    return f"ended with exit code {code}"
