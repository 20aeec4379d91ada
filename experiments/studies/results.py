"""What a study's runs gave: a table of outcomes, and matrices for paired comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.studies.dotted_changes import parts_of
from experiments.studies.loading import LoadedStudy
from experiments.studies.outcomes import outcome_values, window_means
from experiments.studies.points import Point


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
    runs: pd.DataFrame  # a row a run: RUN_COLUMNS, a column a factor by its key, one an outcome
    failures: tuple[Failure, ...]
    planned: int  # runs that the study asks for so far
    # As `mean_table` gives it, in the order of `runs`; empty where it was not asked for.
    means: pd.DataFrame = field(default_factory=pd.DataFrame)

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
        return self._paired(self.runs, outcome, world)

    def mean_matrix(self, indicator: str, world: int = 0) -> NDArray[np.float64]:
        """An indicator's mean over the deciding outcome's window, in a world of a grid.

        Args:
            indicator: its name.
            world: number of the world.

        Returns:
            (settings, replications) as `matrix`; all nan where the means were not asked for.
        """
        if indicator not in self.means:
            return np.full(self.matrix(self.loaded.study.deciding.name, world).shape, np.nan)
        return self._paired(self.means, indicator, world)

    def by_point(self, outcome: str) -> NDArray[np.float64]:
        """An outcome of every point of any design.

        Args:
            outcome: its name.

        Returns:
            (points, replications) in the design's order; nan: no such run.
        """
        return self._by_point(self.runs, outcome)

    def means_by_point(self, indicator: str) -> NDArray[np.float64]:
        """An indicator's mean over the deciding outcome's window, at every point of any design.

        Args:
            indicator: its name.

        Returns:
            (points, replications) as `by_point`; all nan where the means were not asked for.
        """
        if indicator not in self.means:
            return np.full(self.by_point(self.loaded.study.deciding.name).shape, np.nan)
        return self._by_point(self.means, indicator)

    def _paired(self, table: pd.DataFrame, column: str, world: int) -> NDArray[np.float64]:
        here = table[table["world"] == world]
        return _spread(here, "setting", column, len(self.loaded.layout.settings))

    def _by_point(self, table: pd.DataFrame, column: str) -> NDArray[np.float64]:
        return _spread(table, "point", column, len(self.loaded.layout.points))


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
        columns[key] = [_value(point, key, own) for point in points]
    columns |= {
        one.name: [values[key][1][one.name] for key in keys] for one in loaded.study.outcomes
    }
    return pd.DataFrame(columns)


def mean_table(
    loaded: LoadedStudy, runs: pd.DataFrame, daily: Iterable[tuple[str, pd.DataFrame]]
) -> pd.DataFrame:
    """Means of all indicators over the deciding outcome's window.

    Of these the index can be made with other weights, and what sides gain that are no outcomes.

    Args:
        loaded: the study.
        runs: as in `StudyResults.runs`.
        daily: names of runs, and (days, indicators) of each; one at a time is held.

    Returns:
        A row a row of `runs`: point, setting, world, replication, and a column an indicator.
    """
    means = {run: window_means(frame, loaded.study.deciding) for run, frame in daily}
    kept = runs.loc[runs["run"].isin(means), ["point", "setting", "world", "replication", "run"]]
    values = pd.DataFrame([means[run] for run in kept["run"]], index=kept.index)
    return pd.concat([kept.drop(columns="run"), values], axis=1)


def factor_keys(loaded: LoadedStudy) -> list[str]:
    """Dotted names of all levers and uncertainties."""
    return [one.key for one in (*loaded.study.levers, *loaded.study.uncertainties)]


def factor_values(loaded: LoadedStudy, point: Point) -> dict[str, object]:
    """The value of each lever and uncertainty at a point: the scenario's where it is not varied."""
    return {key: _value(point, key, own) for key, own in loaded.nominal.items()}


def _value(point: Point, key: str, own: object) -> object:
    """A field's value at a point, where an alternative may have replaced a table around it."""
    if key in point.changes:
        return point.changes[key]
    value, above = own, ""
    parts = parts_of(key)
    for length, part in enumerate(parts[:-1], start=1):
        above = f"{above}.{part}" if above else part
        if above in point.changes:
            value = point.changes[above]
            for inner in parts[length:]:
                value = value.get(inner) if isinstance(value, Mapping) else None
    return value


def _spread(table: pd.DataFrame, row: str, column: str, rows: int) -> NDArray[np.float64]:
    """A column of runs as (rows, replications); nan: no such run."""
    count = int(table["replication"].max()) + 1 if len(table) else 0
    values = np.full((rows, count), np.nan)
    places = table[row].to_numpy(int), table["replication"].to_numpy(int)
    values[places] = table[column].to_numpy(float)
    return values
