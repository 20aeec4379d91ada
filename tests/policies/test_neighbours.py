"""Collaborative filtering by neighbours, and no recommendation at all."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from catalogue_views import CATEGORIES, LISTINGS, listings, sessions
from logged import log_day
from scipy import sparse

from policies.observations import LearningObservation, RecommendationObservation
from policies.recommendation.neighbours import UNKNOWN, NeighbourRecommendation, nearest
from policies.recommendation.none import NoRecommendation
from sim.platform_log import PlatformLog


def taught(bought: list[tuple[int, int]], **params: Any) -> NeighbourRecommendation:
    """A policy whose log holds purchases (visitor, listing)."""
    log = PlatformLog()
    visitor, listing = np.array(bought).reshape(-1, 2).T
    log.record(log_day(0, visitor=visitor, listing=listing, bought=np.ones(len(bought), bool)))
    policy = NeighbourRecommendation(NeighbourRecommendation.Params(name="neighbours", **params))
    policy.learn(LearningObservation(0, 1, log.view(), listings()))
    return policy


def shown(policy: Any, visitor: int, *, seed: int = 1, places: int = 3) -> list[int]:
    """The slate of a visitor who looks at category 0, of which all is on sale."""
    seen = RecommendationObservation(
        1,
        replace(sessions(np.array([visitor])), category=np.zeros(1, dtype=int)),
        listings(on_sale=np.ones(LISTINGS, dtype=bool)),
        places,
        seed,
    )
    slate: list[int] = policy.recommend(seen)[0].tolist()
    return slate


def test_neighbours_are_the_most_similar_by_the_cosine() -> None:
    counts = sparse.csr_array(np.array([[2, 1, 0], [1, 1, 0], [0, 0, 3], [0, 1, 1.0]]))
    one = nearest(counts, np.array([0, 2, UNKNOWN]), 1).toarray()
    np.testing.assert_array_equal(one, [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    all_alike = nearest(counts, np.array([2]), 3).toarray()
    np.testing.assert_array_equal(all_alike, [[0, 0, 0, 1]])  # who shares nothing is none


def test_what_similar_visitors_bought_comes_before_best_sellers() -> None:
    # Visitors 1 and 2 bought alike; half of the others bought listing 9.
    bought = [(1, 0), (2, 0), (2, 3), (2, 3), (2, 6), *((n, 9) for n in range(10, 20))]
    assert shown(taught(bought), 1)[0] == 3
    assert shown(taught(bought, neighbours=0), 1)[0] == 9
    assert shown(taught(bought), 99)[0] == 9  # a newcomer has no neighbours


def test_a_discount_of_popularity_turns_a_best_seller_away() -> None:
    common = [(2, 0), (2, 3), (2, 3), (2, 6), *((n, 3) for n in range(10, 30))]
    bought = [(1, 0), *common]
    assert shown(taught(bought), 1)[0] == 3
    assert shown(taught(bought, popularity_discount=1.0), 1)[:2] != [3, 6]
    assert shown(taught(bought, popularity_discount=1.0), 1)[0] in (0, 6)


def test_equals_are_ordered_by_lot() -> None:
    policy = taught([(1, 0)], neighbours=0)
    slates = [shown(policy, 5, seed=seed) for seed in range(8)]
    assert {slate[0] for slate in slates} == {0}
    assert len({slate[1] for slate in slates}) > 1


@pytest.mark.parametrize("neighbours", [0, 5])
def test_without_a_log_slates_hold_what_is_on_sale_once(neighbours: int) -> None:
    policy = NeighbourRecommendation(
        NeighbourRecommendation.Params(name="neighbours", neighbours=neighbours)
    )
    view = listings()
    slate = policy.recommend(RecommendationObservation(0, sessions(np.arange(9)), view, 6, 1))
    for row, category in zip(slate, np.arange(9) % CATEGORIES, strict=True):
        assert len(set(row.tolist())) == 6
        assert view.on_sale[row].all()
        assert (view.category[row] == category).all()


def test_no_recommendation_leaves_every_place_empty() -> None:
    policy = NoRecommendation(NoRecommendation.Params(name="none"))
    slate = policy.recommend(RecommendationObservation(0, sessions(np.arange(4)), listings(), 5))
    assert slate.shape == (4, 5)
    assert (slate == -1).all()
