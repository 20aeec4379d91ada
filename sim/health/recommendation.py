"""Indicators of recommendation and search, against the hidden truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.event_tables import Source
from sim.health.formulas import (
    NAN,
    exposure_fairness,
    gini,
    jaccard_similarity,
    mean,
    ndcg,
    position_exposure,
    share,
)
from sim.health.indicator import Indicator
from sim.health.today import offered, ordered, units
from sim.merchants.founding import SMALL
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace

PLACES = 10
"""Places of a slate that NDCG looks at."""

HEAD = 0.1
"""Share of listings, the best-selling ones, that are not the long tail."""


def slate_ndcg(market: Marketplace) -> float:
    """How near slates come to the best that was on sale for their consumers, by hidden truth."""
    shown, best = slate_gains(market)
    return mean(ndcg(shown, best))


def slate_regret(market: Marketplace) -> float:
    """What slates fall short of the best that was on sale, in utility, by hidden truth."""
    shown, best = slate_gains(market)
    return mean(np.log(best.sum(axis=1)) - np.log(shown.sum(axis=1)))


def search_ndcg(market: Marketplace) -> float:
    """How near search results come to the best of the category searched, by hidden truth."""
    rows = sampled_sessions(market)
    rows = rows[market.today.session_query[rows] >= 0]
    shown, best = _gains(market, rows, market.today.results[rows, :PLACES])
    return mean(ndcg(shown, best))


def slate_gains(market: Marketplace) -> tuple[FloatArray, FloatArray]:
    """(n, PLACES) gains of sampled slates, as shown and at best."""
    rows = sampled_sessions(market)
    return _gains(market, rows, market.today.slate[rows, :PLACES])


def _gains(market: Marketplace, rows: IntArray, slate: IntArray) -> tuple[FloatArray, FloatArray]:
    """(n, PLACES) gains of what sessions were shown and at best, of those shown something."""
    today, listings = market.today, market.listings
    rows, slate = rows[(slate >= 0).any(axis=1)], slate[(slate >= 0).any(axis=1)]
    category = today.session_category[rows]
    on_sale = may_be_sold(market) & (listings.stock > 0)
    shown_gains: list[FloatArray] = [np.empty((0, PLACES))]
    best_gains: list[FloatArray] = [np.empty((0, PLACES))]
    for one in np.unique(category).tolist():
        of_category = category == one
        shown = slate[of_category]
        pool = on_sale & (listings.category == one)
        pool[shown[shown >= 0]] = True  # what was shown has perhaps sold out since
        row = np.flatnonzero(pool)
        gain = true_gain(market, today.session_consumer[rows[of_category]], row)
        place = np.searchsorted(row, np.maximum(shown, 0)) % len(row)
        of_shown = np.where(shown >= 0, np.take_along_axis(gain, place, axis=1), 0.0)
        shown_gains.append(_padded(of_shown))
        best_gains.append(_padded(-np.sort(-gain, axis=1)[:, :PLACES]))
    return np.concatenate(shown_gains), np.concatenate(best_gains)


def _padded(gain: FloatArray) -> FloatArray:
    """(S, PLACES) gains; absent places gain nothing."""
    return np.pad(gain, ((0, 0), (0, PLACES - gain.shape[1])))


def true_gain(market: Marketplace, consumers: IntArray, pool: IntArray) -> FloatArray:
    """Choice weights of listings, with true instead of expected quality.

    Args:
        market: the market.
        consumers: (S,) rows of consumers.
        pool: (P,) listings.

    Returns:
        (S, P) `exp(V)` without the terms that all listings share, largest of a row 1.
    """
    choice, crowd, listings = market.settings.consumers.choice, market.crowd, market.listings
    price = listings.price[pool] / market.reference_price[listings.category[pool]]
    worth = choice.appeal_weight * listings.appeal[pool]
    worth = worth + choice.quality_weight * (listings.quality[pool] - 0.5)
    match = crowd.taste[consumers] @ listings.attributes[pool].T
    sensitivity = crowd.price_sensitivity[consumers][:, None]
    utility = worth + choice.taste_weight * match - sensitivity * price
    gain: FloatArray = np.exp(utility - utility.max(axis=1, keepdims=True))
    return gain


def sampled_sessions(market: Marketplace) -> NDArray[np.int64]:
    """Sessions of today that the costly indicators look at: the same whatever the policy."""
    today = market.today
    draw = market.streams.uniform(
        "health/sample", market.day, today.session_consumer, today.session_line
    )
    wanted = market.settings.health.sample_sessions
    return np.sort(np.argsort(draw, kind="stable")[:wanted])


def exposure(market: Marketplace) -> FloatArray:
    """(L,) attention that listings got today from search results and the slates below them.

    A place's attention falls with its rank on the page; worked out once a day.
    """
    today = market.today
    if today.exposure is None:
        found = (today.results >= 0).sum(axis=1)
        page = np.concatenate([today.results, today.slate], axis=1)
        place = np.tile(np.arange(page.shape[1]), (len(page), 1))
        place[:, today.results.shape[1] :] -= (today.results.shape[1] - found)[:, None]
        attention = position_exposure(np.arange(page.shape[1]))[place]
        total = np.bincount(  # one bin more, for empty places
            page.ravel() + 1, attention.ravel(), minlength=len(market.listings) + 1
        ).astype(np.float64)
        today.exposure = total[1:]
    return today.exposure


def small_merchant_exposure(market: Marketplace) -> float:
    """Attention that small merchants' listings get, against their share of listings."""
    rows = offered(market)
    small = market.books.size[market.listings.merchant[rows]] == SMALL
    return exposure_fairness(exposure(market)[rows], small)


