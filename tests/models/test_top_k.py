import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.top_k import top_k_by_score


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.integers(1, 20)),
        elements=st.sampled_from([-2.0, -0.0, 0.0, 0.5, 3.0]),
    ),
    st.integers(1, 25),
)
def test_the_best_come_first_and_ties_by_column(scores: np.ndarray, k: int) -> None:
    best = top_k_by_score(scores, k)
    for row, chosen in zip(scores, best, strict=True):
        expected = sorted(range(len(row)), key=lambda c: (-row[c], c))[:k]
        assert chosen[: len(expected)].tolist() == expected
        assert (chosen[len(expected) :] == -1).all()


def test_what_is_barred_is_never_chosen() -> None:
    scores = np.array([[-np.inf, 1.0, -np.inf]], dtype=np.float32)
    assert top_k_by_score(scores, 3).tolist() == [[1, -1, -1]]


def test_nan_cannot_be_ranked() -> None:
    with pytest.raises(ValueError, match="NaN"):
        top_k_by_score(np.array([[np.nan]], dtype=np.float32), 1)
