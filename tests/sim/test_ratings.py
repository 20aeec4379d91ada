"""Predicted and true ratings, attention by rank, and goods that are wanted once."""

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.replications.study import Study
from experiments.running import resolve
from scenarios.build import build
from scenarios.errors import ScenarioError
from sim import ratings
from sim.attention import place_looked_at, rank_chances
from sim.market import Marketplace
from sim.streams import Streams

SMALL = ("commerce.generated.listings=1500", "days=1")


def rated(*overrides: str) -> Marketplace:
    return Study("trust_and_profit").market(*SMALL, *overrides)


def test_predictions_have_the_spread_that_is_set() -> None:
    market = rated("consumers.count=400")
    predicted = market.ratings.predicted(market).astype(np.float64)
    assert predicted.shape == (400, 1500)
    assert predicted.mean() == pytest.approx(3.49, abs=0.06)
    between_consumers, between_listings = predicted.mean(axis=1).std(), predicted.mean(axis=0).std()
    assert between_consumers == pytest.approx(0.35, abs=0.04)
    assert between_listings == pytest.approx(0.25, abs=0.02)
    rest = predicted - predicted.mean(axis=1)[:, None] - predicted.mean(axis=0) + predicted.mean()
    assert rest.std() == pytest.approx(0.235, abs=0.01)
    assert predicted.std() == pytest.approx(0.49, abs=0.03)


def test_the_truth_scatters_around_predictions_and_stays_on_the_scale() -> None:
    market = rated()
    consumer, listing = np.divmod(np.arange(60 * 1500), 1500)
    predicted = market.ratings.predicted(market)[consumer, listing]
    true = market.ratings.true(market, consumer, listing)
    middle = np.abs(predicted - 3.0) < 0.8  # away from the ends of the scale
    assert (true - predicted)[middle].std() == pytest.approx(0.3, abs=0.01)
    assert (true - predicted)[middle].mean() == pytest.approx(0.0, abs=0.01)
    assert true.min() >= 0.5
    assert true.max() <= 5.0
    again = market.ratings.true(market, consumer[:5], listing[:5])
    np.testing.assert_array_equal(again, true[:5])


def test_who_likes_what_matches_the_taste() -> None:
    market = rated("consumers.ratings.consumer_sd=0.0", "consumers.ratings.listing_sd=0.0")
    match = market.crowd.taste @ market.listings.attributes.T
    predicted = market.ratings.predicted(market)
    assert np.corrcoef(match.ravel(), predicted.ravel())[0, 1] > 0.999


def test_a_recommender_sees_predictions_and_not_the_truth(monkeypatch) -> None:
    market = rated()
    seen = []
    policy = market.policies.recommendation
    original = policy.recommend

    def watched(observation):
        seen.append(observation)
        return original(observation)

    monkeypatch.setattr(policy, "recommend", watched)
    market.step()
    market.step()
    first, second = seen
    who = first.sessions.visitor  # the log keeps account numbers in this scenario
    predicted = market.ratings.predicted(market)
    np.testing.assert_array_equal(first.predicted_rating, predicted[who])
    assert not first.predicted_rating.flags.writeable
    bought = market.orders["day"] == 0
    rows = {int(one): row for row, one in enumerate(second.sessions.visitor)}
    hidden = [
        np.isnan(second.predicted_rating[rows[int(one)], listing])
        for one, listing in zip(
            market.orders["consumer"][bought], market.orders["listing"][bought], strict=True
        )
        if int(one) in rows
    ]
    assert hidden
    assert all(hidden)
    assert np.isnan(second.predicted_rating).sum() == len(hidden)
    np.testing.assert_allclose(first.earnings, 0.5 * market.listings.price)


def test_newcomers_goods_get_ratings_too() -> None:
    market = rated("merchants.entry_rate=0.5", "merchants.grace_days=365")
    for _ in range(4):
        market.step()
    assert len(market.listings) > 1500
    assert market.ratings.predicted(market).shape == (60, len(market.listings))
    before = rated().ratings.predicted(rated())
    np.testing.assert_array_equal(market.ratings.predicted(market)[:, :1500], before)


def test_a_table_that_no_memory_holds_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(ratings, "MOST_PAIRS", 1000)
    market = rated()
    with pytest.raises(ValueError, match=r"consumers \(60\) times listings \(1,500\)"):
        market.step()


def test_aspirations_without_ratings_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"ratings\.model must be 'latent'"):
        resolve("tiny", overrides=['consumers.response.satisfaction="aspiration"'])


def test_upper_places_are_looked_at_more_often() -> None:
    chances = rank_chances(np.arange(20_000), 10, 1.0, Streams(1))
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert (np.diff(chances, axis=1) <= 0).all()
    # Order statistics of a uniform Dirichlet: the mean of the r-th largest of n is the mean of
    # 1/j over j from r to n (David & Nagaraja 2003, "Order statistics", ch. 6).
    exact = np.cumsum(1.0 / np.arange(10, 0, -1))[::-1] / 10
    np.testing.assert_allclose(chances.mean(axis=0), exact, atol=0.003)


def test_places_more_alike_with_a_higher_concentration() -> None:
    alike = rank_chances(np.arange(500), 10, 100.0, Streams(1))
    assert alike[:, 0].mean() < 0.13
    one = rank_chances(np.arange(500), 10, 0.05, Streams(1))
    assert one[:, 0].mean() > 0.7


def test_the_place_follows_the_draw() -> None:
    chances = np.array([[0.5, 0.3, 0.2]] * 5)
    draws = np.array([0.1, 0.49, 0.51, 0.79, 0.999])
    np.testing.assert_array_equal(place_looked_at(chances, draws), [0, 0, 1, 1, 2])


def test_attention_by_rank_considers_one_place() -> None:
    scenario, folder = resolve("tiny", overrides=['consumers.choice.attention="rank"'])
    market = build(scenario, folder=folder)
    market.step()
    looked_at = market.today.alternatives[:, 1:] >= 0  # column 0 is the item wanted again
    assert looked_at.sum(axis=1).max() == 1
    searching = market.today.session_query >= 0
    results = looked_at[:, : market.today.results.shape[1]]
    assert not results[~searching].any()
    assert results[searching].any()


@pytest.mark.parametrize("show_all", ["true", "false"])
def test_nobody_buys_twice_what_is_wanted_once(show_all: str) -> None:
    world = (
        "commerce.population.visits_per_day=3.0",
        SELDOM,
        f"consumers.choice.show_all={show_all}",
    )

    def repeats(once: str) -> int:
        scenario, folder = resolve("tiny", overrides=[*world, f"consumers.choice.once={once}"])
        market = build(scenario, folder=folder)
        for _ in range(4):
            market.step()
        pairs = np.stack([market.orders["consumer"], market.orders["listing"]])
        assert pairs.shape[1] > 500
        return pairs.shape[1] - np.unique(pairs, axis=1).shape[1]

    assert repeats("true") == 0
    assert repeats("false") > 0
