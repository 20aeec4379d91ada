"""What will happen in a day of deliveries, in order of time."""

from __future__ import annotations

import heapq
import math
from typing import Final

# Kinds of events, in the order in which those of one minute happen. A courier leaves after the
# dispatcher has decided, who may change where it goes, or add a parcel of the shop it is in.
HOUR: Final = -1
HANDOVER: Final = 0
JOB_KNOWN: Final = 1
CANCELS: Final = 2
DEADLINE: Final = 3
SHIFT_BEGINS: Final = 4
OFFLINE: Final = 5
SHIFT_ENDS: Final = 6
DECIDE: Final = 7
LEAVE: Final = 8

Event = tuple[float, int, int, int]
"""Minute, kind, row of the job or courier, and which version of what was scheduled."""


class Calendar:
    """A heap of plain tuples."""

    def __init__(self, decides_every: float) -> None:
        """An empty calendar.

        Args:
            decides_every: minutes between the dispatcher's decisions; 0: whenever it is woken.
        """
        self._heap: list[Event] = []
        self._decides_every = decides_every
        self._decision = -math.inf  # minute of the last decision that was scheduled

    def next_minute(self) -> float:
        """When something happens next; inf: never."""
        return self._heap[0][0] if self._heap else math.inf

    def push(self, minute: float, kind: int, number: int, version: int = 0) -> None:
        """Let something happen; never, where the minute is infinite."""
        if minute < math.inf:
            heapq.heappush(self._heap, (minute, kind, number, version))

    def pop(self) -> Event:
        """What happens next."""
        return heapq.heappop(self._heap)

    def wake(self, now: float) -> None:
        """Let the dispatcher decide, at this minute or the next one at which it decides."""
        every = self._decides_every
        minute = now
        if every > 0.0:  # sums of the same minutes may differ in the last digit
            minute = max(now, math.ceil(now / every - 1e-9) * every)
        if minute > self._decision:
            self._decision = minute
            self.push(minute, DECIDE, 0)

    def decides(self, now: float, *, again: bool) -> None:
        """The dispatcher decides now, and in any case at its next minute where it must again."""
        self._decision = -math.inf
        if again and self._decides_every > 0.0:
            self.wake(now + 0.5 * self._decides_every)
