"""Who took what: the log that every ranking model is trained on, as checked columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.array_checks import (
    FloatArray,
    IdArray,
    check_count,
    check_same_length,
    checked_floats,
    checked_ids,
)


@dataclass(frozen=True, slots=True)
class Interactions:
    """E events of N users with M items, in the order in which they are given."""

    users: IdArray  # (E,) in [0, N)
    items: IdArray  # (E,) in [0, M)
    n_users: int  # N
    n_items: int  # M
    weights: FloatArray  # (E,) >= 0, how much an event counts
    times: IdArray  # (E,) of any unit; equal times keep the order of the rows

    @classmethod
    def of(
        cls,
        users: npt.ArrayLike,
        items: npt.ArrayLike,
        *,
        n_users: int | None = None,
        n_items: int | None = None,
        weights: npt.ArrayLike | None = None,
        times: npt.ArrayLike | None = None,
    ) -> Self:
        """Check the columns of a log.

        Args:
            users: (E,) user ids.
            items: (E,) item ids.
            n_users: users that there are; absent: as many as the log names.
            n_items: items that there are; absent: as many as the log names.
            weights: (E,) how much each event counts, at least 0; absent: 1 each.
            times: (E,) whole numbers that grow with time; absent: the order of the rows.

        Raises:
            ValueError: if columns differ in length or hold what is not allowed.
        """
        user_ids, item_ids = checked_ids("users", users), checked_ids("items", items)
        events = len(user_ids)
        weight = np.ones(events) if weights is None else checked_floats("weights", weights, lower=0)
        time = np.arange(events) if times is None else checked_ids("times", times)
        check_same_length(users=user_ids, items=item_ids, weights=weight, times=time)
        needed_users = int(user_ids.max(initial=-1)) + 1
        needed_items = int(item_ids.max(initial=-1)) + 1
        all_users = needed_users if n_users is None else n_users
        all_items = needed_items if n_items is None else n_items
        check_count("n_users", all_users, lower=needed_users)
        check_count("n_items", all_items, lower=needed_items)
        return cls(user_ids, item_ids, all_users, all_items, weight, time)

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.users)

    def rows(self, chosen: npt.NDArray[np.bool_] | IdArray) -> Interactions:
        """Return some of the events, by a mask or by positions, of the same users and items."""
        return Interactions(
            self.users[chosen],
            self.items[chosen],
            self.n_users,
            self.n_items,
            self.weights[chosen],
            self.times[chosen],
        )

    def matrix(self, *, binary: bool = True) -> sparse.csr_array:
        """Return the users' histories, sparse (N, M) float32, the items of each ascending.

        Args:
            binary: each pair counts 1 however often it is there and whatever its weight above 0;
                otherwise the weights of a pair's events are added up.
        """
        counted = sparse.coo_array(
            (self.weights.astype(np.float32), (self.users, self.items)),
            shape=(self.n_users, self.n_items),
        ).tocsr()
        counted.sum_duplicates()
        counted.eliminate_zeros()
        if binary:
            counted.data[:] = 1.0
        return counted

    def sequences(self) -> Interactions:
        """Return the same events, user by user and each user's from the oldest to the newest."""
        return self.rows(np.lexsort((np.arange(len(self)), self.times, self.users)))

    def popularity(self) -> FloatArray:
        """Return (M,) how many users took each item."""
        return np.bincount(self.matrix().indices, minlength=self.n_items).astype(np.float64)


def random_split(log: Interactions, share: float, seed: int) -> tuple[Interactions, Interactions]:
    """Hold out a share of the events at random: (training, held out).

    Args:
        log: E events.
        share: of the events to hold out, in (0, 1).
        seed: of `numpy.random.default_rng`; the first `round(share * E)` of its permutation of
            the rows are held out.

    Raises:
        ValueError: if the share is not inside (0, 1).
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"share: must lie between 0 and 1, got {share:g}")
    held_out = np.zeros(len(log), dtype=np.bool_)
    held_out[np.random.default_rng(seed).permutation(len(log))[: round(share * len(log))]] = True
    return log.rows(~held_out), log.rows(held_out)


def leave_last_out(log: Interactions) -> tuple[Interactions, Interactions]:
    """Hold out each user's newest event, of users with at least two: (training, held out)."""
    ordered = log.sequences()
    if len(ordered) == 0:
        return ordered, ordered
    last = np.append(ordered.users[1:] != ordered.users[:-1], True)
    first = np.append(True, ordered.users[1:] != ordered.users[:-1])
    held_out = last & ~first
    return ordered.rows(~held_out), ordered.rows(held_out)


def newest_held_out(log: Interactions, share: float) -> tuple[Interactions, Interactions]:
    """Hold out the newest share of the events of all users: (training, held out).

    Events of one time stay together: all of the time at which the share is reached are held out.

    Args:
        log: E events.
        share: of the events to hold out at least, in (0, 1).

    Raises:
        ValueError: if the share is not inside (0, 1).
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"share: must lie between 0 and 1, got {share:g}")
    if len(log) == 0:
        return log, log
    first = np.sort(log.times)[max(len(log) - math.ceil(share * len(log)), 0)]
    held_out = log.times >= first
    return log.rows(~held_out), log.rows(held_out)
