"""Indicators of fair exposure: is attention shared as relevance is, by the hidden truth?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.fairness.disparity import amortised_unfairness, disparate_treatment_ratio
from policies.arrays import FloatArray
from sim.health.formulas import NAN
from sim.health.indicator import Indicator
from sim.health.recommendation import exposure, sampled_sessions, true_gain
from sim.health.today import offered
from sim.merchants.founding import SMALL
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace


def relevance(market: Marketplace) -> FloatArray:
    """(L,) how relevant each listing is to the sampled sessions of today, each of which gives 1.

    A session's share of a listing is its chance, by true quality, taste, appeal and price, to be
    chosen from all of the category that is on sale.
    """
    today, listings = market.today, market.listings
    rows = sampled_sessions(market)
    category = today.session_category[rows]
    on_sale = may_be_sold(market) & (listings.stock > 0)
    found = np.zeros(len(listings))
    for one in np.unique(category).tolist():
        pool = np.flatnonzero(on_sale & (listings.category == one))
        if len(pool):
            gain = true_gain(market, today.session_consumer[rows[category == one]], pool)
            found[pool] = (gain / gain.sum(axis=1, keepdims=True)).sum(axis=0)
    return found


def small_merchant_treatment(market: Marketplace) -> float:
    """Attention for what small merchants' listings are worth, against that of the others."""
    rows = offered(market)
    small = market.books.size[market.listings.merchant[rows]] == SMALL
    return disparate_treatment_ratio(exposure(market)[rows], relevance(market)[rows], small)


def attention_inequity(market: Marketplace) -> float:
    """How far merchants' attention in the last weeks is from what they are relevant."""
    merchant, merchants = market.listings.merchant, len(market.books)
    seen = market.listings.shown_recently + exposure(market)
    got = np.bincount(merchant, seen, minlength=merchants)
    due = np.bincount(merchant, relevance(market), minlength=merchants)
    if not (got.any() and due.any()):
        return NAN
    return float(amortised_unfairness(got[None], due[None])[0])


INDICATORS = (
    Indicator(
        "small_merchant_treatment", "recommendation", "ratio", "none",
        "exposure over relevance of small merchants' listings / the same of the others; relevance: "
        "chance to be chosen from all on sale, sampled sessions (hidden truth); 1: equal treatment",
        "Singh & Joachims 2018 (DTR)", small_merchant_treatment, sampled=True,
    ),
    Indicator(
        "attention_inequity", "recommendation", "0 to 2", "lower",
        "sum over merchants of |share of exposure, half-life 14 days - share of relevance|, "
        "relevance as in small_merchant_treatment (hidden truth)",
        "Biega, Gummadi & Weikum 2018", attention_inequity, sampled=True,
    ),
)  # fmt: skip
