"""What the log tells of each visitor: what she took, and whether dearer or cheaper than she saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import InteractionLog

PRIOR_EVENTS = 3.0
"""Events that the mean of all visitors counts for in what is known of one visitor's price level."""


class VisitorRows:
    """Rows of visitors' keys, which keep them for good: what a model learns of users stands there.

    Keys are held in order, so that many are looked up at once.
    """

    def __init__(self) -> None:
        self._keys: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        """Return how many visitors have a row."""
        return len(self._keys)

    def add(self, keys: IntArray) -> None:
        """Give visitors a row who have none."""
        new = np.setdiff1d(keys, self._keys)
        self._keys = np.concatenate([self._keys, new])
        self._rows = np.concatenate([self._rows, len(self._rows) + np.arange(len(new))])
        order = np.argsort(self._keys, kind="stable")
        self._keys, self._rows = self._keys[order], self._rows[order]

    def of(self, keys: IntArray) -> NDArray[np.int64]:
        """(n,) rows of keys; one past the last for strangers."""
        place, known = _find(self._keys, keys)
        rows = np.full(len(place), len(self), dtype=np.int64)
        rows[known] = self._rows[place[known]]
        return rows


@dataclass(frozen=True, slots=True)
class Events:
    """What visitors took, in order of visitors and, within one, of time. E events."""

    visitor: NDArray[np.int64]  # (E,) keys, ascending
    listing: NDArray[np.int64]  # (E,)
    day: NDArray[np.int64]  # (E,)
    dearer: FloatArray  # (E,) price over the mean of the page, share of the reference price

    @classmethod
    def of(cls, log: InteractionLog, price: FloatArray, *, clicks_until: int = 0) -> Events:
        """What was bought, and what was clicked by those who have bought little.

        Args:
            log: E impressions in the order of their days.
            price: (E,) prices, share of the category's reference price.
            clicks_until: purchases below which a visitor's clicks count as well.
        """
        taken = log.bought
        if clicks_until > 0:
            _, number = np.unique(log.visitor, return_inverse=True)
            bought = np.bincount(number, log.bought)
            taken = taken | (log.clicked & (bought[number] < clicks_until))
        _, page = np.unique(log.session, return_inverse=True)
        mean = np.bincount(page, price) / np.maximum(np.bincount(page), 1)
        rows = np.flatnonzero(taken)
        rows = rows[np.argsort(log.visitor[rows], kind="stable")]
        return cls(
            log.visitor[rows].astype(np.int64),
            log.listing[rows].astype(np.int64),
            log.day[rows].astype(np.int64),
            price[rows] - mean[page[rows]],
        )

    def before(self, visitor: IntArray, day: IntArray) -> tuple[IntArray, IntArray]:
        """(n,) first event of each visitor, and (n,) the first one that is not before a day."""
        keys, own = np.unique(self.visitor, return_inverse=True)
        place, known = _find(keys, visitor)
        first = np.searchsorted(self.visitor, visitor, side="left")
        span = int(max(self.day.max(initial=0), day.max(initial=0))) + 1
        end = np.searchsorted(own * span + self.day, place * span + day, side="left")
        return first, np.where(known, end, first)

    def price_level(self, first: IntArray, end: IntArray) -> FloatArray:
        """(n,) mean of `dearer` over events first..end, drawn towards 0 by `PRIOR_EVENTS`."""
        total = np.append(0.0, np.cumsum(self.dearer))
        level: FloatArray = (total[end] - total[first]) / (end - first + PRIOR_EVENTS)
        return level

    def taken_before(self, visitor: IntArray, listing: IntArray, day: IntArray) -> BoolArray:
        """(n,) whether a visitor took a listing before a day."""
        if len(self.visitor) == 0:
            return np.zeros(len(visitor), dtype=np.bool_)
        keys, number = np.unique(self.visitor, return_inverse=True)
        items = int(max(self.listing.max(), listing.max(initial=0))) + 1
        pair = number * items + self.listing
        order = np.argsort(pair, kind="stable")  # the earliest of equal pairs first
        distinct, at = np.unique(pair[order], return_index=True)
        earliest = self.day[order][at]
        place, known = _find(keys, visitor)
        asked = np.where(known, place * items + listing, -1)
        at, there = _find(distinct, asked)
        before: BoolArray = there & (np.append(earliest, 0)[np.minimum(at, len(earliest))] < day)
        return before


@dataclass(frozen=True, slots=True)
class KnownVisitors:
    """What is known of visitors when they come. V visitors with events, ascending keys."""

    keys: NDArray[np.int64]  # (V,)
    starts: NDArray[np.int64]  # (V + 1,) where each one's events begin
    events: Events

    @classmethod
    def of(cls, events: Events) -> KnownVisitors:
        """Index the events of each visitor."""
        keys, first = np.unique(events.visitor, return_index=True)
        return cls(keys, np.append(first, len(events.visitor)).astype(np.int64), events)

    def spans(self, visitors: IntArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(n,) first event of each visitor and (n,) the one after the last; alike for strangers."""
        place, known = _find(self.keys, visitors)
        place = np.where(known, place, 0)
        first = np.where(known, self.starts[place], 0)
        end = np.where(known, self.starts[np.minimum(place + 1, len(self.keys))], 0)
        return first, end

    def price_levels(self, visitors: IntArray) -> FloatArray:
        """(n,) how much dearer than what she saw each visitor takes; 0 for strangers."""
        return self.events.price_level(*self.spans(visitors))

    def histories(self, visitors: IntArray, n_items: int) -> Any:
        """What each visitor took, oldest first, of items that a model knows."""
        from models.histories import Histories

        first, end = self.spans(visitors)
        row, at = expanded(first, end)
        item = self.events.listing[at]
        known = item < n_items
        starts = np.append(0, np.cumsum(np.bincount(row[known], minlength=len(visitors))))
        return Histories(starts.astype(np.int64), item[known], n_items)


def expanded(first: IntArray, end: IntArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and places of all numbers from `first` to `end` of each row."""
    length = end - first
    row = np.repeat(np.arange(len(first)), length)
    start = np.cumsum(length) - length
    at = np.arange(int(length.sum())) - np.repeat(start, length) + np.repeat(first, length)
    return row, at.astype(np.int64)


def _find(ordered: IntArray, asked: IntArray) -> tuple[NDArray[np.int64], BoolArray]:
    """(n,) places in an ascending array, and (n,) whether it is there."""
    place = np.searchsorted(ordered, asked)
    if len(ordered) == 0:
        return place, np.zeros(len(asked), dtype=np.bool_)
    known: BoolArray = ordered[np.minimum(place, len(ordered) - 1)] == asked
    return place, known
