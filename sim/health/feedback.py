"""Indicators of the loop from what is shown to what is bought and back to what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, FloatArray
from sim.health.formulas import NAN, chance_of_the_same, mean, position_exposure, share
from sim.health.indicator import Indicator
from sim.health.recommendation import sampled_sessions, true_gain
from sim.health.today import last_days, offered, rows_since
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace

UNSEEN = 0.1
"""Share of an equal part of the attention below which a merchant counts as unseen."""

SETTLED = 14
"""Days after its opening from which a merchant's attention is judged: the half-life of it."""


def popularity_bias(market: Marketplace) -> float:
    """How much better slates sell than what their consumers would choose with all before them."""
    today, listings = market.today, market.listings
    rows = sampled_sessions(market)
    rows = rows[(today.slate[rows] >= 0).any(axis=1)]
    category = today.session_category[rows]
    on_sale = may_be_sold(market) & (listings.stock > 0)
    shown, chosen = [], []
    for one in np.unique(category).tolist():
        sessions = rows[category == one]
        pool = np.flatnonzero(on_sale & (listings.category == one))
        if len(pool) == 0:
            continue
        slate = today.slate[sessions]
        weight = np.where(slate >= 0, position_exposure(np.arange(slate.shape[1])), 0.0)
        shown.append((weight * listings.sold_recently[slate]).sum(axis=1) / weight.sum(axis=1))
        gain = true_gain(market, today.session_consumer[sessions], pool)
        chosen.append(gain @ listings.sold_recently[pool] / gain.sum(axis=1))
    if not shown:
        return NAN
    return share(mean(np.concatenate(shown)), mean(np.concatenate(chosen)))


def bought_alike(market: Marketplace) -> float:
    """How likely two orders of different consumers in a category are for the same listing."""
    rows = rows_since(market.orders, last_days(market))
    return chance_of_the_same(
        market.orders["consumer"][rows],
        market.orders["listing"][rows],
        market.orders["category"][rows],
    )


def variety_seen(market: Marketplace) -> float:
    """Variety of all that one consumer has come to see of late, against what is on sale."""
    return market.panel.variety()


def unseen(market: Marketplace) -> BoolArray:
    """(M,) merchants, settled in the market, whose listings get next to no attention."""
    books, listings = market.books, market.listings
    count = np.bincount(listings.merchant, minlength=len(books))
    got = np.bincount(listings.merchant, listings.shown_recently, minlength=len(books))
    rows = offered(market)
    equal = mean(listings.shown_recently[rows])
    each: FloatArray = got / np.maximum(count, 1)
    return (each < UNSEEN * equal) & _settled(market)


def _settled(market: Marketplace) -> BoolArray:
    settled: BoolArray = market.day - market.books.opened_on >= SETTLED
    return settled


def unseen_merchants(market: Marketplace) -> float:
    """Open merchants that hardly anybody is shown."""
    judged = market.books.is_open & _settled(market)
    return share(float((unseen(market) & judged).sum()), float(judged.sum()))


def unseen_exits(market: Marketplace) -> float:
    """Merchants that gave up today and that hardly anybody had been shown."""
    return float(unseen(market)[market.today.exited].sum())


INDICATORS = (
    Indicator(
        "popularity_bias", "recommendation", "ratio", "lower",
        "mean recent sales of what slates show, weighted 1 / log2(place + 1), / mean recent sales "
        "of what consumers would choose of all that is on sale, by choice probabilities "
        "exp(utility by true quality, taste, appeal and price); sampled sessions (hidden truth)",
        "Abdollahpouri, Mansoury, Burke & Mobasher 2019", popularity_bias, sampled=True,
    ),
    Indicator(
        "bought_alike", "recommendation", "0 to 1", "lower",
        "pairs of orders by different consumers for the same listing / such pairs in the same "
        "category, 28 days",
        "Simpson 1949; Chaney, Stewart & Engelhardt 2018", bought_alike, sampled=True,
    ),
    Indicator(
        "variety_seen", "recommendation", "ratio", "higher",
        "mean of 1 - cosine over all pairs of what one consumer looked at, half-life 14 days, / "
        "the same of pairs drawn from what was on sale in the same categories; panel of 500 "
        "consumers (hidden truth)",
        "Ziegler, McNee, Konstan & Lausen 2005; Nguyen et al. 2014", variety_seen,
    ),
    Indicator(
        "unseen_merchants", "merchants", "share", "lower",
        "open merchants whose listings get less than a tenth of the mean attention of a listing, "
        "half-life 14 days / open merchants, those of less than 14 days left out",
        "Mladenov et al. 2020", unseen_merchants,
    ),
    Indicator(
        "unseen_exits", "merchants", "merchants a day", "lower",
        "exits today of merchants with less than a tenth of the mean attention of a listing",
        "Mladenov et al. 2020", unseen_exits,
    ),
)  # fmt: skip
