"""Forecasts of demand: what each method is in theory, and how its quantiles cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.demand import (
    METHODS,
    DemandForecast,
    demand_quantile,
    forecast_demand,
    mean_absolute_scaled_error,
    pinball_loss,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def certain(mean: float, variance: float) -> DemandForecast:
    """A forecast whose mean is beyond doubt."""
    return DemandForecast(np.array([mean]), np.zeros(1), np.array([variance]))


@pytest.mark.parametrize("method", METHODS)
def test_steady_demand_is_forecast_as_it_is(method: str) -> None:
    steady = np.tile([3.0, 0.0, 1.0], (60, 1))
    bias = 0.95 if method == "croston_sba" else 1.0
    found = forecast_demand(steady, method, smoothing=0.1, group=[0, 1, 2])
    assert found.mean == pytest.approx(bias * np.array([3.0, 0.0, 1.0]))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.floats(0.02, 0.98))
def test_smoothing_weighs_days_by_their_age(days: list[int], smoothing: float) -> None:
    weights = (1.0 - smoothing) ** np.arange(len(days))[::-1]
    found = forecast_demand(np.array(days)[:, None], "smoothing", smoothing=smoothing)
    assert found.mean[0] == pytest.approx(weights @ days / weights.sum())


@pytest.mark.parametrize("method", METHODS)
def test_days_without_stock_say_nothing(method: str, rng: np.random.Generator) -> None:
    """The same days, with others among them on which nothing could be bought."""
    sold = rng.poisson(0.7, (40, 3)).astype(float)
    there = np.repeat([True, False], [40, 25])
    order = rng.permutation(65)
    order[np.sort(np.flatnonzero(order < 40))] = np.arange(40)
    mixed = np.vstack([sold, np.full((25, 3), 7.0)])[order]
    open_ = np.repeat(there[order][:, None], 3, axis=1)
    plain = forecast_demand(sold, method)
    masked = forecast_demand(mixed, method, available=open_)
    assert masked.mean == pytest.approx(plain.mean)
    assert masked.variance == pytest.approx(plain.variance)


def test_croston_forgets_the_last_sale_never_and_tsb_soon() -> None:
    sold = np.zeros((80, 1))
    sold[:40:2] = 4.0
    early = {name: forecast_demand(sold[:40], name).mean[0] for name in ("croston_sba", "tsb")}
    late = {name: forecast_demand(sold, name).mean[0] for name in ("croston_sba", "tsb")}
    assert late["croston_sba"] == pytest.approx(early["croston_sba"])
    assert late["tsb"] < 0.05 * early["tsb"]


def test_croston_as_corrected_is_nearly_without_bias_on_intermittent_demand(
    rng: np.random.Generator,
) -> None:
    sold = (rng.random((400, 300)) < 0.2) * rng.integers(1, 6, (400, 300))
    found = forecast_demand(sold, "croston_sba", smoothing=0.15).mean.mean()
    assert found == pytest.approx(0.6, rel=0.05)


def test_credibility_is_nearer_the_truth_than_an_items_own_days_and_than_its_group(
    rng: np.random.Generator,
) -> None:
    group = np.repeat([0, 1], 1000)
    truth = rng.gamma(2.0, np.where(group == 0, 0.05, 0.5))
    sold = rng.poisson(truth, (4, 2000))
    found = forecast_demand(sold, "hierarchical", smoothing=0.05, group=group)
    own = forecast_demand(sold, "smoothing", smoothing=0.05, group=group)
    groups = np.array([truth[group == one].mean() for one in (0, 1)])[group]

    def error(mean: np.ndarray) -> float:
        return float(((mean - truth) ** 2).mean())

    assert error(found.mean) < 0.9 * error(own.mean)
    assert error(found.mean) < 0.7 * error(groups)
    assert error(found.mean) == pytest.approx(found.mean_variance.mean(), rel=0.3)


def test_a_new_item_is_expected_to_sell_like_its_group(rng: np.random.Generator) -> None:
    sold = rng.poisson([1.0, 1.2, 5.0, 0.0], (50, 4)).astype(float)
    there = np.ones((50, 4), dtype=bool)
    there[:, 3] = False
    found = forecast_demand(sold, "hierarchical", available=there, group=[0, 0, 1, 0])
    assert 0.7 < found.mean[3] < 1.5
    assert found.mean_variance[3] >= found.mean_variance[0]


@pytest.mark.parametrize("phi", [0.0, 0.5, 2.0])
def test_the_variance_of_a_day_is_recovered(phi: float, rng: np.random.Generator) -> None:
    mean = rng.uniform(0.5, 4.0, 2000)
    rate = rng.gamma(1.0 / phi, phi, (60, 2000)) * mean if phi else np.tile(mean, (60, 1))
    found = forecast_demand(rng.poisson(rate), "smoothing", smoothing=0.01)
    assert found.variance.sum() == pytest.approx((mean + phi * mean**2).sum(), rel=0.1)


@given(st.floats(0.01, 50.0), st.floats(0.0, 5.0), st.floats(0.01, 0.99), st.floats(0.5, 20.0))
def test_quantiles_are_those_of_the_negative_binomial(
    mean: float, phi: float, level: float, days: float
) -> None:
    units = demand_quantile(certain(mean, mean + phi * mean**2), level, days)[0]
    mean, variance = mean * days, (mean + phi * mean**2) * days
    excess = max(variance - mean, 1e-6 * mean)
    law = stats.nbinom(mean**2 / excess, mean / (mean + excess))
    assert law.cdf(units) >= level - 1e-9
    assert units == 0 or law.cdf(units - 1) < level + 1e-9


def test_poisson_days_until_an_exponential_delivery_are_geometric() -> None:
    for rate, lead in ((0.05, 3.0), (0.7, 3.0), (4.0, 5.0)):
        units = demand_quantile(certain(rate, rate), 0.9, lead, lead**2)[0]
        assert units == stats.geom(1.0 / (1.0 + rate * lead), loc=-1).ppf(0.9)


def test_stock_at_the_quantile_lasts_as_often_as_is_asked_for(rng: np.random.Generator) -> None:
    truth = rng.gamma(1.5, 0.4, 4000)
    found = forecast_demand(rng.poisson(truth, (40, 4000)), "hierarchical", smoothing=0.03)
    demand = rng.poisson(truth * 7.0)
    for level in (0.5, 0.8, 0.95):
        lasts = demand <= demand_quantile(found, level, 7.0)
        below = demand < demand_quantile(found, level, 7.0)
        assert below.mean() - 0.015 < level < lasts.mean() + 0.015


def test_errors_are_scaled_by_what_the_last_period_would_have_told() -> None:
    history = np.array([[2.0, 5.0], [4.0, 5.0], [3.0, 5.0]])
    assert mean_absolute_scaled_error([6.0, 9.0], [3.0, 5.0], history) == pytest.approx(2.0)
    assert np.isnan(mean_absolute_scaled_error([1.0], [1.0], [[1.0]]))


def test_the_pinball_loss_is_least_at_the_quantile(rng: np.random.Generator) -> None:
    actual = rng.poisson(6.0, 5000).astype(float)
    losses = [pinball_loss(np.full(5000, k), actual, 0.8) for k in range(15)]
    assert int(np.argmin(losses)) == np.quantile(actual, 0.8)
    assert pinball_loss([2.0, 5.0], [4.0, 4.0], 0.9) == pytest.approx((0.9 * 2 + 0.1) / 2)


def test_what_cannot_be_forecast_is_refused() -> None:
    sold = np.ones((3, 2))
    with pytest.raises(ValueError, match="'arima' is none of smoothing, croston_sba"):
        forecast_demand(sold, "arima")
    with pytest.raises(ValueError, match="smoothing: must be above 0 and at most 1, got 2"):
        forecast_demand(sold, "tsb", smoothing=2.0)
    with pytest.raises(ValueError, match="group: 3 items, but units has 2"):
        forecast_demand(sold, "tsb", group=[0, 0, 0])
    with pytest.raises(ValueError, match="array of bool is needed"):
        forecast_demand(sold, "tsb", available=np.ones((2, 2), dtype=bool))
    with pytest.raises(ValueError, match="level: must lie between 0 and 1"):
        demand_quantile(certain(1.0, 1.0), 1.0, 3.0)
    with pytest.raises(ValueError, match="days and days_variance: must not be negative"):
        demand_quantile(certain(1.0, 1.0), 0.5, -3.0)
    assert forecast_demand(np.ones((0, 2)), "tsb").mean.tolist() == [0.0, 0.0]
