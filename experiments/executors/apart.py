"""What workers of Ray and Dask call: each run lives in a process of its own beside them.

So the worker of the cluster stays alive and answers, whatever a run does; which run killed its
process is known exactly; a run can be stopped, also where the cluster could not stop it (a thread
of Dask); and a cluster that outlives the sweep keeps neither its plug-ins nor its version of Weal.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field

from experiments.executors.local import LocalExecutor, WorkersError
from experiments.executors.protocol import Finished, SealedTask, WorkContext
from experiments.studies.identity import model_version
from experiments.studies.store import failure_path, run_path
from scenarios.atomic import remove_leftovers

IDLE_S = 30.0
"""How long a process waits for the next task before it is ended."""


@dataclass(slots=True, eq=False)
class _Apart:
    """A pool of one process."""

    context: WorkContext
    pool: LocalExecutor = field(default_factory=lambda: LocalExecutor(1))
    wanted: bool = True  # the sweep has not ended
    idle_since: float = 0.0  # monotonic, s


_idle: list[_Apart] = []
_busy: list[_Apart] = []
_lock = threading.Lock()


def perform_apart(task: SealedTask, context: WorkContext) -> Finished:
    """Do one task in a process of its own; several threads may call this at once.

    Args:
        task: it is opened in that process.
        context: what all tasks of the sweep share.

    Returns:
        How it ended; the process is kept for the next task.

    Raises:
        experiments.executors.local.WorkersError: if this machine can do no task of the sweep.
    """
    _refuse_unable(context)
    apart = _take(context)
    try:
        (finished,) = apart.pool.run([task], context)
    except BaseException:
        apart.wanted = False
        raise
    finally:
        _give_back(apart)
    if finished.kind in {"killed", "timed_out"}:
        for path in (run_path, failure_path):
            remove_leftovers(path(context.folder, context.model, task.run))
    return finished


def end_processes(context: WorkContext) -> None:
    """End the processes of a sweep, in the midst of a run or not."""
    with _lock:
        ended = [one for one in _idle if one.context == context]
        _idle[:] = [one for one in _idle if one.context != context]
        for one in _busy:
            if one.context == context:
                one.wanted = False
                one.pool.kill()
    for one in ended:
        one.pool.close()


def _refuse_unable(context: WorkContext) -> None:
    """Every run would fail here, for a reason that no run is to blame for."""
    here = f"worker on {os.uname().nodename}"
    if not context.folder.is_dir():
        raise WorkersError(
            f"{here}: no folder {context.folder}; all machines must share the study's folder, "
            "under one name"
        )
    for path in context.plugins:
        if not path.is_file():
            raise WorkersError(f"{here}: no file {path}; all machines must share the plug-ins")
    own = model_version(context.plugins)
    if own != context.model:
        raise WorkersError(
            f"{here}: version {own} of the model, but the sweep has {context.model}; install the "
            "same Weal there and start the workers anew"
        )


def _take(context: WorkContext) -> _Apart:
    with _lock:
        fitting = [one for one in _idle if one.context == context]
        apart = fitting[-1] if fitting else _Apart(context)
        if fitting:
            _idle.remove(apart)
        _busy.append(apart)
    return apart


def _give_back(apart: _Apart) -> None:
    with _lock:
        _busy.remove(apart)
        if apart.wanted:
            apart.idle_since = time.monotonic()
            _idle.append(apart)
            if len(_idle) == 1:
                _look_again(IDLE_S)
    if not apart.wanted:
        apart.pool.close()


def _look_again(seconds: float) -> None:
    timer = threading.Timer(seconds, _end_idle)
    timer.daemon = True
    timer.start()


def _end_idle() -> None:
    """End the processes that have waited too long; look again while there are others."""
    with _lock:
        old = time.monotonic() - IDLE_S
        ended = [one for one in _idle if one.idle_since <= old]
        _idle[:] = [one for one in _idle if one.idle_since > old]
        if _idle:
            _look_again(_idle[0].idle_since - old)
    for one in ended:
        one.pool.close()
