"""Whom a re-ranking favours, and what showing a candidate is worth: shared by all that are fair."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from models.fairness.exposure import long_tail, position_exposure
from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import ListingsView, RerankingObservation, SessionsView
from policies.params import PolicyParams

SMALL = 0
"""The size of merchants that `small_merchants` means."""

OCCASIONAL, REGULAR = 1, 4
"""Orders so far from which an account is an occasional and a regular buyer's."""


class GroupParams(PolicyParams):
    """Which listings a re-ranking favours, and how deep it looks for them."""

    group: Literal["small_merchants", "long_tail", "new_listings"] = Field(
        "small_merchants",
        description="listings to favour: those of small merchants, those outside the best-selling "
        "ones, or those listed of late",
    )
    head: float = Field(
        0.2,
        gt=0.0,
        lt=1.0,
        description="share of the listings on sale, those that sold most of late, that are not "
        "the long tail",
    )
    new_days: int = Field(28, ge=1, le=3650, description="age up to which a listing is new, days")
    depth: int = Field(
        4, ge=1, le=50, description="slates' worth of the recommender's listings to choose from"
    )


def in_group(params: GroupParams, listings: ListingsView) -> BoolArray:
    """(L,) whether each listing belongs to the group."""
    member: BoolArray = np.zeros(len(listings.on_sale), dtype=np.bool_)
    if params.group == "small_merchants":
        member |= listings.merchant_size == SMALL
        return member
    if params.group == "new_listings":
        member |= listings.age_days < params.new_days
        return member
    on_sale = np.flatnonzero(listings.on_sale)
    member[on_sale] = long_tail(listings.sold_recently[on_sale], params.head)
    return member


def favoured(params: GroupParams, observation: RerankingObservation) -> BoolArray:
    """(S, C) whether each candidate belongs to the group; false where there is none."""
    member, candidates = in_group(params, observation.listings), observation.candidates
    chosen: BoolArray = member[candidates] & (candidates >= 0)
    return chosen


def utilities(observation: RerankingObservation) -> FloatArray:
    """(S, C) what showing each candidate is worth, from 0 for a session's last to 1 for its first.

    The recommender's scores, stretched to that range in each session since they can be compared
    within one alone; where it gives an order only, the attention that its places would get.
    """
    candidates, scores = observation.candidates, observation.scores
    there = candidates >= 0
    if scores is None:
        attention = position_exposure(np.arange(candidates.shape[1]))
        worth: FloatArray = np.where(there, attention, 0.0)
        return worth
    highest = np.where(there, scores, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    lowest = np.where(there, scores, np.inf).min(axis=1, initial=np.inf, keepdims=True)
    spread = np.where(highest > lowest, highest - lowest, 1.0)
    stretched: FloatArray = np.where(there, (scores - lowest) / spread, 0.0)
    return stretched


def consumer_groups(sessions: SessionsView) -> IntArray:
    """(S,) 0 newcomers, 1 occasional and 2 regular buyers, by the account's orders so far."""
    before = sessions.orders_before
    return (before >= OCCASIONAL).astype(np.int64) + (before >= REGULAR)
