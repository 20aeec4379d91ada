"""Re-rankings get what the recommender would show, and are held to it."""

from typing import Any

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import resolve
from policies.observations import RerankingObservation, ScoredSlates
from policies.recommendation.popularity import Popularity
from policies.reranking.none import NoReranking
from scenarios.build import build
from sim.market import Marketplace
from sim.policy_results import PolicyResultError


def market_of() -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[SELDOM])
    return build(scenario, folder=folder)


class Backwards(NoReranking):
    """Shows the last of many candidates first."""

    depth = 3

    def __init__(self) -> None:
        super().__init__(NoReranking.Params(name="none"))
        self.seen: list[RerankingObservation] = []
        self.exposure: list[float] = []

    def rerank(self, observation: RerankingObservation) -> Any:
        self.seen.append(observation)
        self.exposure.append(float(observation.exposure_recently.sum()))
        return observation.candidates[:, ::-1][:, : observation.slate_size]


def test_candidates_are_as_many_as_asked_for_and_their_exposure_is_told() -> None:
    market = market_of()
    policy = market.policies.reranking = Backwards()
    for _ in range(3):
        market.step()
    places = market.settings.consumers.choice.slate_size
    last = policy.seen[-1]
    assert last.candidates.shape[1] == 3 * places
    assert last.scores is None
    assert policy.exposure[0] == 0 < policy.exposure[1] < policy.exposure[2]
    np.testing.assert_array_equal(market.today.slate[:, 0] < 0, last.candidates[:, -1] < 0)


def test_exposure_fades_with_the_weight_of_four_weeks() -> None:
    market = market_of()
    market.step()
    assert market.today.exposure is not None
    first = market.listings.shown_recently.copy()
    np.testing.assert_allclose(first, market.today.exposure * (1.0 - (1.0 - 0.5 ** (1 / 14))))
    market.step()
    kept = 0.5 ** (1 / 14)
    np.testing.assert_allclose(
        market.listings.shown_recently[: len(first)], (first + market.today.exposure) * kept
    )


class Scoring(Popularity):
    """Gives scores beside its listings."""

    def __init__(self, score: Any) -> None:
        super().__init__(Popularity.Params(name="popularity"))
        self.score = score

    def recommend(self, observation: Any) -> Any:
        slate = super().recommend(observation)
        return ScoredSlates(slate, self.score(slate))


def test_scores_reach_the_reranking() -> None:
    market = market_of()
    policy = market.policies.reranking = Backwards()
    market.policies.recommendation = Scoring(lambda slate: slate.astype(np.float32))
    market.step()
    assert policy.seen[0].scores is not None
    np.testing.assert_array_equal(
        policy.seen[0].scores, policy.seen[0].candidates.astype(np.float32)
    )


def test_wrong_scores_are_refused() -> None:
    market = market_of()
    market.policies.recommendation = Scoring(lambda slate: np.zeros(3))
    with pytest.raises(PolicyResultError, match="popularity' must score with numbers of shape"):
        market.step()
    market = market_of()
    market.policies.recommendation = Scoring(lambda slate: np.full(slate.shape, np.nan))
    with pytest.raises(PolicyResultError, match="the score of a listing is not a number"):
        market.step()


def test_a_reranking_shows_candidates_only() -> None:
    class Stranger(Backwards):
        def rerank(self, observation: RerankingObservation) -> Any:
            slate = observation.candidates[:, : observation.slate_size].copy()
            other = np.flatnonzero(
                observation.listings.on_sale
                & (observation.listings.category != observation.sessions.category[0])
            )
            slate[0, 0] = other[0]
            return slate

    market = market_of()
    market.policies.reranking = Stranger()
    with pytest.raises(PolicyResultError, match="is no candidate of session 0"):
        market.step()


def test_a_depth_must_be_a_whole_number() -> None:
    class Shallow(Backwards):
        depth = 0

    market = market_of()
    market.policies.reranking = Shallow()
    with pytest.raises(PolicyResultError, match="depth must be a whole number, at least 1, not 0"):
        market.step()
