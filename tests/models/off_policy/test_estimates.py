"""Off-policy estimates of single decisions: against closed forms and exact expectations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.off_policy import (
    doubly_robust,
    importance_weights,
    inverse_propensity,
    self_normalised,
)

CHANCES = st.lists(st.floats(0.05, 1.0), min_size=3, max_size=3).map(
    lambda raw: np.array(raw) / sum(raw)
)
REWARDS = st.lists(st.floats(-2.0, 2.0), min_size=3, max_size=3).map(np.array)


@settings(max_examples=25)
@given(CHANCES, CHANCES, REWARDS, REWARDS)
def test_ips_and_dr_are_unbiased_whatever_the_model(logging, target, reward, model) -> None:
    """Each action logged as often as its probability says: the weighted mean is the expectation."""
    weight = importance_weights(target, logging)
    one_each = [
        (
            inverse_propensity(reward[[a]], weight[[a]]).value,
            doubly_robust(reward[[a]], weight[[a]], model[[a]], [target @ model]).value,
        )
        for a in range(3)
    ]
    truth = target @ reward
    np.testing.assert_allclose(logging @ np.array(one_each), [truth, truth], atol=1e-9)


def logged(count: int = 40_000) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(7)
    logging, target = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7])
    truth = np.array([0.1, 0.5, 0.3])
    action = rng.choice(3, count, p=logging)
    reward = (rng.random(count) < truth[action]).astype(float)
    return action, reward, logging, target, truth


def test_dr_is_right_if_either_the_weights_or_the_model_are() -> None:
    action, reward, logging, target, truth = logged()
    value = target @ truth
    right, wrong = (target / logging)[action], np.ones(len(action))
    nonsense = np.array([0.0, 0.9, 0.9])
    for weight, model, is_right in [
        (right, nonsense, True),
        (wrong, truth, True),
        (wrong, nonsense, False),
    ]:
        found = doubly_robust(reward, weight, model[action], np.full(len(action), target @ model))
        assert (abs(found.value - value) < 4 * found.standard_error) == is_right


def test_a_good_model_makes_the_interval_narrower() -> None:
    action, reward, logging, target, truth = logged(4000)
    weight = (target / logging)[action]
    plain = inverse_propensity(reward, weight)
    better = doubly_robust(reward, weight, truth[action], np.full(len(action), target @ truth))
    assert better.standard_error < plain.standard_error


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    action, reward, logging, target, truth = logged()
    weight = (target / logging)[action]
    for estimate in (inverse_propensity, self_normalised):
        held = 0
        for _ in range(400):
            rows = rng.integers(0, len(action), 500)
            found = estimate(reward[rows], weight[rows], confidence=0.9)
            held += found.low <= target @ truth <= found.high
        assert 0.84 < held / 400 < 0.95


def test_closed_forms() -> None:
    reward, weight = [1.0, 0.0, 2.0, 1.0], [2.0, 1.0, 0.5, 0.5]
    plain = inverse_propensity(reward, weight)
    assert plain.value == pytest.approx((2 + 0 + 1 + 0.5) / 4)
    assert plain.standard_error == pytest.approx(np.std([2, 0, 1, 0.5], ddof=1) / 2)
    assert plain.effective_size == pytest.approx(16 / 5.5)
    assert self_normalised(reward, weight).value == pytest.approx(3.5 / 4)
    cut = inverse_propensity(reward, weight, clip=1.0)
    assert (cut.value, cut.clipped) == (pytest.approx((1 + 0 + 1 + 0.5) / 4), 0.25)
    half = plain.high - plain.value
    assert half == pytest.approx(1.959964 * plain.standard_error)


@settings(max_examples=25)
@given(CHANCES, REWARDS)
def test_snips_stays_within_the_rewards_and_moves_with_them(weight, reward) -> None:
    found = self_normalised(reward, weight).value
    assert reward.min() - 1e-9 <= found <= reward.max() + 1e-9
    assert self_normalised(reward + 5.0, weight).value == pytest.approx(found + 5.0)


def test_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="decision 1 was logged, but had probability 0"):
        importance_weights([0.5, 0.5], [0.5, 0.0])
    with pytest.raises(ValueError, match="confidence: must lie between 0 and 1"):
        inverse_propensity([1.0], [1.0], confidence=1.0)
    with pytest.raises(ValueError, match="clip: must be above 0"):
        inverse_propensity([1.0], [1.0], clip=0.0)
    with pytest.raises(ValueError, match="columns of one table"):
        inverse_propensity([1.0, 2.0], [1.0])
    assert np.isnan(inverse_propensity([], []).value)
