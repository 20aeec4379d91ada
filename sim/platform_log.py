"""What the platform keeps of its customers' behaviour, under the keys of its privacy policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray, read_only
from policies.observations import InteractionLog


@dataclass(frozen=True, slots=True)
class LogDay:
    """One day of the log. E impressions, R ratings."""

    day: int
    visitor: IntArray  # (E,) int64 key
    listing: IntArray  # (E,) int32
    position: IntArray  # (E,) int16
    bought: BoolArray  # (E,)
    rating_visitor: IntArray  # (R,) int64 key
    rating_listing: IntArray  # (R,) int32
    rating: FloatArray  # (R,) in [0, 1]


class PlatformLog:
    """Days of impressions and ratings, oldest first."""

    def __init__(self) -> None:
        self._days: list[LogDay] = []

    def record(self, day: LogDay) -> None:
        """Append one day."""
        self._days.append(day)

    def forget_before(self, day: int) -> int:
        """Delete all days before `day`; returns the number of records deleted."""
        gone = [kept for kept in self._days if kept.day < day]
        self._days = [kept for kept in self._days if kept.day >= day]
        return sum(_records(one) for one in gone)

    def records(self) -> int:
        """Number of records (impressions and ratings) held."""
        return sum(_records(day) for day in self._days)

    @property
    def days(self) -> tuple[LogDay, ...]:
        """The days held, oldest first."""
        return tuple(self._days)

    def purchases(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """Keys, listings and days of all purchases held, oldest first."""
        days = [(one, np.flatnonzero(one.bought)) for one in self._days]
        return (
            _stack([one.visitor[rows] for one, rows in days], np.int64),
            _stack([one.listing[rows] for one, rows in days], np.int32),
            _stack([np.full(len(rows), one.day, np.int32) for one, rows in days], np.int32),
        )

    def view(self) -> InteractionLog:
        """The log as one record of arrays, for a policy that learns."""
        days = self._days
        return InteractionLog(
            day=_frozen([np.full(len(d.visitor), d.day, np.int32) for d in days], np.int32),
            visitor=_frozen([d.visitor for d in days], np.int64),
            listing=_frozen([d.listing for d in days], np.int32),
            position=_frozen([d.position for d in days], np.int16),
            bought=_frozen([d.bought for d in days], np.bool_),
            rating_visitor=_frozen([d.rating_visitor for d in days], np.int64),
            rating_listing=_frozen([d.rating_listing for d in days], np.int32),
            rating=_frozen([d.rating for d in days], np.float32),
            rating_day=_frozen([np.full(len(d.rating), d.day, np.int32) for d in days], np.int32),
        )


def _records(day: LogDay) -> int:
    return len(day.visitor) + len(day.rating)


def _frozen(parts: list[NDArray], dtype: type) -> NDArray:  # type: ignore[type-arg]
    return read_only(_stack(parts, dtype))


def _stack(parts: list[NDArray], dtype: type) -> NDArray:  # type: ignore[type-arg]
    if not parts:
        return np.empty(0, dtype=dtype)
    return np.concatenate(parts).astype(dtype, copy=False)
