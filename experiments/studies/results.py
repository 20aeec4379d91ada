"""What a study's runs gave: a table of outcomes, and matrices for paired comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.studies.loading import LoadedStudy
from experiments.studies.outcomes import outcome_values
from experiments.studies.points import Point

COLUMNS = ("point", "setting", "world", "replication", "seed", "run")
"""Columns of the table of runs before those of factors and outcomes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that gave no result."""

    run: str
    point: int
    replication: int
    kind: str  # "raised", "killed its worker", "took too long"
    told: str  # its traceback, or what happened, in words
    tries: int


@dataclass(frozen=True, slots=True)
class StudyResults:
    """A study and all that its runs have given so far."""

    loaded: LoadedStudy
    model: str  # version that made the runs
    runs: pd.DataFrame  # a row a run: COLUMNS, a column a factor by its key, one an outcome
    failures: tuple[Failure, ...]
    planned: int  # runs that the study asks for so far

    def points_of(self, world: int = 0) -> tuple[Point, ...]:
        """The points of a world, in the order of settings."""
        return tuple(one for one in self.loaded.layout.points if one.world == world)

    def matrix(self, outcome: str, world: int = 0) -> NDArray[np.float64]:
        """An outcome in a world of a grid, paired by luck.

        Args:
            outcome: its name, or any other column of numbers of `runs`.
            world: number of the world.

        Returns:
            (settings, replications); column r has the same seed in every row; nan: no such run.
        """
        here = self.runs[self.runs["world"] == world]
        settings = len(self.loaded.layout.settings)
        count = int(here["replication"].max()) + 1 if len(here) else 0
        values = np.full((settings, count), np.nan)
        values[here["setting"].to_numpy(int), here["replication"].to_numpy(int)] = here[
            outcome
        ].to_numpy(float)
        return values

    def by_point(self, outcome: str) -> NDArray[np.float64]:
        """An outcome of every point of any design.

        Args:
            outcome: its name.

        Returns:
            (points, replications) in the design's order; nan: no such run.
        """
        points = len(self.loaded.layout.points)
        count = int(self.runs["replication"].max()) + 1 if len(self.runs) else 0
        values = np.full((points, count), np.nan)
        values[self.runs["point"].to_numpy(int), self.runs["replication"].to_numpy(int)] = (
            self.runs[outcome].to_numpy(float)
        )
        return values


def run_table(
    loaded: LoadedStudy, daily: Mapping[tuple[int, int], tuple[str, pd.DataFrame]]
) -> pd.DataFrame:
    """The table of runs, from daily indicators in memory.

    Args:
        loaded: the study.
        daily: by point and replication: the run's name, and (days, indicators).

    Returns:
        A row a run, sorted by point and replication; columns as `StudyResults.runs` says.
    """
    index = loaded.base.health.index
    return result_table(
        loaded,
        {
            key: (name, outcome_values(frame, loaded.study.outcomes, index))
            for key, (name, frame) in daily.items()
        },
    )


def result_table(
    loaded: LoadedStudy, values: Mapping[tuple[int, int], tuple[str, Mapping[str, float]]]
) -> pd.DataFrame:
    """The table of runs.

    Args:
        loaded: the study.
        values: by point and replication: the run's name, and its outcomes.

    Returns:
        A row a run, sorted by point and replication; columns as `StudyResults.runs` says.
    """
    keys = sorted(values)
    names = [values[key][0] for key in keys]
    points = [loaded.layout.points[number] for number, _ in keys]
    columns: dict[str, list[object]] = {
        "point": [one.number for one in points],
        "setting": [one.setting for one in points],
        "world": [one.world for one in points],
        "replication": [replication for _, replication in keys],
        "seed": [loaded.base.seed + replication for _, replication in keys],
        "run": list(names),
    }
    for key, own in loaded.nominal.items():
        columns[key] = [point.changes.get(key, own) for point in points]
    columns |= {
        one.name: [values[key][1][one.name] for key in keys] for one in loaded.study.outcomes
    }
    return pd.DataFrame(columns)


def factor_keys(loaded: LoadedStudy) -> list[str]:
    """Dotted names of all levers and uncertainties."""
    return [one.key for one in (*loaded.study.levers, *loaded.study.uncertainties)]


def factor_values(loaded: LoadedStudy, point: Point) -> dict[str, object]:
    """The value of each lever and uncertainty at a point: the scenario's where it is not varied."""
    return {key: point.changes.get(key, own) for key, own in loaded.nominal.items()}
