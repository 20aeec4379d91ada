"""What policies learn from: the platform's own log."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.commerce import ListingsView


@dataclass(frozen=True, slots=True)
class InteractionLog:
    """The platform's log, as far as the privacy policy keeps it. E impressions, R ratings."""

    day: IntArray  # (E,) day of the impression
    visitor: IntArray  # (E,) int64 key
    listing: IntArray  # (E,)
    position: IntArray  # (E,) 0-based place at which it was seen
    bought: BoolArray  # (E,)
    rating_visitor: IntArray  # (R,) int64 key
    rating_listing: IntArray  # (R,)
    rating: FloatArray  # (R,) stars scaled to [0, 1]
    rating_day: IntArray  # (R,)


@dataclass(frozen=True, slots=True)
class LearningObservation:
    """Handed to a policy that learns: its platform's log and catalogue at the end of a day."""

    day: int
    seed: int  # of this policy's own stream
    log: InteractionLog
    listings: ListingsView
