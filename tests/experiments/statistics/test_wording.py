import numpy as np
import pytest

from experiments.statistics.best_set import best_set
from experiments.statistics.confidence import Confidence, confidence
from experiments.statistics.intervals import Interval, bootstrap_t
from experiments.statistics.more_replications import more_replications
from experiments.statistics.pareto import pareto_front
from experiments.statistics.red_lines import RedLine
from experiments.statistics.wording import best_level, best_setting, difference, pareto, red_line

CAPS = [0.0, 0.1, 0.2, 0.3, 0.4]


def outcomes(*means: float, n: int = 20, noise: float = 0.1) -> np.ndarray:
    """Settings with exactly these means; each has noise of its own around what all share."""
    rng = np.random.default_rng(1)
    own = rng.normal(size=(len(means), n))
    own = noise * (own - own.mean(axis=1, keepdims=True))
    return np.array(means)[:, None] + own + rng.normal(size=n)


def told(values: np.ndarray, lines=(), indifference: float = 0.0, **more) -> str:
    found = best_set(values, red_lines=lines)
    wanted = more_replications(values, found, indifference=indifference)
    return " ".join(best_level(found, wanted, CAPS[: len(values)], "cap", **more))


def test_one_best_level_is_named_with_its_confidence():
    assert told(outcomes(0, 0, 5, 0, 0)) == (
        "A cap of 0.2 is best (almost certain): the other 4 are worse."
    )


def test_neighbouring_levels_are_a_zone_with_what_would_narrow_it():
    text = told(outcomes(0, 5, 5.02, 5, 0))
    assert text.startswith("A cap between 0.1 and 0.3 is best (almost certain): the other 2 are")
    assert "more replications would rule out" in text
    assert "each told with a chance of 80% if differences are as observed" in text


def test_levels_apart_are_named_as_islands():
    assert told(outcomes(0, 5, 0, 5, 0)).startswith("The best cap is one of 0.1 or of 0.3 (")


def test_a_zone_at_the_edge_says_so():
    assert told(outcomes(0, 1, 2, 3, 9)).endswith("the best cap may lie beyond.")


def test_where_all_may_be_best_it_cannot_tell_yet_and_says_what_would():
    text = told(outcomes(0.0, 0.01, 0.02, 0.01, 0.0))
    assert text.startswith("Cannot tell yet which cap is best: each of the 5 compared may be.")
    assert "more replications would rule out the first" in text
    assert "beyond" not in text


def test_exactly_equal_and_practically_equal_settings_are_said_to_be_so():
    same = np.repeat(outcomes(1.0), 3, axis=0)
    assert told(same) == "The cap makes no difference: all 3 give exactly the same."
    near = told(outcomes(0.0, 0.01, 0.02), indifference=1.0)
    assert near.endswith("These caps are practically equal: at most 1 apart.")
    seem = told(outcomes(0.0, 0.01, 0.02, noise=3.0), indifference=0.5)
    assert "seem to be practically equal: their means are less than 0.5 from the best." in seem


def test_settings_out_by_a_red_line_and_unsure_ones_are_told():
    harm = outcomes(0, 1, 5, 9, 9, noise=1.0) - outcomes(0.0)[0] + 1.0
    text = told(outcomes(0, 1, 2, 3, 9), [(RedLine(at_most=6.0), harm)])
    assert "2 caps are out by a red line." in text
    assert "0.4 is best" not in text
    assert told(outcomes(1, 2), [(RedLine(at_most=0.0), np.ones((2, 20)))]) == (
        "No cap keeps the red lines: 2 caps tested, all break one."
    )


def test_what_was_not_measured_is_told():
    values = outcomes(0, 5, 0)
    values[2] = np.nan
    assert "1 cap could not be compared: nothing was measured." in told(values)
    assert told(values * np.nan) == (
        "Nothing can be said about the best cap: nothing was measured."
    )


def test_labels_are_named_where_settings_have_no_order():
    values = outcomes(0, 5, 5.001)
    found = best_set(values)
    text = best_setting(found, more_replications(values, found), ["none", "flat", "targeted"])
    assert text[0].startswith("The best setting is flat or targeted (almost certain)")


@pytest.mark.parametrize(
    ("values", "survives", "sure"),
    [
        (outcomes(0, 5), None, Confidence.ALMOST_CERTAIN),
        (outcomes(0, 5), False, Confidence.VERY_LIKELY),
        (outcomes(0, 5, n=19), True, Confidence.LIKELY),
        (outcomes(0, 5, n=19), False, Confidence.CANNOT_TELL),
        (outcomes(0, 0.001), None, Confidence.CANNOT_TELL),
        (outcomes(0, 0) * np.nan, None, Confidence.CANNOT_TELL),
    ],
)
def test_the_word_of_confidence_follows_its_rule(values, survives, sure):
    assert confidence(best_set(values), survives) == sure


def test_what_is_told_at_ninety_five_but_not_ninety_nine_is_very_likely():
    values = outcomes(0.0, 1.0, noise=1.0)
    gap = values[1] - values[0]
    wanted = 2.4 * gap.std(ddof=1) / np.sqrt(20)  # between the two quantiles
    values[1] += wanted - gap.mean()
    found = best_set(values)
    assert 0.01 < found.p[0] <= 0.05
    assert confidence(found) == Confidence.VERY_LIKELY


def test_red_lines_leave_it_at_very_likely_and_unsure_ones_at_likely():
    values = outcomes(0, 5)
    kept = [(RedLine(at_least=0.0), np.ones((2, 20)))]
    assert confidence(best_set(values, red_lines=kept)) == Confidence.VERY_LIKELY
    unsure = np.stack([np.ones(20), np.linspace(-1.0, 1.1, 20)])
    found = best_set(np.vstack([values, outcomes(-9)]), red_lines=[
        (RedLine(at_least=0.0), np.vstack([unsure, np.ones(20)]))
    ])  # fmt: skip
    assert found.in_set.tolist() == [True, True, False]
    assert confidence(found) == Confidence.LIKELY


def test_a_difference_is_told_with_its_interval():
    assert difference(bootstrap_t(np.zeros(5)), "days") == "0, exactly"
    assert difference(Interval(2.0, 1.0, 3.0, 9, 0.95), "orders a day").startswith("2")
    assert "unknown" in difference(Interval(2.0, np.nan, np.nan, 1, 0.95), "orders a day")
    assert difference(bootstrap_t(np.array([np.nan])), "orders a day") == "–"


def test_a_red_line_and_a_front_are_told_by_name():
    line = red_line(0.4, True, "Trust", "0 to 1", ["a", "b", "c"], ["kept", "unsure", "kept"])
    assert line == "Trust at least 0.40: kept by a, c; unsure: b."
    values = np.stack([outcomes(1, 0, -5), outcomes(0, 1, -5)])
    text = pareto(pareto_front(values, [True, True]), ["a", "b", "c"])
    assert "a, b." in text
    assert text.endswith("Beaten for sure by another, in all outcomes: c.")
