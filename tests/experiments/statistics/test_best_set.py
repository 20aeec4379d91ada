import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from experiments.statistics.best_set import best_set
from experiments.statistics.characteristics import BEST_LEVEL, LEVELS, correlated, set_of_best
from experiments.statistics.red_lines import RedLine

OUTCOMES = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 8)),
    elements=st.floats(-100, 100, allow_subnormal=False, width=16),
)


def test_the_set_holds_the_true_best_on_a_known_surface_and_is_small_where_that_is_clear():
    found = set_of_best("exponential", 20, seed=1, steepness=0.2, trials=500)
    assert found.holds_best >= 0.95
    assert found.size < 4.0


def test_the_set_holds_the_true_best_where_differences_are_hardly_to_be_seen():
    found = set_of_best("exponential", 20, seed=2, steepness=0.02, trials=500)
    assert found.holds_best >= 0.95
    assert found.size < LEVELS - 1


def test_each_of_settings_that_are_all_the_same_is_in_the_set_in_ninety_five_of_a_hundred():
    held = [set_of_best("lognormal", 20, seed, steepness=0.0, trials=300) for seed in (1, 2)]
    assert np.mean([one.holds_best for one in held]) >= 0.945
    assert np.mean([one.size for one in held]) < LEVELS  # it is no set that always holds all


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["normal", "exponential", "lognormal"])
@pytest.mark.parametrize("steepness", [0.2, 0.05, 0.02])
def test_the_set_holds_the_true_best_over_a_thousand_trials(noise, steepness):
    assert set_of_best(noise, 20, seed=3, steepness=steepness).holds_best >= 0.95


def surface(seed: int, steepness: float = 0.2, n: int = 20) -> np.ndarray:
    rng = np.random.default_rng(seed)
    truth = -steepness * np.square(np.arange(LEVELS) - BEST_LEVEL)
    return truth[:, None] + correlated("exponential", rng, LEVELS, n)


def test_intervals_against_the_best_of_the_others_hold_the_truth_jointly():
    truth = -0.1 * np.square(np.arange(LEVELS) - BEST_LEVEL)
    gap = np.array([truth[s] - np.delete(truth, s).max() for s in range(LEVELS)])
    held = 0
    for seed in range(300):
        found = best_set(surface(seed, 0.1))
        held += bool(((found.low <= gap) & (gap <= found.high)).all())
    assert held / 300 >= 0.95


def test_what_is_clear_under_the_same_luck_is_told_though_levels_hide_it():
    luck = np.random.default_rng(1).normal(size=20)
    found = best_set(np.stack([luck, luck + 0.01 + 0.001 * np.sin(np.arange(20))]))
    assert found.in_set.tolist() == [False, True]
    assert (found.high[0], found.low[1]) == (0.0, 0.0)
    assert found.low[0] < -0.009


def test_a_setting_that_equals_the_best_is_in_the_set():
    values = surface(3)
    found = best_set(np.vstack([values, values[BEST_LEVEL]]))
    assert found.in_set[BEST_LEVEL]
    assert found.in_set[-1]
    assert best_set(np.vstack([values[BEST_LEVEL], values[BEST_LEVEL]])).all_equal


def test_a_difference_that_is_always_the_same_is_told():
    luck = np.array([1.0, 2.0, 4.0, 3.0])
    found = best_set(np.stack([luck, luck + 1.0]))
    assert found.in_set.tolist() == [False, True]


def test_lower_is_better_mirrors_higher_is_better():
    values = surface(4)
    up, down = best_set(values), best_set(-values, higher=False)
    np.testing.assert_array_equal(up.in_set, down.in_set)
    np.testing.assert_allclose(down.low, -up.high)
    np.testing.assert_allclose(down.high, -up.low)
    assert up.best == down.best


def test_settings_without_values_or_with_infinite_ones_are_not_compared():
    values = surface(5)
    values[2] = np.nan
    values[3, 0] = np.inf
    found = best_set(values)
    assert not found.contest[[2, 3]].any()
    assert not found.in_set[[2, 3]].any()
    np.testing.assert_array_equal(found.n[[2, 3]], [0, 20])
    np.testing.assert_array_equal(
        found.in_set[[0, 1, *range(4, LEVELS)]], best_set(np.delete(values, [2, 3], 0)).in_set
    )


def test_missing_runs_cost_only_their_pairs():
    values = surface(6)
    values[0, :3] = np.nan
    values[7, 5] = np.nan
    found = best_set(values)
    assert found.n[[0, 7, 1]].tolist() == [17, 19, 20]
    assert found.pairs[[0, 7, 1]].tolist() == [16, 16, 17]
    assert found.in_set[BEST_LEVEL]
    assert not found.in_set[-1]


