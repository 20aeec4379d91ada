"""Executors by name."""

from __future__ import annotations

import os
from difflib import get_close_matches

from experiments.executors.local import LocalExecutor
from experiments.executors.protocol import Executor

EXECUTORS = ("local", "ray", "dask")


class ExecutorError(ValueError):
    """An executor that is unknown, or lacks something."""


def make_executor(name: str, workers: int | None, address: str | None = None) -> Executor:
    """An executor.

    Args:
        name: one of `EXECUTORS`.
        workers: how many tasks it computes at a time; absent: as many as it can.
        address: of a cluster that runs already; local processes have none.

    Raises:
        ExecutorError: if there is none of that name, or it has no address.
        experiments.executors.extras.MissingExtraError: if its library is missing, or too old.
    """
    if name not in EXECUTORS:
        near = get_close_matches(name, EXECUTORS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ExecutorError(f"executor {name!r}: must be one of {', '.join(EXECUTORS)}{hint}")
    if name == "local":
        if address is not None:
            raise ExecutorError(
                f"address {address!r}: belongs to ray or dask; local processes have none"
            )
        return LocalExecutor(workers or len(os.sched_getaffinity(0)))
    if name == "ray":
        from experiments.executors.ray import RayExecutor

        return RayExecutor(workers, address)
    from experiments.executors.dask import DaskExecutor

    return DaskExecutor(workers, address)
