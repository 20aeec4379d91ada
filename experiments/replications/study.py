"""What a replication is handed: its markets, how often to repeat, and many cores at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TypeVar

from experiments.running import live, resolve
from scenarios.build import build
from scenarios.schema import Scenario
from sim.market import Marketplace

T = TypeVar("T")
R = TypeVar("R")

Tell = Callable[[int, int], None]
"""Called with the parts done and the parts in all."""


def quietly(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Study:
    """The scenario of a replication and how much of it to run. Crosses to other processes."""

    scenario: str | Path
    replications: int = 0  # how often; 0: nothing is left to chance
    overrides: tuple[str, ...] = ()  # `KEY=VALUE` of the user's, which hold over all others
    workers: int | None = None  # processes; None: as many as there are cores

    def resolved(
        self, *overrides: str, days: int | None = None, seed: int | None = None
    ) -> tuple[Scenario, Path | None]:
        """The scenario with some fields changed, and the folder that its paths start from.

        Args:
            overrides: `KEY=VALUE` each, on top of the scenario file.
            days: another length.
            seed: added to the scenario's seed: the number of a replication.
        """
        length = () if days is None else (f"days={days}",)
        changes = (*overrides, *length, *self.overrides)
        scenario, folder = resolve(self.scenario, overrides=changes)
        if seed is not None:
            scenario = scenario.model_copy(update={"seed": scenario.seed + seed})
        return scenario, folder

    def market(
        self, *overrides: str, days: int | None = None, seed: int | None = None
    ) -> Marketplace:
        """A market on the eve of day 0; arguments as of `resolved`."""
        scenario, folder = self.resolved(*overrides, days=days, seed=seed)
        return build(scenario, folder=folder)

    def lived(
        self, *overrides: str, days: int | None = None, seed: int | None = None
    ) -> Marketplace:
        """A market at the end of its last day; arguments as of `resolved`.

        Raises:
            KeyboardInterrupt: if Ctrl-C was pressed before.
        """
        scenario, folder = self.resolved(*overrides, days=days, seed=seed)
        market = build(scenario, folder=folder)
        if live(market, scenario.days) < scenario.days:
            raise KeyboardInterrupt
        return market


def each(
    function: Callable[[T], R],
    tasks: Sequence[T],
    *,
    workers: int | None = None,
    tell: Tell = quietly,
) -> list[R]:
    """Apply a function to every task, in processes of their own where there are several cores.

    Args:
        function: a function of a module, so that processes can find it.
        tasks: what crosses to the processes.
        workers: processes; absent: as many as there are cores.
        tell: told of every part that is done.

    Returns:
        Results in the order of the tasks: the same whatever the number of processes.
    """
    count = min(workers or os.cpu_count() or 1, len(tasks))
    if count <= 1:
        return list(_told(map(function, tasks), len(tasks), tell))
    others = set(active_children())
    pool = ProcessPoolExecutor(count, get_context("spawn"), _ignore_interrupts)
    try:
        return list(_told(pool.map(function, tasks), len(tasks), tell))
    except BaseException:
        for worker in set(active_children()) - others:
            worker.terminate()  # nobody waits any more for what it does
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ctrl-C goes to all processes of a terminal: the first one ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _told(results: Iterator[R], total: int, tell: Tell) -> Iterator[R]:
    for done, result in enumerate(results, start=1):
        tell(done, total)
        yield result
