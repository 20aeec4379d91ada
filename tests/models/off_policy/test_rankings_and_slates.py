"""Off-policy estimates of rankings and slates: exact, over all rankings that there are."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bandits.plackett_luce import expected_next, log_probabilities
from models.off_policy import (
    factored_pseudo_inverse_weights,
    independent_weights,
    prefix_weights,
    pseudo_inverse_weights,
    ranking_inverse_propensity,
    sequential_doubly_robust,
    slate_moments,
)

ACTIONS, PLACES = 4, 3
ALL = np.array(list(permutations(range(ACTIONS), PLACES)))
LOGITS = st.lists(st.floats(-2.0, 2.0), min_size=ACTIONS, max_size=ACTIONS).map(np.array)


def of_all(logits: np.ndarray) -> np.ndarray:
    """(24, 3) log probabilities of the places of every ranking."""
    return log_probabilities(np.tile(logits, (len(ALL), 1)), ALL)


def chances(logs: np.ndarray) -> np.ndarray:
    return np.exp(logs.sum(axis=1))


def mean_over_all(chance: np.ndarray, estimate) -> float:
    """The expectation of an estimate from one ranking."""
    return float(chance @ [estimate(slice(row, row + 1)).value for row in range(len(ALL))])


def cascade_rewards() -> np.ndarray:
    """(24, 3) what each place earns, in a way that depends on all places above it."""
    quality = np.array([0.1, 0.7, 0.4, 0.3])[ALL]
    above = np.cumsum(quality, axis=1) - quality
    return quality / (1.0 + above**2)


@settings(max_examples=15)
@given(LOGITS, LOGITS)
def test_prefix_weights_are_unbiased_where_rewards_depend_on_what_is_above(old, new) -> None:
    logging, target, earned = of_all(old), of_all(new), cascade_rewards()
    weights = prefix_weights(target, logging)
    found = mean_over_all(
        chances(logging), lambda row: ranking_inverse_propensity(earned[row], weights[row])
    )
    assert found == pytest.approx(chances(target) @ earned.sum(axis=1))


@settings(max_examples=15)
@given(LOGITS, LOGITS, LOGITS)
def test_sequential_dr_is_unbiased_whatever_the_model(old, new, values) -> None:
    logging, target, earned = of_all(old), of_all(new), cascade_rewards()
    tiled = np.tile(new, (len(ALL), 1)), np.tile(values, (len(ALL), 1))
    expected = expected_next(*tiled, ALL)
    weights = prefix_weights(target, logging)
    found = mean_over_all(
        chances(logging),
        lambda row: sequential_doubly_robust(
            earned[row], weights[row], values[ALL][row], expected[row]
        ),
    )
    assert found == pytest.approx(chances(target) @ earned.sum(axis=1))


def test_sequential_dr_with_the_true_model_has_no_error_without_noise() -> None:
    """Each place earns what its action is worth: a model that knows it is exact."""
    new, old, worth = np.array([1.0, 0.0, -1.0, 0.5]), np.zeros(4), np.array([0.2, 0.9, 0.1, 0.5])
    logits, values = np.tile(new, (24, 1)), np.tile(worth, (24, 1))
    logging, target = of_all(old), of_all(new)
    to_come = np.zeros((24, PLACES + 1))
    tail = {tuple(row): k for k, row in enumerate(ALL)}
    chance, total = chances(target), worth[ALL].sum(axis=1)
    for row, ranking in enumerate(ALL):
        for place in range(PLACES + 1):
            same = [k for one, k in tail.items() if one[:place] == tuple(ranking[:place])]
            left = chance[same] @ total[same] / chance[same].sum()
            to_come[row, place] = left - worth[ranking[:place]].sum()
    taken = worth[ALL] + to_come[:, 1:]
    expected = to_come[:, :-1]
    found = sequential_doubly_robust(worth[ALL], prefix_weights(target, logging), taken, expected)
    assert found.value == pytest.approx(chance @ total)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)
    assert expected_next(logits, values, ALL)[:, 0] == pytest.approx(
        np.exp(new) @ worth / np.exp(new).sum()
    )


@settings(max_examples=15)
@given(LOGITS, LOGITS)
def test_independent_weights_need_the_chance_of_an_item_at_its_place(old, new) -> None:
    worth = np.array([[0.2, 0.9, 0.1, 0.5], [0.1, 0.4, 0.3, 0.2], [0.0, 0.2, 0.1, 0.6]])
    earned = worth[np.arange(PLACES), ALL]

    def at_place(logs: np.ndarray) -> np.ndarray:
        table = np.zeros((PLACES, ACTIONS))
        np.add.at(table, (np.arange(PLACES), ALL), chances(logs)[:, None])
        return np.log(table[np.arange(PLACES), ALL])

    weights = independent_weights(at_place(of_all(new)), at_place(of_all(old)))
    found = mean_over_all(
        chances(of_all(old)), lambda row: ranking_inverse_propensity(earned[row], weights[row])
    )
    assert found == pytest.approx(chances(of_all(new)) @ earned.sum(axis=1))


@settings(max_examples=15)
@given(LOGITS, LOGITS)
def test_pseudo_inverse_is_unbiased_where_slates_earn_a_sum(old, new) -> None:
    worth = np.array([[0.2, 0.9, 0.1, 0.5], [0.1, 0.4, 0.3, 0.2], [0.0, 0.2, 0.1, 0.6]])
    earned = worth[np.arange(PLACES), ALL].sum(axis=1)
    logging, target = chances(of_all(old)), chances(of_all(new))
    first, _ = slate_moments(ALL, target, ACTIONS)
    _, second = slate_moments(ALL, logging, ACTIONS)
    weights = pseudo_inverse_weights(ALL, ACTIONS, first, second)
    assert (logging * weights) @ earned == pytest.approx(target @ earned)


def test_the_two_pseudo_inverses_agree_where_places_are_filled_independently() -> None:
    slates = np.array([[a, b] for a in range(3) for b in range(3)])
    old = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    new = np.array([[0.2, 0.2, 0.6], [0.6, 0.3, 0.1]])

    def at(table: np.ndarray) -> np.ndarray:
        return table[np.arange(2), slates]

    first, _ = slate_moments(slates, at(new).prod(axis=1), 3)
    _, second = slate_moments(slates, at(old).prod(axis=1), 3)
    np.testing.assert_allclose(
        pseudo_inverse_weights(slates, 3, first, second),
        factored_pseudo_inverse_weights(at(new), at(old)),
    )


def test_normalised_rankings_keep_a_constant() -> None:
    rng = np.random.default_rng(1)
    weights = rng.exponential(size=(50, 3))
    found = ranking_inverse_propensity(np.full((50, 3), 2.0), weights, normalise=True)
    assert found.value == pytest.approx(6.0)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)


def test_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="what was logged had probability 0"):
        prefix_weights([[0.0]], [[-np.inf]])
    with pytest.raises(ValueError, match="one shape"):
        prefix_weights([[0.0]], [[0.0, 0.0]])
    with pytest.raises(ValueError, match="must add up to 1"):
        slate_moments(ALL, np.full(24, 0.5), ACTIONS)
