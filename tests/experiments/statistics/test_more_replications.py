import numpy as np
import pytest

from experiments.statistics.best_set import best_set
from experiments.statistics.characteristics import told_after_more
from experiments.statistics.more_replications import CAP, more_replications


def settings(*gaps: float, n: int = 20) -> np.ndarray:
    """Settings whose differences from the first have exactly these means and deviation 1."""
    rng = np.random.default_rng(1)
    rows = [np.zeros(n)]
    for gap in gaps:
        noise = rng.normal(size=n)
        rows.append(-gap + (noise - noise.mean()) / noise.std(ddof=1))
    return np.stack(rows)


@pytest.mark.parametrize("gap", [0.4, 0.25])
def test_what_is_asked_for_tells_two_settings_in_eighty_of_a_hundred(gap):
    told = np.mean([told_after_more(gap, seed, trials=150) for seed in range(1, 6)])
    assert told == pytest.approx(0.8, abs=0.06)


def test_smaller_differences_and_more_certainty_take_more():
    values = settings(0.4, 0.2, 0.1)
    found = best_set(values)
    more = more_replications(values, found)
    assert more.each[0] == 0.0
    assert 0 < more.each[1] < more.each[2] < more.each[3]
    assert (more.to_narrow, more.to_decide) == (more.each[1], more.each[3])
    assert (more_replications(values, found, power=0.95).each[1:] > more.each[1:]).all()
    assert 20 + more.each[3] == pytest.approx(4.0 * (20 + more.each[2]), rel=0.1)  # as 1 / gap^2


def test_settings_that_are_told_already_take_nothing():
    values = settings(5.0, 0.3)
    more = more_replications(values, best_set(values))
    assert more.each[1] == 0.0 < more.each[2]


def test_practically_equal_settings_are_not_asked_to_be_told_apart():
    values = settings(0.3, 0.1)
    found = best_set(values)
    more = more_replications(values, found, indifference=0.2)
    assert more.equal.tolist() == [False, False, True]
    assert more.each[2] == 0.0 < more.each[1]
    assert not more.equal_for_sure[1]
    assert more_replications(values, found, indifference=5.0).equal_for_sure.all()


def test_exactly_equal_settings_need_no_indifference_to_be_equal():
    luck = np.random.default_rng(2).normal(size=20)
    values = np.stack([luck, luck])
    more = more_replications(values, best_set(values))
    assert more.equal.sum() == 1
    assert (more.to_narrow, more.to_decide) == (None, 0)


def test_beyond_the_cap_nothing_is_promised():
    values = settings(0.001)
    more = more_replications(values, best_set(values))
    assert np.isinf(more.each[1])
    assert (more.to_narrow, more.to_decide, more.cap) == (None, None, CAP)


def test_one_replication_foresees_nothing_and_no_contest_needs_nothing():
    values = np.array([[1.0], [2.0]])
    assert np.isinf(more_replications(values, best_set(values)).each[0])
    nothing = np.full((2, 5), np.nan)
    assert more_replications(nothing, best_set(nothing)).to_decide == 0


@pytest.mark.parametrize("wrong", [{"indifference": -1.0}, {"power": 1.0}])
def test_numbers_out_of_range_are_refused(wrong):
    values = settings(0.1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        more_replications(values, best_set(values), **wrong)
