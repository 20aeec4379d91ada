import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from experiments.statistics.characteristics import coverage, joint_coverage, rejections
from experiments.statistics.intervals import (
    bootstrap_t,
    bootstrap_t_many,
    differences,
    paired,
    simultaneous,
    student_t,
)
from experiments.statistics.resampling import studentised

NUMBERS = arrays(
    np.float64, st.integers(2, 12), elements=st.floats(-1e6, 1e6, allow_subnormal=False, width=32)
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_intervals_cover_a_skewed_mean_in_ninety_two_of_a_hundred_at_thirty_replications(seed):
    found = coverage("lognormal", 30, seed)
    assert found.ours >= 0.92
    assert found.ours > found.student  # which has about .89


@pytest.mark.parametrize("noise", ["normal", "difference of two lognormals"])
def test_intervals_of_paired_differences_cover_as_often_as_they_say(noise):
    assert np.mean([coverage(noise, 20, seed).ours for seed in (1, 2, 3)]) == pytest.approx(
        0.95, abs=0.015
    )


@pytest.mark.parametrize("noise", ["normal", "exponential", "lognormal"])
def test_a_setting_is_told_from_itself_under_other_luck_in_five_of_a_hundred(noise):
    each = [rejections(noise, 20, seed, trials=400) for seed in range(1, 13)]
    assert abs(each[0] - 0.05) <= 0.02
    assert np.mean(each) == pytest.approx(0.05, abs=0.01)


def test_a_setting_under_the_same_luck_differs_from_itself_by_exactly_nothing():
    luck = np.random.default_rng(1).lognormal(size=20)
    found = paired(luck, luck.copy())
    assert (found.mean, found.low, found.high, found.n) == (0.0, 0.0, 0.0, 20)
    assert found.is_exact


def test_joint_intervals_hold_all_at_once():
    assert np.mean([joint_coverage("exponential", 20, seed) for seed in (1, 2)]) >= 0.94


def test_joint_intervals_of_what_moves_together_are_narrower_than_bonferroni():
    rng = np.random.default_rng(3)
    base = rng.normal(size=20)
    others = 0.1 * rng.normal(size=(30, 20))
    gaps = others - base
    half = np.median(simultaneous(gaps).half_width / studentised(gaps).error)
    bonferroni = stats.t.isf(0.025 / 30, 19)
    alone = stats.t.isf(0.025, 19)
    assert alone < half < 0.8 * bonferroni


def test_an_interval_of_many_columns_is_that_of_each_alone():
    values = np.random.default_rng(4).exponential(size=(600, 9))
    values[5, 3] = np.nan
    together = bootstrap_t_many(values)
    for k in (0, 5, 255, 256, 599):
        alone = bootstrap_t(values[k])
        np.testing.assert_allclose(
            [together[k].mean, together[k].low, together[k].high],
            [alone.mean, alone.low, alone.high],
            rtol=1e-12,
        )
        assert together[k].n == alone.n


def test_a_skewed_sample_has_the_longer_arm_on_its_long_side():
    values = np.random.default_rng(5).lognormal(size=30)
    found = bootstrap_t(values)
    mirrored = bootstrap_t(-values)
    assert found.high - found.mean > 1.2 * (found.mean - found.low)
    np.testing.assert_allclose([mirrored.low, mirrored.high], [-found.high, -found.low])


def test_missing_pairs_are_left_out_whole():
    base = np.array([1.0, np.nan, 3.0, 4.0, 2.0])
    other = np.array([2.0, 5.0, np.nan, 4.5, 2.5])
    found = paired(base, other)
    assert found.n == 3
    assert found.mean == pytest.approx(np.mean([1.0, 0.5, 0.5]))


def test_too_few_values_have_no_ends_and_none_no_mean():
    one, none = bootstrap_t(np.array([3.0, np.nan])), bootstrap_t(np.array([np.nan]))
    assert (one.mean, one.n) == (3.0, 1)
    assert np.isnan([one.low, one.high, none.mean, none.low, none.high]).all()
    assert bootstrap_t(np.empty(0)).n == 0


def test_an_infinite_value_gives_no_ends():
    found = bootstrap_t(np.array([1.0, 2.0, np.inf]))
    assert found.mean == np.inf
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_equal_values_have_no_width(value):
    for found in (bootstrap_t(np.full(7, value)), student_t(np.full(7, value))):
        assert (found.mean, found.low, found.high) == (value, value, value)


def test_a_single_other_value_among_equal_ones_has_an_end_on_either_side():
    found = bootstrap_t(np.array([0.0] * 19 + [1.0]))
    assert -1.0 < found.low < 0.0
    assert 0.1 < found.high < np.inf


def test_students_interval_is_that_of_scipy():
    values = np.random.default_rng(6).normal(size=11)
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.9)
    found = student_t(values, 0.9)
    np.testing.assert_allclose([found.low, found.high], [low, high])


