"""Features without the future, calibration that puts probabilities right, purchase and churn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.behaviour import (
    FEATURES_AN_EVENT,
    BehaviourConfig,
    BehaviourModel,
    CustomerEvents,
    LogisticRegression,
    bought_within,
    calibrate,
    customer_features,
    fell_silent,
)
from models.probability_metrics import probability_quality, reliability_curve
from models.ranking_metrics import calibration_error


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(6)


def feature(table: np.ndarray, name: str) -> np.ndarray:
    """A feature of the first kind of event, as counted rather than as logarithm."""
    return np.expm1(table[:, 1 + FEATURES_AN_EVENT.index(name)])


def test_features_are_recency_frequency_and_value() -> None:
    events = CustomerEvents.of([0, 0, 0, 1], [10, 60, 65, 2], [5.0, 7.0, 9.0, 1.0])
    found = customer_features({"purchase": events}, 3, 70)
    assert np.expm1(found[:, 0]) == pytest.approx([60, 68, 0])  # days since the first
    assert feature(found, "recency") == pytest.approx([4, 67, 0])
    assert feature(found, "in_7_days") == pytest.approx([1, 0, 0])
    assert feature(found, "in_28_days") == pytest.approx([2, 0, 0])
    assert feature(found, "in_84_days") == pytest.approx([3, 1, 0])
    assert feature(found, "value_in_28_days") == pytest.approx([16, 0, 0])
    assert feature(found, "mean_value") == pytest.approx([7, 1, 0])
    assert feature(found, "overdue") == pytest.approx([4 / 20, 67 / 68, 0])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=20))
def test_nothing_of_the_day_itself_or_later_is_in_the_features(
    events: list[tuple[int, int]],
) -> None:
    customer, day = (
        (np.array(one, dtype=int) for one in zip(*events, strict=True))
        if events
        else (
            np.empty(0, dtype=int),
            np.empty(0, dtype=int),
        )
    )
    past = day < 50
    whole = customer_features({"visit": CustomerEvents.of(customer, day)}, 4, 50)
    cut = customer_features({"visit": CustomerEvents.of(customer[past], day[past])}, 4, 50)
    assert (whole == cut).all()


def test_outcomes_begin_on_the_day_and_churn_is_silence_after_the_week() -> None:
    purchases = CustomerEvents.of([0, 1, 2, 3, 3], [9, 10, 16, 12, 40])
    assert bought_within(purchases, 5, 10, 7).tolist() == [0, 1, 1, 1, 0]
    assert fell_silent(purchases, 5, 10, 7, 28).tolist() == [1, 1, 1, 0, 1]


def test_the_logistic_regression_finds_the_odds(rng: np.random.Generator) -> None:
    x = rng.normal(size=(20_000, 2)) * [1.0, 50.0]
    chance = 1.0 / (1.0 + np.exp(-(0.7 * x[:, 0] - 0.02 * x[:, 1] - 1.0)))
    model = LogisticRegression()
    model.fit(x, rng.random(20_000) < chance)
    assert model.slopes == pytest.approx([0.7, -0.02], rel=0.08)
    assert np.abs(model.predict(x) - chance).max() < 0.04


def test_a_logistic_regression_of_what_always_happens_stays_finite() -> None:
    model = LogisticRegression()
    model.fit(np.arange(6.0)[:, None], np.ones(6))
    assert (model.predict([[3.0], [9.0]]) > 0.9).all()


def distorted(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that exaggerate, and what happened."""
    truth = rng.beta(2.0, 3.0, rows)
    told = truth**3 / (truth**3 + (1.0 - truth) ** 3)
    return told, (rng.random(rows) < truth).astype(float)


@pytest.mark.parametrize("method", ["isotonic", "platt", "beta"])
def test_calibration_puts_probabilities_right_on_other_rows(
    method: str, rng: np.random.Generator
) -> None:
    put_right = calibrate(*distorted(rng, 5000), method)
    told, happened = distorted(rng, 20_000)
    assert calibration_error(told, happened) > 0.1
    assert calibration_error(put_right(told), happened) < 0.02
    before, after = (
        probability_quality(told, happened),
        probability_quality(put_right(told), happened),
    )
    assert after.log_loss < before.log_loss
    assert after.area == pytest.approx(before.area, abs=0.005)


