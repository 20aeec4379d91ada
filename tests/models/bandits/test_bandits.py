"""Bandits: closed forms, regret where the truth is known, and files."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bandits.linear import LinearBandit
from models.bandits.neural_linear import NeuralLinearBandit
from models.bandits.plackett_luce import draw_rankings, expected_next, log_probabilities
from models.bandits.slate_gradient import LoggedSlates, SlateGradient
from models.bandits.storage import Bandit, load_bandit, save_bandit
from models.top_k import top_k_by_score
from models.weight_files import ModelFileError

ACTIONS, SIZE, PLACES = 20, 4, 3


def world(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Actions, and the weights that their rewards have in contexts of two numbers."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(ACTIONS, SIZE)), rng.normal(size=(SIZE, 2)) * 0.3


def regret(choose: Callable[[LinearBandit, np.ndarray, np.random.Generator], np.ndarray]) -> list:
    """Regret of each of 40 days of 10 slates, learning every night."""
    actions, weights = world(1)
    bandit, rng = LinearBandit(SIZE, 2), np.random.default_rng(2)
    lost = []
    for _ in range(40):
        contexts = np.column_stack([np.ones(10), rng.normal(size=10)])
        truth = contexts @ weights.T @ actions.T
        slates = top_k_by_score(choose(bandit, contexts, rng).astype(np.float32), PLACES)
        earned = np.take_along_axis(truth, slates, axis=1)
        best = np.sort(truth, axis=1)[:, -PLACES:]
        lost.append(best.sum() - earned.sum())
        reward = (earned + rng.normal(size=earned.shape) * 0.5).ravel()
        bandit.update(actions[slates.ravel()], np.repeat(contexts, PLACES, axis=0), reward)
    return lost


def test_regret_of_linucb_and_thompson_sampling_dies_out() -> None:
    actions, _ = world(1)
    optimistic = regret(lambda bandit, c, rng: bandit.optimistic(actions, c, 1.0))
    sampling = regret(lambda bandit, c, rng: bandit.drawn(actions, c, rng, 1.0))
    at_random = regret(lambda bandit, c, rng: rng.random((len(c), ACTIONS)))
    for lost in (optimistic, sampling):
        assert sum(lost) < 0.15 * sum(at_random)
        assert np.mean(lost[-10:]) < 0.25 * np.mean(lost[:5])


def test_the_posterior_is_that_of_ridge_regression() -> None:
    rng = np.random.default_rng(0)
    x, c, reward = rng.normal(size=(50, 3)), rng.normal(size=(50, 2)), rng.normal(size=50)
    bandit = LinearBandit(3, 2, prior_precision=2.0)
    bandit.update(x[:20], c[:20], reward[:20])
    bandit.update(x[20:], c[20:], reward[20:])
    phi = np.einsum("ed,em->edm", x, c).reshape(50, -1)
    precision = phi.T @ phi + 2.0 * np.eye(6)
    weights = np.linalg.solve(precision, phi.T @ reward)
    np.testing.assert_allclose(np.diag(bandit.mean(x, c)), phi @ weights)
    spread = np.sqrt(bandit.noise * np.einsum("ep,pq,eq->e", phi, np.linalg.inv(precision), phi))
    bound = np.diag(bandit.optimistic(x, c, 1.5))
    np.testing.assert_allclose(bound, phi @ weights + 1.5 * spread)
    drawn = [np.diag(bandit.drawn(x, c, rng, 1.0)) for _ in range(2000)]
    np.testing.assert_allclose(np.std(drawn, axis=0), spread, rtol=0.12)


def curved(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, c = rng.normal(size=(3000, 2)), np.ones((3000, 1))
    return x, c, np.abs(x[:, 0]) + 0.1 * rng.normal(size=3000)


def test_the_neural_bandit_learns_what_no_line_fits() -> None:
    neural, linear = NeuralLinearBandit(2, 1), LinearBandit(2, 1)
    losses = neural.fit(*curved(1), seed=3)
    linear.update(*curved(1))
    x, c, reward = curved(2)
    error = {
        model.KIND: np.mean((model.mean(x, c[:1])[0] - reward) ** 2) for model in (neural, linear)
    }
    assert error["neural"] < 0.1 * error["linear"]
    assert losses[-1] < losses[0]
    bound = neural.optimistic(x, c[:1], 1.0)
    assert (bound > neural.mean(x, c[:1])).all()
    draws = [neural.drawn(x[:5], c[:1], np.random.default_rng(n), 1.0)[0] for n in range(800)]
    spread = (bound - neural.mean(x, c[:1]))[0, :5]
    np.testing.assert_allclose(np.std(draws, axis=0), spread, rtol=0.2)


def logged_slates(seed: int, count: int = 1500) -> tuple[LoggedSlates, np.ndarray, np.ndarray]:
    """Slates by a policy that knows nothing; each place earns its own action's worth, or not."""
    rng = np.random.default_rng(seed)
    actions, weights = world(5)
    contexts = np.column_stack([np.ones(count), rng.choice([-1.0, 1.0], count)])
    truth = 1.0 / (1.0 + np.exp(2.0 - 2.0 * contexts @ weights.T @ actions.T))
    logits = np.zeros((count, ACTIONS))
    slates = draw_rankings(logits, PLACES, rng)
    slates[: count // 3, 2] = -1
    earned = np.take_along_axis(truth, np.maximum(slates, 0), axis=1)
    rewards = ((rng.random(slates.shape) < earned) & (slates >= 0)).astype(float)
    logs = log_probabilities(logits, slates)
    return LoggedSlates(actions, contexts, slates, logs, rewards), truth, contexts


def test_the_gradient_finds_a_policy_that_earns_more_than_who_logged() -> None:
    logged, truth, contexts = logged_slates(1)
    policy = SlateGradient(np.zeros((SIZE, 2)))
    told = policy.fit([logged], epochs=60, learning_rate=0.1)
    rng = np.random.default_rng(9)

    def value(logits: np.ndarray) -> float:
        shown = draw_rankings(logits, PLACES, rng)
        return float(np.take_along_axis(truth, shown, axis=1).mean())

    best = np.sort(truth, axis=1)[:, -PLACES:].mean()
    nothing, learned = value(np.zeros_like(truth)), value(policy.logits(logged.actions, contexts))
    assert learned - nothing > 0.8 * (best - nothing)
    assert told[-1] > 1.5 * told[0]


def test_the_gradient_is_that_of_the_value_where_the_logging_policy_is_the_own() -> None:
    """One place, all actions logged as often as the policy shows them."""
    actions, _ = world(3)
    policy = SlateGradient(np.zeros((SIZE, 1)))
    worth = np.random.default_rng(0).random(ACTIONS)
    one_each = LoggedSlates(
        actions,
        np.ones((ACTIONS, 1)),
        np.arange(ACTIONS)[:, None],
        np.full((ACTIONS, 1), -np.log(ACTIONS)),
        worth[:, None],
    )
    policy.fit([one_each], epochs=1, learning_rate=1e-3)
    gradient = actions.T @ (worth - worth.mean()) / ACTIONS
    np.testing.assert_allclose(np.sign(policy.weights[:, 0]), np.sign(gradient))


LOGITS = st.lists(st.floats(-30.0, 30.0), min_size=4, max_size=4).map(np.array)


@settings(max_examples=25)
@given(LOGITS)
def test_the_chances_of_all_rankings_add_up_to_one(logits) -> None:
    every = np.array(list(permutations(range(4), 4)))
    logs = log_probabilities(np.tile(logits, (24, 1)), every)
    assert np.exp(logs.sum(axis=1)).sum() == pytest.approx(1.0)
    np.testing.assert_allclose(logs[:, 3], 0.0, atol=1e-12)


def test_rankings_are_drawn_as_often_as_their_chance_says() -> None:
    logits = np.array([0.5, -1.0, 1.0])
    drawn = draw_rankings(np.tile(logits, (60_000, 1)), 2, np.random.default_rng(4))
    every = np.array(list(permutations(range(3), 2)))
    chance = np.exp(log_probabilities(np.tile(logits, (6, 1)), every).sum(axis=1))
    share = [(drawn == one).all(axis=1).mean() for one in every]
    np.testing.assert_allclose(share, chance, atol=0.01)


def test_what_is_not_there_is_never_shown_and_places_stay_empty() -> None:
    logits = np.array([[0.0, -np.inf, 1.0]])
    drawn = draw_rankings(logits, 3, np.random.default_rng(0))
    assert set(drawn[0].tolist()) == {0, 2, -1}
    logs = log_probabilities(logits, drawn)
    assert logs[0, 1] == logs[0, 2] == 0.0
    after = expected_next(logits, np.array([[5.0, 7.0, 9.0]]), np.array([[2, 0, -1]]))
    np.testing.assert_allclose(after, [[(5 + 9 * np.e) / (1 + np.e), 5.0, 0.0]])


def trained() -> list[Bandit]:
    linear, neural = LinearBandit(2, 1, prior_precision=3.0), NeuralLinearBandit(2, 1, epochs=1)
    linear.update(*curved(1))
    neural.fit(*curved(1), seed=1)
    return [linear, neural, SlateGradient(np.array([[1.0], [2.0]]))]


@pytest.mark.parametrize("bandit", trained(), ids=lambda bandit: bandit.KIND)
def test_a_bandit_comes_back_from_its_file(bandit: Bandit, tmp_path: Path) -> None:
    save_bandit(tmp_path, bandit)
    again = load_bandit(tmp_path)
    assert type(again) is type(bandit)
    assert again.settings() == bandit.settings()
    x, c = curved(2)[0][:7], np.ones((1, 1))
    if isinstance(bandit, SlateGradient):
        assert isinstance(again, SlateGradient)
        np.testing.assert_array_equal(again.logits(x, c), bandit.logits(x, c))
    else:
        assert not isinstance(again, SlateGradient)
        np.testing.assert_array_equal(again.optimistic(x, c, 1.0), bandit.optimistic(x, c, 1.0))


def test_a_file_that_does_not_fit_its_settings_is_refused(tmp_path: Path) -> None:
    odd = SlateGradient(np.ones((2, 1)))
    odd.settings = lambda: {"action_size": 3, "context_size": 1}  # type: ignore[method-assign]
    save_bandit(tmp_path, odd)
    with pytest.raises(ModelFileError, match="its settings call for"):
        load_bandit(tmp_path)
    odd.KIND = "other"  # type: ignore[misc]
    save_bandit(tmp_path, odd)
    with pytest.raises(ModelFileError, match="kind: 'other'"):
        load_bandit(tmp_path)
    with pytest.raises(ModelFileError, match="no such file"):
        load_bandit(tmp_path / "elsewhere")
