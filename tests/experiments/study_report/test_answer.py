"""The answer of a study: what is best, who pays, whether it survives, told as it was made."""

from collections.abc import Callable

import numpy as np
import pytest
from synthetic_studies import CAP, cap_study, peak, results_of

from experiments.numerals import alike
from experiments.statistics.intervals import paired
from experiments.studies.loading import LoadedStudy
from experiments.studies.points import Point
from experiments.studies.results import Failure, StudyResults
from experiments.study_report.analysis import analyse
from experiments.study_report.answer import StudyAnswer
from experiments.study_report.untested import ASSUMPTIONS
from experiments.study_report.weightings import (
    AGGREGATIONS,
    dimension_scores,
    index_of,
    weightings,
)
from scenarios.fields import fields
from scenarios.schema import Scenario
from sim.health import composite_index


def gain(point: Point, loaded: LoadedStudy) -> float:
    return 50.0 + 100.0 * float(point.changes[CAP])


def loss(point: Point, loaded: LoadedStudy) -> float:
    return 50.0 - 100.0 * float(point.changes[CAP])


SIDES = {"consumer_surplus": gain, "profit": loss}


@pytest.fixture(scope="module")
def results() -> StudyResults:
    return results_of(cap_study(), others=SIDES)


@pytest.fixture(scope="module")
def answer(results: StudyResults) -> StudyAnswer:
    return analyse(results)


def test_the_answer_is_three_sentences_that_name_the_best_and_the_word(answer: StudyAnswer) -> None:
    assert len(answer.sentences) == 3
    for sentence in answer.sentences:
        assert sentence.endswith(".")
        assert ". " not in sentence
    first, second, third = answer.sentences
    assert first.startswith("A cap on subsidies of 20% is best (very likely)")
    assert answer.confidence in second
    assert "30 pairs" in second
    assert "those who gain are consumers" in third
    assert "those who pay are the platform" in third
    assert "of those" not in third
    assert answer.zones == ((0.2, 0.2),)


def test_a_plateau_is_told_as_a_zone_and_not_as_one_setting() -> None:
    def plateau(point: Point, loaded: LoadedStudy) -> float:
        return 100.0 - 80.0 * max(abs(float(point.changes[CAP]) - 0.25) - 0.05, 0.0)

    found = analyse(results_of(cap_study(), plateau))
    assert found.zones == ((0.2, 0.3),)
    assert "between 20% and 30%" in found.sentences[0]
    assert "%, of those the one with the best mean, instead of the base, 0%" in found.sentences[2]


def test_where_nothing_differs_it_cannot_be_told_and_more_runs_are_asked_for() -> None:
    found = analyse(results_of(cap_study(), lambda point, loaded: 100.0, noise=5.0))
    assert found.sentences[0].startswith("Cannot tell yet")
    assert found.confidence == "cannot tell yet"
    assert "replication" in found.sentences[1]
    best_by_mean_alone = "of those the one with the best mean", "Staying with the base"
    assert any(words in found.sentences[2] for words in best_by_mean_alone)


def test_where_all_is_exactly_the_same_no_word_of_confidence_is_given() -> None:
    found = analyse(results_of(cap_study(), lambda point, loaded: 100.0, noise=0.0))
    assert "makes no difference" in found.sentences[0]
    assert found.sentences[1].startswith("No word of confidence applies, since all give exactly")


def test_one_setting_alone_has_nothing_to_be_compared_with() -> None:
    lever = {"key": CAP, "label": "Cap on subsidies", "levels": (0.2,)}
    found = analyse(results_of(cap_study(levers=(lever,))))
    assert "is the only cap on subsidies that was measured" in found.sentences[0]
    assert "since there is nothing to compare it with" in found.sentences[1]


def test_one_pair_is_told_as_one() -> None:
    found = analyse(results_of(cap_study(), replications=1))
    assert "from 1 pair of runs" in found.sentences[1]


