"""The runs of a study: each point's replications, named so that equal runs have equal names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.studies.identity import input_digest, point_hash, run_id
from experiments.studies.loading import LoadedStudy
from experiments.studies.points import Point
from experiments.studies.schema import LARGEST_SEED, Grid
from policies.plugin_errors import told_of_plugins
from scenarios.schema import Scenario


class SeedError(ValueError):
    """A replication whose seed would be too large."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run: all that a worker must know of it, wherever it works."""

    run: str  # its name
    point: int
    replication: int
    scenario: Scenario  # resolved, with its own seed
    folder: Path  # where the scenario's relative paths start from


@dataclass(frozen=True, slots=True)
class Planned:
    """A point that is resolved: its runs can be named."""

    point: Point
    scenario: Scenario
    hash: str

    def task(self, replication: int, model: str, folder: Path) -> Task:
        """The run of a replication: its seed is the base seed and the replication's number.

        Raises:
            ValueError: if that is beyond the largest seed.
        """
        seed = self._seed(replication)
        return Task(
            self.run(replication, model),
            self.point.number,
            replication,
            self.scenario.model_copy(update={"seed": seed}),
            folder,
        )

    def run(self, replication: int, model: str) -> str:
        """The name of a replication's run.

        Raises:
            ValueError: as `task`.
        """
        return run_id(self.hash, self._seed(replication), replication, model)

    def _seed(self, replication: int) -> int:
        seed = self.scenario.seed + replication
        if seed > LARGEST_SEED:
            raise SeedError(f"seed = {seed}: must be at most {LARGEST_SEED}")
        return seed


def planned(loaded: LoadedStudy) -> tuple[Planned, ...]:
    """The points of a study with their scenarios, each read and checked once.

    Raises:
        scenarios.errors.ScenarioError: if values that are allowed alone are not allowed together.
    """
    found = []
    for point in loaded.layout.points:
        scenario = loaded.scenario(point)
        inputs = input_digest(scenario, loaded.folder)
        found.append(Planned(point, scenario, point_hash(scenario, inputs)))
    return tuple(found)


def tasks(
    loaded: LoadedStudy,
    points: Sequence[Planned],
    replications: Mapping[int, int],
    model: str,
) -> Iterator[Task]:
    """All runs, replication by replication, so that a sweep cut short has whole pairs.

    Args:
        loaded: the study.
        points: as `planned` gives them.
        replications: by number of a point.
        model: version of the model.

    Yields:
        A task a run; one that equals another, by other points of the design, comes as well.
    """
    for replication in range(max(replications.values(), default=0)):
        for one in points:
            if replication < replications[one.point.number]:
                yield one.task(replication, model, loaded.folder)


def first_replications(loaded: LoadedStudy, count: int | None = None) -> dict[int, int]:
    """How often each point is run before the first look at a target, by number of a point.

    Args:
        loaded: the study.
        count: another number than the study's.
    """
    design, wanted = loaded.study.design, loaded.study.replications.count
    count = wanted if count is None else count
    elsewhere = count
    if isinstance(design, Grid) and design.world_replications is not None:
        elsewhere = min(count, design.world_replications)
    return {
        one.number: count if one.world == 0 or not isinstance(design, Grid) else elsewhere
        for one in loaded.layout.points
    }


def live_task(task: Task) -> pd.DataFrame:
    """Run one task; returns (days, indicators), index: day."""
    from experiments.running import live
    from scenarios.build import build

    with told_of_plugins():
        market = build(task.scenario, folder=task.folder)
        live(market, task.scenario.days)
    frame: pd.DataFrame = market.health.frame()
    market.end()
    return frame
