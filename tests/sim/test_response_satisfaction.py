"""Satisfaction, reviews, complaints and returns as functions of what was delivered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.event_tables import ComplaintKind
from sim.response.complaints import (
    complaint_kind,
    evidence_strength,
    false_complaint_chance,
    is_justified,
)
from sim.response.deliveries import Deliveries, exaggerated_discount, occurrence, relative_excess
from sim.response.returns import return_chance
from sim.response.review_texts import (
    BOUGHT_VARIANTS,
    VARIANTS,
    Aspect,
    bought_review_text,
    review_text,
    review_texts,
)
from sim.response.reviews import aspect_of, review_chance, stars_given
from sim.response.satisfaction import Experience, experience, satisfaction_of
from sim.settings.consumers import ResponseSettings

SETTINGS = ResponseSettings()
UNIT = st.floats(0.0, 1.0)


def deliveries(**columns: list[float]) -> Deliveries:
    n = len(next(iter(columns.values())))
    values = {
        "order": np.arange(n),
        "consumer": np.arange(n),
        "line": np.zeros(n, int),
        "listing": np.zeros(n, int),
        "merchant": np.zeros(n, int),
        "expected_quality": np.full(n, 0.7),
        "true_quality": np.full(n, 0.7),
        "counterfeit": np.zeros(n, bool),
        "hours_late": np.zeros(n),
        "overcharge": np.zeros(n),
        "exaggeration": np.zeros(n),
    }
    return Deliveries(**{**values, **{name: np.array(v) for name, v in columns.items()}})


def judged(parcels: Deliveries, recognised: list[bool] | None = None) -> Experience:
    seen = np.zeros(len(parcels), bool) if recognised is None else np.array(recognised)
    return experience(parcels, seen, SETTINGS)


@given(quality=UNIT)
def test_a_listing_whose_ratings_fit_its_quality_keeps_them(quality: float) -> None:
    parcels = deliveries(expected_quality=[quality], true_quality=[quality])
    assert judged(parcels).stars[0] == pytest.approx(1.0 + 4.0 * quality)


@given(quality=UNIT, expected=UNIT, late=st.floats(0, 100), over=UNIT, fake=UNIT)
def test_experience_stays_between_one_and_five_stars(
    quality: float, expected: float, late: float, over: float, fake: float
) -> None:
    felt = judged(
        deliveries(
            true_quality=[quality],
            expected_quality=[expected],
            hours_late=[late],
            overcharge=[over],
            exaggeration=[fake],
        )
    )
    assert 1.0 <= felt.stars[0] <= 5.0
    assert -1.0 <= felt.satisfaction[0] <= 1.0


def test_disappointment_counts_twice_as_much_as_a_pleasant_surprise() -> None:
    felt = judged(deliveries(true_quality=[0.5, 0.5, 0.5], expected_quality=[0.4, 0.5, 0.6]))
    gain, loss = felt.stars[0] - felt.stars[1], felt.stars[1] - felt.stars[2]
    assert gain == pytest.approx(4 * 0.5 * 0.1)
    assert loss == pytest.approx(2 * gain)


def test_an_hour_late_costs_the_stars_that_the_scenario_says() -> None:
    stars = judged(deliveries(hours_late=[0.0, 1.0])).stars
    assert stars[0] - stars[1] == pytest.approx(SETTINGS.lateness_penalty)


def test_bait_and_fake_discounts_disappoint() -> None:
    stars = judged(deliveries(overcharge=[0.0, 0.25, 0.0], exaggeration=[0.0, 0.0, 0.5])).stars
    assert stars[0] - stars[1] == pytest.approx(0.25 * SETTINGS.deception_penalty)
    assert stars[0] - stars[2] == pytest.approx(0.5 * SETTINGS.deception_penalty)


def test_nobody_is_less_satisfied_than_who_recognises_a_counterfeit() -> None:
    felt = judged(deliveries(true_quality=[1.0]), recognised=[True])
    assert felt.satisfaction[0] == -1.0


def test_stars_one_to_five_are_satisfaction_minus_one_to_one() -> None:
    assert satisfaction_of(np.arange(1.0, 6.0)).tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]


def test_a_discount_is_exaggerated_only_if_the_old_price_was_never_asked() -> None:
    excess = exaggerated_discount(
        list_price=np.array([150, 150, 100, 150]),
        paid=np.array([100, 100, 100, 100]),
        highest=np.array([100, 150, 100, 0]),
    )
    assert excess.tolist() == [0.5, 0.0, 0.0, 0.5]


def test_excess_is_relative_and_unknown_bases_give_none() -> None:
    assert relative_excess(np.array([125, 80, 100]), np.array([100, 100, 0])).tolist() == [
        0.25,
        0.0,
        0.0,
    ]


def test_lines_count_a_consumers_deliveries() -> None:
    assert occurrence(np.array([7, 3, 7, 7, 3])).tolist() == [0, 0, 1, 2, 1]


def test_extreme_experiences_are_reviewed_more_often() -> None:
    chance = review_chance(np.array([-1.0, -0.5, 0.0, 0.5, 1.0]), 0.2)
    assert chance[0] > chance[1] > chance[2] < chance[3] < chance[4]
    assert chance[4] == pytest.approx(0.2)
    assert chance[0] > chance[4]


def test_stars_are_whole_and_within_range() -> None:
    stars = stars_given(np.array([1.0, 3.4, 3.6, 5.0]), np.array([-2.0, 0.0, 0.0, 2.0]))
    assert stars.tolist() == [1, 3, 4, 5]


def test_bad_reviews_name_what_spoiled_the_order() -> None:
    felt = judged(
        deliveries(
            true_quality=[0.1, 0.7, 0.7, 0.1],
            hours_late=[0.0, 6.0, 0.0, 0.0],
            overcharge=[0.0, 0.0, 1.0, 0.0],
        ),
        recognised=[False, False, False, True],
    )
    aspect = aspect_of(felt, np.array([1, 1, 2, 1], np.int8), np.full(4, 0.5))
    assert aspect.tolist() == [
        Aspect.QUALITY,
        Aspect.DELIVERY,
        Aspect.PRICE,
        Aspect.GENUINENESS,
    ]


def test_every_text_is_different_and_reads_as_sentences() -> None:
    texts = review_texts()
    assert len(set(texts)) == len(texts) == 5 * len(Aspect) * VARIANTS
    assert all(text.endswith(".") and "  " not in text for text in texts)


@given(stars=st.integers(1, 5), aspect=st.sampled_from(list(Aspect)), draw=st.floats(0, 0.999999))
def test_the_same_stars_and_aspect_always_give_texts_of_their_own(
    stars: int, aspect: Aspect, draw: float
) -> None:
    number = review_text(np.array([stars]), np.array([aspect]), np.array([draw]))[0]
    cell = (stars - 1) * len(Aspect) + aspect
    assert number // VARIANTS == cell


def test_bought_reviews_praise_from_few_templates() -> None:
    numbers = bought_review_text(np.linspace(0, 0.999, 500))
    genuine = review_text(np.full(500, 5), np.zeros(500, int), np.linspace(0, 0.999, 500))
    assert len(np.unique(numbers)) == BOUGHT_VARIANTS < len(np.unique(genuine))
    assert np.isin(numbers, genuine).all()


def test_false_complaints_come_from_few_accounts_at_the_rate_of_the_scenario() -> None:
    honesty = (np.arange(10_000) + 0.5) / 10_000
    chance = false_complaint_chance(honesty, 0.002)
    assert chance.mean() == pytest.approx(0.002)
    assert (chance > 0).mean() == pytest.approx(0.05)


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_false_complaint_chances_are_chances(rate: float) -> None:
    chance = false_complaint_chance((np.arange(1000) + 0.5) / 1000, rate)
    assert chance.mean() == pytest.approx(rate)
    assert chance.max() <= 1.0


def test_complaints_are_about_what_went_wrong() -> None:
    felt = judged(
        deliveries(
            true_quality=[0.1, 0.7, 0.7, 0.1],
            hours_late=[0.0, 6.0, 0.0, 0.0],
            overcharge=[0.0, 0.0, 1.0, 0.0],
        ),
        recognised=[False, False, False, True],
    )
    assert complaint_kind(felt).tolist() == [
        ComplaintKind.NOT_AS_DESCRIBED,
        ComplaintKind.LATE,
        ComplaintKind.CHECKOUT_PRICE,
        ComplaintKind.NOT_GENUINE,
    ]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"counterfeit": [True]}, ComplaintKind.NOT_GENUINE),
        ({"counterfeit": [True]}, ComplaintKind.NOT_AS_DESCRIBED),
        ({"true_quality": [0.4]}, ComplaintKind.NOT_AS_DESCRIBED),
        ({"hours_late": [0.1]}, ComplaintKind.LATE),
        ({"overcharge": [0.2]}, ComplaintKind.CHECKOUT_PRICE),
        ({"exaggeration": [0.2]}, ComplaintKind.CHECKOUT_PRICE),
    ],
)
def test_a_complaint_is_justified_only_by_the_wrong_it_names(
    wrong: dict[str, list[float]], kind: ComplaintKind
) -> None:
    assert is_justified(deliveries(**wrong), np.array([kind], np.int8)).all()
    fine = deliveries(true_quality=[0.7])
    assert not is_justified(fine, np.array([kind], np.int8)).any()


def test_justified_complaints_have_the_stronger_evidence_but_not_always() -> None:
    draw = (np.arange(20_000) + 0.5) / 20_000
    strong = evidence_strength(draw, np.ones(len(draw), bool))
    weak = evidence_strength(draw, np.zeros(len(draw), bool))
    assert strong.mean() == pytest.approx(0.75, abs=1e-3)
    assert weak.mean() == pytest.approx(0.25, abs=1e-3)
    assert strong.min() < weak.max()


@given(s=st.floats(-1, 1), t=st.floats(-1, 1))
def test_the_less_satisfied_return_more(s: float, t: float) -> None:
    low, high = sorted((s, t))
    chance = return_chance(np.array([low, high]), 0.1, 0.4)
    assert chance[0] >= chance[1]


def test_middling_deliveries_go_back_at_the_rate_of_the_scenario() -> None:
    assert return_chance(np.array([0.4]), 0.1, 0.4)[0] == pytest.approx(0.1)
    assert return_chance(np.array([-1.0, 1.0]), 0.0, 0.4).tolist() == [0.0, 0.0]
    assert return_chance(np.array([-1.0, 1.0]), 1.0, 0.4).tolist() == [1.0, 1.0]
