import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.interactions import Interactions
from models.ranking_metrics import calibration_error, gini, ranking_quality


def test_a_ranking_by_hand() -> None:
    """Two users; the first took items 0 and 3, shown at places 1 and 3; the second took 2."""
    held_out = Interactions.of([0, 0, 1], [0, 3, 2], n_users=3, n_items=6)
    quality = ranking_quality([[0, 1, 3], [4, 5, -1], [0, 1, 2]], held_out)
    first = (1.0 + 1.0 / math.log2(4)) / (1.0 + 1.0 / math.log2(3))
    assert quality.users == 2
    assert quality.ndcg == pytest.approx(first / 2)
    assert quality.recall == pytest.approx(0.5)
    assert quality.precision == pytest.approx(1 / 3)
    assert quality.hit_rate == pytest.approx(0.5)
    assert quality.reciprocal_rank == pytest.approx(0.5)
    assert quality.average_precision == pytest.approx((1.0 + 2 / 3) / 2 / 2)
    assert quality.coverage == pytest.approx(1.0)


@given(st.integers(0, 2**32 - 1))
def test_the_best_ranking_has_an_ndcg_of_one_and_none_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    taken = rng.random((5, 8)) < 0.3
    users, items = np.nonzero(taken)
    if len(users) == 0:
        return
    held_out = Interactions.of(users, items, n_users=5, n_items=8)
    best = np.argsort(~taken, axis=1, kind="stable")[:, :4]
    assert ranking_quality(best, held_out).ndcg == pytest.approx(1.0)
    any_other = rng.permuted(np.tile(np.arange(8), (5, 1)), axis=1)[:, :4]
    other = ranking_quality(any_other, held_out)
    assert 0.0 <= other.ndcg <= 1.0 + 1e-12
    assert other.recall <= ranking_quality(best, held_out).recall + 1e-12


def test_gini_by_hand() -> None:
    assert gini([1.0, 1.0, 1.0]) == pytest.approx(0.0)
    assert gini([0.0, 0.0, 3.0]) == pytest.approx(2 / 3)
    assert gini([1.0, 2.0, 3.0]) == pytest.approx(2 / 9)
    assert math.isnan(gini([0.0, 0.0]))


@given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=30))
def test_gini_is_half_the_relative_mean_difference(amounts: list[float]) -> None:
    values = np.array(amounts)
    if values.sum() < 1e-3:
        return
    difference = np.abs(values[:, None] - values).mean()
    assert gini(values) == pytest.approx(difference / (2 * values.mean()), abs=1e-9)


def test_frequencies_as_predicted_are_calibrated_and_doubled_ones_are_not() -> None:
    chance = np.repeat(np.linspace(0.05, 0.45, 9), 200)
    happened = np.concatenate(
        [np.arange(200) < round(200 * one) for one in np.linspace(0.05, 0.45, 9)]
    ).astype(float)
    assert calibration_error(chance, happened, bins=9) == pytest.approx(0.0, abs=1e-12)
    assert calibration_error(2 * chance, happened, bins=9) == pytest.approx(0.25)


def test_rankings_and_users_must_fit() -> None:
    held_out = Interactions.of([0], [0], n_users=2)
    with pytest.raises(ValueError, match="1 rows, but the held-out events are of 2 users"):
        ranking_quality([[0]], held_out)
