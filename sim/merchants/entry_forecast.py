"""What a newcomer expects to earn, before it opens: free entry with foresight.

It expects the incumbents to answer its coming, and all to settle at the prices of logit-Bertrand
competition: every merchant carries one markup in a category, `m = mu (1 + W(sum_j exp((a_j -
c_j)/mu - 1) / others))`. How many buyers there are it infers from what has been sold in the last
week, and it counts on no subsidy of its own.

Source: entry until profit no longer covers the fixed cost: Bresnahan & Reiss (1991), Journal of
Political Economy 99(5); the game of entry, then prices: Anderson, de Palma & Thisse (1992),
"Discrete Choice Theory of Product Differentiation", ch. 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import lambertw

from policies.arrays import FloatArray, IntArray
from sim.columns import Listings
from sim.demand import demand_knowledge, representative_value
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace

WEEK = 7
"""Days whose sales tell how many buyers there are."""

ROUNDS = 500
"""Answers to each other's prices that a forecast goes through at most."""

STILL = 1e-9
"""Change of a markup, as a share of the scale, at which it stands still."""


def expected_profit(market: Marketplace, planned: Listings) -> float:
    """Cents a day that one newcomer expects from its listings, before its fixed cost.

    Args:
        market: the market before the newcomer's coming.
        planned: the newcomer's listings.
    """
    total = 0.0
    for category in np.unique(planned.category):
        own = np.flatnonzero(planned.category == category)
        total += _of_category(market, planned, own)
    return total


def settled_markups(
    attraction: FloatArray, firm: IntArray, alone: float, firms: int
) -> NDArray[np.float64]:
    """Markups at which no firm wants another, in units of the logit's scale.

    Args:
        attraction: (n,) exp((value - cost) / scale) of every listing.
        firm: (n,) whose it is, from 0 to `firms` - 1.
        alone: exp(utility) of all that belongs to none of them.
        firms: how many there are.

    Returns:
        (firms,) markups over cost.
    """
    strength = np.bincount(firm, attraction, minlength=firms)
    markup: NDArray[np.float64] = np.ones(firms)
    for _ in range(ROUNDS):
        weight = strength * np.exp(-markup)
        others = alone + np.maximum(weight.sum() - weight, 0.0)
        answer = 1.0 + np.asarray(np.real(lambertw(strength / others * np.exp(-1.0))))
        moved = float(np.abs(answer - markup).max())
        markup = answer
        if moved < STILL:
            break
    return markup


def _of_category(market: Marketplace, planned: Listings, own: IntArray) -> float:
    listings = market.listings
    on_sale = may_be_sold(market) & (listings.stock > 0)
    rows = np.flatnonzero(on_sale & (listings.category == planned.category[own[0]]))
    if len(rows) == 0:
        return 0.0
    known = demand_knowledge(market, rows)
    scale = float(known.scale[0])
    now = np.exp((known.value - listings.advertised[rows]) / scale)
    _, firm = np.unique(listings.merchant[rows], return_inverse=True)
    alone = max(float(known.others[0] - now.sum() + now[firm == firm[0]].sum()), 0.0)
    buyers = _units_a_day(market, int(planned.category[own[0]])) * (1.0 + alone / now.sum())

    value, _ = representative_value(market, planned)
    left = 1.0 - np.concatenate(
        [
            market.fees.commission[rows],
            np.full(len(own), market.settings.platform.commission),
        ]
    )
    unit_cost = np.concatenate([listings.unit_cost[rows], planned.unit_cost[own]])
    cost = unit_cost / left
    values = np.concatenate([known.value, value[own]])
    firms = int(firm.max()) + 2
    firm = np.concatenate([firm, np.full(len(own), firms - 1)])
    attraction = np.exp((values - cost) / scale)
    markup = settled_markups(attraction, firm, alone, firms)
    weight = attraction * np.exp(-markup[firm])
    share = weight / (weight.sum() + alone)
    margin = left * scale * markup[firm]
    return float(buyers * (share * margin)[-len(own) :].sum())


def _units_a_day(market: Marketplace, category: int) -> float:
    """What a category has sold in the last week, also by shops that have closed since."""
    days = min(WEEK, market.day)
    sold = market.units_history[-days:, market.listings.category == category].sum()
    return float(sold) / days
