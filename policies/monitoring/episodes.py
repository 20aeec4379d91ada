"""Alarms that belong together: an abnormal state that goes on is one episode, not one a day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray

_NEVER = np.iinfo(np.int64).min // 2


class Episodes:
    """When each listing was last seen to be abnormal."""

    def __init__(self) -> None:
        self._last: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def begun(self, rows: IntArray, abnormal: BoolArray, day: int, quiet_days: int) -> BoolArray:
        """Which of today's abnormal listings begin an episode.

        Args:
            rows: (R,) listings looked at today.
            abnormal: (R,) what the detector says of them.
            day: today.
            quiet_days: days without an alarm after which the next one begins an episode.

        Returns:
            (R,) abnormal today, and not within the last `quiet_days` days.
        """
        missing = int(rows.max(initial=-1)) + 1 - len(self._last)
        if missing > 0:
            self._last = np.concatenate([self._last, np.full(missing, _NEVER)])
        begun: BoolArray = abnormal & (day - self._last[rows] > quiet_days)
        self._last[rows[abnormal]] = day
        return begun
