"""The sliding record of the last days."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.history import ROOM, History


@given(st.lists(st.integers(0, 2 * ROOM), max_size=12), st.integers(1, 4))
def test_a_record_that_grows_is_the_same_as_one_that_was_large_from_the_start(
    new: list[int], days: int
) -> None:
    past, plain = History(days, 1), np.zeros((days, 1), dtype=np.int64)
    for day, more in enumerate(new, start=1):
        past.grow(more)
        plain = np.pad(plain, ((0, 0), (0, more)))
        latest = day * np.arange(1, plain.shape[1] + 1)
        past.push(latest)
        plain = np.concatenate([plain[1:], latest[None]])
        assert past.days.tolist() == plain.tolist()


def test_room_is_made_for_many_at_once() -> None:
    past = History(3, 100 * ROOM)
    past.grow(1)
    first = past.days
    past.grow(99)
    assert np.shares_memory(first, past.days)
