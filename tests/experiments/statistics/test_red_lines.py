import numpy as np
import pytest

from experiments.statistics.intervals import Interval
from experiments.statistics.red_lines import RedLine, keeps, together, verdicts


def between(low: float, high: float) -> Interval:
    return Interval(0.5 * (low + high), low, high, 20, 0.95)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.5, 0.6, "kept"), (0.2, 0.4, "broken"), (0.4, 0.6, "unsure"), (0.5, 0.5, "kept")],
)
def test_a_line_below_is_judged_by_the_whole_interval(low, high, verdict):
    assert keeps(between(low, high), RedLine(at_least=0.5)) == verdict
    assert keeps(between(-high, -low), RedLine(at_most=-0.5)) == verdict


def test_a_band_is_broken_on_either_side():
    band = RedLine(at_least=0.0, at_most=1.0)
    assert keeps(between(0.2, 0.9), band) == "kept"
    assert keeps(between(1.1, 1.2), band) == keeps(between(-0.2, -0.1), band) == "broken"
    assert keeps(between(-0.1, 1.2), band) == "unsure"


def test_an_interval_without_ends_is_unsure():
    assert keeps(between(np.nan, np.nan), RedLine(at_most=1.0)) == "unsure"


def test_lines_without_a_limit_or_against_each_other_are_refused():
    with pytest.raises(ValueError, match="needs at_least"):
        RedLine()
    with pytest.raises(ValueError, match="must be numbers"):
        RedLine(at_least=float("nan"))
    with pytest.raises(ValueError, match="no mean keeps it"):
        RedLine(at_least=2.0, at_most=1.0)


def test_the_worst_verdict_counts_for_all_lines_together():
    assert together(["kept", "unsure", "broken"]) == "broken"
    assert together(["kept", "unsure"]) == "unsure"
    assert together([]) == "kept"


def test_verdicts_on_many_settings_are_rarely_wrong_even_one_of_them():
    wrong = 0
    for seed in range(200):
        values = np.random.default_rng(seed).exponential(size=(12, 20))  # all means on the line
        found = verdicts([(RedLine(at_least=1.0), values)])[0]
        wrong += any(one != "unsure" for one in found)
    assert wrong / 200 <= 0.09


def test_no_lines_give_no_verdicts():
    assert verdicts([]) == []
