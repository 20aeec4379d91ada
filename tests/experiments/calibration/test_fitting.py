"""Approximate Bayesian computation and simulated moments, on a model whose moments are known."""

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.calibration import priors
from experiments.calibration.fitting import fit
from experiments.calibration.identification import responses
from experiments.calibration.moments import CalibrationError, MomentProblem
from experiments.calibration.predictive import check, draw_places, predict
from experiments.calibration.rejection import sample
from experiments.calibration.schema import (
    Calibration,
    MomentsSettings,
    Parameter,
    RejectionSettings,
)
from experiments.calibration.simulated_moments import estimate

FloatArray = NDArray[np.float64]
ERROR = np.array([0.05, 0.05, 0.05, 0.3])
SD = 0.1


def expected(unit: FloatArray) -> FloatArray:
    """(n, 4) moments of (n, 2) places; not linear in either."""
    a, b = unit[:, 0], unit[:, 1]
    return np.stack([np.exp(a) + b, a * b + 0.5 * a, b**2 + b, a], axis=1)


def model(luck: int) -> Callable[[FloatArray, range], FloatArray]:
    """Replication r has the same luck everywhere; its effect grows with the first parameter."""

    def simulate(unit: FloatArray, replications: range) -> FloatArray:
        noise = np.stack([np.random.default_rng([luck, r]).normal(size=4) for r in replications])
        return expected(unit)[:, None] + SD * (1.0 + 0.5 * unit[:, :1, None]) * noise[None]

    return simulate


def problem(
    unit: FloatArray, rng: np.random.Generator, observation: Literal["mean", "run"], luck: int
) -> MomentProblem:
    """Targets that the model itself made at a place, by luck of their own."""
    target = expected(unit[None])[0] + ERROR * rng.normal(size=4)
    if observation == "run":
        target = target + SD * (1.0 + 0.5 * unit[0]) * rng.normal(size=4)
    return MomentProblem(model(luck), 2, target, ERROR, np.ones(4), observation, 4, 20)


@pytest.mark.parametrize("observation", ["mean", "run"])
def test_ninety_percent_intervals_hold_the_truth_in_ninety_percent(
    observation: Literal["mean", "run"],
) -> None:
    """Simulation-based calibration: truths from the prior, their ranks in posteriors uniform."""
    rng = np.random.default_rng(5)
    ranks, far, j = [], [], []
    for luck in range(100):
        unit = rng.uniform(size=2)
        own = problem(unit, rng, observation, luck)
        found = sample(own, RejectionSettings(draws=128, rounds=2))
        ranks.append([found.weight[found.unit[:, one] < unit[one]].sum() for one in (0, 1)])
        moments = estimate(own, MomentsSettings(draws=32))
        if not moments.at_edge.any():
            far.append((moments.unit - unit) / np.sqrt(np.diag(moments.covariance)))
            j.append(moments.p_value)
    inside = np.mean([(r > 0.05) & (r < 0.95) for r in np.array(ranks)], axis=0)
    assert np.all(inside > 0.82)
    assert np.all(np.histogram(ranks, 4, (0.0, 1.0))[0] > 200 / 4 - 22)
    assert np.all(np.mean(np.abs(far) < 1.645, axis=0) > 0.82)
    assert np.mean(np.array(j) < 0.05) < 0.12


def test_a_model_that_is_wrong_is_told_by_the_test_of_overidentification() -> None:
    own = problem(np.array([0.5, 0.5]), np.random.default_rng(1), "mean", 1)
    wrong = dataclasses.replace(own, target=own.target + np.array([1.0, -1.0, 0.0, 0.0]))
    assert estimate(own, MomentsSettings(draws=16)).p_value > 0.05
    assert estimate(wrong, MomentsSettings(draws=16)).p_value < 1e-3


