"""What Ray and Dask have in common: tasks are handed out a few ahead, answers are awaited."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping
from itertools import islice
from typing import Protocol, TypeVar

from experiments.executors.protocol import Finished, SealedTask, WorkContext, seal
from experiments.studies.tasks import Task

PATIENCE_S = 120.0
"""How long a cluster may be without any worker before a sweep gives up."""

SEEN_WITHIN_S = 20.0
"""How long a file of another machine may take to be seen here: network file systems remember."""

LOOK_S = 1.0
"""How often the size of the cluster is asked for, and at least how often Ctrl-C is heard."""

AHEAD = 2
"""Tasks handed out per worker: one is done, one waits there, so that none waits for the driver."""

Handle = TypeVar("Handle")


class ClusterError(OSError):
    """A cluster that cannot be used, or not any more; what has been run is kept."""


class Cluster(Protocol[Handle]):
    """Ray or Dask, once connected, at the service of one sweep."""

    def slots(self) -> int:
        """How many tasks it can do at a time."""
        ...

    def submit(self, task: SealedTask) -> Handle:
        """Hand out a task."""
        ...

    def ended(self, handles: Mapping[Handle, str]) -> list[Handle]:
        """Those that have ended, after waiting for one for `LOOK_S` at most."""
        ...

    def outcome(self, task_id: str, handle: Handle) -> Finished:
        """How a task that has ended did.

        Raises:
            ClusterError: if no worker there can do tasks of the sweep.
        """
        ...

    def cancel(self, handles: Mapping[Handle, str]) -> None:
        """Take tasks back and stop those that are being done."""
        ...


def run_on(
    cluster: Cluster[Handle], tasks: Iterable[Task], context: WorkContext, most: int | None
) -> Generator[Finished]:
    """Compute tasks, as `protocol.Executor.run` says.

    Args:
        cluster: where.
        tasks: read lazily.
        context: what all of them share.
        most: tasks handed out at a time; absent: `AHEAD` for each that the cluster can do.

    Yields:
        How each ended, in the order in which they do.

    Raises:
        ClusterError: if the cluster can do no tasks, or is lost.
    """
    waiting = iter(tasks)
    handed_out: dict[Handle, str] = {}
    room, looked, seen = 0, float("-inf"), time.monotonic()
    try:
        while True:
            now = time.monotonic()
            if now - looked >= LOOK_S:
                slots, looked = cluster.slots(), now
                seen = now if slots > 0 else seen
                room = most if most is not None else AHEAD * max(slots, 1)
            if now - seen > PATIENCE_S:
                raise ClusterError(f"the cluster has had no worker for {PATIENCE_S:g} s")
            for task in islice(waiting, max(0, room - len(handed_out))):
                handed_out[cluster.submit(SealedTask(task.run, seal(task)))] = task.run
            if not handed_out:
                return
            for handle in cluster.ended(handed_out):
                finished = cluster.outcome(handed_out[handle], handle)
                del handed_out[handle]
                _refuse_unseen(finished, context)
                yield finished
    finally:
        cluster.cancel(handed_out)


def _refuse_unseen(finished: Finished, context: WorkContext) -> None:
    """A run's file that a worker wrote must be seen here as well."""
    if finished.kind != "ok":
        return
    path = context.folder / finished.told
    until = time.monotonic() + SEEN_WITHIN_S
    while not path.is_file():
        if time.monotonic() > until:
            raise ClusterError(
                f"{path}: a worker wrote this file, but it is not there; the study's folder must "
                "be on a file system that all machines share, under one name"
            )
        time.sleep(LOOK_S / 10.0)
