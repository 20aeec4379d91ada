"""Executors without processes: what workers do, done here and now."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from experiments.executors.protocol import Finished, WorkContext, perform, seal
from experiments.studies.tasks import Task


def one_thread(*_: object) -> ThreadPoolExecutor:
    """In the place of a pool of processes, which would import all there is once more."""
    return ThreadPoolExecutor(1)


class InProcess:
    """Computes tasks one after the other, and remembers which."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def run(self, tasks: Iterable[Task], context: WorkContext) -> Iterator[Finished]:
        for task in tasks:
            self.done.append(task.run)
            yield perform(task.run, seal(task), context)

    def close(self) -> None:
        pass


class Stopped(Exception):  # noqa: N818 - it is no error
    """As if the process were killed."""


class StopsAfter(InProcess):
    """Is cut short after some runs."""

    def __init__(self, runs: int) -> None:
        super().__init__()
        self.runs = runs

    def run(self, tasks: Iterable[Task], context: WorkContext) -> Iterator[Finished]:
        for task in tasks:
            if len(self.done) == self.runs:
                raise Stopped
            self.done.append(task.run)
            yield perform(task.run, seal(task), context)
