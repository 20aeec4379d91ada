"""Indicators of recommendation and search, against the hidden truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.health.formulas import NAN, gini, mean, mean_jaccard, ndcg, position_exposure, share
from sim.health.indicator import Indicator
from sim.health.today import on_sale, ordered, units

if TYPE_CHECKING:
    from sim.market import Marketplace

PLACES = 10
SMALL = 0


def slate_ndcg(market: Marketplace) -> float:
    """NDCG@10 of slates: gains are the choice weights exp(V) by true quality and taste."""
    today = market.today
    rows = sampled_sessions(market)
    shown, ideal = [], []
    for row in rows.tolist():
        category = today.session_category[row]
        pool = np.flatnonzero(
            (market.listings.category == category) & market.books.is_open[market.listings.merchant]
        )
        slate = today.slate[row, :PLACES]
        if len(pool) == 0 or slate[0] < 0:
            continue
        gain = true_gain(market, int(today.session_consumer[row]), pool)
        of_slate = np.where(
            slate >= 0, gain[np.searchsorted(pool, np.maximum(slate, 0)) % len(gain)], 0
        )
        best = np.sort(gain)[::-1][:PLACES]
        shown.append(np.pad(of_slate, (0, PLACES - len(of_slate))))
        ideal.append(np.pad(best, (0, PLACES - len(best))))
    return mean(ndcg(np.array(shown), np.array(ideal))) if shown else NAN


def true_gain(market: Marketplace, consumer: int, pool: NDArray[np.int64]) -> NDArray[np.float64]:
    """exp(V) of listings for one consumer, with true instead of expected quality."""
    choice, crowd, listings = market.settings.consumers.choice, market.crowd, market.listings
    price = listings.price[pool] / market.reference_price[listings.category[pool]]
    utility = (
        choice.appeal_weight * listings.appeal[pool]
        + choice.quality_weight * (listings.quality[pool] - 0.5)
        + choice.taste_weight * (listings.attributes[pool] @ crowd.taste[consumer])
        - crowd.price_sensitivity[consumer] * price
    )
    gain: NDArray[np.float64] = np.exp(utility - utility.max())
    return gain


def sampled_sessions(market: Marketplace) -> NDArray[np.int64]:
    """Sessions of today that the costly indicators look at, drawn by their own stream."""
    count = len(market.today.session_consumer)
    rng = market.streams.generator("health/sample", market.day)
    wanted = min(count, market.settings.health.sample_sessions)
    return np.sort(rng.choice(count, size=wanted, replace=False))


def exposure(market: Marketplace) -> NDArray[np.float64]:
    """(L,) attention that listings got in today's slates and search results."""
    today = market.today
    total = np.zeros(len(market.listings))
    for shown in (today.slate, today.results):
        seen = (shown >= 0) & (np.arange(shown.shape[1]) < today.examined[:, None])
        weight = np.broadcast_to(position_exposure(np.arange(shown.shape[1])), shown.shape)
        total += np.bincount(shown[seen], weight[seen], minlength=len(total))
    return total


def small_merchant_exposure(market: Marketplace) -> float:
    """Small merchants' share of attention over their share of listings."""
    rows, attention = on_sale(market), exposure(market)
    small = market.books.size[market.listings.merchant[rows]] == SMALL
    got = share(float(attention[rows][small].sum()), float(attention[rows].sum()))
    return got / float(small.mean()) if small.any() else NAN


def exposure_gini(market: Marketplace) -> float:
    """Inequality of attention between listings on sale."""
    return gini(exposure(market)[on_sale(market)])


def coverage(market: Marketplace) -> float:
    """Listings on sale that somebody was shown today."""
    return mean(exposure(market)[on_sale(market)] > 0)


def tail_share(market: Marketplace) -> float:
    """Units bought today of listings outside the tenth that sell best."""
    sold = market.listings.units_sold
    order = np.argsort(-sold, kind="stable")
    head = np.zeros(len(sold), dtype=np.bool_)
    head[order[: max(len(sold) // 10, 1)]] = True
    count = units(market)
    return share(float(count[~head[ordered(market, "listing")]].sum()), float(count.sum()))


def homogenisation(market: Marketplace) -> float:
    """Mean Jaccard similarity of slates of the same category."""
    rows = sampled_sessions(market)
    today = market.today
    order = rows[np.argsort(today.session_category[rows], kind="stable")]
    same = today.session_category[order][1:] == today.session_category[order][:-1]
    similar = [mean_jaccard(today.slate[order[i : i + 2]]) for i in np.flatnonzero(same).tolist()]
    return mean(similar) if similar else NAN


def slate_share(market: Marketplace) -> float:
    """Orders that came from a slate rather than from search or habit."""
    return mean(ordered(market, "source") == 0)


INDICATORS = (
    Indicator(
        "ndcg", "recommendation", "0 to 1", "higher",
        "NDCG@10 of slates, gain exp(true utility), sampled sessions (hidden truth)",
        "Järvelin & Kekäläinen 2002", slate_ndcg, sampled=True,
    ),
    Indicator(
        "small_merchant_exposure", "recommendation", "ratio", "higher",
        "small merchants' share of position-weighted exposure / their share of listings",
        "Singh & Joachims 2018", small_merchant_exposure,
    ),
    Indicator(
        "exposure_gini", "recommendation", "0 to 1", "lower",
        "Gini of position-weighted exposure over listings on sale", "Singh & Joachims 2018",
        exposure_gini,
    ),
    Indicator(
        "coverage", "recommendation", "share of listings", "higher",
        "listings shown to somebody / listings on sale", "Ge, Delgado & Jannach 2010", coverage,
    ),
    Indicator(
        "tail_share", "recommendation", "share of units", "higher",
        "units of listings outside the best-selling tenth / units", "Anderson 2006; Brynjolfsson et al. 2011",
        tail_share,
    ),
    Indicator(
        "homogenisation", "recommendation", "0 to 1", "lower",
        "mean Jaccard of slates of one category, sampled sessions", "Chaney et al. 2018",
        homogenisation, sampled=True,
    ),
    Indicator(
        "slate_share", "recommendation", "share of orders", "none",
        "orders from slates / orders", "definition", slate_share,
    ),
)  # fmt: skip