def exposure_gini(market: Marketplace) -> float:
    """Inequality of today's attention between listings of open shops."""
    return gini(exposure(market)[offered(market)])


def coverage(market: Marketplace) -> float:
    """Listings of open shops that somebody was shown today."""
    return mean(exposure(market)[offered(market)] > 0)


def tail_coverage(market: Marketplace) -> float:
    """Listings of open shops outside the best-selling tenth that somebody was shown today."""
    rows = offered(market)
    return mean(exposure(market)[rows[~best_sellers(market)[rows]]] > 0)


def tail_share(market: Marketplace) -> float:
    """Units bought today of listings outside the best-selling tenth."""
    count = units(market)
    tail = ~best_sellers(market)[ordered(market, "listing")]
    return share(float(count[tail].sum()), float(count.sum()))


def best_sellers(market: Marketplace) -> BoolArray:
    """(L,) the tenth of listings that sold most units so far; ties go to the older listing."""
    sold = market.listings.units_sold
    head = np.zeros(len(sold), dtype=np.bool_)
    head[np.argsort(-sold, kind="stable")[: max(int(HEAD * len(sold)), 1)]] = True
    return head


def homogenisation(market: Marketplace) -> float:
    """How alike the slates of different consumers are who look for the same category."""
    today = market.today
    rows = sampled_sessions(market)
    category = today.session_category[rows]
    return mean(
        [jaccard_similarity(today.slate[rows[category == one]]) for one in np.unique(category)]
    )


def slate_share(market: Marketplace) -> float:
    """Today's orders that came from a slate rather than from search or habit."""
    return mean(ordered(market, "source") == Source.SLATE)


def slate_conversion(market: Marketplace) -> float:
    """Orders from slates for each session that was shown one."""
    shown = (market.today.slate >= 0).any(axis=1).sum()
    return share(float((ordered(market, "source") == Source.SLATE).sum()), float(shown))


def click_through(market: Marketplace) -> float:
    """Listings that were looked at closely, of those that came into view today."""
    if market.settings.consumers.choice.demand == "expected":
        return NAN
    today = market.today
    return mean(today.clicked[today.alternatives >= 0])


INDICATORS = (
    Indicator(
        "ndcg", "recommendation", "0 to 1", "higher",
        "NDCG@10 of slates against the best on sale, gain exp(utility by true quality, taste, "
        "appeal and price), sampled sessions (hidden truth)",
        "Järvelin & Kekäläinen 2002", slate_ndcg, sampled=True,
    ),
    Indicator(
        "slate_regret", "recommendation", "logit units", "lower",
        "ln(sum of gain of the 10 best on sale) - ln(sum of gain of the 10 shown first), gain as "
        "in ndcg, sampled sessions (hidden truth)",
        "Small & Rosen 1981", slate_regret, sampled=True,
    ),
    Indicator(
        "search_ndcg", "recommendation", "0 to 1", "higher",
        "NDCG@10 of search results against the best on sale of the category, gain as in ndcg, "
        "sampled sessions that search (hidden truth)",
        "Järvelin & Kekäläinen 2002", search_ndcg, sampled=True,
    ),
    Indicator(
        "small_merchant_exposure", "recommendation", "ratio", "higher",
        "small merchants' share of exposure, sum of 1 / log2(rank + 1), / their share of listings",
        "Singh & Joachims 2018; Diaz et al. 2020", small_merchant_exposure,
    ),
    Indicator(
        "exposure_gini", "recommendation", "0 to 1", "lower",
        "Gini over listings of open shops of exposure, sum of 1 / log2(rank + 1)",
        "Singh & Joachims 2018",
        exposure_gini,
    ),
    Indicator(
        "coverage", "recommendation", "share of listings", "higher",
        "listings shown to somebody / listings of open shops",
        "Ge, Delgado-Battenfeld & Jannach 2010", coverage,
    ),
    Indicator(
        "tail_coverage", "recommendation", "share of listings", "higher",
        "listings outside the best-selling tenth that were shown / such listings",
        "Ge, Delgado-Battenfeld & Jannach 2010", tail_coverage,
    ),
    Indicator(
        "tail_share", "recommendation", "share of units", "higher",
        "units of listings outside the best-selling tenth / units",
        "Brynjolfsson, Hu & Simester 2011",
        tail_share,
    ),
    Indicator(
        "homogenisation", "recommendation", "0 to 1", "lower",
        "mean over categories of the mean pairwise Jaccard of slates, sampled sessions",
        "Chaney, Stewart & Engelhardt 2018",
        homogenisation, sampled=True,
    ),
    Indicator(
        "slate_share", "recommendation", "share of orders", "none",
        "orders from slates / orders", "definition", slate_share,
    ),
    Indicator(
        "slate_conversion", "recommendation", "share of sessions", "higher",
        "orders from slates / sessions with a slate", "usual web measure", slate_conversion,
    ),
    Indicator(
        "click_through", "recommendation", "share of listings seen", "none",
        "listings clicked / listings that came into view; sampled demand only",
        "usual web measure", click_through,
    ),
)  # fmt: skip