def test_the_covariance_is_the_usual_formula_where_targets_are_of_one_history() -> None:
    """V = (1 + 1/R) (G' S^-1 G)^-1, S the covariance of a run's moments."""
    own = problem(np.array([0.5, 0.5]), np.random.default_rng(2), "run", 2)
    exact = dataclasses.replace(own, error=np.full(4, 1e-9))
    found = estimate(exact, MomentsSettings(draws=16))
    first = estimate(exact, MomentsSettings(draws=16)).noise * 4.0 / 5.0
    usual = 1.25 * np.linalg.inv(found.jacobian.T @ np.linalg.inv(first) @ found.jacobian)
    np.testing.assert_allclose(found.covariance, usual, rtol=1e-4)
    runs = exact.simulate(found.unit[None], range(20))[0]
    np.testing.assert_allclose(np.diag(first), runs.var(axis=0, ddof=1), rtol=0.2)


def test_a_second_round_draws_nearer_and_tells_more() -> None:
    own = problem(np.array([0.4, 0.6]), np.random.default_rng(3), "mean", 3)
    found = sample(own, RejectionSettings(draws=64, rounds=2))
    box = found.rounds[1]
    assert np.all(box.high - box.low < 0.8)
    assert np.all((box.low < [0.4, 0.6]) & (box.high > [0.4, 0.6]))
    assert found.weight.sum() == pytest.approx(1.0)


def test_draws_without_moments_are_left_out_and_too_few_are_told() -> None:
    own = problem(np.array([0.4, 0.6]), np.random.default_rng(3), "mean", 3)

    def half(unit: FloatArray, replications: range) -> FloatArray:
        runs = model(3)(unit, replications)
        runs[unit[:, 1] < 0.3] = np.nan
        return runs

    found = sample(dataclasses.replace(own, simulate=half), RejectionSettings(draws=64, rounds=1))
    assert 0 < found.rounds[0].usable < 64

    def none(unit: FloatArray, replications: range) -> FloatArray:
        return np.full((len(unit), len(replications), 4), np.nan)

    for method in (
        lambda p: sample(p, RejectionSettings(draws=16)),
        lambda p: estimate(p, MomentsSettings(draws=8)),
    ):
        with pytest.raises(CalibrationError, match="draws gave all moments"):
            method(dataclasses.replace(own, simulate=none))


def test_a_parameter_that_no_moment_responds_to_is_told() -> None:
    unit = priors.spread_draws(64, np.zeros(3), np.ones(3), 0)
    found = responses(unit, model(1)(unit[:, :2], range(3)), ERROR)
    assert [found.told(one) for one in range(3)] == ["yes", "yes", "no"]
    assert found.responds(2) == []
    weak = responses(unit, model(1)(unit[:, :2], range(3)), 1000.0 * ERROR)
    assert weak.told(0) == "weakly"


def test_a_response_that_rises_and_falls_is_seen() -> None:
    unit = priors.spread_draws(64, np.zeros(2), np.ones(2), 0)
    hill = ((unit[:, :1] - 0.5) ** 2)[:, None, :] + np.zeros((64, 2, 1))
    assert responses(unit, hill, np.array([0.01])).told(0) == "yes"
    assert responses(unit, hill, np.array([0.01])).told(1) == "no"


@pytest.mark.parametrize("method", ["abc", "smm"])
def test_a_fit_is_in_the_parameters_own_units_and_within_their_priors(
    method: Literal["abc", "smm"],
) -> None:
    parameters = (
        Parameter(key="a", low=10.0, high=1000.0, prior="loguniform"),
        Parameter(key="b", low=-1.0, high=3.0, prior="normal", mean=1.0, sd=1.0),
    )
    truth = np.array([0.5, 0.5])
    own = problem(truth, np.random.default_rng(4), "mean", 4)
    calibration = Calibration(
        scenario="x", targets="x", parameters=parameters, method=method, smm=MomentsSettings()
    )
    found = fit(own, calibration)
    for one, given, value in zip(found.parameters, parameters, (100.0, 1.0), strict=True):
        assert given.low <= one.low < one.mean < one.high <= given.high
        assert one.mean == pytest.approx(value, rel=0.35)
        assert 0.5 < one.shrinkage < 1.0
        assert one.identified == "yes"
        assert not one.at_bound
    again = fit(own, calibration)
    np.testing.assert_array_equal(found.values, again.values)


