"""The learned recommender: what it learns, when, and how it tells why."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from learned_worlds import (
    CATEGORIES,
    LISTINGS,
    asked,
    choices,
    listings,
    policy,
    taught,
)
from logged import log_day

from policies.observations import LearningObservation
from policies.recommendation.learned import LearnedRecommendation
from sim.platform_log import PlatformLog

VISITORS = np.arange(60)

QUICK = ["ease", "als", "bpr", "softmax_dot", "repeat_and_discovery"]
THOROUGH = [pytest.param(name, marks=pytest.mark.slow) for name in ("net", "sasrec", "ranking_net")]
"""Models that need more data and passes to find tastes."""


def worth(spread: float = 1.0, seed: int = 5) -> np.ndarray:
    """(1, L) what listings are worth to everybody."""
    return spread * np.random.default_rng(seed).standard_normal((1, LISTINGS)) - 1.0


def tastes() -> np.ndarray:
    """(60, L) utilities: even visitors want one half of the listings, odd ones the other."""
    side = (np.arange(LISTINGS) // CATEGORIES) % 2
    return np.where(VISITORS[:, None] % 2 == side, 1.0, -4.0)


def liked(slate: np.ndarray) -> float:
    """Share of places with what the row's visitor wants."""
    return float((VISITORS[:, None] % 2 == (slate // CATEGORIES) % 2)[slate >= 0].mean())


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1])


def scores_of(recommender: LearnedRecommendation, view: Any, category: int = 0) -> np.ndarray:
    """(n,) a newcomer's scores of all listings of a category, in their order."""
    size = int((view.category == category).sum())
    answer = recommender.recommend(asked(np.array([10**6]), view, size, category))
    return answer.score[0][np.argsort(answer.listing[0])]


def test_it_learns_when_it_is_due_and_what_pleases() -> None:
    recommender, view, log = policy(), listings(), choices(worth())
    before = recommender.recommend(asked(VISITORS, view))
    assert recommender.learn(LearningObservation(5, 1, log, view)) is None
    np.testing.assert_array_equal(
        recommender.recommend(asked(VISITORS, view)).listing, before.listing
    )
    assert recommender.learn(LearningObservation(6, 1, log, view)) is not None
    own = worth()[0, ::CATEGORIES]
    assert rank_correlation(scores_of(recommender, view), own) > 0.9


def test_what_was_shown_often_is_not_taken_for_good() -> None:
    """Half of the listings stand on ten times as many pages; sales follow, scores do not."""
    rng = np.random.default_rng(1)
    log, pages = PlatformLog(), 900
    chance = np.where(np.arange(20) < 10, 10.0, 1.0)
    for day in range(6):
        page = np.stack([rng.choice(20, 4, False, chance / chance.sum()) for _ in range(pages)])
        gumbel = rng.gumbel(size=(pages, 5)) + np.array([0.0] * 4 + [1.5])
        bought = np.argmax(gumbel, axis=1)[:, None] == np.arange(4)
        log.record(
            log_day(
                day,
                session=np.repeat(np.arange(pages), 4),
                visitor=np.repeat(rng.integers(0, 60, pages), 4),
                listing=(page * CATEGORIES).ravel(),
                bought=bought.ravel(),
            )
        )
    recommender, view = policy(), listings()
    taught(recommender, log.view(), view)
    score = scores_of(recommender, view)
    assert abs(score[:10].mean() - score[10:].mean()) < 0.15
    by_sales = policy(model="popularity", blend=False)
    taught(by_sales, log.view(), view)
    sold = scores_of(by_sales, view)
    assert sold[:10].min() > sold[10:].max()


@pytest.mark.parametrize("name", [*QUICK, *THOROUGH])
def test_every_model_learns_tastes_alone(name: str) -> None:
    quick = name in QUICK
    size, passes = (8, 30) if quick else (32, 60)
    recommender = policy(model=name, blend=False, epochs=passes, embedding_size=size)
    view, log = listings(), choices(tastes(), pages=200 if quick else 800)
    taught(recommender, log, view)
    assert liked(recommender.recommend(asked(VISITORS, view)).listing) > 0.8


def test_a_model_counts_beside_the_logit_as_much_as_it_foretells() -> None:
    view = listings()
    personal, alike = (
        policy(model="ease"),
        policy(model="ease"),
    )
    taught(personal, choices(tastes(), pages=200), view)
    taught(alike, choices(worth(), pages=200), view)
    assert liked(personal.recommend(asked(VISITORS, view)).listing) > 0.8
    assert _model_matters(personal) > 3 * _model_matters(alike)


def _model_matters(recommender: LearnedRecommendation) -> float:
    """How far the model's part of the scores tells listings apart, in logit units."""
    ranker, known = recommender._ranker, recommender._known
    assert ranker.model is not None
    assert known is not None
    rows = recommender._rows.of(VISITORS)
    histories = known.histories(VISITORS, LISTINGS)
    score = ranker.model.scores(rows, np.arange(LISTINGS), histories)
    return abs(ranker.share) * float(score.std())


def test_position_correction_finds_what_is_good_below_the_fold() -> None:
    """The best listings always stand where hardly anybody looks."""
    own = worth()
    rng, pages, width = np.random.default_rng(3), 1500, 6
    good = np.argsort(-own[0, ::CATEGORIES])
    log = PlatformLog()
    look = np.array([1.0, 0.8, 0.6, 0.3, 0.2, 0.1])
    for day in range(6):
        noise = rng.standard_normal((pages, width)) * 2.0
        page = np.stack([rng.choice(20, width, replace=False) for _ in range(pages)])
        order = np.argsort(-(np.argsort(good)[page] + noise), axis=1)  # the worst on top
        page = np.take_along_axis(page, order, axis=1)
        value = own[0, page * CATEGORIES] + rng.gumbel(size=page.shape)
        value = np.where(rng.random((pages, 1)) < look, value, -np.inf)
        bought = (value == value.max(1, keepdims=True)) & (value > rng.gumbel(size=(pages, 1)))
        log.record(
            log_day(
                day,
                session=np.repeat(np.arange(pages), width),
                visitor=np.repeat(rng.integers(0, 60, pages), width),
                listing=(page * CATEGORIES).ravel(),
                position=np.tile(np.arange(width), pages),
                bought=bought.ravel(),
            )
        )
    found = []
    for corrects in (True, False):
        recommender, view = policy(position_correction=corrects), listings()
        taught(recommender, log.view(), view)
        found.append(rank_correlation(scores_of(recommender, view), own[0, ::CATEGORIES]))
    assert found[0] > 0.9 > found[1] + 0.1


def test_who_buys_cheap_is_shown_cheap_things() -> None:
    price = np.where((np.arange(LISTINGS) // CATEGORIES) % 2 == 0, 700, 1300)
    utility = np.where(VISITORS[:, None] % 2 == 0, -0.006, 0.0) * (price - 1000) - 0.5
    recommender, view = policy(), listings(price=price)
    taught(recommender, choices(utility, price=price), view)
    slate = recommender.recommend(asked(VISITORS, view, 10)).listing
    shown = price[slate].mean(axis=1)
    assert shown[::2].mean() < shown[1::2].mean() - 100


def test_what_visitors_took_since_the_training_counts_at_once() -> None:
    view, log = listings(), choices(tastes(), pages=200)
    newcomer = np.array([500])
    later = PlatformLog()
    for day in np.unique(log.day):
        own = log.day == day
        later.record(
            log_day(
                int(day),
                **{
                    name: getattr(log, name)[own]
                    for name in ("session", "visitor", "listing", "position", "surface", "bought")
                },
            )
        )
    later.record(
        log_day(7, listing=[0, 6, 12, 18], visitor=np.full(4, 500), bought=np.ones(4, bool))
    )
    share = {}
    for at_once in (True, False):
        recommender = policy(model="ease", blend=False, real_time=at_once)
        taught(recommender, log, view)
        stranger = recommender.recommend(asked(newcomer, view)).score
        assert np.ptp(stranger) == 0.0  # nothing is known of her
        recommender.learn(LearningObservation(7, 1, later.view(), view))
        slate = recommender.recommend(asked(newcomer, view)).listing
        share[at_once] = float(((slate // CATEGORIES) % 2 == 0).mean())
    assert share[True] == 1.0
    assert share[False] < 1.0


def test_first_clicks_tell_of_a_newcomer() -> None:
    view, log = listings(), choices(tastes(), pages=200)
    clicked = PlatformLog()
    clicked.record(
        log_day(7, listing=[3, 9, 15], visitor=np.full(3, 500), clicked=np.ones(3, bool))
    )
    scores = {}
    for until in (0, 3):
        recommender = policy(model="ease", blend=False, clicks_until=until)
        taught(recommender, log, view)
        recommender.learn(LearningObservation(7, 1, clicked.view(), view))
        scores[until] = recommender.recommend(asked(np.array([500]), view))
    assert np.ptp(scores[0].score) == 0.0
    assert ((scores[3].listing // CATEGORIES) % 2 == 1).all()


def test_a_new_listing_is_judged_by_its_price_until_it_has_a_record() -> None:
    price = np.where(np.arange(LISTINGS) % 2 == 0, 600, 1400)
    utility = -0.004 * (price - 1000)[None, :] - 0.5
    recommender, view = policy(), listings(price=price)
    taught(recommender, choices(utility, price=price), view)
    more = np.concatenate([price, [600, 600, 600, 1400, 1400, 1400]])
    score = scores_of(recommender, listings(LISTINGS + 6, price=more))
    cheap, dear = score[-2:]
    assert cheap > dear + 0.5
    assert abs(cheap - np.median(score[:-2][more[0:LISTINGS:CATEGORIES] == 600])) < 0.5


def test_exploration_gives_its_places_to_new_listings_first() -> None:
    age = np.where(np.arange(LISTINGS) >= LISTINGS - 12, 3, 100)
    view = listings(age_days=age)
    for trained in (False, True):
        recommender = policy(exploration=0.5, new_listings=0.5, new_days=10)
        if trained:
            taught(recommender, choices(worth()), view)
        slate = recommender.recommend(asked(np.arange(200), view, 8)).listing
        new = age[slate[:, 4:]] < 10
        assert (new.sum(axis=1) >= 2).all()
        assert all(len(set(row)) == 8 for row in slate.tolist())


@pytest.mark.parametrize("how", ["chance", "uncertainty"])
def test_what_is_bought_for_good_is_not_shown_again(how: str) -> None:
    view = listings()
    recommender = policy(exploration=0.5, explore_by=how)
    taught(recommender, choices(worth()), view)
    stars = np.full((len(VISITORS), LISTINGS), 3.0)
    stars[:, : LISTINGS // 2] = np.nan
    morning = replace(asked(VISITORS, view, 12), predicted_rating=stars)
    slate = recommender.recommend(morning).listing
    assert (slate[:, :10] >= LISTINGS // 2).all()
    assert (slate[:, 10:] == -1).all()


def test_uncertainty_leads_exploration_to_what_is_hardly_known() -> None:
    """Half of the listings were never shown; drawn scores favour them against chance."""
    known = (np.arange(LISTINGS) // CATEGORIES) % 2 == 0
    utility = np.full((1, LISTINGS), -0.5)
    log = choices(utility, pages=800)
    kept = PlatformLog()
    for day in np.unique(log.day):
        own = (log.day == day) & known[log.listing]
        kept.record(
            log_day(
                int(day),
                session=log.session[own],
                visitor=log.visitor[own],
                listing=log.listing[own],
                bought=log.bought[own],
            )
        )
    share = {}
    for how in ("chance", "uncertainty"):
        recommender, view = policy(exploration=0.5, explore_by=how, new_listings=0.0), listings()
        taught(recommender, kept.view(), view)
        slate = recommender.recommend(asked(np.arange(400), view, 4)).listing
        share[how] = float((~known[slate[:, 2:]]).mean())
    assert share["uncertainty"] > share["chance"] + 0.1


def test_the_holdout_tells_how_good_the_ranking_is() -> None:
    view = listings()
    clear, dull = (
        taught(policy(), choices(worth(spread), pages=400), view) for spread in (2.0, 0.0)
    )
    assert clear is not None
    assert dull is not None
    assert clear.metrics["ndcg"] > dull.metrics["ndcg"] + 0.1
    assert clear.metrics["loss"] < dull.metrics["loss"]
    assert clear.metrics["calibration"] < 0.05
    assert 0.0 < clear.metrics["recall"] <= 1.0
    assert clear.metrics["coverage"] < 1.0


def test_what_is_held_out_is_not_learned_before_it_is_measured() -> None:
    """Tastes turn round on the last two days: who had seen them would rank them well."""
    own, view = worth(2.0), listings()
    log = PlatformLog()
    for day in range(6):
        part = choices(own if day < 4 else -own - 2.0, days=1, pages=400, seed=day)
        log.record(
            log_day(
                day,
                **{
                    name: getattr(part, name)
                    for name in ("session", "visitor", "listing", "position", "surface", "bought")
                },
            )
        )
    report = taught(policy(), log.view(), view)
    steady = taught(policy(), choices(own, pages=400), view)
    assert report is not None
    assert steady is not None
    assert report.metrics["ndcg"] < steady.metrics["ndcg"] - 0.2


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        *({"model": name} for name in ("als", "net", "ease")),
        {"model": "sasrec", "blend": False, "epochs": 2},
        {"model": "softmax_dot", "rating_weight": 0.5},
    ],
    ids=str,
)
def test_explanations_add_up_to_the_score(chosen: dict[str, Any]) -> None:
    price = np.random.default_rng(0).integers(500, 1500, LISTINGS)
    recommender, view = policy(embedding_size=8, **chosen), listings(price=price)
    log = choices(tastes(), pages=200, price=price)
    rated = PlatformLog()
    rated.record(
        log_day(
            5,
            **{
                name: getattr(log, name)
                for name in (
                    "session",
                    "visitor",
                    "listing",
                    "position",
                    "surface",
                    "price",
                    "bought",
                )
            },
            rating_visitor=np.arange(40),
            rating_listing=np.arange(40) % LISTINGS,
            rating=(np.arange(40) % 5) / 4.0,
        )
    )
    morning = asked(VISITORS, view)
    np.testing.assert_allclose(*_told_and_scored(recommender, morning), atol=1e-4)
    taught(recommender, rated.view(), view)
    told, scored = _told_and_scored(recommender, morning)
    assert np.ptp(scored) > 0
    np.testing.assert_allclose(told, scored, atol=1e-4)


@pytest.mark.parametrize("name", ["softmax_dot", "popularity"])
def test_scores_of_listings_newer_than_the_training_are_explained_too(name: str) -> None:
    recommender = policy(model=name, blend=False, exploration=1.0, new_listings=1.0)
    taught(recommender, choices(tastes(), pages=200), listings())
    grown, old = LISTINGS + 18, np.full(LISTINGS, 100)
    morning = asked(VISITORS, listings(grown, age_days=np.append(old, np.zeros(18, dtype=int))))
    assert (recommender.recommend(morning).listing >= LISTINGS).all()
    told, scored = _told_and_scored(recommender, morning)
    assert np.abs(scored).min() > 0
    np.testing.assert_allclose(told, scored, atol=1e-4)


def _told_and_scored(
    recommender: LearnedRecommendation, morning: Any
) -> tuple[np.ndarray, np.ndarray]:
    answer = recommender.recommend(morning)
    session, place = np.repeat(np.arange(20), 2), np.tile([0, 4], 20)
    told = recommender.explain(morning, session, answer.listing[session, place])
    summed = np.bincount(told.pair, told.value, minlength=len(session))
    return summed, answer.score[session, place].astype(np.float64)


def test_explanations_name_the_purchases_that_drive_the_score() -> None:
    recommender, view = policy(model="ease", blend=False), listings()
    log = choices(tastes(), pages=200)
    taught(recommender, log, view)
    morning = asked(VISITORS, view)
    slate = recommender.recommend(morning).listing
    told = recommender.explain(morning, np.array([4]), slate[4, :1])
    named = told.about[told.about >= 0]
    bought = log.listing[log.bought & (log.visitor == 4)]
    assert set(named.tolist()) <= set(bought.tolist())
    assert told.value[told.about >= 0].sum() > 0


@pytest.mark.parametrize("changed", [{"epochs": 40}, {"embedding_size": 4}], ids=str)
def test_an_intervention_changes_how_the_trained_recommender_goes_on(
    changed: dict[str, int],
) -> None:
    log, view = choices(tastes(), pages=200), listings()

    def slate_after_two_trainings(**second: int) -> np.ndarray:
        first: dict[str, Any] = {"model": "bpr", "blend": False, "epochs": 1}
        recommender = policy(**first)
        taught(recommender, log, view)
        recommender.params = policy(**{**first, **second}).params
        taught(recommender, log, view, 13)
        return recommender.recommend(asked(VISITORS, view)).listing

    assert (slate_after_two_trainings(**changed) != slate_after_two_trainings()).any()


def test_the_logit_cannot_be_left_out_of_itself() -> None:
    with pytest.raises(ValueError, match="blend = false needs a model"):
        LearnedRecommendation.Params(name="learned", model="choice", blend=False)
