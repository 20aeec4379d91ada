"""Runs by Dask: a scheduler of its own in this process, or a cluster that is there already."""

from __future__ import annotations

import importlib
import logging
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from experiments.executors.apart import end_processes, perform_apart
from experiments.executors.cluster import LOOK_S, ClusterError, run_on
from experiments.executors.extras import require
from experiments.executors.local import WorkersError
from experiments.executors.protocol import Finished, SealedTask, WorkContext
from experiments.studies.tasks import Task

CONNECT_S = 15.0
"""How long to try to reach a scheduler."""


class DaskExecutor:
    """Computes tasks with Dask.

    Without an address the scheduler and its worker are threads of this process, reached by nothing
    from outside; the runs have processes of their own (`apart`).

    Args:
        workers: runs at a time; absent: as many as the machine has cores, or the cluster threads.
        address: of a running scheduler, such as tcp://127.0.0.1:8786; it is left running.

    Raises:
        experiments.executors.extras.MissingExtraError: if Dask is not installed.
    """

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        require("dask")
        self._distributed: Any = importlib.import_module("distributed")
        self._workers = workers
        self._address = address
        self._most = workers if address is not None else None
        self._open = ExitStack()
        self._client: Any = None
        self._cluster: _Dask | None = None
        self._results: Generator[Finished] | None = None

    def run(self, tasks: Iterable[Task], context: WorkContext) -> Iterator[Finished]:
        """As `protocol.Executor.run` says.

        Raises:
            ClusterError: if the cluster cannot be reached, can do no tasks, or is lost.
        """
        self._cluster = _Dask(self._distributed, self._connected(), context)
        self._results = run_on(self._cluster, tasks, context, self._most)
        yield from self._results

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._results is not None:
            self._results.close()
        if self._cluster is not None:
            self._cluster.end()
        self._results = self._cluster = self._client = None
        self._open.close()

    def _connected(self) -> Any:
        if self._client is None:
            if self._address is None:
                self._client = self._started()
            else:
                self._client = self._joined(self._address)
        return self._client

    def _started(self) -> Any:
        import dask

        scratch = self._open.enter_context(tempfile.TemporaryDirectory(prefix="weal-dask-"))
        self._open.enter_context(dask.config.set({"distributed.scheduler.http.routes": []}))
        cluster = self._distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=self._workers or os.cpu_count() or 1,
            processes=False,
            dashboard_address="127.0.0.1:0",  # a port for nothing: Dask cannot do without
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,  # the runs' memory is not that of this process
            local_directory=scratch,
            silence_logs=logging.CRITICAL,
        )
        self._open.enter_context(cluster)
        return self._open.enter_context(self._distributed.Client(cluster, set_as_default=False))

    def _joined(self, address: str) -> Any:
        try:
            client = self._distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"--address {address}: no Dask scheduler answers ({_line(error)}); "
                "it looks like tcp://127.0.0.1:8786"
            ) from error
        self._open.enter_context(client)
        if not client.nthreads():
            raise ClusterError(f"--address {address}: the Dask cluster has no workers")
        return client


class _Dask:
    """A Dask cluster, by its client, for one sweep."""

    def __init__(self, library: Any, client: Any, context: WorkContext) -> None:
        self._library = library
        self._client = client
        self._context = context

    def slots(self) -> int:
        if self._client.status != "running":
            raise ClusterError("the Dask scheduler is lost; what has been run is kept")
        threads: dict[str, int] = self._client.nthreads()
        return sum(threads.values())

    def submit(self, task: SealedTask) -> Any:
        return self._client.submit(perform_apart, task, self._context, pure=False, retries=0)

    def ended(self, handles: Mapping[Any, str]) -> list[Any]:
        try:
            with self._client.as_current():
                found = self._library.wait(list(handles), LOOK_S, "FIRST_COMPLETED")
        except TimeoutError:
            return []
        return list(found.done)

    def outcome(self, task_id: str, handle: Any) -> Finished:
        """A worker that dies by itself, and not by the run, has its tasks done by another.

        That is Dask's own rule; what dies with several workers in turn counts as their end.
        """
        try:
            finished: Finished = handle.result()
        except self._library.KilledWorker as error:
            return Finished(task_id, "killed", _line(error), 0.0)
        except WorkersError as error:
            raise ClusterError(str(error)) from error
        except Exception as error:
            raise ClusterError(f"a Dask worker cannot do tasks: {_line(error)}") from error
        return finished

    def cancel(self, handles: Mapping[Any, str]) -> None:
        if handles and self._client.status == "running":
            self._client.cancel(list(handles))
            self.end()

    def end(self) -> None:
        """End the processes of the runs, wherever they are."""
        if self._client.status == "running":
            self._client.run(end_processes, self._context, on_error="ignore")


def _line(error: BaseException) -> str:
    """An error in a line."""
    told = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {told}" if told else type(error).__name__