@pytest.mark.parametrize("method", ["isotonic", "platt", "beta"])
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_a_higher_probability_stays_the_higher(method: str, rows: list[tuple[float, bool]]) -> None:
    told, happened = (np.array(one, dtype=float) for one in zip(*rows, strict=True))
    found = calibrate(told, happened, method)(np.linspace(0, 1, 30))
    assert (np.diff(found) >= -1e-9).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_beta_calibration_leaves_good_probabilities_nearly_as_they_are(
    rng: np.random.Generator,
) -> None:
    truth = rng.beta(1.0, 4.0, 30_000)
    found = calibrate(truth, (rng.random(30_000) < truth).astype(float), "beta")
    at = np.linspace(0.02, 0.8, 20)
    assert np.abs(found(at) - at).max() < 0.04


def test_the_area_is_the_chance_of_the_right_order(rng: np.random.Generator) -> None:
    told, happened = np.round(rng.random(60), 1), rng.random(60) < 0.4
    pairs = told[happened][:, None] - told[~happened]
    expected = ((pairs > 0) + 0.5 * (pairs == 0)).mean()
    assert probability_quality(told, happened).area == pytest.approx(expected)
    assert np.isnan(probability_quality(told, np.ones(60)).area)


def test_a_perfect_reliability_curve_is_the_diagonal(rng: np.random.Generator) -> None:
    told = rng.random(40_000)
    curve = reliability_curve(told, rng.random(40_000) < told, bins=8)
    assert curve.rows.sum() == 40_000
    assert np.abs(curve.predicted - curve.happened).max() < 0.03


def shoppers(rng: np.random.Generator) -> tuple[CustomerEvents, int]:
    """Customers who buy at rates of their own until they leave, a few each day."""
    customers, days = 400, 160
    rate, lifetime = rng.gamma(2.0, 0.1, customers), rng.exponential(120.0, customers)
    buys = rng.random((days, customers)) < rate
    buys &= np.arange(days)[:, None] < lifetime
    day, customer = np.nonzero(buys)
    return CustomerEvents.of(customer, day), customers


def test_purchase_and_churn_are_foreseen_with_right_probabilities(
    rng: np.random.Generator,
) -> None:
    events, customers = shoppers(rng)

    def snapshot(day: int) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
        known = bought_within(events, customers, day - 28, 28) > 0
        outcome = {
            "purchase": bought_within(events, customers, day, 7)[known],
            "churn": fell_silent(events, customers, day, 7, 21)[known],
        }
        table = customer_features({"purchase": events}, customers, day)[known]
        return table, outcome, np.full(known.sum(), day)

    days = [snapshot(day) for day in range(40, 100, 10)]
    model = BehaviourModel(BehaviourConfig(max_epochs=12))
    model.fit(
        np.concatenate([one[0] for one in days]),
        {name: np.concatenate([one[1][name] for one in days]) for name in ("purchase", "churn")},
        np.concatenate([one[2] for one in days]),
    )
    table, outcome, _ = snapshot(120)
    found = model.predict(table)
    for name, happened in outcome.items():
        quality = probability_quality(found[name], happened)
        assert quality.area > 0.7
        assert quality.calibration_error < 0.12  # of 300 customers, in bins of 30
        always = probability_quality(np.full(len(happened), happened.mean()), happened)
        assert quality.log_loss < 0.95 * always.log_loss


def test_what_cannot_be_predicted_is_refused() -> None:
    model = BehaviourModel()
    with pytest.raises(ValueError, match="not trained yet"):
        model.predict([[1.0]])
    with pytest.raises(ValueError, match="day: 1 rows, but features has 2"):
        model.fit(np.ones((2, 1)), {"purchase": [0, 1]}, [3])
    with pytest.raises(ValueError, match="'spline' is none of isotonic, platt"):
        calibrate([0.5], [1.0], "spline")
    with pytest.raises(ValueError, match="1 columns, but the model knows"):
        LogisticRegression().predict([[1.0]])
    with pytest.raises(ValueError, match="at least one row"):
        probability_quality([], [])
