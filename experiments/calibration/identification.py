"""Which parameters the moments tell anything of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as f_distribution

from experiments.calibration.moments import known_mean
from policies.arrays import FloatArray

LEVEL = 0.01
"""Probability of taking any response for real where there is none, over all tests jointly."""


@dataclass(frozen=True, slots=True)
class Responses:
    """How moments respond to parameters over the priors; P parameters, M moments."""

    p_value: FloatArray  # (P, M) of no response
    effect: FloatArray  # (P, M) largest change within the prior's 90 %, in errors of the target

    def responds(self, parameter: int) -> list[int]:
        """Moments that respond, the strongest first."""
        sure = self.p_value[parameter] * self.p_value.size < LEVEL
        order = np.argsort(-np.abs(self.effect[parameter]), kind="stable")
        return [int(one) for one in order if sure[one]]

    def told(self, parameter: int) -> str:
        """Whether any moment does: "yes"; "weakly", by less than their errors; or "no"."""
        found = self.responds(parameter)
        if not found:
            return "no"
        return "yes" if abs(self.effect[parameter, found[0]]) >= 1.0 else "weakly"


def responses(unit: FloatArray, runs: FloatArray, error: FloatArray) -> Responses:
    """How moments respond, by regression on all parameters and their squares.

    Args:
        unit: (D, P) draws, spread over the priors.
        runs: (D, R, M) their moments.
        error: (M,) what counts as much: error of target less simulated mean.

    Returns:
        F tests of leaving a parameter out; nan p-values become 1.
    """
    means = known_mean(runs)
    whole = np.isfinite(means).all(axis=1)
    centred, means = 2.0 * unit[whole] - 1.0, means[whole]
    draws, parameters = centred.shape
    squares = draws > 3 * (2 * parameters + 1)
    p_value = np.ones((parameters, means.shape[1]))
    effect = np.zeros_like(p_value)
    if draws <= parameters + 1:
        return Responses(p_value, effect)
    design = _design(centred, squares)
    left = _residual(design, means)
    freedom = draws - design.shape[1]
    along = _design(np.linspace(-0.9, 0.9, 19)[:, None], squares)[:, 1:]
    slopes, *_ = np.linalg.lstsq(design, means, rcond=None)
    for one in range(parameters):
        own = [1 + one, 1 + parameters + one] if squares else [1 + one]
        without = _residual(np.delete(design, own, axis=1), means)
        gained = np.maximum(without - left, 0.0) / len(own)
        ratio = gained / np.maximum(left / freedom, 1e-300)
        moved = without > 1e-24 * (means**2).sum(axis=0)
        p_value[one] = np.where(moved, f_distribution.sf(ratio, len(own), freedom), 1.0)
        curve = along @ slopes[own]
        change = np.copysign(np.ptp(curve, axis=0), curve[-1] - curve[0])
        effect[one] = np.where(moved, change / error, 0.0)
    return Responses(p_value, effect)


def _design(centred: FloatArray, squares: bool) -> FloatArray:
    parts = [np.ones((len(centred), 1)), centred]
    return np.column_stack([*parts, centred**2] if squares else parts)


def _residual(design: FloatArray, means: FloatArray) -> FloatArray:
    """(M,) sums of squares that a regression leaves."""
    slopes, *_ = np.linalg.lstsq(design, means, rcond=None)
    return np.asarray(((means - design @ slopes) ** 2).sum(axis=0))
