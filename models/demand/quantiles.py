"""Stock that lasts with a given probability: quantiles of the demand over some days.

The demand of `T` days, T itself uncertain, has mean `m E(T)` and variance
`v E(T) + m^2 Var(T) + u (E(T)^2 + Var(T))`, with m the mean of a day, v its variance and u that of
the mean itself. The negative binomial of this mean and variance is taken for its distribution:
exact for Poisson days and an exponential T, where it is geometric.

Source: Silver, Pyke & Thomas (2017), "Inventory and Production Management in Supply Chains", 4th
ed., section 6.7 (demand in an uncertain lead time).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from models.array_checks import FloatArray, IdArray
from models.demand.forecasting import DemandForecast

_NEARLY_POISSON = 1e-6
"""Least excess of the variance over the mean, as a share of it, that is computed with."""


def demand_quantile(
    forecast: DemandForecast, level: float, days: float, days_variance: float = 0.0
) -> IdArray:
    """Return (L,) the least whole units that cover the demand with probability `level`.

    Args:
        forecast: of L items.
        level: in (0, 1).
        days: expected number of days, at least 0.
        days_variance: its variance, at least 0.

    Raises:
        ValueError: if a number is outside its range.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: must lie between 0 and 1, got {level:g}")
    if days < 0.0 or days_variance < 0.0:
        raise ValueError(f"days and days_variance: must not be negative, got {days:g}")
    mean = forecast.mean * days
    variance = (
        forecast.variance * days
        + forecast.mean**2 * days_variance
        + forecast.mean_variance * (days**2 + days_variance)
    )
    return _negative_binomial_quantile(mean, variance, level)


def _negative_binomial_quantile(mean: FloatArray, variance: FloatArray, level: float) -> IdArray:
    """(L,) the least k with P(X <= k) >= level; 0 where the mean is."""
    units = np.zeros(len(mean), dtype=np.int64)
    some = mean > 0
    m = mean[some]
    excess = np.maximum(variance[some] - m, _NEARLY_POISSON * m)
    size, chance = m**2 / excess, m / (m + excess)
    k = np.maximum(np.ceil(special.nbdtrik(level, size, chance)), 0.0)
    below = np.maximum(k - 1.0, 0.0)
    # The inverse is a continuous one: rounding may have stepped over the least whole number.
    units[some] = np.where(special.betainc(size, below + 1.0, chance) >= level, below, k)
    return units
