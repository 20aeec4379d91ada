"""Slates that weigh predicted ratings against the platform's earnings."""

import numpy as np
import pytest

from policies.observations import RecommendationObservation
from policies.recommendation.weighted import WeightedRecommendation, posted_ratings
from tests.policies.test_recommendation_and_search import listings, sessions

RNG = np.random.default_rng(5)


def recommend(consumer: float, profit: float, *, stars=None, unit: float = 1.0, places: int = 4):
    catalogue, who = listings(), sessions(np.arange(6))
    count = len(catalogue.title)
    earnings = RNG.permutation(count).astype(float) * 10.0
    observation = RecommendationObservation(3, who, catalogue, places, 0, earnings, stars)
    params = WeightedRecommendation.Params(
        name="weighted", consumer_weight=consumer, profit_weight=profit, earnings_unit=unit
    )
    return WeightedRecommendation(params).recommend(observation), catalogue, who, earnings


def best_plainly(score, catalogue, category, places):
    pool = np.flatnonzero(catalogue.on_sale & (catalogue.category == category) & ~np.isnan(score))
    return pool[np.argsort(-score[pool], kind="stable")][:places]


@pytest.mark.parametrize(("consumer", "profit"), [(1.0, 0.0), (0.9, 0.1), (0.5, 0.5), (0.0, 1.0)])
def test_the_best_by_score_come_first(consumer: float, profit: float) -> None:
    stars = RNG.uniform(1, 5, (6, len(listings().title))).astype(np.float32)
    slate, catalogue, who, earnings = recommend(consumer, profit, stars=stars, unit=0.5)
    for row in range(6):
        score = consumer * stars[row] + profit * earnings / 50.0
        expected = best_plainly(score, catalogue, who.category[row], 4)
        np.testing.assert_array_equal(slate[row, : len(expected)], expected)
        assert (slate[row, len(expected) :] == -1).all()


def test_ties_go_to_the_older_listing_up_to_the_end_of_the_slate() -> None:
    stars = np.full((6, len(listings().title)), 4.0, dtype=np.float32)
    stars[:, 40:] = 5.0
    slate, catalogue, who, _ = recommend(1.0, 0.0, stars=stars, places=9)
    for row in range(6):
        expected = best_plainly(stars[row].astype(float), catalogue, who.category[row], 9)
        np.testing.assert_array_equal(slate[row], expected)


def test_what_is_bought_for_good_is_never_shown() -> None:
    stars = np.full((6, len(listings().title)), np.nan, dtype=np.float32)
    stars[:, ::3] = 4.0
    slate, *_ = recommend(0.5, 0.5, stars=stars)
    assert (slate[slate >= 0] % 3 == 0).all()
    nothing, *_ = recommend(1.0, 0.0, stars=np.full_like(stars, np.nan))
    assert (nothing == -1).all()


def test_without_predictions_posted_ratings_count() -> None:
    slate, catalogue, who, _ = recommend(1.0, 0.0)
    for row in range(6):
        expected = best_plainly(posted_ratings(catalogue), catalogue, who.category[row], 4)
        np.testing.assert_array_equal(slate[row, : len(expected)], expected)


def test_a_few_ratings_move_the_posted_mean_little() -> None:
    catalogue = listings()
    rated = catalogue.rating_count > 0
    mean = posted_ratings(catalogue)
    assert rated.any()
    everywhere = np.average(catalogue.rating_mean[rated], weights=catalogue.rating_count[rated])
    np.testing.assert_allclose(mean[~rated], everywhere)
    pulled = np.abs(mean[rated] - everywhere) <= np.abs(catalogue.rating_mean[rated] - everywhere)
    assert pulled.all()


def test_without_earnings_it_says_so() -> None:
    observation = RecommendationObservation(3, sessions(np.arange(2)), listings(), 4)
    policy = WeightedRecommendation(WeightedRecommendation.Params(name="weighted"))
    with pytest.raises(ValueError, match="earnings"):
        policy.recommend(observation)
