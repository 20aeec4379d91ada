"""Choice sets: what each of some sessions looked at, and which of it was taken, if anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from models.array_checks import (
    FloatArray,
    IdArray,
    check_count,
    check_same_length,
    checked_floats,
    checked_ids,
)

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ChoiceSets:
    """S sessions, one after the other, with E alternatives in all; F features an alternative."""

    starts: IdArray  # (S + 1,) where each session begins; the last: E
    items: IdArray  # (E,) in [0, M)
    features: FloatArray  # (E, F)
    taken: BoolArray  # (E,) at most one a session; none: the session took nothing
    places: IdArray  # (E,) 0-based place at which the alternative stood
    n_items: int  # M

    @classmethod
    def of(
        cls,
        sessions: npt.ArrayLike,
        items: npt.ArrayLike,
        features: npt.ArrayLike,
        taken: npt.ArrayLike,
        *,
        n_items: int,
        places: npt.ArrayLike | None = None,
    ) -> Self:
        """Check rows and put the sessions one after the other.

        Args:
            sessions: (E,) ids of sessions, in any order; equal ids are one session.
            items: (E,) item ids.
            features: (E, F) numbers that describe an alternative on that occasion.
            taken: (E,) whether it was taken.
            n_items: items that there are.
            places: (E,) 0-based places at which the alternatives stood; absent: 0.

        Raises:
            ValueError: if columns differ in length or hold what is not allowed, or a session took
                more than one alternative.
        """
        session, item = checked_ids("sessions", sessions), checked_ids("items", items)
        described = checked_floats("features", features, ndim=2)
        was_taken = np.asarray(taken).astype(np.bool_)
        place = np.zeros_like(session) if places is None else checked_ids("places", places)
        check_same_length(
            sessions=session, items=item, features=described, taken=was_taken, places=place
        )
        check_count("n_items", n_items, lower=int(item.max(initial=-1)) + 1)
        order = np.argsort(session, kind="stable")
        ordered = session[order]
        first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))[: len(order)]
        starts = np.append(first, len(order)).astype(np.int64)
        sets = cls(starts, item[order], described[order], was_taken[order], place[order], n_items)
        if len(order) and int(sets.total(sets.taken.astype(np.float64)).max()) > 1:
            raise ValueError("taken: a session took more than one alternative")
        return sets

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self.starts) - 1

    @property
    def session(self) -> IdArray:
        """(E,) the session of each alternative, from 0."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def total(self, values: FloatArray) -> FloatArray:
        """(S,) sums of (E,) values over each session."""
        sums: FloatArray = np.add.reduceat(values, self.starts[:-1]) if len(self) else np.empty(0)
        return sums

    def rows(self, chosen: BoolArray) -> ChoiceSets:
        """Return some of the sessions, by a mask (S,)."""
        lengths = np.diff(self.starts)
        kept = np.repeat(chosen, lengths)
        starts = np.append(0, np.cumsum(lengths[chosen]))
        return ChoiceSets(
            starts,
            self.items[kept],
            self.features[kept],
            self.taken[kept],
            self.places[kept],
            self.n_items,
        )
