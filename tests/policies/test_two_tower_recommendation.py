"""The two towers in the loop: listings are known by their pictures, new ones as well."""

from typing import Any

import numpy as np
from logged import log_day

from policies.observations import (
    LearningObservation,
    ListingsView,
    RecommendationObservation,
    ScoredSlates,
    SessionsView,
)
from policies.recommendation.two_tower import TwoTowerRecommendation
from sim.platform_log import PlatformLog

LISTINGS, NEW, VISITORS = 40, 8, 60
KIND = np.arange(LISTINGS + NEW) % 2


def listings(count: int = LISTINGS) -> ListingsView:
    """Two kinds, which only pictures show."""
    looks = np.eye(2)[KIND] + 0.2 * np.random.default_rng(0).standard_normal((len(KIND), 2))
    columns: dict[str, Any] = {
        name: np.zeros(count)
        for name in ListingsView.__dataclass_fields__
        if name not in ("title", "description", "category_names", "delivery_minutes")
    }
    columns |= {
        "title": ("lamp",) * count,
        "description": ("",) * count,
        "category": np.zeros(count, dtype=int),
        "category_names": ("lamps",),
        "category_reference_price": np.full(1, 1000),
        "price": np.full(count, 1000),
        "on_sale": np.ones(count, dtype=bool),
        "image": looks[:count].astype(np.float32),
        "sold_recently": np.arange(count, dtype=float),
    }
    return ListingsView(**columns)


def observed(visitors: np.ndarray, seen: ListingsView) -> RecommendationObservation:
    count = len(visitors)
    sessions = SessionsView(
        visitor=visitors,
        category=np.zeros(count, dtype=int),
        minute=np.zeros(count),
        orders_before=np.zeros(count, dtype=int),
        query=np.full(count, -1),
        queries=(),
    )
    return RecommendationObservation(7, sessions, seen, 6)


def slates(policy: TwoTowerRecommendation, visitors: np.ndarray, seen: ListingsView) -> np.ndarray:
    shown = policy.recommend(observed(visitors, seen))
    return np.asarray(getattr(shown, "listing", shown))


def taught() -> tuple[TwoTowerRecommendation, PlatformLog, Any]:
    """A week in which even visitors click the first kind, odd ones the other."""
    rng = np.random.default_rng(3)
    policy = TwoTowerRecommendation(
        TwoTowerRecommendation.Params(name="two_tower", size=8, epochs=25)
    )
    log, report = PlatformLog(), None
    for day in range(7):
        visitor = rng.integers(0, VISITORS, 150)
        listing = rng.integers(0, LISTINGS, 150)
        clicked = visitor % 2 == KIND[listing]
        log.record(log_day(day, listing=listing, visitor=visitor, clicked=clicked))
        report = policy.learn(LearningObservation(day, 1, log.view(), listings()))
    return policy, log, report


def test_everyone_is_shown_her_kind_of_what_was_listed_today_too() -> None:
    policy, _, report = taught()
    visitors = np.arange(VISITORS)
    everything = listings(LISTINGS + NEW)
    new = np.arange(LISTINGS + NEW) >= LISTINGS
    for on_sale in (np.ones(LISTINGS + NEW, dtype=bool), new):
        everything.on_sale[:] = on_sale
        shown = slates(policy, visitors, everything)[:, :4]
        assert on_sale[shown].all()
        assert (KIND[shown] == (visitors % 2)[:, None]).mean() > 0.85
    assert report.metrics["examples"] > 400
    assert 0.0 < report.metrics["ndcg"] < 1.0


def test_who_clicks_today_is_known_tomorrow_without_a_training() -> None:
    policy, log, _ = taught()
    stranger = np.array([10**12, 10**12 + 1])
    before = slates(policy, stranger, listings())
    np.testing.assert_array_equal(before[0], before[1])
    clicks = np.array([0, 2, 4, 6, 1, 3, 5, 7])
    log.record(
        log_day(7, listing=clicks, visitor=np.repeat(stranger, 4), clicked=np.ones(8, dtype=bool))
    )
    assert policy.learn(LearningObservation(7, 1, log.view(), listings())) is None
    shown = slates(policy, stranger, listings())[:, :4]
    assert (KIND[shown] == [[0], [1]]).mean() > 0.85


def test_before_the_first_training_what_sells_is_shown() -> None:
    policy = TwoTowerRecommendation(TwoTowerRecommendation.Params(name="two_tower"))
    shown = slates(policy, np.array([1, 2]), listings())
    assert shown[0].tolist() == shown[1].tolist() == list(range(LISTINGS - 1, LISTINGS - 7, -1))


def test_what_was_clicked_before_adds_up_to_the_score() -> None:
    policy, _, _ = taught()
    seen = listings(LISTINGS + NEW)
    visitors = np.array([0, 1, 10**12])
    observation = observed(visitors, seen)
    slate = policy.recommend(observation)
    assert isinstance(slate, ScoredSlates)
    session = np.repeat(np.arange(3), 2)
    shown, scores = slate.listing[:, :2].ravel(), slate.score[:, :2].ravel()
    told = policy.explain(observation, session, shown)
    np.testing.assert_allclose(np.bincount(told.pair, told.value), scores, atol=1e-4)
    clicks = told.about >= 0
    assert set(told.pair[clicks]) == {0, 1, 2, 3}  # a stranger clicked nothing
    of_her_kind = KIND[told.about[clicks]] == visitors[session[told.pair[clicks]]] % 2
    assert of_her_kind.all()


def test_before_the_first_training_the_score_is_what_sells() -> None:
    policy = TwoTowerRecommendation(TwoTowerRecommendation.Params(name="two_tower"))
    told = policy.explain(observed(np.array([1]), listings()), np.array([0]), np.array([7]))
    assert told.part == ("sold recently",)
    assert told.value.tolist() == [7.0]
