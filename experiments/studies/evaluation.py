"""Outcomes of any point of a scenario, by runs that are kept: for searches and calibrations.

What is asked for decides what is run next, so that no design lists the runs beforehand. Each is
named and kept like a study's: one that is there is read, not made again. Played again from its
start, a search or a calibration that was cut short finds all its runs up to the place where it
ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from experiments.executors.protocol import Executor, WorkContext
from experiments.studies.dotted_changes import as_overrides
from experiments.studies.identity import input_digest, point_hash
from experiments.studies.outcomes import outcome_values
from experiments.studies.points import Point
from experiments.studies.results import Failure
from experiments.studies.schema import Outcome
from experiments.studies.store import read_run_file, run_path
from experiments.studies.tasks import Planned, Task
from scenarios.errors import ScenarioError
from scenarios.loading import override
from scenarios.schema import STARTS_FROM, Scenario

FloatArray = NDArray[np.float64]

MOST_TRIES = 3
"""Tries of a run that kills its worker, before it is set aside."""


@dataclass(slots=True)
class Evaluation:
    """A scenario of which points are run and looked at.

    Runs lie in `context.folder`, as those of a study do.
    """

    base: Scenario
    folder: Path  # where its relative paths start from
    outcomes: Sequence[Outcome]
    executor: Executor
    context: WorkContext
    on_runs: Callable[[int, int], None] | None = None  # called with runs done and runs asked for
    made: int = 0  # runs that were made, not read
    failures: dict[str, Failure] = field(default_factory=dict)  # by name of a run
    refused: dict[str, str] = field(default_factory=dict)  # changes that the scenario refuses
    _planned: dict[str, Planned | None] = field(default_factory=dict)
    _values: dict[str, FloatArray] = field(default_factory=dict)  # by name of a run

    @property
    def known(self) -> int:
        """Runs of which outcomes are known."""
        return len(self._values)

    def __call__(
        self, points: Sequence[Mapping[str, Any]], replications: range | Sequence[range]
    ) -> FloatArray:
        """Outcomes of points.

        Args:
            points: changes of the scenario by dotted name.
            replications: R of each point, the same for all or for each its own; replication r has
                the seed `base.seed + r`.

        Returns:
            (points, R, outcomes); nan where a run failed, the scenario refuses the changes, or an
            indicator has no value in its window.
        """
        each = [replications] * len(points) if isinstance(replications, range) else replications
        tasks = [self._tasks(point, own) for point, own in zip(points, each, strict=True)]
        self._see_to([one for row in tasks for one in row if one is not None])
        nothing = np.full(len(self.outcomes), np.nan)
        return np.array(
            [
                [nothing if one is None else self._values.get(one.run, nothing) for one in row]
                for row in tasks
            ]
        ).reshape(len(points), -1, len(self.outcomes))

    def _tasks(self, changes: Mapping[str, Any], replications: range) -> list[Task | None]:
        told = ", ".join(as_overrides(changes))
        if told not in self._planned:
            self._planned[told] = self._plan(changes, told)
        planned = self._planned[told]
        if planned is None:
            return [None] * len(replications)
        return [planned.task(one, self.context.model, self.folder) for one in replications]

    def _plan(self, changes: Mapping[str, Any], told: str) -> Planned | None:
        try:
            scenario = override(self.base, as_overrides(changes), {STARTS_FROM: self.folder})
        except ScenarioError as error:
            self.refused[told] = error.problems[0].message
            return None
        digest = point_hash(scenario, input_digest(scenario, self.folder))
        number = len(self._planned)
        return Planned(Point(number, number, 0, changes), scenario, digest)

    def _see_to(self, tasks: Sequence[Task]) -> None:
        """Read the runs that are there, and make the others."""
        wanted = {one.run: one for one in tasks}
        known = self._values.keys() | self.failures.keys()
        missing = [one for name, one in wanted.items() if name not in known]
        left = [one for one in missing if not self._read(one.run)]
        done = len(wanted) - len(left)
        self._tell(done, len(wanted))
        for tries in range(1, MOST_TRIES + 1):
            again = []
            for task, kind, told in self._run(left):
                if kind == "killed" and tries < MOST_TRIES:
                    again.append(task)
                    continue
                done += 1
                if kind != "ok" or not self._read(task.run):
                    self.failures[task.run] = Failure(
                        task.run, task.point, task.replication, kind, told, tries
                    )
                self.made += kind == "ok"
                self._tell(done, len(wanted))
            left = again

    def _run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, str, str]]:
        if not tasks:
            return
        by_name = {one.run: one for one in tasks}
        for finished in self.executor.run(iter(tasks), self.context):
            yield by_name[finished.task_id], finished.kind, finished.told

    def _read(self, run: str) -> bool:
        path = run_path(self.context.folder, self.context.model, run)
        if not path.is_file():
            return False
        try:
            daily = read_run_file(path)
        except (OSError, pa.ArrowInvalid):  # a disk has damaged it: it is made anew
            return False
        values = outcome_values(daily, self.outcomes, self.base.health.index)
        self._values[run] = np.array(list(values.values()))
        return True

    def _tell(self, done: int, wanted: int) -> None:
        if self.on_runs is not None:
            self.on_runs(done, wanted)
