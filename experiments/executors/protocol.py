"""What a sweep asks of those that compute its runs, and the function that their workers call.

An executor gets tasks and gives back, for every one of them and in any order, how it ended. The
worker itself writes the run's file, or the record of its failure; nothing but a reference travels
back. An executor never tries a task again: the sweep counts what became of it, and decides.
"""

from __future__ import annotations

import os
import pickle
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from experiments.studies.identity import model_version
from experiments.studies.store import Failed, write_failure, write_run_file
from experiments.studies.tasks import Task, live_task
from policies.plugin_errors import PolicyFailedError
from policies.registry import load_plugin


@dataclass(frozen=True, slots=True)
class WorkContext:
    """What all tasks of a sweep share. All paths are absolute."""

    folder: Path  # the study's
    model: str  # version of the model, which the worker's own must equal
    plugins: tuple[Path, ...] = ()
    timeout_s: float | None = None  # seconds that a run may take; the executor sees to it


@dataclass(frozen=True, slots=True)
class Finished:
    """How one task ended."""

    task_id: str  # `Task.run`
    kind: Literal["ok", "raised", "killed", "timed_out", "unwritten"]
    told: str  # ok: path of the run's file in the study's folder; otherwise what happened
    seconds: float  # that the worker spent; 0 where nobody knows


@dataclass(frozen=True, slots=True)
class SealedTask:
    """A task on its way to a worker: it can be opened only where the plug-ins are loaded."""

    run: str
    content: bytes


class Executor(Protocol):
    """Computes tasks, several at a time."""

    def run(self, tasks: Iterable[Task], context: WorkContext) -> Iterator[Finished]:
        """Compute tasks.

        Args:
            tasks: read lazily, a few ahead of the workers: there may be a million.
            context: what all of them share.

        Yields:
            One `Finished` a task, as soon as it has ended. "killed" and "timed_out" name the one
            task whose own worker died or was stopped; no other task is touched by that.

        Closing the iterator early (Ctrl-C) ends the workers promptly: whatever they were writing
        is not half there.
        """
        ...

    def close(self) -> None:
        """End the workers; a cluster that was there before is left as it is."""
        ...


class OtherModelError(RuntimeError):
    """A worker has another version of the model than the sweep's driver."""


def seal(task: Task | SealedTask) -> bytes:
    """A task for a worker that has not loaded the sweep's plug-ins yet."""
    if isinstance(task, SealedTask):
        return task.content
    return pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)


def perform(task_id: str, sealed: bytes, context: WorkContext) -> Finished:
    """Do one task, in a worker: live it and write its file, or the record of its failure.

    Args:
        task_id: `Task.run`.
        sealed: the task, as `seal` gives it; it is opened once the plug-ins are loaded.
        context: what all tasks of the sweep share.

    Returns:
        "ok"; "raised", whatever the run raised; or "unwritten", where the disk is full, or the
        worker has another version of the model: no fault of the run's, so that the sweep stops and
        can go on later.
    """
    began = time.perf_counter()
    try:
        daily, told = None, ""
        try:
            _prepare(context.model, context.plugins)
            task: Task = pickle.loads(sealed)  # noqa: S301 - from the sweep's own driver
            daily = live_task(task)
        except (KeyboardInterrupt, OtherModelError):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a run raises is recorded
            told = _told(error)
        if daily is None:
            failed = Failed(task_id, "raised", told)
            write_failure(context.folder, context.model, failed)
            return Finished(task_id, "raised", told, time.perf_counter() - began)
        about = {"seed": task.scenario.seed, "replication": task.replication}
        path = write_run_file(context.folder, context.model, task_id, daily, about)
    except (OSError, OtherModelError) as error:
        return Finished(task_id, "unwritten", str(error), time.perf_counter() - began)
    told = path.relative_to(context.folder).as_posix()
    return Finished(task_id, "ok", told, time.perf_counter() - began)


@cache
def _prepare(model: str, plugins: tuple[Path, ...]) -> None:
    """Load the plug-ins, and make sure that this worker computes what the driver means."""
    for plugin in plugins:
        load_plugin(plugin)
    own = model_version(plugins)
    if own != model:
        raise OtherModelError(
            f"the worker (process {os.getpid()}) has version {own} of the model, the sweep "
            f"{model}; install the same Weal and plug-ins there"
        )


LONGEST = 20_000
"""Signs of a traceback that are kept."""


def _told(error: BaseException) -> str:
    """A traceback; of an error in a user's own policy, first the words that name its line."""
    if isinstance(error, PolicyFailedError) and error.__cause__ is not None:
        lines = "".join(traceback.format_exception(error.__cause__))
        told = f"{error}\n\n{lines}"
    else:
        told = "".join(traceback.format_exception(error))
    told = told.rstrip()
    if len(told) > LONGEST:
        told = f"{told[: LONGEST // 2]}\n...\n{told[-LONGEST // 2 :]}"
    return told
