"""Worlds, or points, whose factors vary together: what correlations and boxes are found in.

In a grid over crossed or sampled worlds the factors are the uncertainties, and each setting has an
outcome in each world. In a drawn design they are levers and uncertainties together, and each point
has one outcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.sensitivity.asking import SensitivityError, factors_of
from experiments.studies.points import short_labels
from experiments.studies.results import StudyResults
from experiments.studies.schema import Factor, Grid, Morris
from policies.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Sample:
    """n worlds of a grid, or n points of a drawn design, and the values of their k factors."""

    results: StudyResults
    of_grid: bool  # whether settings apply
    factors: tuple[Factor, ...]  # (k,)
    labels: tuple[str, ...]  # (k,)
    x: pd.DataFrame  # (n, k) values by key of the factor
    worlds: tuple[int, ...]  # (n,) numbers of worlds, or of points

    @property
    def noun(self) -> str:
        """What one of them is called."""
        return "world" if self.of_grid else "point"

    def values(self, outcome: str, setting: int = 0) -> FloatArray:
        """An outcome of a setting.

        Args:
            outcome: its name.
            setting: number of the setting; ignored where settings do not apply.

        Returns:
            (n, R) by world and replication, the same seeds in every row; nan: no such run.
        """
        every = self.results.by_point(outcome)
        if not self.of_grid:
            return every[[*self.worlds]]
        layout = self.results.loaded.layout
        cube = every.reshape(len(layout.worlds), len(layout.settings), -1)
        found: FloatArray = cube[[*self.worlds], setting]
        return found

    def setting(self, asked: int | None, otherwise: int) -> int:
        """The number of a setting that is asked for.

        Raises:
            SensitivityError: if there is none, or settings do not apply.
        """
        settings = self.results.loaded.layout.settings
        if asked is None:
            return otherwise
        if not self.of_grid:
            raise SensitivityError(
                "a setting can be chosen in a grid only; in a drawn design the levers are among "
                "the factors"
            )
        if not 0 <= asked < len(settings):
            raise SensitivityError(f"setting {asked}: must be 0 to {len(settings) - 1}, by number")
        return asked


def sampled(results: StudyResults) -> Sample:
    """The worlds or points of a study.

    Raises:
        SensitivityError: if the study varies its uncertainties one at a time.
    """
    study, layout = results.loaded.study, results.loaded.layout
    if isinstance(study.design, Morris):
        raise SensitivityError(
            "points of a Morris design lie along a few paths, not all over the ranges: use "
            'design.method = "latin_hypercube" or "sobol"'
        )
    if not isinstance(study.design, Grid):
        factors = factors_of(results)
        values = [dict(one.changes) for one in layout.points]
        places = tuple(one.number for one in layout.points)
    else:
        if study.design.worlds == "one_at_a_time" or not study.uncertainties:
            raise SensitivityError(
                "worlds are needed in which several uncertainties vary together: give the grid "
                'design.worlds = "latin_hypercube", or choose a drawn design'
            )
        factors = study.uncertainties
        worlds = [one for one in layout.worlds if one.kind in {"uncertainty", "sample"}]
        values = [dict(one.values) for one in worlds]
        places = tuple(one.number for one in worlds)
    keys = [one.key for one in factors]
    return Sample(
        results,
        isinstance(study.design, Grid),
        tuple(factors),
        tuple(short_labels(factors)),
        pd.DataFrame(values, columns=keys),
        places,
    )


def as_numbers(sample: Sample) -> FloatArray:
    """(n, k) factors as numbers: values, or the places of levels that are no numbers."""
    columns = []
    for factor in sample.factors:
        column = sample.x[factor.key]
        if pd.api.types.is_numeric_dtype(column):
            columns.append(column.to_numpy(float))
        else:
            levels = [*(factor.levels or ())]
            columns.append(np.array([levels.index(one) for one in column], dtype=float))
    return np.stack(columns, axis=1)
