"""A worker process of the local pool: it does tasks, one at a time, as long as its driver lives.

Started as a program of its own, not as a fork: what the driver has open or locked is not its, and
a script that calls `sweep` is not run again.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection

ALLOCATIONS_BETWEEN_COLLECTIONS = 100_000
"""A run makes few cycles: Python's 700 would look for them all the time."""

BETWEEN_COLLECTIONS_S = 1.0
"""Seconds after which a worker looks for garbage between two runs: a market is one great cycle,
and ten of them that nobody needs take 2 GB before their number alone would make Python look."""

PR_SET_PDEATHSIG = 1  # of Linux's prctl(2)

READY = "ready"


def main(driver: int, link: int, lifeline: int) -> None:
    """Work.

    Args:
        driver: process that started this one.
        link: descriptor of the socket for tasks and results.
        lifeline: descriptor of a pipe that ends with the driver.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to answer
    _die_with(driver, lifeline)
    connection: Connection = Connection(link)
    from experiments.executors.protocol import perform

    try:
        context = connection.recv()
        gc.freeze()
        gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)
        connection.send(READY)
        collected = time.monotonic()
        while True:
            task_id, sealed = connection.recv()
            connection.send(perform(task_id, sealed, context))
            if time.monotonic() - collected > BETWEEN_COLLECTIONS_S:
                gc.collect()
                collected = time.monotonic()
    except (EOFError, ConnectionError):
        return


def _die_with(driver: int, lifeline: int) -> None:
    """End at once when the driver does, be it by SIGKILL in the middle of a run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != driver:
            os._exit(1)

    def watch() -> None:
        os.read(lifeline, 1)  # nothing is ever written: it returns at the end of the pipe
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
