import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.characteristics import stopped
from experiments.statistics.stopping import StoppingRule, next_batch, reached

RULE = StoppingRule(half_width=1.0, cap=55)


def batches(widths_at, rule: StoppingRule) -> list[int]:
    n, seen = 0, []
    while more := next_batch(widths_at(n), n, rule):
        n += more
        seen.append(n)
    return seen


def test_the_first_look_is_at_twenty_and_the_cap_ends_it():
    assert batches(lambda n: np.array([2.0]), RULE) == [20, 30, 40, 50, 55]
    assert batches(lambda n: np.array([0.5]), RULE) == [20]


def test_the_widest_interval_decides_for_all():
    assert next_batch(np.array([0.1, 1.1]), 20, RULE) == 10
    assert next_batch(np.array([0.1, 1.0]), 20, RULE) == 0


def test_a_study_that_was_cut_off_goes_on_to_the_first_look():
    assert next_batch(np.array([]), 7, RULE) == 13
    assert next_batch(np.array([9.0]), 0, StoppingRule(half_width=1.0, cap=12)) == 12


def test_a_relative_width_is_that_of_the_observed_mean_made_smaller():
    rule = StoppingRule(half_width=0.25, relative=True)
    assert reached(np.array([2.0, 2.1]), rule, np.array([-10.0, -10.0])).tolist() == [True, False]
    assert reached(np.array([0.0, 0.1]), rule, np.array([0.0, 0.0])).tolist() == [True, False]
    with pytest.raises(ValueError, match="needs the means"):
        reached(np.array([1.0]), rule)


def test_what_cannot_be_measured_is_not_waited_for_and_what_has_no_end_is():
    assert reached(np.array([np.nan, np.inf]), RULE).tolist() == [True, False]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"half_width": 0.0}, "half_width = 0.0: must be above 0"),
        ({"half_width": float("nan")}, "must be above 0"),
        ({"half_width": 1.0, "batch": 0}, "batch = 0: must be at least 1"),
        ({"half_width": 1.0, "first": 1}, "first = 1: must be at least 2"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(wrong, told):
    with pytest.raises(ValueError, match=told):
        StoppingRule(**wrong)
    with pytest.raises(ValueError, match="n = -1"):
        next_batch(np.array([1.0]), -1, RULE)


@pytest.mark.parametrize("noise", ["normal", "difference of two lognormals"])
def test_the_interval_at_which_a_study_stops_still_covers(noise):
    width = 0.3 if noise == "normal" else 1.0
    rule = StoppingRule(half_width=width, cap=300)
    ends = [stopped(noise, rule, seed) for seed in (1, 2, 3)]
    assert np.mean([end.coverage for end in ends]) >= 0.93
    assert 30 < np.mean([end.n for end in ends]) < 300


@given(
    st.lists(st.floats(0.0, 5.0), min_size=1, max_size=4),
    st.integers(0, 300),
    st.integers(2, 40),
    st.integers(1, 50),
    st.integers(1, 250),
)
def test_a_batch_never_passes_the_cap_and_always_ends(widths, n, first, batch, cap):
    rule = StoppingRule(half_width=1.0, cap=cap, first=first, batch=batch)
    more = next_batch(np.array(widths), n, rule)
    assert 0 <= more <= max(cap - n, 0)
    if more == 0:
        assert n >= cap or (n >= first and max(widths) <= 1.0)
