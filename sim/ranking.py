"""The platform ranks: who comes today, and which listings each session is shown.

Activation: synchronous; slates are filled with the morning's stock and prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.observations import (
    ListingsView,
    RecommendationObservation,
    SearchObservation,
    SubsidyObservation,
    SubsidyOffer,
)
from sim.arrivals import arrive
from sim.ledger import Owner
from sim.personal_prices import quote
from sim.platform_prices import without_lost_places
from sim.policy_results import PolicyResultError
from sim.steering import steer, with_first_ones_first
from sim.views import listings_view, sessions_view

if TYPE_CHECKING:
    from sim.market import Marketplace


def rank(market: Marketplace) -> None:
    """Open the platform: consumers arrive, slates and search results fill, the subsidy is set."""
    market.platform.pay_running_cost()
    arrive(market)
    today, choice = market.today, market.settings.consumers.choice
    steer(market)
    sessions, listings = sessions_view(market), listings_view(market, shown=today.steering.shown)
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
    slate, results = without_lost_places(market, slate), without_lost_places(market, results)
    today.slate = with_first_ones_first(slate, today.steering.first)
    today.results = with_first_ones_first(results, today.steering.first)
    quote(market, sessions, listings)
    offer = market.policies.subsidy.offer(
        SubsidyObservation(
            market.day,
            sessions,
            listings,
            int(market.ledger.balance[market.ledger.account(Owner.PLATFORM)]),
            market.gmv_recently,
            market.subsidy_recently,
        )
    )
    today.offer = _lawful(market, _checked(market.policies.subsidy, offer, listings, count))


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


def _checked(policy: Any, offer: Any, view: ListingsView, sessions: int) -> SubsidyOffer:
    who = f"subsidy policy {policy.name!r}"
    if not isinstance(offer, SubsidyOffer):
        raise PolicyResultError(f"{who} must return a SubsidyOffer, not {type(offer).__name__}")
    per_unit, eligible = np.asarray(offer.per_unit), np.asarray(offer.eligible)
    if per_unit.shape != (len(view.title),) or per_unit.dtype.kind not in "iu":
        raise PolicyResultError(
            f"{who}: per_unit must be integer cents of shape ({len(view.title)},), "
            f"not {per_unit.dtype} of shape {per_unit.shape}"
        )
    if per_unit.size and per_unit.min() < 0:
        raise PolicyResultError(f"{who}: per_unit must be >= 0 cents, not {per_unit.min()}")
    if eligible.shape != (sessions,) or eligible.dtype != np.bool_:
        raise PolicyResultError(
            f"{who}: eligible must be true or false for each of {sessions} sessions, "
            f"not {eligible.dtype} of shape {eligible.shape}"
        )
    return offer


def _lawful(market: Marketplace, offer: SubsidyOffer) -> SubsidyOffer:
    """The offer within the regulator's limit; a buyer never pays less than nothing."""
    limit = market.listings.price
    if market.today.ruling.max_subsidy is not None:
        limit = np.minimum(limit, market.today.ruling.max_subsidy)
    per_unit = np.minimum(np.asarray(offer.per_unit), limit).astype(np.int64)
    return SubsidyOffer(per_unit, np.asarray(offer.eligible), offer.to_seller, offer.budget)
