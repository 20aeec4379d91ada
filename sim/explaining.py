"""Why a few consumers of today are shown what they are shown, as the recommender tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from policies.observations import Explanations, RecommendationObservation
from policies.protocols import Explainer
from sim.event_tables import EXPLANATIONS
from sim.policy_results import PolicyResultError
from sim.tables import Table

if TYPE_CHECKING:
    from sim.market import Marketplace

CONSUMERS = 3
"""Consumers a day whose slates are explained; those who have bought before come first."""

LISTINGS = 3
"""Listings of each slate, the first ones."""


def explain(
    market: Marketplace,
    observation: RecommendationObservation,
    slate: IntArray,
    candidates: IntArray,
    scores: FloatArray | None,
) -> None:
    """Keep what the recommender says of some of today's slates; yesterday's is forgotten.

    Args:
        market: the market, whose sessions have come.
        observation: what the recommender was shown.
        slate: (S, K) what is shown in the end.
        candidates: (S, C) the recommender's listings.
        scores: (S, C) its scores; absent: nothing is explained.
    """
    market.explanations = Table(EXPLANATIONS, capacity=1)
    recommender: Any = market.policies.recommendation
    if scores is None or not isinstance(recommender, Explainer):
        return
    session, place = _sample(market, slate)
    if len(session) == 0:
        return
    listing = slate[session, place].astype(np.int64)
    told = recommender.explain(observation, session, listing)
    _refuse_wrong(recommender, told, len(session))
    column = (candidates[session] == listing[:, None]).argmax(axis=1)
    pair = told.pair
    market.explanations.append(
        day=market.day,
        consumer=market.today.session_consumer[session][pair],
        place=place[pair],
        listing=listing[pair],
        score=scores[session, column][pair],
        part=np.array([_number(market, part) for part in told.part], dtype=np.int16),
        about=told.about,
        value=told.value,
    )


def _sample(market: Marketplace, slate: IntArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sessions and places that are explained."""
    today = market.today
    first = np.flatnonzero((today.session_line == 0) & (slate >= 0).any(axis=1))
    consumer = today.session_consumer[first]
    draw = market.streams.uniform("explained", market.day, consumer)
    order = np.lexsort((draw, market.crowd.orders[consumer] == 0))
    chosen = np.sort(first[order[:CONSUMERS]])
    row, place = np.nonzero(slate[chosen] >= 0)
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    shown = rank < LISTINGS
    return chosen[row[shown]], place[shown]


def _refuse_wrong(policy: Any, told: Any, pairs: int) -> None:
    who = f"{policy.family} policy {policy.name!r}"
    if not isinstance(told, Explanations):
        raise PolicyResultError(
            f"{who}: explain must return Explanations, not {type(told).__name__}"
        )
    lengths = {len(told.pair), len(told.part), len(told.about), len(told.value)}
    inside = len(told.pair) == 0 or (told.pair.min() >= 0 and told.pair.max() < pairs)
    if len(lengths) > 1 or not inside or not np.isfinite(told.value).all():
        raise PolicyResultError(
            f"{who}: explain must return as many parts, listings and finite values as pairs, and "
            f"pairs 0 to {pairs - 1}"
        )


def _number(market: Marketplace, part: str) -> int:
    if part not in market.explanation_parts:
        market.explanation_parts.append(part)
    return market.explanation_parts.index(part)
