"""What policies learn from: the platform's own log, and what they report of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.commerce import ListingsView

ON_SLATE, AMONG_RESULTS, WANTED_AGAIN, BROWSED = 0, 1, 2, 3
"""Where on the page an impression stood; `BROWSED` where consumers look at the whole category."""

SESSION_BITS = 32
"""A session's number is its day, shifted by so many bits, plus its row among the day's sessions."""


@dataclass(frozen=True, slots=True)
class InteractionLog:
    """The platform's log, as far as the privacy policy keeps it.

    E impressions, R ratings, B goods sent back, Q query texts; each in the order of the days.
    """

    day: IntArray  # (E,) day of the impression
    session: IntArray  # (E,) int64 number of the session, the same for what stood on one page
    visitor: IntArray  # (E,) int64 key
    listing: IntArray  # (E,)
    surface: IntArray  # (E,) ON_SLATE, AMONG_RESULTS, WANTED_AGAIN or BROWSED
    position: IntArray  # (E,) 0-based place in its slate or among its results
    price: IntArray  # (E,) cents advertised then
    query: IntArray  # (E,) index into `queries`, -1 without a search
    clicked: BoolArray  # (E,) looked at more closely; what was bought was
    bought: BoolArray  # (E,)
    rating_visitor: IntArray  # (R,) int64 key
    rating_listing: IntArray  # (R,)
    rating: FloatArray  # (R,) stars scaled to [0, 1]
    rating_day: IntArray  # (R,)
    return_visitor: IntArray  # (B,) int64 key
    return_listing: IntArray  # (B,)
    return_day: IntArray  # (B,)
    queries: tuple[str, ...] = ()  # (Q,)


@dataclass(frozen=True, slots=True)
class LearningObservation:
    """Handed to a policy that learns: its platform's log and catalogue at the end of a day."""

    day: int
    seed: int  # of this policy's own stream
    log: InteractionLog
    listings: ListingsView


@dataclass(frozen=True, slots=True)
class LearningReport:
    """What a policy says of a training: how it did on what it held out, and the like."""

    metrics: Mapping[str, float]  # by name, such as `ndcg`; nan: not known
