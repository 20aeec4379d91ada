"""One driver at a time: a lock on a study's folder that ends with the process that holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "lock"

PATIENCE_S = 1.0
"""Seconds to wait for who only looks whether there is a driver."""


class LockedError(OSError):
    """Another process works in the folder."""


@contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Hold a folder's lock.

    Args:
        folder: the study's folder, which exists.
        what: what is done meanwhile, for the message to others.

    Raises:
        LockedError: if another process holds it.
        OSError: if the lock's file cannot be opened.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _take(descriptor, folder)
        told = {"process": os.getpid(), "host": socket.gethostname(), "what": what}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(told).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)  # which lets go of the lock


def holder(folder: Path) -> str | None:
    """Who works in a folder, in words; None if nobody does."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(descriptor)
    finally:
        os.close(descriptor)
    return None


def _take(descriptor: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise LockedError(
                    f"{folder}: {_said(descriptor)} works there already; "
                    "wait for its end, or end it"
                ) from None
            time.sleep(0.05)
        else:
            return


def _said(descriptor: int) -> str:
    try:
        told = json.loads(os.pread(descriptor, 1000, 0))
        return f"{told['what']} (process {told['process']} on {told['host']})"
    except (ValueError, KeyError):
        return "another process"
