"""From a run's daily indicators to the numbers that a study looks at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from experiments.studies.schema import HEALTH_INDEX, Outcome
from sim.health import composite_index
from sim.settings.health import IndexSettings


def outcome_values(
    daily: pd.DataFrame, outcomes: Sequence[Outcome], index: IndexSettings
) -> dict[str, float]:
    """A run's outcomes by name.

    Args:
        daily: (days, indicators) of a run.
        outcomes: what is looked at.
        index: of the run's scenario, for the composite index.

    Returns:
        A number each; nan where the window has no value.
    """
    return {
        one.name: _value(daily.iloc[one.first_day : one.end_day], one, index) for one in outcomes
    }


def window_means(daily: pd.DataFrame, outcome: Outcome) -> Mapping[str, float]:
    """Means of all indicators over an outcome's window, of which the index is made."""
    means = daily.iloc[outcome.first_day : outcome.end_day].mean()
    return {str(name): float(value) for name, value in means.items()}


def _value(window: pd.DataFrame, outcome: Outcome, index: IndexSettings) -> float:
    if outcome.indicator == HEALTH_INDEX:
        means = {str(name): float(value) for name, value in window.mean().items()}
        return composite_index(means, index).value
    days = window[outcome.indicator].to_numpy(float)
    known = days[np.isfinite(days)]
    if len(known) == 0:
        return math.nan
    match outcome.statistic:
        case "mean":
            return float(known.mean())
        case "sum":
            return float(known.sum())
        case "last":
            return float(known[-1])
        case "min":
            return float(known.min())
        case "max":
            return float(known.max())
        case "median":
            return float(np.median(known))
        case "sd":
            return float(known.std(ddof=1)) if len(known) > 1 else math.nan
        case "quantile":
            return float(np.quantile(known, outcome.quantile or 0.0))
