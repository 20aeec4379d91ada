"""Personal prices: what each session is asked beside the posted price, and by whom it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import read_only
from policies.observations import (
    ListingsView,
    PersonalPriceObservation,
    PersonalPrices,
    SessionsView,
)
from policies.protocols import PersonalPricer
from sim.policy_results import PolicyResultError, checked_shares

if TYPE_CHECKING:
    from sim.market import Marketplace

LARGEST_DISCOUNT, LARGEST_MARKUP = -0.9, 9.0
"""Shares of the price between which a personal price must lie."""


def quote(market: Marketplace, sessions: SessionsView, listings: ListingsView) -> None:
    """Let the fee policy ask each session its own prices; by default all are asked the same."""
    today, policy = market.today, market.policies.fees
    today.personal = PersonalPrices(np.zeros(len(sessions.visitor)))
    if not (isinstance(policy, PersonalPricer) and policy.quotes_personally):
        return
    buyer, bought, _ = market.log.purchases()
    prices = policy.quote(
        PersonalPriceObservation(
            market.day, sessions, listings, read_only(buyer), read_only(bought)
        )
    )
    today.personal = _accepted(_checked(policy, prices, len(sessions.visitor)))


def extra_cents(price: NDArray[np.int64], markup: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Cents beyond posted prices, as the kernels of choice round them.

    Args:
        price: (n,) cents.
        markup: (n,) shares of the price.
    """
    extra: NDArray[np.int64] = np.rint(price * markup).astype(np.int64)
    return extra


def _checked(policy: Any, prices: Any, sessions: int) -> PersonalPrices:
    who = f"fees policy {policy.name!r}"
    if not isinstance(prices, PersonalPrices):
        raise PolicyResultError(f"{who} must quote PersonalPrices, not {type(prices).__name__}")
    markup = checked_shares(
        who, "markup", prices.markup, sessions, LARGEST_DISCOUNT, LARGEST_MARKUP
    )
    return PersonalPrices(markup, bool(prices.disclosed))


def _accepted(prices: PersonalPrices) -> PersonalPrices:
    """Who is told of personal prices takes the posted one where that is lower."""
    if not prices.disclosed:
        return prices
    return PersonalPrices(np.minimum(prices.markup, 0.0), disclosed=True)
