"""How good forecasts of demand were.

Source: Hyndman & Koehler (2006), "Another Look at Measures of Forecast Accuracy", International
Journal of Forecasting 22(4) (MASE); Koenker & Bassett (1978), "Regression Quantiles", Econometrica
46(1) (the pinball loss).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.array_checks import check_same_length, checked_floats


def mean_absolute_scaled_error(
    forecast: npt.ArrayLike, actual: npt.ArrayLike, history: npt.ArrayLike
) -> float:
    """Return the mean over items of |forecast - actual| / that of the naive forecast in the past.

    Args:
        forecast: (L,) units of the next period.
        actual: (L,) units.
        history: (D, L) units of past periods, oldest first; the naive forecast is the last one.

    Returns:
        Below 1: better than the naive forecast was. Items of which each period sold as much as the
        one before are left out; nan if there are no others.

    Raises:
        ValueError: if shapes differ or values are not allowed.
    """
    expected, happened = checked_floats("forecast", forecast), checked_floats("actual", actual)
    past = checked_floats("history", history, ndim=2)
    check_same_length(forecast=expected, actual=happened, history=past.T)
    if len(past) < 2:
        return float("nan")
    scale = np.abs(np.diff(past, axis=0)).mean(axis=0)
    known = scale > 0
    error = np.abs(expected - happened)[known] / scale[known]
    return float(error.mean()) if len(error) else float("nan")


def pinball_loss(quantile: npt.ArrayLike, actual: npt.ArrayLike, level: float) -> float:
    """Return the mean loss of a forecast quantile: `level` a unit too low, 1 - `level` too high.

    Args:
        quantile: (L,) units.
        actual: (L,) units.
        level: of the quantile, in (0, 1).

    Raises:
        ValueError: if shapes differ or values are not allowed.
    """
    low, happened = checked_floats("quantile", quantile), checked_floats("actual", actual)
    check_same_length(quantile=low, actual=happened)
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: must lie between 0 and 1, got {level:g}")
    short = happened - low
    return float(np.maximum(level * short, (level - 1.0) * short).mean()) if len(short) else 0.0
