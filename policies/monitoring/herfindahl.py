"""The Herfindahl-Hirschman index of concentration."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

MONOPOLY = 10_000.0
"""The index of a single seller, in points."""


def hhi(values: ArrayLike) -> float:
    """Herfindahl-Hirschman index of sales, in points: shares (.5, .3, .2) give 3800.

    Args:
        values: (n,) sales, >= 0.

    Returns:
        Sum of squared percentage shares, in (0, 10000]; nan without sales.

    Source: US Department of Justice and FTC, Merger Guidelines (2023), guideline 1.
    """
    sales = np.asarray(values, dtype=np.float64)
    total = sales.sum()
    if total <= 0:
        return float("nan")
    return float(((100.0 * sales / total) ** 2).sum())
