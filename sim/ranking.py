"""The platform ranks: who comes today, and which listings each session is shown.

Activation: synchronous; slates are filled with the morning's stock and prices.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, read_only
from policies.observations import (
    ListingsView,
    RecommendationObservation,
    RerankingObservation,
    ScoredSlates,
    SearchObservation,
    SessionsView,
)
from policies.protocols import Reranking
from sim.arrivals import arrive
from sim.demotion import without_demoted
from sim.explaining import explain
from sim.personal_prices import quote
from sim.policy_results import PolicyResultError
from sim.steering import steer, with_first_ones_first
from sim.subsidising import subsidise
from sim.views import listings_view, sessions_view

if TYPE_CHECKING:
    from sim.market import Marketplace


def rank(market: Marketplace) -> None:
    """Open the platform: consumers arrive, slates and search results fill, the subsidy is set."""
    market.platform.pay_running_cost()
    arrive(market)
    today, choice = market.today, market.settings.consumers.choice
    everything = listings_view(market)
    steer(market, everything)
    shown = read_only(everything.on_sale & today.steering.shown)
    sessions, listings = sessions_view(market), replace(everything, on_sale=shown)
    today.session_key = sessions.visitor
    count = len(today.session_consumer)
    slate = _recommended(market, sessions, listings)
    results = _slates(
        market.policies.search,
        market.policies.search.search(
            SearchObservation(market.day, sessions, listings, choice.result_size)
        ),
        (count, choice.result_size),
        listings,
    )
    today.slate = without_demoted(market, with_first_ones_first(slate, today.steering.first))
    today.results = without_demoted(market, with_first_ones_first(results, today.steering.first))
    quote(market, sessions, listings)
    subsidise(market, sessions, listings)


def _recommended(
    market: Marketplace, sessions: SessionsView, listings: ListingsView
) -> NDArray[np.int32]:
    """(S, K) slates: the recommender's, in the order that the re-ranking gives them."""
    recommender, reranking = market.policies.recommendation, market.policies.reranking
    places, day = market.settings.consumers.choice.slate_size, market.day
    shape = len(sessions.category), places * _depth(reranking)
    observation = RecommendationObservation(
        day,
        sessions,
        listings,
        shape[1],
        int(market.streams.key("recommendation", day)),
        read_only(market.listings.price * market.fees.commission),
        _predicted_ratings(market),
    )
    answer = recommender.recommend(observation)
    scores = None
    if isinstance(answer, ScoredSlates):
        scores = _scores(recommender, answer, shape)
        answer = answer.listing
    candidates = read_only(_slates(recommender, answer, shape, listings))
    reranked = reranking.rerank(
        RerankingObservation(
            day,
            sessions,
            listings,
            places,
            candidates,
            scores,
            read_only(market.listings.shown_recently),
            int(market.streams.key("reranking", day)),
        )
    )
    slate = _slates(reranking, reranked, (len(candidates), places), listings)
    if reranked is not candidates:
        _refuse_strangers(reranking, slate, candidates)
    explain(market, observation, slate, candidates, scores)
    return slate


def _depth(policy: Reranking) -> int:
    depth: Any = policy.depth
    if isinstance(depth, bool) or not isinstance(depth, int) or depth < 1:
        raise PolicyResultError(
            f"reranking policy {policy.name!r}: depth must be a whole number, at least 1, not "
            f"{depth!r}"
        )
    return depth


def _scores(policy: Any, answer: ScoredSlates, shape: tuple[int, int]) -> FloatArray:
    """The scores as (S, C) numbers, or an error that says which policy answered what."""
    score = np.asarray(answer.score)
    who = f"{policy.family} policy {policy.name!r}"
    if score.shape != shape or score.dtype.kind != "f":
        raise PolicyResultError(
            f"{who} must score with numbers of shape {shape} (sessions, candidates), not "
            f"{score.dtype} of shape {score.shape}"
        )
    if np.isnan(score[np.asarray(answer.listing) >= 0]).any():
        raise PolicyResultError(f"{who}: the score of a listing is not a number")
    return read_only(score)


def _refuse_strangers(
    policy: Reranking, slate: NDArray[np.int32], candidates: NDArray[np.int32]
) -> None:
    """Refuse slates with what is no candidate of the session."""
    session, place = np.nonzero(slate >= 0)
    listings = int(max(candidates.max(initial=0), slate.max(initial=0))) + 1
    candidate, _ = np.nonzero(candidates >= 0)
    known = np.unique(candidate * listings + candidates[candidates >= 0])
    asked = session * listings + slate[session, place]
    strange = asked[~np.isin(asked, known)]
    if len(strange):
        raise PolicyResultError(
            f"reranking policy {policy.name!r} shows listing {int(strange[0] % listings)}, which "
            f"is no candidate of session {int(strange[0] // listings)}"
        )


def _predicted_ratings(market: Marketplace) -> NDArray[np.float32] | None:
    """(S, L) stars predicted for today's sessions; nan for what is bought and not wanted again."""
    if market.settings.consumers.ratings.model == "none":
        return None
    consumer = market.today.session_consumer
    predicted = market.ratings.predicted(market)[consumer]
    if market.settings.consumers.choice.once:
        predicted[market.bought.table(market)[consumer]] = np.nan
    return read_only(predicted)


def _slates(policy: Any, slate: Any, shape: tuple[int, int], view: ListingsView) -> NDArray[Any]:
    """The slates as (S, K) int32, or an error that says which policy answered what."""
    who = f"{policy.family} policy {policy.name!r}"
    array = np.asarray(slate)
    if array.shape != shape or array.dtype.kind not in "iu":
        raise PolicyResultError(
            f"{who} must return integers of shape {shape} (sessions, places), "
            f"not {array.dtype} of shape {array.shape}"
        )
    if array.size and (array.min() < -1 or array.max() >= len(view.title)):
        raise PolicyResultError(
            f"{who} must return listings 0 to {len(view.title) - 1}, or -1 for an empty place, "
            f"not {array.min()} to {array.max()}"
        )
    return np.where((array >= 0) & view.on_sale[array], array, -1).astype(np.int32)
