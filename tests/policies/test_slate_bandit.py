"""The slate bandit: what it is rewarded for, what it learns, and what it says of its trainings."""

from typing import Any

import numpy as np
import pytest
from logged import log_day
from quiet_markets import SELDOM, founded

from models.bandits.linear import LinearBandit
from policies.observations import (
    AMONG_RESULTS,
    LearningObservation,
    LearningReport,
    ListingsView,
    RecommendationObservation,
    SessionsView,
)
from policies.recommendation.bandit import BanditRecommendation
from policies.recommendation.bandit_outcomes import LogReader, Outcomes, Reward
from policies.recommendation.bandit_slates import SlatesOfDay
from policies.recommendation.bandit_value import value_of
from sim.market import Marketplace
from sim.platform_log import PlatformLog

LISTINGS, SESSIONS, PLACES = 40, 300, 5
LIKED = np.arange(LISTINGS) % 4 == 0
"""What is bought often, and rated badly."""
GOOD = np.arange(LISTINGS) % 4 == 1
"""What is bought less often, and rated well."""


def listings(**changes: Any) -> ListingsView:
    rating = np.where(GOOD, 5.0, np.where(LIKED, 2.0, 3.5))
    columns: dict[str, Any] = {
        "title": ("",) * LISTINGS,
        "description": ("",) * LISTINGS,
        "merchant": np.arange(LISTINGS) % 7,
        "merchant_size": np.zeros(LISTINGS, dtype=int),
        "category": np.zeros(LISTINGS, dtype=int),
        "category_names": ("goods",),
        "category_reference_price": np.array([1000]),
        "price": np.where(LIKED, 500, 1000),
        "checkout_price": np.where(LIKED, 500, 1000),
        "list_price": np.full(LISTINGS, 1000),
        "on_sale": np.ones(LISTINGS, dtype=bool),
        "rating_mean": rating,
        "rating_count": np.full(LISTINGS, 30),
        "sold_recently": np.arange(LISTINGS) % 5 * 1.0,
        "complaints_recently": np.zeros(LISTINGS),
        "returns_recently": np.zeros(LISTINGS),
        "age_days": np.full(LISTINGS, 50),
    }
    return ListingsView(**{**columns, **changes})


def sessions(day: int) -> SessionsView:
    return SessionsView(
        visitor=np.arange(SESSIONS) + 1000 * (day % 2),
        category=np.zeros(SESSIONS, dtype=int),
        minute=np.zeros(SESSIONS),
        orders_before=np.arange(SESSIONS) % 2,
        query=np.full(SESSIONS, -1),
        queries=(),
    )


def lived(days: int, moved: bool = False, **params: Any) -> tuple[BanditRecommendation, Any]:
    """A bandit that has lived and learned for some days, and what it said in the end.

    A visitor looks at all places and buys at most one listing: each liked one with probability .3,
    each good one .2, others .05. Ratings come a day later.
    """
    policy = BanditRecommendation(BanditRecommendation.Params(name="bandit", **params))
    log, rng, told = PlatformLog(), np.random.default_rng(5), None
    chance = np.where(LIKED, 0.3, np.where(GOOD, 0.2, 0.05))
    rated: dict[str, Any] = {}
    for day in range(days):
        who = sessions(day)
        slate = policy.recommend(
            RecommendationObservation(day, who, listings(), PLACES, seed=day + 1)
        )
        if moved:
            slate = slate[:, ::-1]
        would = rng.random(slate.shape) < chance[slate]
        bought = would & (np.cumsum(would, axis=1) == 1)
        flat = bought.ravel()
        buyer, good = np.repeat(who.visitor, PLACES), slate.ravel()
        log.record(
            log_day(
                day,
                session=np.repeat(np.arange(SESSIONS), PLACES),
                visitor=buyer,
                listing=good,
                position=np.tile(np.arange(PLACES), SESSIONS),
                bought=flat,
                **rated,
            )
        )
        rated = {
            "rating_visitor": buyer[flat],
            "rating_listing": good[flat],
            "rating": np.where(GOOD[good[flat]], 1.0, np.where(LIKED[good[flat]], 0.0, 0.5)),
        }
        told = policy.learn(LearningObservation(day, day + 1, log.view(), listings())) or told
    return policy, told


