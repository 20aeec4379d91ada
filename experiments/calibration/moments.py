"""What is fitted: simulated moments as a function of parameters, targets, and their errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from policies.arrays import FloatArray

Simulate = Callable[[FloatArray, range], FloatArray]
"""From (n, P) places in the unit cube and R replications to (n, R, M) moments; nan: no value."""


class CalibrationError(ValueError):
    """A calibration that cannot be done with what its runs gave."""


@dataclass(frozen=True, slots=True)
class MomentProblem:
    """Fitted moments of real data, and a model that may be asked for its own.

    Replication r has the same luck at every point (common random numbers), so that simulated
    moments differ between points by the parameters, not by luck. P parameters, M moments.
    """

    simulate: Simulate
    parameters: int
    target: FloatArray  # (M,)
    error: FloatArray  # (M,) standard errors of the targets
    weight: FloatArray  # (M,) 1: as its precision says
    observation: Literal["mean", "run"]
    replications: int
    covariance_replications: int

    def means(self, unit: FloatArray) -> FloatArray:
        """(n, M) moments at (n, P) places, means over the replications that gave a value."""
        return known_mean(self.simulate(unit, range(self.replications)))

    def noise(self, place: FloatArray) -> FloatArray:
        """Covariance of target less simulated mean, if a place held the true parameters.

        Replications at one place are what tells it: under common random numbers those of other
        places repeat the same luck.

        Args:
            place: (P,) of the unit cube.

        Returns:
            (M, M): S_target + S_run / R where targets estimate an expectation, and
            S_target + S_run (1 + 1/R) where they are of one history.

        Raises:
            CalibrationError: if fewer than two runs there gave all moments.
        """
        runs = self.simulate(place[None], range(self.covariance_replications))[0]
        whole = runs[np.isfinite(runs).all(axis=1)]
        if len(whole) < 2:
            raise CalibrationError(
                f"only {len(whole)} of {len(runs)} runs near the targets gave all moments; look "
                "at the failed runs"
            )
        of_run = np.cov(whole, rowvar=False).reshape(len(self.target), len(self.target))
        share = 1.0 / self.replications + (1.0 if self.observation == "run" else 0.0)
        return np.asarray(np.diag(self.error**2) + share * of_run)


def nearest_place(
    problem: MomentProblem, unit: FloatArray, moments: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The simulated place whose moments are nearest to the targets, each in its own spread.

    Args:
        problem: targets.
        unit: (n, P) places.
        moments: (n, M) their moments, all known.

    Returns:
        (P,) the place, and (n,) squared distances of all.
    """
    away = moments - problem.target
    spread = np.median(np.abs(moments - np.median(moments, axis=0)), axis=0)
    scale = np.where(spread > 0.0, spread, problem.error)
    distance = (problem.weight * (away / scale) ** 2).sum(axis=1)
    return unit[int(np.argmin(distance))], distance


def known_mean(runs: FloatArray) -> FloatArray:
    """(n, M) means over those of (n, R, M) runs that have a value; nan where none has."""
    known = np.isfinite(runs)
    count = known.sum(axis=1)
    total = np.where(known, runs, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
