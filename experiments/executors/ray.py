"""Runs by Ray: a cluster of its own on this machine, or one that is there already."""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from experiments.executors.apart import perform_apart
from experiments.executors.cluster import LOOK_S, ClusterError, run_on
from experiments.executors.extras import require
from experiments.executors.local import WorkersError
from experiments.executors.protocol import Finished, SealedTask, WorkContext
from experiments.studies.tasks import Task

CONNECT_S = 15.0
"""How long to try to reach a cluster."""

CANCEL_S = 10.0
"""How long tasks that were taken back may take to end."""

GONE_S = 3.0
"""How long to wait for the end of a cluster's processes."""

OBJECT_STORE = 80 * 2**20
"""Bytes of Ray's shared memory: nearly the least that it allows, only references are returned."""


class RayExecutor:
    """Computes tasks with Ray.

    Without an address a cluster of this machine is started, without its dashboard and without
    reports of usage, reached from this machine alone and with a secret; it ends with `close`. In a
    program that has imported Ray before, Ray's own rules on that hold.

    Args:
        workers: runs at a time; absent: as many as the machine or the cluster has cores.
        address: of a running cluster, "auto" or host:port; it is left running.

    Raises:
        experiments.executors.extras.MissingExtraError: if Ray is not installed, or too old.
    """

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        require("ray")
        self._workers = workers
        self._address = address
        self._most = workers if address is not None else None
        self._open = ExitStack()
        self._connected = False
        self._results: Generator[Finished] | None = None

    def run(self, tasks: Iterable[Task], context: WorkContext) -> Iterator[Finished]:
        """As `protocol.Executor.run` says.

        Raises:
            ClusterError: if the cluster cannot be reached, can do no tasks, or is lost.
        """
        if not self._connected:
            if self._address is None:
                self._start()
            else:
                self._join(self._address)
            self._connected = True
        self._results = run_on(_Ray(context), tasks, context, self._most)
        yield from self._results

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._results is not None:
            self._results.close()
        self._results = None
        self._connected = False
        self._open.close()

    def _start(self) -> None:
        self._open.enter_context(_environment())
        import ray

        folder = tempfile.mkdtemp(prefix="weal-ray-", dir="/tmp")  # sockets: short names
        self._open.callback(_remove, Path(folder))
        self._open.callback(ray.shutdown)
        group = os.getpgrp()
        ray.init(
            address="local",
            num_cpus=self._workers or os.cpu_count() or 1,
            num_gpus=0,
            include_dashboard=False,
            object_store_memory=OBJECT_STORE,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _temp_dir=folder,
        )
        # Ray makes its starter the first of a new group, which a terminal's Ctrl-C does not reach.
        if os.getpgrp() != group:
            os.setpgid(0, group)

    def _join(self, address: str) -> None:
        _refuse_silent(address, _recorded() if address == "auto" else address)
        import ray

        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            told = str(error).strip().partition("\n")[0]
            raise ClusterError(
                f"--address {address}: cannot join the Ray cluster ({told}); the sweep must be "
                "started on one of its machines; one with tokens needs RAY_AUTH_MODE=token here"
            ) from error
        self._open.callback(ray.shutdown)


class _Ray:
    """The Ray cluster that this process is connected to, for one sweep."""

    def __init__(self, context: WorkContext) -> None:
        import ray

        self._ray: Any = ray
        self._perform = ray.remote(num_cpus=1, max_retries=0)(perform_apart)
        self._context = context

    def slots(self) -> int:
        return int(self._ray.cluster_resources().get("CPU", 0.0))

    def submit(self, task: SealedTask) -> Any:
        return self._perform.remote(task, self._context)

    def ended(self, handles: Mapping[Any, str]) -> list[Any]:
        waited = list(handles)
        done, _ = self._ray.wait(waited, num_returns=1, timeout=LOOK_S)
        if done and len(waited) > 1:
            done, _ = self._ray.wait(waited, num_returns=len(waited), timeout=0)
        return list(done)

    def outcome(self, task_id: str, handle: Any) -> Finished:
        failed = self._ray.exceptions
        try:
            finished: Finished = self._ray.get(handle)
        except (failed.WorkerCrashedError, failed.OutOfMemoryError, failed.NodeDiedError) as error:
            return Finished(task_id, "killed", _line(error), 0.0)
        except WorkersError as error:
            raise ClusterError(_cause(error)) from error
        except failed.RayError as error:
            raise ClusterError(f"a Ray worker cannot do tasks: {_line(error)}") from error
        return finished

    def cancel(self, handles: Mapping[Any, str]) -> None:
        """Each run's process ends with the worker that it belongs to."""
        waited = list(handles)
        for handle in waited:
            self._ray.cancel(handle, force=True)
        if waited:
            self._ray.wait(waited, num_returns=len(waited), timeout=CANCEL_S)


def _remove(folder: Path) -> None:
    """Remove a cluster's folder; its processes may need a moment until they write no more."""
    until = time.monotonic() + GONE_S
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)


@contextmanager
def _environment() -> Iterator[None]:
    """What a cluster of one's own must find in the environment, for as long as it lives."""
    wanted = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # 0 binds to the loopback address, on Linux too
        **_secret(),
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@cache
def _secret() -> Mapping[str, str]:
    """What keeps others out of this process's clusters.

    Ray reads it once, when it is imported: whoever did that before has Ray's own way.
    """
    if "ray" in sys.modules or "RAY_AUTH_MODE" in os.environ:
        return {}
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _recorded() -> str:
    """The address that Ray takes for "auto": of the environment, or of the machine's last cluster.

    Raises:
        ClusterError: if it knows none.
    """
    services = importlib.import_module("ray._private.services")
    try:
        address: str | None = services.canonicalize_bootstrap_address("auto")
    except (ConnectionError, ValueError) as error:
        raise ClusterError(f"--address auto: {_line(error)}") from error
    if address is None:
        raise ClusterError("--address auto: no Ray cluster runs on this machine")
    return address


def _refuse_silent(given: str, address: str) -> None:
    """Ray itself would wait for minutes where nothing answers."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterError(f"--address {given}: for Ray it must be auto or HOST:PORT")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"--address {given}: no Ray cluster answers at {address} ({error})"
        ) from error


def _cause(error: BaseException) -> str:
    """What the worker said, without Ray's account of where."""
    cause = getattr(error, "cause", error)
    return str(cause)


def _line(error: BaseException) -> str:
    """An error in a line."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
