"""Which settings of a comparison may be the best: those that cannot be told from it.

A bare maximum would hide that chance alone may have put a setting first: multiple comparisons with
the best under the same luck (`statistics.best_set`) give the settings that may be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.comparison import Comparison
from experiments.statistics.best_set import best_set
from experiments.statistics.intervals import CONFIDENCE
from sim.health import find


@dataclass(frozen=True, slots=True)
class BestSettings:
    """The best setting for an indicator in a span of days, and its peers."""

    indicator: str
    span: str
    best: str  # label of the setting with the best mean
    peers: tuple[str, ...]  # labels of the others that cannot be told from it
    worst: str
    mean_best: float
    mean_worst: float
    all_equal: bool  # exactly the same outcome whatever the setting


def best_settings(comparison: Comparison, indicator: str, span: str) -> BestSettings | None:
    """The settings that may be the best.

    Args:
        comparison: with two settings at least, all of as many replications.
        indicator: one of which more, or less, is better.
        span: name of a span of days.

    Returns:
        The answer; None where no setting has a value, or neither way is better.
    """
    better = find(indicator).better
    if better == "none":
        return None
    runs = [
        comparison.means.xs((label, span))[indicator].to_numpy(float) for label in comparison.labels
    ]
    found = best_set(np.stack(runs), higher=better == "higher", confidence=CONFIDENCE)
    if found.best < 0:
        return None
    mean = np.where(found.contest, found.mean if better == "higher" else -found.mean, np.inf)
    worst = int(np.argmin(mean))
    peers = [
        label
        for place, label in enumerate(comparison.labels)
        if found.in_set[place] and place != found.best
    ]
    return BestSettings(
        indicator,
        span,
        best=comparison.labels[found.best],
        peers=tuple(peers),
        worst=comparison.labels[worst],
        mean_best=float(found.mean[found.best]),
        mean_worst=float(found.mean[worst]),
        all_equal=found.all_equal,
    )
