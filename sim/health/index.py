"""The composite index, always with its parts.

Source: OECD & JRC (2008), "Handbook on Constructing Composite Indicators": normalisation by
goalposts (min-max), weights, aggregation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from policies.arrays import FloatArray
from sim.health.registry import find
from sim.settings.health import DIMENSIONS, Goalposts, IndexSettings

SHIFT = 0.01
"""Added to scores before their geometric mean and taken off after it, so that one dimension at 0
drags the index down without hiding all the others."""


@dataclass(frozen=True, slots=True)
class IndexResult:
    """The index and what it is made of; scores are in [0, 1]."""

    value: float  # nan if nothing could be scored
    dimensions: dict[str, float]  # mean score of each dimension that could be scored
    indicators: dict[str, float]  # score of each indicator that could be scored
    missing: tuple[str, ...]  # indicators of the index without a value; weights are renormalised


def score(value: float, posts: Goalposts) -> float:
    """A value on the way from `worst` (0) to `best` (1), clipped."""
    way = (value - posts.worst) / (posts.best - posts.worst)
    return min(max(0.0, way), 1.0)


def composite_index(values: Mapping[str, float], settings: IndexSettings) -> IndexResult:
    """Put indicators together: weighted means within dimensions, then across them.

    Args:
        values: indicators by name; nan or absent where there was nothing to measure.
        settings: goalposts, weights and aggregation.

    Returns:
        The index with its parts. What is missing, or a dimension without any score, is left out
        and the other weights are scaled up.

    Raises:
        ValueError: if the settings name an unknown indicator.
    """
    dimension_of = {name: find(name).dimension for name in settings.goalposts}
    scores, missing = {}, []
    for name, posts in settings.goalposts.items():
        value = values.get(name, float("nan"))
        if np.isfinite(value):
            scores[name] = score(float(value), posts)
        else:
            missing.append(name)
    parts = {}
    for dimension in DIMENSIONS:
        own = [name for name in scores if dimension_of[name] == dimension]
        weight = np.array([settings.goalposts[name].weight for name in own])
        if weight.sum() > 0:
            parts[dimension] = float(np.average([scores[name] for name in own], weights=weight))
    weights = np.array([settings.weights.get(name, 0.0) for name in parts])
    part = np.array(list(parts.values()))
    index = _aggregate(part, weights, settings.aggregation)
    return IndexResult(index, parts, scores, tuple(missing))


def _aggregate(part: FloatArray, weight: FloatArray, how: str) -> float:
    counts = weight > 0
    if not counts.any():
        return float("nan")
    part, weight = part[counts], weight[counts] / weight[counts].sum()
    if how == "minimum":
        return float(part.min())
    if how == "arithmetic":
        return float((weight * part).sum())
    mean = np.exp((weight * np.log(part + SHIFT)).sum()) - SHIFT
    return float(np.clip(mean, 0.0, 1.0))
