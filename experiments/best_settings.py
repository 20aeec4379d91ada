"""Which settings may be the best: those that the best one found cannot be told from.

The setting with the best mean is compared with every other under the same luck, by paired
intervals that hold jointly (Bonferroni). A setting whose interval includes zero may be the best as
well: a bare maximum would hide that.

Source: multiple comparisons with the best: Hsu (1984), Annals of Statistics 12(3); with common
random numbers and Bonferroni's inequality: Nelson & Matejcik (1995), Management Science 41(12).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.comparison import CONFIDENCE, Comparison, paired_interval
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
        comparison: with two settings at least.
        indicator: one of which more, or less, is better.
        span: name of a span of days.

    Returns:
        The answer; None where no setting has a value, or neither way is better.
    """
    better = find(indicator).better
    if better == "none":
        return None
    sign = 1.0 if better == "higher" else -1.0
    runs = {
        label: comparison.means.xs((label, span))[indicator].to_numpy(float)
        for label in comparison.labels
    }
    known = {label: values for label, values in runs.items() if np.isfinite(values).any()}
    if not known:
        return None
    mean = {label: float(np.nanmean(values)) for label, values in known.items()}
    best = max(known, key=lambda label: sign * mean[label])
    worst = min(known, key=lambda label: sign * mean[label])
    others = [label for label in known if label != best]
    joint = 1.0 - (1.0 - CONFIDENCE) / max(len(others), 1)
    peers = []
    for label in others:
        _, low, high, _ = paired_interval(known[best], known[label], joint)
        if not (low > 0.0 or high < 0.0):
            peers.append(label)
    equal = all(np.array_equal(known[best], known[o], equal_nan=True) for o in others)
    return BestSettings(
        indicator, span, best, tuple(peers), worst, mean[best], mean[worst], all_equal=equal
    )
