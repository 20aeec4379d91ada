"""The platform ranks: who comes today, and which listings each session is shown.

Activation: synchronous; slates are filled with the morning's stock and prices.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import read_only
from policies.observations import (
    ListingsView,
    RecommendationObservation,
    SearchObservation,
)
from sim.arrivals import arrive
from sim.demotion import without_demoted
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
    slate = _slates(
        market.policies.recommendation,
        market.policies.recommendation.recommend(
            RecommendationObservation(
                market.day,
                sessions,
                listings,
                choice.slate_size,
                int(market.streams.key("recommendation", market.day)),
                read_only(market.listings.price * market.fees.commission),
                _predicted_ratings(market),
            )
        ),
        (count, choice.slate_size),
        listings,
    )
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