def test_many_replications_give_the_interval_of_the_central_limit_theorem():
    values = np.random.default_rng(7).normal(2.0, 3.0, size=4000)
    found = bootstrap_t(values)
    half = 1.96 * values.std(ddof=1) / np.sqrt(4000)
    np.testing.assert_allclose(
        [found.low, found.high], [values.mean() - half, values.mean() + half], atol=0.08 * half
    )


@given(NUMBERS, st.floats(0.1, 0.99))
def test_the_mean_lies_within_and_more_confidence_is_wider(values, confidence):
    found, wider = bootstrap_t(values, confidence), bootstrap_t(values, 0.995)
    assert found.low <= found.mean <= found.high
    assert wider.low <= found.low
    assert found.high <= wider.high


@given(NUMBERS, st.floats(-1e3, 1e3), st.floats(0.5, 100.0))
def test_shift_and_scale_move_the_interval_along(values, shift, scale):
    spread = np.ptp(values)
    assume(spread == 0.0 or spread > 1e-3 * (1.0 + np.abs(values).max()))
    found, moved = bootstrap_t(values), bootstrap_t(shift + scale * values)
    np.testing.assert_allclose(
        [moved.low, moved.high],
        [shift + scale * found.low, shift + scale * found.high],
        rtol=1e-6,
        atol=1e-6 * (1.0 + scale * np.abs(values).max() + abs(shift)),
    )


@given(NUMBERS)
def test_joint_intervals_of_one_mean_hold_it_and_the_order_of_several_does_not_matter(values):
    columns = np.stack([values, values[::-1], 2.0 * values])
    found, turned = simultaneous(columns), simultaneous(columns[::-1])
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    np.testing.assert_allclose(turned.low[::-1], found.low, rtol=1e-9, atol=1e-6)


def test_another_seed_gives_other_resamples_and_the_same_one_the_same():
    values = np.random.default_rng(8).exponential(size=25)
    assert bootstrap_t(values) == bootstrap_t(values)
    assert bootstrap_t(values).low != bootstrap_t(values, seed=1).low
    assert bootstrap_t(values).low == pytest.approx(bootstrap_t(values, seed=1).low, rel=0.05)


def test_no_columns_give_no_intervals():
    assert len(bootstrap_t_many(np.empty((0, 5)))) == 0
    assert len(simultaneous(np.empty((0, 5)))) == 0


@pytest.mark.parametrize("confidence", [0.0, 1.0, float("nan")])
def test_a_confidence_that_is_none_is_refused(confidence):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        bootstrap_t(np.array([1.0, 2.0]), confidence)


def test_more_confidence_than_the_resamples_can_tell_is_refused():
    with pytest.raises(ValueError, match=r"resamples = 99: a tail of 0.005 needs 199"):
        bootstrap_t(np.array([1.0, 2.0]), 0.99, resamples=99)


def test_differences_are_exactly_nothing_where_outcomes_are_the_same():
    base = np.array([0.1, np.nan, np.inf])
    found = differences(base, np.array([0.1, 1.0, np.inf]))
    assert found[0] == 0.0
    assert np.isnan(found[1:]).all()
