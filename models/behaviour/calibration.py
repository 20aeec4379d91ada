"""Probabilities put right on rows that the model has not seen.

- isotonic: the best ascending steps; any ascending distortion, but needs many rows;
- platt: a line in the logit;
- beta: a line in log p and one in log(1 - p), which can also leave good probabilities as they are.

Source: Zadrozny & Elkan (2002), "Transforming Classifier Scores into Accurate Multiclass
Probability Estimates", KDD; Platt (1999), "Probabilistic Outputs for Support Vector Machines",
with labels drawn in as there; Kull, Silva Filho & Flach (2017), "Beta Calibration", AISTATS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from models.array_checks import FloatArray, check_same_length, checked_floats
from models.behaviour.logistic import LogisticRegression

METHODS = ("isotonic", "platt", "beta", "none")
"""Names of the methods."""

_LEAST = 1e-6
"""Nearest that a probability comes to 0 and 1."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A function of the probability."""

    method: str
    steps_at: FloatArray  # (S,) ascending probabilities, of isotonic ones
    steps_to: FloatArray  # (S,) what they become
    line: LogisticRegression | None = None

    def __call__(self, predicted: npt.ArrayLike) -> FloatArray:
        """(E,) probabilities put right."""
        chance = checked_floats("predicted", predicted, lower=0.0, upper=1.0)
        if self.line is not None:
            return self.line.predict(_terms(chance, self.method))
        if self.method == "none" or len(self.steps_at) == 0:
            return chance
        return np.interp(chance, self.steps_at, self.steps_to)


def calibrate(predicted: npt.ArrayLike, happened: npt.ArrayLike, method: str) -> Calibration:
    """Learn how predicted probabilities are to be put right.

    Args:
        predicted: (E,) in [0, 1], of rows that the model was not trained on.
        happened: (E,) 0 or 1.
        method: one of `METHODS`.

    Raises:
        ValueError: if there is no such method, or columns hold what is not allowed.
    """
    chance = checked_floats("predicted", predicted, lower=0.0, upper=1.0)
    truth = checked_floats("happened", happened, lower=0.0, upper=1.0)
    check_same_length(predicted=chance, happened=truth)
    if method not in METHODS:
        raise ValueError(f"method: {method!r} is none of {', '.join(METHODS)}")
    empty = np.empty(0)
    if method == "none" or len(chance) == 0:
        return Calibration("none", empty, empty)
    if method == "isotonic":
        order = np.argsort(chance, kind="stable")
        at, first = np.unique(chance[order], return_index=True)
        rows = np.diff(np.append(first, len(order)))
        shares = np.add.reduceat(truth[order], first) / rows
        steps = optimize.isotonic_regression(shares, weights=rows).x
        return Calibration(method, at, np.asarray(steps))
    # A slope of the wrong sign would not be ascending: then one term does it alone, or none.
    if method == "beta":
        for terms in ("beta", "beta_high", "beta_low"):
            line = _line(chance, truth, terms)
            if (line.slopes >= 0).all():
                return Calibration(terms, empty, empty, line)
    # Labels drawn in from 0 and 1 keep the line finite where the two kinds do not overlap.
    happened_rows = truth.sum()
    high = (happened_rows + 1.0) / (happened_rows + 2.0)
    low = 1.0 / (len(truth) - happened_rows + 2.0)
    line = _line(chance, low + truth * (high - low), "platt")
    if (line.slopes >= 0).all():
        return Calibration("platt", empty, empty, line)
    return Calibration("isotonic", np.zeros(1), np.array([truth.mean()]))


def _line(chance: FloatArray, target: FloatArray, terms: str) -> LogisticRegression:
    line = LogisticRegression(l2=1e-3)
    line.fit(_terms(chance, terms), target)
    return line


def _terms(chance: FloatArray, method: str) -> FloatArray:
    inside = np.clip(chance, _LEAST, 1.0 - _LEAST)
    low, high = np.log(inside), -np.log1p(-inside)
    columns = {
        "platt": (low + high,),
        "beta": (low, high),
        "beta_low": (low,),
        "beta_high": (high,),
    }[method]
    return np.stack(columns, axis=1)
