"""Homogenisation, as Chaney, Stewart & Engelhardt (2018) found it."""

import numpy as np
import pytest

from experiments.replications import homogenisation_recommenders as recommenders
from experiments.replications.homogenisation import (
    RECOMMENDERS,
    Homogenisation,
    Task,
    homogenise,
)
from experiments.replications.homogenisation_market import MarketTask, bought_alike
from experiments.replications.homogenisation_pairs import nearest
from experiments.replications.homogenisation_world import (
    World,
    beta,
    create,
    live,
    with_new_ones,
)
from experiments.replications.study import Study, quietly
from sim.health.formulas import jaccard_of_pairs

pytestmark = pytest.mark.xdist_group("homogenisation")  # its market is lived once, on one core

SMALL = (
    "days=40",
    "consumers.count=40",
    "commerce.generated.listings=400",
    "commerce.generated.taste_dimensions=10",
)


@pytest.fixture(scope="module")
def world() -> World:
    return create(20, 60, 5, np.random.default_rng(3))


def test_utilities_are_the_match_and_mostly_known(world: World) -> None:
    np.testing.assert_allclose(world.utility, world.taste @ world.attributes.T, atol=1e-3)
    assert (world.known <= world.utility).all()
    assert (world.known / world.utility).mean() == pytest.approx(0.98, abs=1e-3)


def test_a_beta_law_of_given_mean_scatters_as_little_as_it_should() -> None:
    drawn = beta(np.full(20_000, 0.3), np.random.default_rng(0))
    assert drawn.mean() == pytest.approx(0.3, abs=1e-6)
    assert drawn.std() == pytest.approx(1e-5, rel=0.05)


def test_nothing_is_taken_twice_or_before_it_comes(world: World) -> None:
    lived = live(world, recommenders.popularity, np.random.default_rng(1), steps=20, start_up=4)
    assert (lived.taken.sum(axis=1) == 20).all()
    assert (lived.choice < 3 * np.arange(1, 21)).all()


def test_under_the_ideal_recommender_users_take_better_things(world: World) -> None:
    found = {
        recommender: live(world, recommender, np.random.default_rng(1), steps=20, start_up=4)
        for recommender in (recommenders.ideal, recommenders.at_random)
    }
    assert found[recommenders.ideal].utility > found[recommenders.at_random].utility


def test_new_items_may_stand_anywhere() -> None:
    order = np.tile(np.arange(8), (500, 1))
    whole = with_new_ones(order, 2, np.random.default_rng(0))
    assert (np.sort(whole, axis=1) == np.arange(10)).all()
    old = whole[whole < 8].reshape(500, 8)
    assert (old == order).all()
    place = np.argwhere(whole >= 8)[:, 1]
    assert np.bincount(place, minlength=10).min() > 60


def test_everybody_has_a_friend_and_ties_are_mutual(world: World) -> None:
    friends = recommenders.friendships(world.taste)
    assert (friends.sum(axis=1) >= 1).all()
    np.testing.assert_array_equal(friends, friends.T)


def test_the_nearest_is_another_one_and_equals_are_drawn_by_lot() -> None:
    users = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    assert nearest(users, 4, np.random.default_rng(0)).tolist() == [1, 0, 3, 2]
    by_lot = nearest(None, 50, np.random.default_rng(0))
    assert (by_lot != np.arange(50)).all()
    assert len(set(by_lot.tolist())) > 20


def test_the_jaccard_index_of_pairs_by_hand() -> None:
    holds = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0]], dtype=bool)
    np.testing.assert_allclose(jaccard_of_pairs(holds, np.array([1, 0, 0]))[:2], 1 / 3)
    assert np.isnan(jaccard_of_pairs(holds, np.array([1, 0, 2]))[2])


def test_the_order_of_recommenders_shows_in_a_small_world() -> None:
    study = Study("homogenisation", overrides=SMALL)
    change = {
        name: homogenise(Task(study, name, 0)).last for name in ("popularity", "content", "random")
    }
    assert change["popularity"] > 0.1
    assert change["content"] > 0.02
    assert change["random"] < 0.02


def test_the_market_itself_homogenises_where_best_sellers_are_shown() -> None:
    study = Study("homogenisation", overrides=("days=40",))
    alike = {name: bought_alike(MarketTask(study, name, 0)) for name in ("best-sellers", "random")}
    assert alike["best-sellers"] > 2 * alike["random"]


@pytest.mark.slow
def test_the_published_changes_come_out() -> None:
    outcome = Homogenisation().measure(Study("homogenisation", replications=2, workers=1), quietly)
    assert [row for row in outcome.rows if not row.reproduced] == []
    assert set(outcome.data["worlds"]["recommender"]) == set(RECOMMENDERS)