def test_differences_are_paired_and_of_the_base_exactly_nothing(
    results: StudyResults, answer: StudyAnswer
) -> None:
    row = answer.outcomes[0]
    assert row.differences[answer.base].mean == row.differences[answer.base].high == 0.0
    values = results.matrix("surplus")
    assert row.differences[2].mean == pytest.approx((values[2] - values[0]).mean())
    assert row.differences[2].n == 30
    alone = paired(values[0], values[2])
    assert row.differences[2].high - row.differences[2].low > alone.high - alone.low  # joint
    assert row.changes == ("same", "better", "better", "better", "unclear")


def test_gains_and_losses_of_sides_have_their_signs_and_pairs(answer: StudyAnswer) -> None:
    sides = {one.label: one for one in answer.sides}
    assert [*sides] == [
        "Consumers", "Small merchants", "Larger merchants", "Couriers", "Platform", "Treasury",
        "Rival platform",
    ]  # fmt: skip
    assert sides["Consumers"].changes[4] == "better"
    assert sides["Platform"].changes[4] == "worse"
    assert sides["Platform"].differences[4].mean == pytest.approx(-40.0, abs=0.1)


def test_a_recommendation_that_another_world_reverses_does_not_survive() -> None:
    def turned(point: Point, loaded: LoadedStudy) -> float:
        low = point.changes.get("consumers.multi_homing") == 0.2
        return 100.0 * (1.0 - float(point.changes[CAP])) if low else peak(point, loaded)

    found = analyse(results_of(cap_study(), turned))
    assert found.survival is not None
    assert found.survival.survives is False
    fates = {one.label: one.fate for one in found.survival.worlds}
    assert fates.pop("Comparing: 0.2") == "reversed"
    assert set(fates.values()) == {"holds"}
    assert found.confidence == "likely"  # one word weaker than "very likely"
    assert "Comparing: 0.2" in found.sentences[1]


def test_a_red_line_puts_a_better_setting_out() -> None:
    def survives(point: Point, loaded: LoadedStudy) -> float:
        return 0.9 - 2.0 * float(point.changes[CAP])  # below 0.6 from a cap of 0.2 on

    found = analyse(results_of(cap_study(), others={"survival": survives}))
    assert found.settings[found.recommended].label == "10%"
    assert [one.red_lines for one in found.settings] == [
        "kept",
        "kept",
        "broken",
        "broken",
        "broken",
    ]
    assert found.red_lines[0].verdicts == ("kept", "kept", "broken", "broken", "broken")


def test_the_index_is_made_anew_as_the_market_makes_it(results: StudyResults) -> None:
    index = results.loaded.base.health.index
    scores = dimension_scores(results, index)
    weights = np.array([[index.weights[name] for name in scores.dimensions]])
    for how in AGGREGATIONS:
        settings = index.model_copy(update={"aggregation": how})
        found = index_of(scores.values, weights, how)[0]
        for row in (0, 37, 149):
            run = results.means.iloc[row]
            told = composite_index({str(k): float(v) for k, v in run.items()}, settings).value
            place = int(run["setting"]), int(run["replication"])
            assert found[place] == pytest.approx(told, abs=1e-12)


def test_what_is_better_in_every_dimension_is_ahead_in_every_weighting() -> None:
    def up(point: Point, loaded: LoadedStudy) -> float:
        return 0.4 + float(point.changes[CAP])

    posts = cap_study().base.health.index.goalposts
    higher: dict[str, Callable[[Point, LoadedStudy], float]] = {}
    for name, one in posts.items():
        higher[name] = lambda p, _, o=one: o.worst + (o.best - o.worst) * up(p, _)  # type: ignore[misc]
    results = results_of(cap_study(), others=higher, noise=0.0)
    labels = [f"{place}" for place in range(5)]
    found = weightings(results, labels, 4, draws=200)
    assert found is not None
    assert found.beats[4][:4] == (1.0, 1.0, 1.0, 1.0)
    assert found.rows[4].share_first == 1.0
    assert not found.reversals