def shown(policy: BanditRecommendation) -> np.ndarray:
    return policy.recommend(RecommendationObservation(99, sessions(99), listings(), PLACES, 7))


@pytest.mark.parametrize("model", ["linear", "neural", "gradient"])
def test_it_shows_what_it_is_rewarded_for(model: str) -> None:
    settings = {"model": model, "retrain_days": 3, "sharpness": 2.0, "horizon_days": 1}
    untrained, _ = lived(1, **settings)
    selling, _ = lived(9, **settings)
    pleasing, _ = lived(9, sale_weight=0.2, satisfaction_weight=1.0, **settings)
    assert LIKED[shown(untrained)].mean() < 0.4
    assert LIKED[shown(selling)].mean() > LIKED[shown(untrained)].mean() + 0.2
    assert LIKED[shown(pleasing)].mean() < 0.1
    assert GOOD[shown(pleasing)].mean() > GOOD[shown(untrained)].mean() + 0.2


def test_the_chances_it_keeps_are_those_of_its_slates() -> None:
    policy, _ = lived(3, retrain_days=365, sharpness=0.7)
    (one, *_) = policy._slates
    x = one.features.astype(float)
    utility = 0.7 * x[:, 5]
    for slate, chance in zip(one.slate[:20], one.log_probability[:20], strict=True):
        left = np.exp(utility)
        for listing, told in zip(slate, chance, strict=True):
            assert told == pytest.approx(np.log(left[listing] / left.sum()), abs=1e-4)
            left[listing] = 0.0


def test_its_own_policy_is_worth_what_was_logged() -> None:
    policy, _ = lived(4, retrain_days=365, sharpness=0.7)
    days = [(slates, random_outcomes(slates), all_count(slates)) for slates in policy._slates]
    model = LinearBandit(12, 3)
    model.update(np.ones((3, 12)), np.ones((3, 3)), [0.1, 0.3, 0.2])
    found = value_of(policy.candidate(), model.mean, days, days, clip=10.0)
    assert found.ips.value == pytest.approx(found.logged, abs=1e-4)
    assert found.snips.value == pytest.approx(found.logged, abs=1e-4)
    assert found.dr.value == pytest.approx(found.logged, abs=0.01)
    assert found.mean_weight == pytest.approx(1.0, abs=1e-4)
    assert found.ips.effective_size == pytest.approx(4 * SESSIONS, rel=1e-3)


def random_outcomes(slates: SlatesOfDay) -> Outcomes:
    rng = np.random.default_rng(slates.day)
    count = len(slates.category)
    depth = rng.integers(0, PLACES + 1, count)
    worth = rng.random(count) * (depth > 0)
    seen = np.arange(PLACES) < depth[:, None]
    return Outcomes(seen, np.zeros(seen.shape), worth, depth, np.ones(count, dtype=bool))


def all_count(slates: SlatesOfDay) -> np.ndarray:
    return np.ones(len(slates.category), dtype=bool)


