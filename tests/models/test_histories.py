import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.histories import Histories
from models.interactions import Interactions, leave_last_out, random_split

ROWS = st.lists(st.lists(st.integers(0, 6), max_size=6), max_size=6)


@given(ROWS)
def test_rows_of_histories_are_what_was_put_in(rows: list[list[int]]) -> None:
    histories = Histories.of(rows, 7)
    chosen = np.arange(len(rows))[::-1]
    again = histories.rows(chosen)
    for place, row in enumerate(reversed(rows)):
        begin, end = again.starts[place : place + 2]
        assert again.items[begin:end].tolist() == row


@given(ROWS, st.integers(1, 8))
def test_newest_items_stand_at_the_right(rows: list[list[int]], length: int) -> None:
    newest = Histories.of(rows, 7).newest(length)
    assert newest.shape == (len(rows), length)
    for row, told in zip(rows, newest.tolist(), strict=True):
        assert told == ([-1] * length + row)[-length:]


@given(ROWS)
def test_the_matrix_marks_what_each_row_holds(rows: list[list[int]]) -> None:
    dense = Histories.of(rows, 7).matrix().toarray()
    for row, told in zip(rows, dense, strict=True):
        assert set(np.flatnonzero(told)) == set(row)
        assert told.max(initial=0.0) <= 1.0


def test_rows_past_the_end_are_empty() -> None:
    histories = Histories.of([[1, 2]], 3).rows(np.array([5, 0]))
    assert histories.lengths.tolist() == [0, 2]


def test_a_log_becomes_histories_by_time() -> None:
    log = Interactions.of([1, 0, 1, 1], [4, 2, 3, 4], n_users=3, times=[30, 5, 10, 20])
    histories = Histories.of_log(log)
    assert histories.lengths.tolist() == [1, 3, 0]
    assert histories.items.tolist() == [2, 3, 4, 4]


def test_an_item_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="item 7, but there are 7 items"):
        Histories.of([[1], [7]], 7)


@given(st.integers(2, 200), st.integers(0, 5))
def test_a_random_split_parts_the_log(events: int, seed: int) -> None:
    log = Interactions.of(np.arange(events) % 7, np.arange(events), n_users=7)
    training, held_out = random_split(log, 0.2, seed)
    assert len(held_out) == round(0.2 * events)
    assert sorted([*training.items, *held_out.items]) == list(range(events))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(0, 3)), min_size=1))
def test_the_newest_event_of_each_user_is_left_out(events: list[tuple[int, int, int]]) -> None:
    users, items, times = (np.array(column) for column in zip(*events, strict=True))
    log = Interactions.of(users, items, times=times)
    training, held_out = leave_last_out(log)
    assert len(training) + len(held_out) == len(log)
    for user in range(log.n_users):
        own = np.flatnonzero(users == user)
        left = held_out.items[held_out.users == user]
        if len(own) < 2:
            assert len(left) == 0
        else:
            newest = own[times[own] == times[own].max()][-1]
            assert left.tolist() == [items[newest]]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"users": [0, 1], "items": [0]}, "items has 1"),
        ({"users": [0.5], "items": [0]}, "users: ids must have an integer dtype"),
        ({"users": [0], "items": [-2]}, "items: found -2"),
        (
            {"users": [0], "items": [3], "n_items": 3},
            "n_items: must be a whole number of at least 4",
        ),
        ({"users": [0], "items": [3], "weights": [-1.0]}, "weights: -1"),
    ],
)
def test_bad_columns_are_refused(columns: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Interactions.of(**columns)  # type: ignore[arg-type]
