"""Studentised means under resampling: what every interval and test here is made of.

A replication gets the weight 4 Beta(1/2, 3/2) in each resample. Its mean, variance and third
central moment are 1, as are those of the number of times that Efron's bootstrap draws it (nearly
Poisson), so that the bootstrap-t stays second-order accurate; but no weight is 0, so that ties and
few values do not give resamples without variance, and intervals without ends.

All columns share the weights: replication r of every setting is drawn together, as common random
numbers made it.

Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", ch. 12; Owen (2025), "Better
bootstrap t confidence intervals for the mean", arXiv 2508.10083 (the weights).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.streams import Streams

RESAMPLES = 1999
"""With it, (RESAMPLES + 1) times the usual tail probabilities are whole numbers."""

_LEAST_VARIANCE = 1e-12
"""Share of a sample's variance below which that of a resample is rounding alone."""


@dataclass(frozen=True, slots=True)
class Studentised:
    """Means of K columns with their errors, and how studentised means vary over B resamples."""

    mean: FloatArray  # (K,) nan without a value
    error: FloatArray  # (K,) standard error of the mean; nan with fewer than two values
    n: IntArray  # (K,) values
    t: FloatArray  # (K, B) (mean of resample - mean) / its error; 0 where a column has no spread


def studentised(values: FloatArray, resamples: int = RESAMPLES, seed: int = 0) -> Studentised:
    """Resample columns together.

    Args:
        values: (K, R) a row a column of outcomes, a value a replication; nan is left out. Where a
            value is infinite, the mean is what arithmetic makes of it and the error is nan.
        resamples: B, >= 1.
        seed: of the weights' named stream.

    Returns:
        The studentised means.
    """
    present = ~np.isnan(values)
    n = present.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, values, 0.0).sum(axis=1) / n
        # The rounding of a mean would pass for spread where all values are the same.
        lowest, highest = _range(values, present)
        mean = np.where(lowest == highest, lowest, mean)
        centred = np.where(present, values - mean[:, None], 0.0)
        variance = np.einsum("kr,kr->k", centred, centred) / (n - 1)
        error = np.where(n > 1, np.sqrt(variance / n), np.nan)
    usable = np.isfinite(error) & (error > 0.0)
    scaled = np.zeros_like(centred)
    scaled[usable] = centred[usable] / np.sqrt(variance[usable])[:, None]
    weights = _weights(values.shape[1], resamples, seed)
    total = present @ weights
    total[n == 0] = 1.0
    mean_star = scaled @ weights / total
    variance_star = np.square(scaled) @ weights / total - np.square(mean_star)
    spread = np.sqrt(np.maximum(variance_star, _LEAST_VARIANCE))
    t = mean_star / spread * np.sqrt(np.maximum(n - 1, 0))[:, None]
    return Studentised(mean, error, n, t)


def order(tail: float, resamples: int) -> int:
    """Which value of so many, counted from an end, cuts off a tail probability.

    Args:
        tail: probability beyond it, in (0, 1).
        resamples: how many values there are.

    Returns:
        A number from 1 on.

    Raises:
        ValueError: if there are too few resamples to tell so small a tail.
    """
    found = int(np.floor((resamples + 1) * tail + 1e-9))
    if found < 1:
        raise ValueError(
            f"resamples = {resamples}: a tail of {tail:.2g} needs {int(np.ceil(1.0 / tail)) - 1}"
        )
    return found


def cut(values: FloatArray, place: int) -> FloatArray:
    """The value that is so many from the top, along the last axis; at least 0."""
    size = values.shape[-1]
    found: FloatArray = np.partition(values, size - place, axis=-1)[..., size - place]
    return np.maximum(found, 0.0)


def confidence_in_range(confidence: float) -> float:
    """The confidence, if it is a probability between 0 and 1.

    Raises:
        ValueError: if it is not.
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence = {confidence}: must lie between 0 and 1")
    return confidence


def _range(values: FloatArray, present: BoolArray) -> tuple[FloatArray, FloatArray]:
    """(K,) lowest and highest values of columns; inf and -inf without a value."""
    lowest: FloatArray = np.where(present, values, np.inf).min(axis=1, initial=np.inf)
    highest: FloatArray = np.where(present, values, -np.inf).max(axis=1, initial=-np.inf)
    return lowest, highest


@lru_cache(maxsize=32)
def _weights(replications: int, resamples: int, seed: int) -> FloatArray:
    """(R, B) weights of replications in resamples."""
    rng = Streams(seed).generator("bootstrap weights", replications)
    weights = 4.0 * rng.beta(0.5, 1.5, size=(resamples, replications)).T
    weights.setflags(write=False)
    return weights