def test_the_estimates_agree_with_the_truth_of_a_policy_that_was_never_run() -> None:
    """Without a training the worth of every slate is known: that of its listings, added up."""
    policy, _ = lived(6, retrain_days=365, sharpness=0.5)
    worth = np.where(LIKED, 0.3, np.where(GOOD, 0.2, 0.05))
    rng = np.random.default_rng(3)
    days = []
    for slates in policy._slates:
        seen = np.ones(slates.slate.shape, dtype=bool)
        depth = np.full(len(seen), PLACES)
        session = worth[slates.slate].sum(axis=1) + rng.normal(size=len(seen)) * 0.1
        days.append(
            (slates, Outcomes(seen, worth[slates.slate], session, depth, seen[:, 0]), seen[:, 0])
        )

    def other(x: np.ndarray, c: np.ndarray) -> np.ndarray:
        return np.tile(-0.4 * x[:, 1] + 0.2 * x[:, 5], (len(c), 1))

    slates = days[0][0]
    logits = other(slates.features, slates.contexts)[0]
    draws = np.argsort(-(logits + rng.gumbel(size=(50_000, LISTINGS))), axis=1)[:, :PLACES]
    truth = worth[draws].sum(axis=1).mean()
    model = LinearBandit(12, 3)
    features, contexts = np.asarray(slates.features), np.ones((LISTINGS, 3))
    model.update(features, contexts, worth)
    found = value_of(other, model.mean, days, days, clip=1e6)
    assert abs(truth - found.logged) > 5 * found.dr.standard_error
    for estimate in (found.ips, found.snips, found.dr):
        assert abs(estimate.value - truth) < 3.5 * estimate.standard_error
    assert found.dr.standard_error < found.ips.standard_error


def one_slate(day: int, slate: list[int]) -> SlatesOfDay:
    shape = (1, len(slate))
    return SlatesOfDay(
        day,
        np.ones((LISTINGS, 12), np.float32),
        np.ones(LISTINGS, dtype=bool),
        np.zeros(LISTINGS, dtype=int),
        np.ones((1, 3), np.float32),
        np.zeros(1, dtype=int),
        np.array([slate], np.int32),
        np.zeros(shape, np.float32),
    )


def outcome(reward: Reward, *later: Any, **given: Any) -> Outcomes:
    """What came of a slate of listings 3, 4 and 5 shown to visitor 1 on day 0; 4 was bought."""
    log = PlatformLog()
    today: dict[str, Any] = {
        "session": [0, 0],
        "visitor": [1, 1],
        "listing": [3, 4],
        "position": [0, 1],
        "bought": [False, True],
    }
    log.record(log_day(0, **{**today, **given}))
    for day in later:
        log.record(day)
    return LogReader(log.view(), listings(), reward).of(one_slate(0, [3, 4, 5]))


NOTHING: dict[str, Any] = {"listing": np.empty(0, int)}


def test_a_sale_is_credited_to_its_place_and_depth_is_what_was_seen() -> None:
    came = outcome(Reward(2.0, 0.0, 0.0, 7))
    np.testing.assert_array_equal(came.earned, [[0.0, 2.0, 0.0]])
    np.testing.assert_array_equal(came.looked_at, [[True, True, False]])
    assert came.session.tolist() == [2.0]
    assert came.depth.tolist() == [2]
    assert came.as_drawn.tolist() == [True]


def test_satisfaction_is_rating_less_return_less_complaints() -> None:
    reward = Reward(0.0, 1.0, 0.0, 7)
    rated = log_day(2, **NOTHING, rating_visitor=[1, 2], rating_listing=[4, 4], rating=[1.0, 0.0])
    back = log_day(3, **NOTHING, return_visitor=[1], return_listing=[4])
    assert outcome(reward).earned[0, 1] == pytest.approx(0.0)
    assert outcome(reward, rated).earned[0, 1] == pytest.approx(1.0)
    assert outcome(reward, rated, back).earned[0, 1] == pytest.approx(0.0)
    late = log_day(9, **NOTHING, return_visitor=[1], return_listing=[4])
    assert outcome(reward, late).earned[0, 1] == pytest.approx(0.0)
    log = PlatformLog()
    log.record(log_day(0, listing=[4], visitor=[1], position=[1], bought=[True]))
    complained = listings(
        sold_recently=np.full(LISTINGS, 4.0), complaints_recently=np.ones(LISTINGS)
    )
    came = LogReader(log.view(), complained, reward).of(one_slate(0, [3, 4, 5]))
    assert came.earned[0, 1] == pytest.approx(-0.25)


def test_trust_is_a_visit_within_the_horizon() -> None:
    reward = Reward(0.0, 0.0, 1.0, 7)
    for day, worth in ((0, 0.0), (1, 1.0), (7, 1.0), (8, 0.0)):
        visit = log_day(day, listing=[9], visitor=[1]) if day else log_day(1, **NOTHING)
        assert outcome(reward, visit).session.tolist() == [worth]
    other = log_day(2, listing=[9], visitor=[2])
    assert outcome(reward, other).session.tolist() == [0.0]