def test_one_replication_tells_nothing_and_no_setting_has_no_best():
    found = best_set(np.array([[1.0], [5.0]]))
    assert found.in_set.all()
    assert found.nothing_told
    assert best_set(np.full((2, 4), np.nan)).best == -1
    assert best_set(np.empty((0, 4))).best == -1


def test_one_setting_is_its_own_set():
    found = best_set(np.array([[1.0, 2.0, 3.0]]))
    assert found.in_set.tolist() == [True]
    assert (found.low[0], found.high[0]) == (0.0, np.inf)
    assert not found.all_equal


def test_of_two_settings_that_are_the_same_one_is_called_best_in_five_of_a_hundred():
    rng = np.random.default_rng(11)
    named = [best_set(rng.normal(size=(2, 20))).in_set.sum() == 1 for _ in range(1000)]
    assert np.mean(named) == pytest.approx(0.05, abs=0.015)


def test_few_replications_are_enough_for_what_is_plain():
    rng = np.random.default_rng(7)
    values = np.array([0.0, 10.0, 0.0])[:, None] + 0.1 * rng.normal(size=(3, 4))
    assert best_set(values).in_set.tolist() == [False, True, False]


def test_a_false_best_is_named_no_more_often_than_the_confidence_allows_at_few_replications():
    rng = np.random.default_rng(8)
    outs = np.zeros(4)
    for _ in range(400):
        outs += ~best_set(rng.normal(size=4)[None, :] + rng.normal(size=(4, 4))).in_set
    assert (outs / 400 < 0.08).all()


@given(OUTCOMES, st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_set_grows_with_confidence_and_holds_the_best_mean(values, confidence):
    small, large = best_set(values, confidence=confidence), best_set(values, confidence=0.99)
    assert (large.in_set | ~small.in_set).all()
    assert small.in_set[small.best]
    assert (small.low <= 0.0).all()
    assert (small.high >= 0.0).all()


@given(OUTCOMES, st.randoms(use_true_random=False))
def test_the_order_of_settings_does_not_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    found, turned = best_set(values), best_set(values[order])
    np.testing.assert_array_equal(turned.in_set, found.in_set[order])
    np.testing.assert_allclose(turned.p, found.p[order])


@given(OUTCOMES, st.sampled_from([0.25, 4.0, 64.0]), st.sampled_from([-8.0, 0.0, 16.0]))
def test_unit_and_origin_do_not_matter(values, scale, shift):
    np.testing.assert_array_equal(
        best_set(values).in_set, best_set(scale * (values + shift)).in_set
    )


def test_a_red_line_that_is_surely_broken_puts_a_setting_out():
    values = surface(9)
    harm = np.arange(LEVELS)[:, None] + 0.1 * np.random.default_rng(9).normal(size=values.shape)
    found = best_set(values, red_lines=[(RedLine(at_most=2.5), harm)])
    assert found.verdicts == ("kept",) * 3 + ("broken",) * (LEVELS - 3)
    assert found.best == 2
    assert found.in_set.nonzero()[0].max() == 2


def test_a_setting_that_may_break_a_red_line_puts_no_other_out():
    rng = np.random.default_rng(10)
    values = np.array([0.0, 10.0, -10.0])[:, None] + rng.normal(size=(3, 20))
    harm = np.array([0.0, 1.0, 0.0])[:, None] + rng.normal(size=(3, 20))
    found = best_set(values, red_lines=[(RedLine(at_most=1.0), harm)])
    assert found.verdicts == ("kept", "unsure", "kept")
    assert found.in_set.tolist() == [True, True, False]


def test_the_best_that_keeps_the_red_line_is_held_though_better_ones_break_it():
    held = 0
    for seed in range(200):
        values = surface(seed, 0.1)
        harm = np.arange(LEVELS)[:, None] + np.random.default_rng([seed, 1]).normal(
            scale=3.0, size=values.shape
        )
        held += best_set(values, red_lines=[(RedLine(at_most=2.5), harm)]).in_set[2]
    assert held / 200 >= 0.95


def test_shapes_that_do_not_agree_are_refused():
    with pytest.raises(ValueError, match="of one shape"):
        best_set(np.zeros(3))
    with pytest.raises(ValueError, match="of one shape"):
        best_set(np.zeros((2, 3)), red_lines=[(RedLine(at_most=1.0), np.zeros((2, 4)))])
