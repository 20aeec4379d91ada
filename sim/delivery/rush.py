"""Rush hours: how much slower driving is at an hour of the day."""

from __future__ import annotations

import math

MORNING, EVENING = 8.5, 18.0
"""Middles of the two rush hours; their shape is a bell of one hour's standard deviation."""


def slowdown(minute: float, peak: float) -> float:
    """Factor on travel minutes at a minute since the start of day 0; `peak` at the middles."""
    hour = (minute % 1440.0) / 60.0
    morning = math.exp(-0.5 * (hour - MORNING) ** 2)
    evening = math.exp(-0.5 * (hour - EVENING) ** 2)
    return 1.0 + (peak - 1.0) * max(morning, evening)
