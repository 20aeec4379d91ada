"""The composite index, always with its parts.

Source: OECD & JRC (2008), "Handbook on Constructing Composite Indicators": normalisation by
goalposts (min-max), weights, aggregation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.health.registry import INDICATORS
from sim.settings.health import DIMENSIONS, Goalposts, IndexSettings

FLOOR = 0.01
"""Least score that enters a geometric mean, so that one zero does not hide all else."""


@dataclass(frozen=True, slots=True)
class IndexResult:
    """The index and what it is made of; scores are in [0, 1]."""

    value: float  # nan if nothing could be scored
    dimensions: dict[str, float]  # mean score of each dimension that could be scored
    indicators: dict[str, float]  # score of each indicator that could be scored
    missing: tuple[str, ...]  # indicators of the index without a value; weights are renormalised


def score(value: float, posts: Goalposts) -> float:
    """A value on the way from `worst` (0) to `best` (1), clipped."""
    return float(np.clip((value - posts.worst) / (posts.best - posts.worst), 0.0, 1.0))


def composite_index(values: Mapping[str, float], settings: IndexSettings) -> IndexResult:
    """Put indicators together.

    Args:
        values: indicators by name; nan or absent where there was nothing to measure.
        settings: goalposts, weights and aggregation.

    Returns:
        The index with its parts.
    """
    dimension_of = {indicator.name: indicator.dimension for indicator in INDICATORS}
    scores, missing = {}, []
    for name, posts in settings.goalposts.items():
        value = values.get(name, float("nan"))
        if name in dimension_of and np.isfinite(value):
            scores[name] = score(float(value), posts)
        else:
            missing.append(name)
    parts = {}
    for dimension in DIMENSIONS:
        own = [one for name, one in scores.items() if dimension_of[name] == dimension]
        if own:
            parts[dimension] = float(np.mean(own))
    weight = np.array([settings.weights.get(name, 0.0) for name in parts])
    part = np.array(list(parts.values()))
    return IndexResult(
        _aggregate(part, weight, settings.aggregation), parts, scores, tuple(missing)
    )


def _aggregate(part: np.ndarray, weight: np.ndarray, how: str) -> float:
    part, weight = part[weight > 0], weight[weight > 0]
    if len(part) == 0:
        return float("nan")
    if how == "minimum":
        return float(part.min())
    weight = weight / weight.sum()
    if how == "arithmetic":
        return float((weight * part).sum())
    return float(np.exp((weight * np.log(np.maximum(part, FLOOR))).sum()))