def test_a_sale_beside_the_slate_is_the_sessions_and_no_places() -> None:
    came = outcome(Reward(1.0, 0.0, 0.0, 7), surface=[0, AMONG_RESULTS], position=[0, 1])
    assert came.session.tolist() == [1.0]
    assert came.earned.sum() == 0.0
    assert came.depth.tolist() == [1]


def test_slates_that_somebody_moved_do_not_count() -> None:
    _, told = lived(7, moved=True)
    assert told is None
    _, told = lived(7)
    assert isinstance(told, LearningReport)
    assert told.metrics["kept"] == 1.0


def test_a_training_tells_what_it_is_worth_on_what_was_held_out() -> None:
    _, told = lived(7, held_out=0.25, sharpness=0.5)
    metrics = told.metrics
    assert 0.2 < metrics["held_out_sessions"] / (7 * SESSIONS) < 0.3
    assert 0.75 < metrics["examples"] / (0.75 * 7 * SESSIONS * PLACES) < 1.25
    assert metrics["value_dr_low"] < metrics["value_dr"] < metrics["value_dr_high"]
    assert metrics["value_dr"] > metrics["value_logged"]


def test_it_forgets_what_it_will_not_train_on() -> None:
    policy, _ = lived(9, window_days=2, horizon_days=1)
    assert [one.day for one in policy._slates] == [5, 6, 7, 8]


def test_uncertainty_and_its_kinds_change_what_is_shown() -> None:
    trained = {"retrain_days": 3, "sharpness": 5.0}
    bold, _ = lived(3, uncertainty=10.0, **trained)
    sure, _ = lived(3, uncertainty=0.0, **trained)
    hopeful, _ = lived(3, uncertainty=10.0, exploration="ucb", **trained)
    slates = [shown(policy) for policy in (bold, sure, hopeful)]
    assert not np.array_equal(slates[0], slates[1])
    assert not np.array_equal(slates[1], slates[2])


WORLD = (
    SELDOM,
    "commerce.population.visits_per_day=1.0",
    "policies.privacy={name = 'keep_all'}",
    "policies.subsidy={name = 'none'}",
    "policies.rules={}",
    'policies.recommendation={name = "bandit", sharpness = 0.4, uncertainty = 0.0}',
)


def sales_a_session(market: Marketplace) -> tuple[float, float]:
    """Sales a session of a week, and their standard error."""
    for _ in range(7):
        market.step()
    log = market.log.view()
    count = len(np.unique(log.session))
    share = log.bought.sum() / count
    return share, float(np.sqrt(share * (1.0 - share) / count))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_doubly_robust_foretells_what_the_policy_sells_when_it_runs(seed: int) -> None:
    """The policy trained after a week, valued on that week's log, and run in that week instead."""
    market = founded(*WORLD, f"seed={seed}")
    logged, _ = sales_a_session(market)
    told = {
        market.learning_metrics[metric].removeprefix("recommendation."): value
        for metric, value in zip(market.learning["metric"], market.learning["value"], strict=True)
    }
    assert told["value_logged"] == pytest.approx(logged, abs=0.05)
    again = founded(*WORLD, f"seed={seed}")
    trained: Any = market.policies.recommendation
    again.policies.recommendation.model = trained.model  # type: ignore[attr-defined]
    value, error = sales_a_session(again)
    half = (told["value_dr_high"] - told["value_dr"]) / 1.96
    assert abs(told["value_dr"] - value) < 1.96 * np.hypot(half, error)
    assert value > logged


def test_a_bandit_that_nothing_would_reward_is_refused() -> None:
    with pytest.raises(ValueError, match="all 0"):
        BanditRecommendation.Params(name="bandit", sale_weight=0.0)
    BanditRecommendation.Params(name="bandit", sale_weight=0.0, trust_weight=1.0)
