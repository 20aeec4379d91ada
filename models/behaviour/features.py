"""What a log tells of each customer on a day, and what the customer did after it.

Of every kind of event: how long ago the last one was, how many there were in windows of days and in
all, and what they were worth (recency, frequency, monetary value). Nothing of the day itself or
later is in the features; all of it that is needed is in the labels.

Source: Fader, Hardie & Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base
Analysis", Journal of Marketing Research 42(4); Buckinx & Van den Poel (2005), "Customer Base
Analysis: Partial Defection of Behaviourally Loyal Clients", EJOR 164(1) (silence as partial
defection).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, IdArray, check_same_length, checked_floats, checked_ids

WINDOWS = (7, 28, 84)
"""Days back of the windows in which events are counted."""

FEATURES_AN_EVENT = (
    "recency",
    *(f"in_{days}_days" for days in WINDOWS),
    "in_all",
    "value_in_28_days",
    "mean_value",
    "overdue",
)
"""Features of each kind of event, in their order; counts and sums as logarithms of 1 + them."""


@dataclass(frozen=True, slots=True)
class CustomerEvents:
    """E events of one kind."""

    customer: IdArray  # (E,)
    day: IdArray  # (E,)
    value: FloatArray  # (E,) what it was worth, stars of a rating; 1 where it has no value

    @classmethod
    def of(
        cls,
        customer: npt.ArrayLike,
        day: npt.ArrayLike,
        value: npt.ArrayLike | None = None,
    ) -> Self:
        """Check the columns.

        Args:
            customer: (E,) ids.
            day: (E,) whole days, from 0.
            value: (E,) numbers, at least 0; absent: 1 each.

        Raises:
            ValueError: if columns differ in length or hold what is not allowed.
        """
        who, when = checked_ids("customer", customer), checked_ids("day", day)
        worth = np.ones(len(who)) if value is None else checked_floats("value", value, lower=0.0)
        check_same_length(customer=who, day=when, value=worth)
        return cls(who, when, worth)

    def between(self, first: int, end: int) -> CustomerEvents:
        """The events from a day on and before another."""
        chosen = (self.day >= first) & (self.day < end)
        return CustomerEvents(self.customer[chosen], self.day[chosen], self.value[chosen])


def customer_features(events: Mapping[str, CustomerEvents], customers: int, day: int) -> FloatArray:
    """Describe each customer by the events before a day.

    Args:
        events: by kind; all kinds are described, in the order given.
        customers: N.
        day: the first day that counts as the future.

    Returns:
        (N, 1 + 8 K): the days since the customer's first event of any kind (logarithm), then
        `FEATURES_AN_EVENT` of each of the K kinds.
    """
    first = np.full(customers, day, dtype=np.int64)
    for one in events.values():
        past = one.between(0, day)
        np.minimum.at(first, past.customer, past.day)
    tenure = (day - first).astype(np.float64)
    columns = [np.log1p(tenure)]
    for one in events.values():
        columns += _of_a_kind(one.between(0, day), customers, day, tenure)
    return np.stack(columns, axis=1)


def bought_within(purchases: CustomerEvents, customers: int, day: int, days: int) -> FloatArray:
    """(N,) 1 for who has an event from a day on within so many days, else 0."""
    chosen = purchases.between(day, day + days)
    return (np.bincount(chosen.customer, minlength=customers) > 0).astype(np.float64)


def fell_silent(
    purchases: CustomerEvents, customers: int, day: int, days: int, silence: int
) -> FloatArray:
    """(N,) 1 for who is silent for long once the coming days are over: churn within them.

    Args:
        purchases: the events whose absence is silence.
        customers: N.
        day: the first of the coming days.
        days: how many coming days.
        silence: days after them without an event that count as churn.
    """
    return 1.0 - bought_within(purchases, customers, day + days, silence)


def _of_a_kind(
    past: CustomerEvents, customers: int, day: int, tenure: FloatArray
) -> list[FloatArray]:
    def counted(events: CustomerEvents, weight: FloatArray | None = None) -> FloatArray:
        found = np.bincount(events.customer, weight, minlength=customers)
        return np.asarray(found, dtype=np.float64)

    last = np.full(customers, -1, dtype=np.int64)
    np.maximum.at(last, past.customer, past.day)
    recency = np.where(last >= 0, day - 1 - last, tenure)
    in_all, worth = counted(past), counted(past, past.value)
    lately = past.between(day - 28, day)
    # Two days of one customer are two events, two lines of one day are one.
    days = np.unique(past.customer * (day + 1) + past.day) // (day + 1)
    active = np.bincount(days, minlength=customers)
    gap = tenure / np.maximum(active, 1)
    return [
        np.log1p(recency),
        *(np.log1p(counted(past.between(day - window, day))) for window in WINDOWS),
        np.log1p(in_all),
        np.log1p(counted(lately, lately.value)),
        np.log1p(worth / np.maximum(in_all, 1.0)),
        np.log1p(recency / np.maximum(gap, 1.0)),
    ]
