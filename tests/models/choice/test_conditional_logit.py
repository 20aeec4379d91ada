"""The conditional logit: it finds what a logit that is known was made of."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from models.choice import ChoiceSets, ConditionalLogit, ConditionalLogitConfig
from models.choice.likelihood import Problem
from models.weight_files import ModelFileError

ITEMS, WIDTH = 20, 5
WEIGHTS = np.array([1.0, -0.7])


def drawn(
    sessions: int, seed: int = 0, place: np.ndarray | None = None
) -> tuple[ChoiceSets, np.ndarray]:
    """Choice sets of a logit, and the items' standing in it."""
    rng = np.random.default_rng(seed)
    standing = np.random.default_rng(99).standard_normal(ITEMS) * 0.4
    items = np.stack([rng.choice(ITEMS, WIDTH, replace=False) for _ in range(sessions)])
    features = rng.standard_normal((sessions, WIDTH, 2))
    places = np.tile(np.arange(WIDTH), (sessions, 1))
    utility = -0.5 + standing[items] + features @ WEIGHTS
    if place is not None:
        utility = utility + place[places]
    drawn_utility = utility + rng.gumbel(size=utility.shape)
    best = drawn_utility.max(axis=1, keepdims=True)
    taken = (drawn_utility == best) & (best > rng.gumbel(size=(sessions, 1)))
    sets = ChoiceSets.of(
        np.repeat(np.arange(sessions), WIDTH),
        items.ravel(),
        features.reshape(-1, 2),
        taken.ravel(),
        n_items=ITEMS,
        places=places.ravel(),
    )
    return sets, standing


def test_it_finds_weights_standing_and_intercept() -> None:
    sets, standing = drawn(6000)
    model = ConditionalLogit(ConditionalLogitConfig(item_precision=0.1, weight_precision=0.1))
    model.fit(sets)
    np.testing.assert_allclose(model.weights, WEIGHTS, atol=0.08)
    found = model.standing(np.arange(ITEMS))
    assert np.corrcoef(found, standing)[0, 1] > 0.95
    assert model.intercept + found.mean() == pytest.approx(-0.5 + standing.mean(), abs=0.1)


def test_effects_of_places_are_found_and_left_out_of_utilities() -> None:
    place = np.array([1.5, 0.5, 0.0, -0.5, -1.5])
    sets, _ = drawn(6000, place=place)
    model = ConditionalLogit(ConditionalLogitConfig(places=WIDTH, place_precision=0.1))
    model.fit(sets)
    np.testing.assert_allclose(model.place_effects, place, atol=0.15)
    chance = model.probabilities(sets, with_places=False).reshape(-1, WIDTH)
    assert np.ptp(chance.mean(axis=0)) < 0.02


def test_probabilities_are_calibrated_on_other_sessions() -> None:
    model = ConditionalLogit()
    model.fit(drawn(4000)[0])
    other, _ = drawn(4000, seed=1)
    chance = model.probabilities(other)
    order = np.argsort(chance)
    for rows in np.array_split(order, 8):
        assert chance[rows].mean() == pytest.approx(other.taken[rows].mean(), abs=0.03)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3))
def test_the_gradient_is_that_of_the_loss(seed: int, places: int) -> None:
    sets, _ = drawn(8, seed)
    problem = Problem(sets, ConditionalLogitConfig(places=places), np.linspace(-1, 1, 40))
    at = np.random.default_rng(seed).normal(0.0, 0.5, len(problem.precision))
    numeric = approx_fprime(at, lambda x: problem.loss_and_gradient(x)[0], 1e-6)
    np.testing.assert_allclose(problem.loss_and_gradient(at)[1], numeric, atol=1e-3)


def test_what_is_shown_more_is_known_better() -> None:
    sets, _ = drawn(500)
    seen = sets.items != 7
    kept = ChoiceSets.of(
        sets.session[seen],
        sets.items[seen],
        sets.features[seen],
        sets.taken[seen],
        n_items=ITEMS,
    )
    model = ConditionalLogit()
    model.fit(kept)
    spread = model.spread(np.arange(ITEMS + 1))
    prior = model.config.item_precision**-0.5
    assert spread[7] == pytest.approx(prior)
    assert spread[ITEMS] == pytest.approx(prior)  # an item that no training has seen
    assert (np.delete(spread, [7, ITEMS]) < 0.7 * prior).all()
    assert model.standing(np.array([7, ITEMS])).tolist() == [0.0, 0.0]


def test_it_goes_on_with_more_items_from_what_it_learned() -> None:
    sets, _ = drawn(2000)
    cold, warm = (ConditionalLogit(ConditionalLogitConfig(iterations=500)) for _ in range(2))
    warm.fit(sets)
    more = ChoiceSets(sets.starts, sets.items, sets.features, sets.taken, sets.places, ITEMS + 5)
    steps = warm.fit(more).steps, cold.fit(more).steps
    assert steps[0] < steps[1] / 2
    np.testing.assert_allclose(warm.weights, cold.weights, atol=0.01)
    assert warm.n_items == ITEMS + 5


def test_an_offset_is_taken_as_known() -> None:
    sets, standing = drawn(4000)
    known = standing[sets.items] + sets.features[:, 0] * WEIGHTS[0]
    model = ConditionalLogit()
    model.fit(sets, offset=known)
    np.testing.assert_allclose(model.weights, [0.0, WEIGHTS[1]], atol=0.08)


def test_a_saved_model_scores_as_before(tmp_path: Path) -> None:
    sets, _ = drawn(300)
    model = ConditionalLogit(ConditionalLogitConfig(places=3))
    model.fit(sets)
    again = ConditionalLogit.load(model.save(tmp_path).parent)
    np.testing.assert_array_equal(again.probabilities(sets), model.probabilities(sets))
    np.testing.assert_array_equal(again.spread(np.arange(ITEMS)), model.spread(np.arange(ITEMS)))
    path = tmp_path / "conditional_logit.safetensors"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ModelFileError, match="safetensors"):
        ConditionalLogit.load(tmp_path)


def test_wrong_choice_sets_are_refused() -> None:
    one = np.zeros((3, 1))
    with pytest.raises(ValueError, match="more than one alternative"):
        ChoiceSets.of([0, 0, 1], [1, 2, 1], one, [True, True, False], n_items=3)
    with pytest.raises(ValueError, match="n_items"):
        ChoiceSets.of([0, 0, 1], [1, 2, 5], one, [True, False, False], n_items=3)
    with pytest.raises(ValueError, match="NaN"):
        ChoiceSets.of([0], [1], [[np.nan]], [True], n_items=3)
    with pytest.raises(ValueError, match="at least one session"):
        ConditionalLogit().fit(ChoiceSets.of([], [], np.empty((0, 1)), [], n_items=3))