def test_where_the_truth_lies_beyond_the_prior_its_end_is_told() -> None:
    own = problem(np.array([1.0, 0.5]), np.random.default_rng(4), "mean", 4)
    far = dataclasses.replace(own, target=expected(np.array([[1.6, 0.5]]))[0])
    calibration = Calibration(
        scenario="x",
        targets="x",
        parameters=(Parameter(key="a", low=0.0, high=1.0), Parameter(key="b", low=0.0, high=1.0)),
    )
    assert fit(far, calibration).parameters[0].at_bound


def test_the_predictive_check_meets_its_own_data_and_misses_others() -> None:
    rng = np.random.default_rng(6)
    own = problem(np.array([0.5, 0.5]), rng, "mean", 6)
    found = sample(own, RejectionSettings(draws=128))
    places = draw_places(found.unit, found.weight, 200)

    def simulate(unit: FloatArray, replications: list[range]) -> FloatArray:
        return np.concatenate(
            [model(6)(u[None], own) for u, own in zip(unit, replications, strict=True)]
        )

    predicted = predict(simulate, places, 4, 20, ERROR)
    assert [one.word for one in check(predicted, own.target)] == ["met"] * 4
    off = check(predicted, own.target + np.array([0.0, 2.0, 0.0, 0.0]))
    assert [one.word for one in off] == ["met", "missed", "met", "met"]
    assert off[1].z > 5.0


@pytest.mark.parametrize("draws", [3, 10, 18, 19, 60, 250])
def test_predictive_p_values_are_uniform_for_the_model_itself(draws: int) -> None:
    rng = np.random.default_rng(7)
    found = [check(rng.normal(size=(draws, 1)), rng.normal(size=1))[0].p_value for _ in range(2000)]
    for p_value, within in ((0.1, 0.025), (0.01, 0.01)):
        assert np.mean(np.array(found) <= p_value) == pytest.approx(p_value, abs=within)


@pytest.mark.parametrize("draws", [4, 8, 18, 19, 60])
def test_a_target_far_from_all_draws_is_missed_however_few_they_are(draws: int) -> None:
    predicted = np.random.default_rng(8).normal(size=(draws, 1))
    mean, sd = predicted.mean(), predicted.std(ddof=1)
    assert check(predicted, np.array([mean + 15.0 * sd]))[0].word == "missed"
    assert check(predicted, np.array([mean - 15.0 * sd]))[0].word == "missed"
    assert check(predicted, np.array([mean]))[0].word == "met"


@pytest.mark.parametrize("draws", [3, 12, 19, 200])
def test_a_target_is_met_where_it_lies_in_the_interval_that_is_told(draws: int) -> None:
    predicted = np.random.default_rng(9).gamma(2.0, size=(draws, 1))
    one = check(predicted, predicted.mean(axis=0))[0]
    inside, width = np.array([one.low, one.high]), one.high - one.low
    for end, way in zip(inside, (-1.0, 1.0), strict=True):
        assert check(predicted, np.array([end - 0.05 * way * width]))[0].word == "met"
        assert check(predicted, np.array([end + 0.3 * way * width]))[0].word != "met"


@pytest.mark.parametrize("draws", [2, 40])
def test_a_prediction_without_spread_is_met_exactly_or_missed(draws: int) -> None:
    found = [check(np.full((draws, 1), 2.0), np.array([goal]))[0] for goal in (2.0, 2.1)]
    assert [one.word for one in found] == ["met", "missed"]


def test_a_moment_without_a_value_is_told() -> None:
    found = check(np.full((10, 1), np.nan), np.array([1.0]))[0]
    assert found.word == "not measured"
    assert found.draws == 0
