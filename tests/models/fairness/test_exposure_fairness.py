"""Exposure and its fairness, on the examples of the literature."""

import math

import numpy as np
import pytest

from models.fairness.disparity import (
    amortised_unfairness,
    demographic_parity_ratio,
    disparate_impact_ratio,
    disparate_treatment_ratio,
    group_means,
)
from models.fairness.exposure import (
    group_exposure,
    item_exposure,
    long_tail,
    position_exposure,
)

# Singh & Joachims (2018), figure 1: six job seekers, ranked by relevance.
RELEVANCE = np.array([0.82, 0.81, 0.80, 0.79, 0.78, 0.77])
FIRST_GROUP = np.array([True, True, True, False, False, False])
BY_RELEVANCE = position_exposure(np.arange(6))


def test_a_small_difference_in_relevance_becomes_a_large_one_in_exposure() -> None:
    first, second = BY_RELEVANCE[FIRST_GROUP].mean(), BY_RELEVANCE[~FIRST_GROUP].mean()
    assert (round(first, 2), round(second, 2)) == (0.71, 0.39)
    assert demographic_parity_ratio(BY_RELEVANCE, FIRST_GROUP) == pytest.approx(first / second)


def test_disparate_treatment_of_the_job_seekers() -> None:
    by_hand = (0.710310 / 0.81) / (0.391246 / 0.78)
    found = disparate_treatment_ratio(BY_RELEVANCE, RELEVANCE, FIRST_GROUP)
    assert found == pytest.approx(by_hand, rel=1e-5)
    assert found == pytest.approx(1.7483, abs=5e-5)


def test_disparate_impact_of_the_job_seekers() -> None:
    ours = (1.0 * 0.82 + 0.630930 * 0.81 + 0.5 * 0.80) / 3 / 0.81
    theirs = (0.430677 * 0.79 + 0.386853 * 0.78 + 0.356207 * 0.77) / 3 / 0.78
    found = disparate_impact_ratio(BY_RELEVANCE, RELEVANCE, FIRST_GROUP)
    assert found == pytest.approx(ours / theirs, rel=1e-5)
    assert found > disparate_treatment_ratio(BY_RELEVANCE, RELEVANCE, FIRST_GROUP)


def test_exposure_in_proportion_to_merit_is_equal_treatment_and_equal_exposure_is_parity() -> None:
    assert disparate_treatment_ratio(3 * RELEVANCE, RELEVANCE, FIRST_GROUP) == pytest.approx(1.0)
    assert demographic_parity_ratio(np.full(6, 0.2), FIRST_GROUP) == pytest.approx(1.0)


def test_alternating_who_comes_first_amortises_unfairness() -> None:
    """Ten alike, one of whom is seen at a time: after each had a turn nobody is owed anything."""
    relevance = np.ones((20, 10))
    same = amortised_unfairness(np.eye(10)[np.zeros(20, dtype=int)], relevance)
    turns = amortised_unfairness(np.eye(10)[np.arange(20) % 10], relevance)
    assert same == pytest.approx(1.8 * np.arange(1, 21))
    assert turns[[9, 19]] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert turns[0] == pytest.approx(1.8)


def test_exposure_of_items_and_of_their_group() -> None:
    ranked = [[2, 0, -1], [2, 1, 0]]
    exposure = item_exposure(ranked, 4)
    second, third = 1 / math.log2(3), 0.5
    assert exposure == pytest.approx([second + third, second, 2.0, 0.0])
    group = group_exposure(exposure, np.array([False, False, True, True]))
    assert group.share == pytest.approx(2.0 / (2.0 + 2 * second + third))
    assert group.parity == pytest.approx(2.0 / (2 * second + third))
    assert (group.coverage, group.group_coverage) == (0.75, 0.5)
    assert group.group_gini == pytest.approx(0.5)


def test_a_share_that_one_item_fills_shows_in_the_groups_gini() -> None:
    group = np.array([False, True, True, True])
    one = group_exposure([6.0, 4.0, 0.0, 0.0], group)
    all_of_them = group_exposure([6.0, 4 / 3, 4 / 3, 4 / 3], group)
    assert one.share == pytest.approx(all_of_them.share)
    assert one.group_gini > all_of_them.group_gini == pytest.approx(0.0)
    assert one.group_coverage < all_of_them.group_coverage


def test_the_tail_is_all_but_the_most_popular_share() -> None:
    assert long_tail([5, 9, 0, 9, 1], head=0.4).tolist() == [True, False, True, False, True]


def test_means_of_groups_of_users() -> None:
    assert group_means([1.0, 2.0, 6.0], [0, 2, 2]) == pytest.approx([1.0, np.nan, 4.0], nan_ok=True)


def test_what_is_not_a_group_is_refused() -> None:
    with pytest.raises(ValueError, match="true or false for each of 2 items"):
        group_exposure([1.0, 2.0], np.array([0, 1]))
    with pytest.raises(ValueError, match="head"):
        long_tail([1.0], head=1.0)
    with pytest.raises(ValueError, match="id 3, but there are 3 items"):
        item_exposure([[3]], 3)
    with pytest.raises(ValueError, match="shape"):
        amortised_unfairness(np.ones((2, 3)), np.ones((2, 2)))
