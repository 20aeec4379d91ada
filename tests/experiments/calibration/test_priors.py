"""Priors by way of the unit cube."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from experiments.calibration.priors import (
    prior_sd,
    probability,
    quantile,
    slope,
    spread_draws,
    values_of,
)
from experiments.calibration.schema import Parameter

PRIORS = (
    Parameter(key="a", low=-2.0, high=5.0),
    Parameter(key="b", low=0.1, high=10.0, prior="loguniform"),
    Parameter(key="c", low=0.0, high=1.0, prior="normal", mean=0.3, sd=0.2),
)


@pytest.mark.parametrize("prior", PRIORS)
@given(unit=st.floats(0.001, 0.999))
def test_probabilities_and_quantiles_are_inverse(prior: Parameter, unit: float) -> None:
    value = float(quantile(prior, unit))
    assert prior.low <= value <= prior.high
    assert float(probability(prior, value)) == pytest.approx(unit, abs=1e-9)
    assert slope(prior, unit) > 0.0


def test_draws_have_the_priors_distributions() -> None:
    unit = spread_draws(1024, np.zeros(3), np.ones(3), 0)
    values = values_of(PRIORS, unit)
    assert stats.kstest(values[:, 0], "uniform", (-2.0, 7.0)).pvalue > 0.5
    assert stats.kstest(np.log10(values[:, 1]), "uniform", (-1.0, 2.0)).pvalue > 0.5
    cut = stats.truncnorm(-1.5, 3.5, 0.3, 0.2)
    assert stats.kstest(values[:, 2], cut.cdf).pvalue > 0.5
    for place, prior in enumerate(PRIORS):
        assert prior_sd(prior) == pytest.approx(values[:, place].std(), rel=0.02)


def test_draws_stay_in_their_box_and_are_the_same_each_time() -> None:
    low, high = np.array([0.2, 0.5]), np.array([0.3, 0.9])
    drawn = spread_draws(100, low, high, 1)
    assert drawn.shape == (100, 2)
    assert np.all((drawn >= low) & (drawn <= high))
    np.testing.assert_array_equal(drawn, spread_draws(100, low, high, 1))
    assert not np.array_equal(drawn, spread_draws(100, low, high, 2))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"low": 2.0, "high": 1.0}, "low = 2: must be below high = 1"),
        ({"low": 0.0, "high": 1.0, "prior": "loguniform"}, "must be above 0"),
        ({"low": 0.0, "high": 1.0, "prior": "normal"}, "mean: missing; prior"),
        ({"low": 0.0, "high": 1.0, "sd": 0.5}, "sd = 0.5: goes with prior"),
    ],
)
def test_what_is_no_prior_is_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Parameter.model_validate({"key": "a", **given})
