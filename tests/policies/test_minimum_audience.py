"""The re-ranking that gives every merchant an audience that it can live on."""

from dataclasses import replace
from typing import Any

import numpy as np
from catalogue_views import listings, sessions
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.observations import RerankingObservation
from policies.reranking.minimum_audience import MinimumAudience


def reranked(
    candidates: Any,
    scores: Any,
    merchant: list[int],
    *,
    audience: int,
    places: int = 1,
    seed: int = 1,
) -> np.ndarray:
    """Slates of listings that belong to the given merchants."""
    candidates = np.asarray(candidates)
    view = replace(listings(), merchant=np.array(merchant))
    policy = MinimumAudience(
        MinimumAudience.Params(name="minimum_audience", audience=audience, depth=2)
    )
    observation = RerankingObservation(
        0,
        sessions(np.arange(len(candidates))),
        view,
        places,
        candidates,
        None if scores is None else np.asarray(scores, dtype=float),
        np.zeros(len(merchant)),
        seed,
    )
    return policy.rerank(observation)


def viewers(slate: np.ndarray, merchant: list[int], who: int) -> int:
    """Slates that show a merchant."""
    sellers = np.where(slate >= 0, np.array(merchant)[slate], -1)
    return int((sellers == who).any(axis=1).sum())


def test_the_cheapest_exchange_is_made_first() -> None:
    candidates = [[0, 1]] * 3
    scores = [[1.0, 0.2], [1.0, 0.9], [1.0, 0.5]]
    slate = reranked(candidates, scores, [0, 1], audience=1)
    assert slate[:, 0].tolist() == [0, 1, 0]


def test_nobody_is_taken_below_the_minimum() -> None:
    candidates, scores = [[0, 1]] * 3, [[1.0, 0.9]] * 3
    slate = reranked(candidates, scores, [0, 1], audience=2)
    assert viewers(slate, [0, 1], 0) == 2  # the other one gets what can be spared
    assert viewers(slate, [0, 1], 1) == 1


def test_the_best_matching_of_two_types_under_a_constraint() -> None:
    candidates = [[0, 1]] * 11 + [[1, 0]] * 9
    scores = [[1.0, 0.9]] * 11 + [[1.0, 0.2]] * 9
    slate = reranked(candidates, scores, [0, 1], audience=10)
    assert viewers(slate, [0, 1], 0) == viewers(slate, [0, 1], 1) == 10
    assert (slate[11:, 0] == 1).all()  # only the type that hardly minds is moved


def test_a_second_listing_of_a_merchant_makes_room() -> None:
    slate = reranked([[0, 1, 2, -1]], [[3.0, 2.0, 1.0, 0.0]], [0, 0, 1], audience=1, places=2)
    assert slate.tolist() == [[0, 2]]


def test_who_has_no_candidate_changes_nothing() -> None:
    slate = reranked([[0, 1]] * 4, None, [0, 0, 1], audience=3)
    assert (slate[:, 0] == 0).all()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    audience=st.integers(1, 6),
    places=st.integers(1, 3),
    scored=st.booleans(),
)
def test_exchanges_help_those_below_and_hurt_nobody(
    seed: int, audience: int, places: int, scored: bool
) -> None:
    rng = np.random.default_rng(seed)
    merchant = rng.integers(0, 4, size=12).tolist()
    candidates = np.array([rng.permutation(12)[: 2 * places] for _ in range(10)])
    candidates[rng.random(candidates.shape) < 0.1] = -1
    scores = -np.sort(-rng.random(candidates.shape), axis=1) if scored else None
    slate = reranked(candidates, scores, merchant, audience=audience, places=places, seed=seed)
    assert slate.shape == (10, places)
    for row, own in zip(slate, candidates, strict=True):
        kept = row[row >= 0].tolist()
        assert len(set(kept)) == len(kept)
        assert set(kept) <= set(own.tolist())
    for who in range(4):
        before = viewers(candidates[:, :places], merchant, who)
        after = viewers(slate, merchant, who)
        assert after >= min(before, audience)
        assert after <= max(before, audience)
