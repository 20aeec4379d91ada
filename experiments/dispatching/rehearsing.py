"""Compile a dispatcher before it is timed: it lives a few orders of the day beforehand.

Kernels are compiled at their first call, which takes half a minute on a machine that has not done
so before, and loaded from Numba's cache from then on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import numpy as np

from experiments.dispatching.instance import Instance
from experiments.dispatching.living import live
from policies.dispatch.options import Planner
from policies.protocols import Dispatch

ORDERS = 8
"""So many make a planner call all its kernels."""

NOTICED = 1.0
"""Seconds of compiling from which on the user is told what takes so long."""

SAID = "Compiling the dispatcher, once on this machine"


def rehearse(instance: Instance, dispatch: Dispatch, say: Callable[[str], None]) -> None:
    """Let a dispatcher that has kernels live a few orders, so that they are compiled.

    Args:
        instance: the day that it will live; some orders from its middle are taken.
        dispatch: a policy that nobody goes on with.
        say: is told when compiling takes long.
    """
    if isinstance(dispatch, Planner) and len(instance.orders):
        with _told_of_compiling(say):
            live(some_of(instance, ORDERS), dispatch)


def some_of(instance: Instance, most: int) -> Instance:
    """An instance with so many orders at most, from the middle of the day."""
    by_time = np.argsort(instance.jobs.known_at, kind="stable")
    first = max((len(by_time) - most) // 2, 0)
    rows = np.sort(by_time[first : first + most])
    columns = {
        one.name: getattr(instance.jobs, one.name)[rows]
        for one in fields(instance.jobs)
        if one.name != "number"
    }
    return replace(
        instance,
        jobs=replace(instance.jobs, **columns, number=np.arange(len(rows))),
        orders=tuple(instance.orders[row] for row in rows),
    )


@contextmanager
def _told_of_compiling(say: Callable[[str], None]) -> Iterator[None]:
    """Tell once, as soon as Numba has compiled for a while; loading from its cache is silent."""
    from numba.core.event import Listener, install_listener

    class Compiling(Listener):
        begun: float | None = None
        said = False

        def on_start(self, _event: Any) -> None:
            now = time.perf_counter()
            self.begun = now if self.begun is None else self.begun
            if not self.said and now - self.begun > NOTICED:
                self.said = True
                say(SAID)

        def on_end(self, _event: Any) -> None:
            """Nothing is to be told."""

    with install_listener("numba:compile", Compiling()):
        yield