def test_a_trade_of_dimensions_is_flagged_as_a_reversal() -> None:
    """Trust falls from good to bad while survival rises less: who is ahead hangs on the weights."""

    def trust(point: Point, loaded: LoadedStudy) -> float:
        return 0.9 - float(point.changes[CAP])

    def survive(point: Point, loaded: LoadedStudy) -> float:
        return 0.5 + 1.2 * float(point.changes[CAP])

    loaded = cap_study(changes={"health.index.aggregation": "arithmetic"})
    results = results_of(
        loaded, others={"trust": trust, "small_merchant_survival": survive}, noise=0.01
    )
    found = weightings(results, [f"{place}" for place in range(5)], 0)
    assert found is not None
    assert 0.1 < found.beats[0][4] < 0.9
    assert found.beats[0][4] + found.beats[4][0] == pytest.approx(1.0)
    assert found.reversals


def test_failures_are_grouped_by_reason_and_told_of_the_setting() -> None:
    failures = tuple(
        Failure(
            f"{r:032x}", 3, r, "raised an error", f"Traceback\n  line\nValueError: no {r % 2}", 1
        )
        for r in range(5)
    )
    found = analyse(results_of(cap_study(), failures=failures))
    assert [(one.count, one.reason) for one in found.failures] == [
        (3, "ValueError: no 0"),
        (2, "ValueError: no 1"),
    ]
    assert found.failures[0].places == "30%; as in the scenario"
    assert any("5 runs failed" in told for told in found.warnings)


def test_runs_that_are_missing_leave_their_pairs_out(results: StudyResults) -> None:
    gone = (results.runs["setting"] == 2) & (results.runs["replication"] < 4)
    fewer = StudyResults(
        results.loaded,
        results.model,
        results.runs[~gone],
        (),
        results.planned,
        results.means[~gone.to_numpy()],
    )
    found = analyse(fewer)
    assert found.outcomes[0].differences[2].n == 26
    assert found.sides[0].differences[2].n == 26
    assert any("has not ended" in told for told in found.warnings)


def test_without_means_sides_and_weights_are_left_out_and_that_is_said(
    results: StudyResults,
) -> None:
    found = analyse(StudyResults(results.loaded, results.model, results.runs, (), results.planned))
    assert not found.sides
    assert found.weightings is None
    assert any("not kept" in told for told in found.warnings)


def test_assumptions_that_are_said_to_matter_exist_and_lack_what_was_varied(
    answer: StudyAnswer,
) -> None:
    known = {one.key for one in fields(Scenario)}
    for key in ASSUMPTIONS:
        assert key in known or any(one.startswith(f"{key}.") for one in known), key
    told = {one.key for one in answer.untested.assumptions}
    assert "rival.utility" in told
    assert told.isdisjoint(
        {"consumers.multi_homing", "merchants.capital_days", "policies.sanctions"}
    )


def test_a_sampled_design_tells_what_matters_and_names_no_best_setting() -> None:
    factors = {
        "levers": ({"key": CAP, "label": "Cap", "unit": "share", "low": 0.0, "high": 0.4},),
        "uncertainties": (
            {"key": "consumers.multi_homing", "label": "Comparing", "low": 0.0, "high": 1.0},
        ),
        "alternatives": (),
    }

    def linear(point: Point, loaded: LoadedStudy) -> float:
        return 200.0 * float(point.changes[CAP])

    designs = (
        {"method": "sobol", "samples": 64},
        {"method": "morris", "trajectories": 10},
        {"method": "latin_hypercube", "samples": 60},
    )
    for design in designs:
        loaded = cap_study(**factors, design=design)
        found = analyse(results_of(loaded, linear, replications=4, others=SIDES))
        assert found.recommended == -1
        assert found.no_slider
        assert found.influences is not None
        assert found.influences.rows
        assert found.sentences[0].startswith("What moves consumer surplus most is cap"), design
        assert all(one.endswith(".") for one in found.sentences)
        trend = next(one for one in found.influences.trends if one.label == "Platform")
        assert trend.change == "worse"


def test_an_interval_and_its_mean_have_the_same_decimals() -> None:
    assert alike([0.03, 0.000008, 0.06], "currency a day", 0.06) == ["0.030", "0.000", "0.060"]
    assert alike([0.1234, 0.1, 0.15], "share", 0.05) == ["12.3%", "10.0%", "15.0%"]
    assert alike([-1234.0, -1300.4, -1100.2], "currency a day", 200.0) == [
        "-1,234", "-1,300", "-1,100",
    ]  # fmt: skip
