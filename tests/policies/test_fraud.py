"""Fraud detection by complaint rate, and its baseline."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.fraud.complaint_rate import ComplaintRate, wilson_lower_bound
from policies.fraud.none import NoFraudDetection
from policies.observations import FraudObservation


def seen(
    units: list[float],
    complaints: list[float],
    fakes: list[float] | None = None,
    reviews: list[float] | None = None,
) -> FraudObservation:
    """What fraud detection looks at; it needs no view of the listings."""
    return FraudObservation(
        day=3,
        listings=None,  # type: ignore[arg-type]
        units_sold=np.array(units, float),
        complaints=np.array(complaints, float),
        counterfeit_complaints=np.array(fakes or [0.0] * len(units), float),
        reviews_of_fakes=np.array(reviews or [0.0] * len(units), float),
    )


def detector(**params: object) -> ComplaintRate:
    return ComplaintRate(ComplaintRate.Params(name="complaint_rate", **params))


def test_no_detection_flags_nothing() -> None:
    answer = NoFraudDetection(NoFraudDetection.Params()).assess(seen([100.0], [100.0]))
    assert answer.score.tolist() == [0.0]
    assert not answer.flagged.any()


def test_wilsons_bound_is_that_of_the_textbook() -> None:
    bound = wilson_lower_bound(np.array([8.0]), np.array([10.0]), 1.96)
    assert bound[0] == pytest.approx(0.4902, abs=1e-4)


@given(units=st.integers(0, 10**6), complaints=st.integers(0, 10**6), z=st.floats(0, 5))
def test_scores_are_shares_below_the_mere_rate(units: int, complaints: int, z: float) -> None:
    score = wilson_lower_bound(np.array([float(complaints)]), np.array([float(units)]), z)[0]
    assert 0.0 <= score <= min(complaints / max(units, 1), 1.0) + 1e-9
    assert score == 0.0 or (units > 0 and complaints > 0)


def test_what_nobody_complains_of_is_not_flagged_even_where_nothing_is_tolerated() -> None:
    sold = [float(units) for units in range(10, 200)]
    answer = detector(threshold=0.0).assess(seen(sold, [0.0] * len(sold)))
    assert not answer.flagged.any()


def test_reviews_that_speak_of_a_fake_count_as_much_as_asked() -> None:
    shop = seen([100.0, 100.0], [0.0, 6.0], reviews=[12.0, 0.0])
    assert detector().assess(shop).score[0] == 0.0
    half = detector(reviews=0.5).assess(shop).score
    assert half[0] == half[1] == detector().assess(shop).score[1]


def test_the_same_rate_proves_more_the_more_was_sold() -> None:
    answer = detector(min_units=1).assess(seen([10.0, 100.0, 1000.0], [1.0, 10.0, 100.0]))
    assert answer.score[0] < answer.score[1] < answer.score[2] < 0.1
    assert answer.flagged.tolist() == [False, True, True]


def test_too_few_sales_are_never_flagged() -> None:
    answer = detector(min_units=10).assess(seen([9.0, 10.0], [9.0, 10.0]))
    assert answer.flagged.tolist() == [False, True]


def test_it_can_count_complaints_about_counterfeits_alone() -> None:
    observation = seen([100.0, 100.0], [30.0, 30.0], [0.0, 30.0])
    assert detector(counts="not_genuine").assess(observation).flagged.tolist() == [False, True]
    assert detector(counts="all").assess(observation).flagged.tolist() == [True, True]


def test_a_listing_stays_off_for_as_long_as_the_parameters_say() -> None:
    assert detector(delist_days=30).assess(seen([1.0], [0.0])).delist_days == 30
