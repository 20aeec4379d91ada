"""Logistic regression with a ridge penalty, by Newton's method: the baseline, and calibration.

Source: Hastie, Tibshirani & Friedman (2009), "The Elements of Statistical Learning", section 4.4.1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from models.array_checks import FloatArray, checked_floats

_STEPS, _SMALL = 50, 1e-10


class LogisticRegression:
    """Probabilities by a linear score of standardised features."""

    def __init__(self, l2: float = 1.0) -> None:
        """Args: l2: penalty on squared weights of standardised features, in rows; above 0."""
        if not l2 > 0.0:
            raise ValueError(f"l2: must be above 0, got {l2:g}")
        self.l2 = l2
        self._weights: FloatArray = np.empty(0)  # (F + 1,), the last: the constant
        self._shift: FloatArray = np.empty(0)
        self._scale: FloatArray = np.empty(0)

    def fit(self, features: npt.ArrayLike, happened: npt.ArrayLike) -> None:
        """Find the weights.

        Args:
            features: (E, F).
            happened: (E,) in [0, 1].

        Raises:
            ValueError: if there are no rows, or values are not allowed.
        """
        table = checked_floats("features", features, ndim=2)
        truth = checked_floats("happened", happened, lower=0.0, upper=1.0)
        if len(table) == 0 or len(table) != len(truth):
            raise ValueError(f"happened: {len(truth)} rows, but features has {len(table)}")
        self._shift = table.mean(axis=0)
        spread = table.std(axis=0)
        self._scale = np.where(spread > 0, spread, 1.0)
        x = self._design(table)
        penalty = np.full(x.shape[1], self.l2)
        penalty[-1] = 1e-6  # keeps the constant finite where all or none happened
        weights = np.zeros(x.shape[1])
        for _ in range(_STEPS):
            chance = special.expit(x @ weights)
            gradient = x.T @ (chance - truth) + penalty * weights
            curvature = (x * (chance * (1.0 - chance))[:, None]).T @ x + np.diag(penalty)
            step = np.linalg.solve(curvature, gradient)
            # A step that is too long overshoots where the curve is flat.
            step *= min(1.0, 5.0 / max(float(np.abs(step).max()), _SMALL))
            weights -= step
            if float(np.abs(step).max()) < _SMALL:
                break
        self._weights = weights

    def predict(self, features: npt.ArrayLike) -> FloatArray:
        """(E,) probabilities.

        Raises:
            ValueError: if it was not fitted, or the features are others.
        """
        table = checked_floats("features", features, ndim=2)
        if table.shape[1] + 1 != len(self._weights):
            raise ValueError(
                f"features: {table.shape[1]} columns, but the model knows "
                f"{len(self._weights) - 1}; call fit first"
            )
        return np.asarray(special.expit(self._design(table) @ self._weights))

    @property
    def slopes(self) -> FloatArray:
        """(F,) change of the logit by a unit of each feature."""
        return self._weights[:-1] / self._scale

    def _design(self, table: FloatArray) -> FloatArray:
        return np.column_stack([(table - self._shift) / self._scale, np.ones(len(table))])
