"""What consumers remember of what they bought."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.consumers import forget, remember


def test_the_latest_purchase_stands_first_and_no_item_stands_twice() -> None:
    memory = np.array([[4, 7, -1], [1, 2, 3]], dtype=np.int32)
    remember(memory, np.array([0, 1, 1]), np.array([7, 9, 1]))
    assert memory.tolist() == [[7, 4, -1], [1, 9, 2]]


def test_a_forgotten_item_leaves_no_gap_and_the_others_keep_their_order() -> None:
    memory = np.array([[4, 7, 5], [1, 2, 3], [8, -1, -1]], dtype=np.int32)
    forget(memory, np.array([0, 1, 1]), np.array([7, 1, 3]))
    assert memory.tolist() == [[4, 5, -1], [2, -1, -1], [8, -1, -1]]


def test_forgetting_what_nobody_remembers_changes_nothing() -> None:
    memory = np.array([[4, 7, -1], [1, 2, 3]], dtype=np.int32)
    before = memory.copy()
    forget(memory, np.array([0, 1, 1]), np.array([1, 4, 7]))
    np.testing.assert_array_equal(memory, before)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=30),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=10),
)
def test_what_is_forgotten_is_gone_and_nothing_else(
    bought: list[tuple[int, int]], unwanted: list[tuple[int, int]]
) -> None:
    memory = np.full((4, 5), -1, dtype=np.int32)
    for consumer, listing in bought:
        remember(memory, np.array([consumer]), np.array([listing]))
    expected = [
        [item for item in row if item >= 0 and (i, item) not in unwanted]
        for i, row in enumerate(memory.tolist())
    ]
    pairs = np.array(unwanted, dtype=np.int64).reshape(-1, 2)
    forget(memory, pairs[:, 0], pairs[:, 1])
    assert [[item for item in row if item >= 0] for row in memory.tolist()] == expected
