import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from experiments.statistics.pareto import pareto_front


def outcomes(means: list[list[float]], noise: float = 0.1, seed: int = 1) -> np.ndarray:
    """(outcomes, settings, 20) from means by setting."""
    truth = np.array(means).T
    return truth[:, :, None] + noise * np.random.default_rng(seed).normal(size=(*truth.shape, 20))


def test_a_setting_that_another_beats_in_all_outcomes_is_not_on_the_front():
    found = pareto_front(outcomes([[3, 0], [0, 3], [-1, -1], [1, 1]]), [True, True])
    assert found.on_front.tolist() == [True, True, False, True]
    assert found.may_be_on_front.tolist() == [True, True, False, True]
    assert found.dominates_for_sure[3, 2]
    assert not found.dominates[0, 1]


def test_what_only_chance_may_have_beaten_may_be_on_the_front():
    values = outcomes([[0, 0], [0.01, 0.01]])
    found = pareto_front(values, [True, True])
    assert found.may_be_on_front.all()


def test_less_is_better_where_it_is_said_so():
    values = outcomes([[3, 0], [3, 5]])
    assert pareto_front(values, [True, False]).on_front.tolist() == [True, False]
    assert pareto_front(values, [True, True]).on_front[1]


def test_equal_outcomes_do_not_stand_in_the_way_of_domination_for_sure():
    values = outcomes([[1, 0], [1, 5]])
    values[0] = values[0, 0]  # nobody feels it
    found = pareto_front(values, [True, True])
    assert found.dominates_for_sure[1, 0]
    assert not pareto_front(values[:1], [True]).dominates.any()


def test_settings_not_measured_in_all_outcomes_are_on_no_front():
    values = outcomes([[3, 0], [0, 3], [5, 5]])
    values[1, 2] = np.nan
    found = pareto_front(values, [True, True])
    assert found.measured.tolist() == [True, True, False]
    assert not found.may_be_on_front[2]
    assert pareto_front(values[:, :1], [True, True]).on_front.all()


def test_domination_for_sure_is_rarely_wrong():
    wrong = 0
    for seed in range(200):
        values = np.random.default_rng(seed).exponential(size=(2, 6, 20))
        wrong += pareto_front(values, [True, True]).dominates_for_sure.any()
    assert wrong / 200 <= 0.05


@given(
    arrays(np.float64, (2, 4, 3), elements=st.integers(-3, 3).map(float)),
    st.tuples(st.booleans(), st.booleans()),
)
def test_the_front_is_never_empty_and_what_is_sure_is_so_by_means(values, higher):
    found = pareto_front(values, higher)
    assert found.on_front.any()
    assert (found.may_be_on_front | ~found.on_front).all()
    assert (found.dominates | ~found.dominates_for_sure).all()
    assert not (found.dominates & found.dominates.T).any()


def test_shapes_that_do_not_agree_are_refused():
    with pytest.raises(ValueError, match="outcomes, settings, replications"):
        pareto_front(np.zeros((2, 3, 4)), [True])
