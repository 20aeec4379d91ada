"""Priors of parameters, by way of the unit cube: u = F(value) is uniform under the prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import qmc, truncnorm

from experiments.calibration.schema import Parameter
from policies.arrays import FloatArray

DRAW_SEED = 20261125
"""Seed of draws of parameters: they are a part of the calibration, not of a run's luck."""


def quantile(parameter: Parameter, unit: ArrayLike) -> FloatArray:
    """The value below which the prior has a given probability.

    Args:
        parameter: with its prior.
        unit: probabilities in [0, 1], any shape.

    Returns:
        Values in the parameter's unit, of the same shape, within its bounds.
    """
    u = np.asarray(unit, dtype=np.float64)
    low, high = parameter.low, parameter.high
    match parameter.prior:
        case "uniform":
            value = low + u * (high - low)
        case "loguniform":
            value = np.exp(np.log(low) + u * (np.log(high) - np.log(low)))
        case "normal":
            value = _normal(parameter).ppf(u)
    return np.clip(value, low, high)


def probability(parameter: Parameter, value: ArrayLike) -> FloatArray:
    """The prior's probability of less than a value; the inverse of `quantile`."""
    x = np.clip(np.asarray(value, dtype=np.float64), parameter.low, parameter.high)
    match parameter.prior:
        case "uniform":
            return np.asarray((x - parameter.low) / (parameter.high - parameter.low))
        case "loguniform":
            width = np.log(parameter.high) - np.log(parameter.low)
            return np.asarray((np.log(x) - np.log(parameter.low)) / width)
        case "normal":
            return np.asarray(_normal(parameter).cdf(x), dtype=np.float64)


def slope(parameter: Parameter, unit: float) -> float:
    """How fast the value grows with the probability: 1 / prior density."""
    step = 1e-4
    low, high = max(unit - step, 0.0), min(unit + step, 1.0)
    return float((quantile(parameter, high) - quantile(parameter, low)) / (high - low))


def prior_sd(parameter: Parameter) -> float:
    """Standard deviation of the prior, by its quantiles."""
    return float(quantile(parameter, (np.arange(4000) + 0.5) / 4000).std())


def values_of(parameters: Sequence[Parameter], unit: FloatArray) -> FloatArray:
    """Values of all parameters.

    Args:
        parameters: P of them.
        unit: (n, P) places in the unit cube.

    Returns:
        (n, P) values.
    """
    columns = [quantile(one, unit[:, place]) for place, one in enumerate(parameters)]
    return np.column_stack(columns)


def spread_draws(count: int, low: FloatArray, high: FloatArray, number: int) -> FloatArray:
    """Draws that fill a box of the unit cube evenly: a scrambled Sobol sequence.

    Args:
        count: how many.
        low: (P,) the box's lower corner.
        high: (P,) its upper corner.
        number: which of several sequences.

    Returns:
        (count, P) places.

    Source: Owen (1998), Journal of Complexity 14(4); the sequence is SciPy's.
    """
    drawn = qmc.Sobol(len(low), rng=np.random.default_rng([DRAW_SEED, number]))
    unit = drawn.random_base2(int(np.ceil(np.log2(count))))[:count]
    return np.asarray(low + unit * (high - low), dtype=np.float64)


def _normal(parameter: Parameter) -> Any:
    mean, sd = float(parameter.mean or 0.0), float(parameter.sd or 1.0)
    return truncnorm((parameter.low - mean) / sd, (parameter.high - mean) / sd, loc=mean, scale=sd)
