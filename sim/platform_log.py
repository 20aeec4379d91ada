"""What the platform keeps of its customers' behaviour, under the keys of its privacy policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray, read_only
from policies.observations import SESSION_BITS, InteractionLog
from sim.tables import Column, Table

IMPRESSIONS = {
    "day": Column(np.int32, "day", "day of the impression"),
    "session": Column(np.int64, "session", "what stood on one page has one number"),
    "visitor": Column(np.int64, "key", "who saw it"),
    "listing": Column(np.int32, "listing", "what was seen"),
    "surface": Column(np.int8, "0 slate, 1 results, 2 wanted again, 3 whole category", "where"),
    "position": Column(np.int16, "place", "place in its slate or among its results, from 0"),
    "price": Column(np.int64, "cent", "price advertised then"),
    "query": Column(np.int32, "query", "what was searched for, -1: nothing"),
    "clicked": Column(np.bool_, "true or false", "looked at more closely"),
    "bought": Column(np.bool_, "true or false", "bought"),
}
"""Columns of the log of impressions."""

RATINGS = {
    "day": Column(np.int32, "day", "day of the rating"),
    "visitor": Column(np.int64, "key", "who rated"),
    "listing": Column(np.int32, "listing", "what was rated"),
    "rating": Column(np.float32, "0 to 1", "stars, scaled"),
}
"""Columns of the log of ratings."""

RETURNS = {
    "day": Column(np.int32, "day", "day of the return"),
    "visitor": Column(np.int64, "key", "who sent it back"),
    "listing": Column(np.int32, "listing", "what came back"),
}
"""Columns of the log of goods sent back."""


@dataclass(frozen=True, slots=True)
class LogDay:
    """One day of the log. E impressions, R ratings, B goods sent back."""

    day: int
    session: IntArray  # (E,) number of the session within the day
    visitor: IntArray  # (E,) int64 key
    listing: IntArray  # (E,) int32
    surface: IntArray  # (E,)
    position: IntArray  # (E,) int16
    price: IntArray  # (E,) cents
    query: IntArray  # (E,) -1: none
    clicked: BoolArray  # (E,)
    bought: BoolArray  # (E,)
    rating_visitor: IntArray  # (R,) int64 key
    rating_listing: IntArray  # (R,) int32
    rating: FloatArray  # (R,) in [0, 1]
    return_visitor: IntArray  # (B,) int64 key
    return_listing: IntArray  # (B,) int32


class PlatformLog:
    """Impressions, ratings and returns, oldest first."""

    def __init__(self) -> None:
        self._impressions = Table(IMPRESSIONS)
        self._ratings = Table(RATINGS)
        self._returns = Table(RETURNS)

    def record(self, day: LogDay) -> None:
        """Append one day."""
        self._impressions.append(
            day=np.full(len(day.visitor), day.day),
            session=day.session + (np.int64(day.day) << SESSION_BITS),
            visitor=day.visitor,
            listing=day.listing,
            surface=day.surface,
            position=day.position,
            price=day.price,
            query=day.query,
            clicked=day.clicked,
            bought=day.bought,
        )
        self._ratings.append(
            day=np.full(len(day.rating), day.day),
            visitor=day.rating_visitor,
            listing=day.rating_listing,
            rating=day.rating,
        )
        self._returns.append(
            day=np.full(len(day.return_listing), day.day),
            visitor=day.return_visitor,
            listing=day.return_listing,
        )

    def forget_before(self, day: int) -> int:
        """Delete all days before `day`; returns the number of records deleted."""
        held = self.records()
        for table in (self._impressions, self._ratings, self._returns):
            first = table.first_since(day)
            if first > 0:
                table.drop_before(first)
        return held - self.records()

    def records(self) -> int:
        """Number of records (impressions, ratings and returns) held."""
        return len(self._impressions) + len(self._ratings) + len(self._returns)

    @property
    def days(self) -> IntArray:
        """The days of which anything is held, ascending."""
        tables = (self._impressions, self._ratings, self._returns)
        return np.unique(np.concatenate([table["day"] for table in tables]))

    def keys(self) -> NDArray[np.int64]:
        """The keys under which anything is held, ascending."""
        tables = (self._impressions, self._ratings, self._returns)
        return np.unique(np.concatenate([table["visitor"] for table in tables]))

    def purchases(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """Keys, listings and days of all purchases held, oldest first."""
        log = self._impressions
        rows = np.flatnonzero(log["bought"])
        return log["visitor"][rows], log["listing"][rows], log["day"][rows]

    def view(self, queries: tuple[str, ...] = ()) -> InteractionLog:
        """The log as one record of arrays, for a policy that learns; nothing is copied."""
        log, ratings, returns = self._impressions, self._ratings, self._returns
        return InteractionLog(
            **{name: read_only(log[name]) for name in IMPRESSIONS},
            rating_visitor=read_only(ratings["visitor"]),
            rating_listing=read_only(ratings["listing"]),
            rating=read_only(ratings["rating"]),
            rating_day=read_only(ratings["day"]),
            return_visitor=read_only(returns["visitor"]),
            return_listing=read_only(returns["listing"]),
            return_day=read_only(returns["day"]),
            queries=queries,
        )
