"""Formulas of health against vectors worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.health import formulas as f

amounts = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40)


def test_gini_by_hand() -> None:
    assert f.gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert f.gini([4, 1, 3, 2]) == pytest.approx(0.25)
    assert f.gini([5, 5, 5]) == 0.0
    assert f.gini([0, 0, 0, 8]) == pytest.approx(0.75)


def test_gini_of_nothing_is_nothing() -> None:
    assert math.isnan(f.gini([]))
    assert math.isnan(f.gini([0.0, 0.0]))


@given(amounts)
def test_gini_lies_from_0_to_below_1(values: list[float]) -> None:
    value = f.gini(values)
    assert math.isnan(value) if sum(values) == 0 else 0.0 <= value < 1.0


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30), st.floats(1e-3, 1e3))
def test_gini_does_not_depend_on_the_currency(values: list[int], scale: float) -> None:
    scaled = f.gini(scale * np.array(values))
    assert scaled == pytest.approx(f.gini(values), abs=1e-9, nan_ok=True)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=20))
def test_gini_falls_when_the_richest_gives_to_the_poorest(values: list[int]) -> None:
    before = sorted(values)
    after = before.copy()
    gift = (after[-1] - after[0]) // 2
    after[0], after[-1] = after[0] + gift, after[-1] - gift
    assert f.gini(after) <= f.gini(before) + 1e-12


def test_hhi_by_hand() -> None:
    assert f.hhi([0.5, 0.3, 0.2]) == pytest.approx(3800)
    assert f.hhi([7]) == pytest.approx(10_000)
    assert f.hhi([1] * 10) == pytest.approx(1000)
    assert math.isnan(f.hhi([0, 0]))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40))
def test_hhi_lies_between_equal_shares_and_monopoly(values: list[float]) -> None:
    assert 10_000 / len(values) - 1e-6 <= f.hhi(values) <= 10_000 + 1e-6


@pytest.mark.parametrize(
    ("price", "firms", "surplus"),
    [(1.472927, 2, 0.715098), (1.370163, 3, 0.911111), (1.311521, 5, 1.094003)],
)
def test_logit_surplus_at_the_nash_prices_of_theory(
    price: float, firms: int, surplus: float
) -> None:
    assert f.logit_surplus([2.0 - price] * firms, 0.0, 0.25) == pytest.approx(surplus, abs=2e-6)


def test_logit_surplus_of_large_values_does_not_overflow() -> None:
    assert f.logit_surplus([1e5], 0.0, 1.0) == pytest.approx(1e5)


def test_exposure_of_two_equal_documents() -> None:
    assert f.position_exposure([0, 1]) == pytest.approx([1.0, 0.6309], abs=5e-5)


def test_ndcg_by_hand() -> None:
    ideal = np.array([[3.0, 1.0]] * 3 + [[0.0, 0.0]])
    shown = np.array([[3.0, 1.0], [1.0, 3.0], [0.0, 0.0], [0.0, 0.0]])
    reversed_ = (1 + 3 * 0.63093) / (3 + 0.63093)
    assert f.ndcg(shown, ideal) == pytest.approx([1.0, reversed_, 0.0, np.nan], nan_ok=True)


def test_jaccard_similarity_by_hand() -> None:
    slates = np.array([[0, 1, 2], [2, 1, 0], [2, 3, -1]])
    assert f.jaccard_similarity(slates) == pytest.approx((1 + 0.25 + 0.25) / 3)
    assert math.isnan(f.jaccard_similarity(slates[:1]))
    assert f.jaccard_similarity(np.array([[0], [1]])) == 0.0


def test_empty_slates_do_not_count_as_alike() -> None:
    assert math.isnan(f.jaccard_similarity(np.array([[-1, -1], [-1, -1], [4, 5]])))


@given(st.lists(st.sets(st.integers(0, 6), min_size=1, max_size=4), min_size=2, max_size=8))
def test_jaccard_similarity_equals_the_definition(sets: list[set[int]]) -> None:
    table = np.full((len(sets), 4), -1)
    for row, members in enumerate(sets):
        table[row, : len(members)] = sorted(members)
    pairs = [len(a & b) / len(a | b) for i, a in enumerate(sets) for b in sets[i + 1 :]]
    assert f.jaccard_similarity(table) == pytest.approx(np.mean(pairs))


def test_unicity_by_hand() -> None:
    # Persons 10 and 20 bought the same two things; 30 alone bought 3; 40 bought too little.
    keys = np.array([10, 10, 20, 20, 30, 30, 40])
    points = np.array([1, 2, 1, 2, 1, 3, 1])
    rng = np.random.default_rng(1)
    assert f.unicity(keys, points, known=2, targets=9, rng=rng) == pytest.approx(1 / 3)


def test_unicity_does_not_take_a_repeated_record_for_a_second_point() -> None:
    keys, points = np.array([1, 1, 1, 2]), np.array([5, 5, 5, 6])
    assert math.isnan(f.unicity(keys, points, 2, 10, np.random.default_rng(1)))


def test_unicity_of_an_empty_log_is_nothing() -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert math.isnan(f.unicity(nothing, nothing, 3, 10, np.random.default_rng(1)))


def test_knowing_more_singles_out_more_people() -> None:
    rng = np.random.default_rng(3)
    keys = np.repeat(np.arange(300), 6)
    points = rng.integers(0, 60, len(keys))
    shares = [f.unicity(keys, points, k, 300, np.random.default_rng(4)) for k in (1, 2, 4)]
    assert shares[0] < shares[1] < shares[2]


def test_precision_and_recall_by_hand() -> None:
    flagged = np.array([True, True, True, False, False])
    true = np.array([True, False, False, True, False])
    assert f.precision_recall(flagged, true) == pytest.approx((1 / 3, 1 / 2))
    nobody = np.zeros(5, dtype=np.bool_)
    assert f.precision_recall(nobody, true) == pytest.approx((np.nan, 0.0), nan_ok=True)
    assert f.precision_recall(flagged, nobody) == pytest.approx((0.0, np.nan), nan_ok=True)


def test_lerner_by_hand() -> None:
    assert f.lerner([10, 20], [5, 20], [2, 1]) == pytest.approx(10 / 40)
    assert f.lerner([10], [12], [1]) == pytest.approx(-0.2)
    assert math.isnan(f.lerner([], [], []))


def test_jevons_index_by_hand() -> None:
    assert f.jevons_index([200, 50], [100, 100]) == pytest.approx(1.0)
    assert f.jevons_index([110, 110], [100, 100]) == pytest.approx(1.1)
    assert math.isnan(f.jevons_index([], []))


def test_volatility_by_hand() -> None:
    up_and_down = [100, 110, 100]
    change = math.log(1.1)
    spread = math.sqrt((change**2 + change**2) / 1)
    assert f.log_price_volatility(np.array([up_and_down]).T) == pytest.approx(spread)
    both = np.array([up_and_down, [70, 70, 70]]).T
    assert f.log_price_volatility(both) == pytest.approx(spread / 2)


def test_volatility_leaves_out_days_without_an_offer() -> None:
    prices = np.array([[0, 100, 110, 121], [0, 0, 0, 90]]).T
    assert f.log_price_volatility(prices) == pytest.approx(0.0, abs=1e-12)
    assert math.isnan(f.log_price_volatility(prices[2:]))


def test_steady_growth_is_not_volatile_in_either_direction() -> None:
    prices = np.array([[1000, 1100, 1210, 1331]]).T
    assert f.log_price_volatility(prices) == pytest.approx(0.0, abs=1e-12)


def test_dispersion_by_hand() -> None:
    price, category = np.array([90.0, 110.0, 50.0, 50.0, 7.0]), np.array([0, 0, 4, 4, 9])
    assert f.price_dispersion(price, category) == pytest.approx((math.sqrt(200) / 100 + 0) / 2)
    assert math.isnan(f.price_dispersion(price[-1:], category[-1:]))
    assert math.isnan(f.price_dispersion(price[:0], category[:0]))


def test_exposure_fairness_by_hand() -> None:
    exposure, small = np.array([1.0, 0.5, 0.5, 2.0]), np.array([True, True, False, False])
    assert f.exposure_fairness(exposure, small) == pytest.approx((1.5 / 4) / 0.5)
    assert f.exposure_fairness(np.ones(4), small) == pytest.approx(1.0)
    assert math.isnan(f.exposure_fairness(exposure, np.zeros(4, dtype=np.bool_)))
    assert math.isnan(f.exposure_fairness(np.zeros(4), small))


def test_group_gap_by_hand() -> None:
    value, group = np.array([1.0, 3.0, 5.0]), np.array([0, 0, 2])
    assert f.group_gap(value, group) == pytest.approx((5 - 2) / 3)
    assert math.isnan(f.group_gap(value, np.zeros(3, dtype=int)))
    assert math.isnan(f.group_gap(value[:0], group[:0]))


def test_means_and_quantiles_leave_out_what_is_missing() -> None:
    assert f.mean([1.0, np.nan, 3.0]) == 2.0
    assert f.quantile([0.0, 10.0, np.nan], 0.9) == pytest.approx(9.0)
    assert math.isnan(f.mean([]))
    assert math.isnan(f.quantile([np.nan], 0.5))
    assert math.isnan(f.share(0.0, 0.0))
