"""Health is measured: every indicator, every day. Activation: synchronous, after all else.

The costly indicators look at `health.sample_sessions` sessions every `health.sample_every_days`
days and keep their value in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.health.registry import INDICATORS
from sim.health.sides import record_sides
from sim.health.trainings import record_truth

if TYPE_CHECKING:
    import pandas as pd

    from sim.market import Marketplace


class DailyIndicators:
    """The indicators of all days lived, one row a day."""

    names: tuple[str, ...] = tuple(indicator.name for indicator in INDICATORS)

    def __init__(self) -> None:
        self._rows: list[list[float]] = []

    def append(self, row: list[float]) -> None:
        """Add a day's indicators, in the order of `names`."""
        self._rows.append(row)

    def latest(self) -> dict[str, float]:
        """The last day's indicators by name; empty before the first."""
        return dict(zip(self.names, self._rows[-1], strict=True)) if self._rows else {}

    def values(self) -> NDArray[np.float64]:
        """(days, indicators)."""
        return np.array(self._rows, dtype=np.float64).reshape(-1, len(self.names))

    def frame(self) -> pd.DataFrame:
        """The indicators with the day as index."""
        import pandas as pd  # here, so that settings can look names up without loading it

        frame = pd.DataFrame(self.values(), columns=list(self.names))
        frame.index.name = "day"
        return frame


def measure(market: Marketplace) -> None:
    """Append today's indicators; costly ones are carried forward between their days."""
    if market.day == 0:
        market.initial_price = market.listings.price.copy()
    record_sides(market)
    market.panel.record(market)
    due = market.day % market.settings.health.sample_every_days == 0
    before = market.health.latest()
    market.health.append(
        [
            before[indicator.name]
            if indicator.sampled and not due and before
            else float(indicator.measure(market))
            for indicator in INDICATORS
        ]
    )
    record_truth(market)
