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
from experiments.studies.store import write_failure, write_run_file
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
    kind: Literal["ok", "raised", "killed", "timed_out"]
    told: str  # ok: path of the run's file in the study's folder; otherwise what happened
    seconds: float  # that the worker spent; 0 where nobody knows


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


def seal(task: Task) -> bytes:
    """A task for a worker that has not loaded the sweep's plug-ins yet."""
    return pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)


def perform(task_id: str, sealed: bytes, context: WorkContext) -> Finished:
    """Do one task, in a worker: live it and write its file, or the record of its failure.

    Args:
        task_id: `Task.run`.
        sealed: the task, as `seal` gives it; it is opened once the plug-ins are loaded.
        context: what all tasks of the sweep share.

    Returns:
        "ok" or "raised"; a run that raises never raises here. An OSError of the disk does: the
        executor tells of it as "raised".
    """
    began = time.perf_counter()
    try:
        _prepare(context.model, context.plugins)
        task: Task = pickle.loads(sealed)  # noqa: S301 - from the sweep's own driver
        daily = live_task(task)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a run raises is recorded
        told = _told(error)
        write_failure(context.folder, context.model, task_id, "raised", told)
        return Finished(task_id, "raised", told, time.perf_counter() - began)
    about = {"seed": task.scenario.seed, "replication": task.replication}
    path = write_run_file(context.folder, context.model, task.run, daily, about)
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


def _told(error: BaseException) -> str:
    """A traceback; of an error in a user's own policy, the words that name its line."""
    if isinstance(error, PolicyFailedError):
        cause = error.__cause__
        lines = traceback.format_exception(cause) if cause is not None else []
        return f"{error}\n\n{''.join(lines)}".rstrip()
    return "".join(traceback.format_exception(error)).rstrip()
