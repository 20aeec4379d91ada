"""How well a ranking foretells the last days of the log, which it was not trained on."""

from __future__ import annotations

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import WANTED_AGAIN, InteractionLog, ListingsView
from policies.recommendation.by_category import members
from policies.recommendation.learned.facts import SalesBefore
from policies.recommendation.learned.ranker import Pool, Ranker
from policies.recommendation.learned.visitors import KnownVisitors, VisitorRows

PLACES = 10
"""Places of a ranking that are looked at."""

MOST_PURCHASES = 2_000
"""Held-out purchases that are ranked at most: the first ones of the days."""


def ranking_metrics(
    ranker: Ranker,
    rows: VisitorRows,
    known: KnownVisitors,
    sales: SalesBefore,
    log: InteractionLog,
    listings: ListingsView,
) -> dict[str, float]:
    """Rank all that is on sale in its category for the buyer of each held-out purchase.

    Purchases of what was wanted again before the visit began are left out: no slate led to them.

    Args:
        ranker: trained on earlier days.
        rows: visitors' rows in the models.
        known: what was known of visitors then.
        sales: what listings sold before.
        log: the held-out impressions.
        listings: the catalogue of today.

    Returns:
        `ndcg` and `recall` at 10 of what was bought, `coverage`: the share of listings on sale that
        are among somebody's best 10, and `purchases`, how many these are means of; nan without.

    Source: as `models.ranking_metrics`; one relevant listing a purchase.
    """
    bought = np.flatnonzero(log.bought & (log.surface != WANTED_AGAIN))[:MOST_PURCHASES]
    keys, listing = log.visitor[bought], log.listing[bought].astype(np.int64)
    category = listings.category[listing]
    gain, shown = np.zeros(len(bought)), np.zeros(len(listings.category), dtype=np.bool_)
    for one in np.unique(category).tolist():
        own = np.flatnonzero(category == one)
        pool = Pool.of(np.union1d(members(listings, one), listing[own]), listings, sales)
        score = ranker.scores(keys[own], rows, known, pool)
        place = _places_of(score, np.searchsorted(pool.listing, listing[own]))
        gain[own] = np.where(place < PLACES, 1.0 / np.log2(place + 2.0), 0.0)
        best = np.argpartition(-score, min(PLACES, score.shape[1]) - 1, axis=1)[:, :PLACES]
        shown[pool.listing[best.ravel()]] = True
    on_sale = np.flatnonzero(listings.on_sale)
    return {
        "ndcg": _mean(gain),
        "recall": _mean(gain > 0),
        "coverage": _mean(shown[on_sale]) if len(bought) else float("nan"),
        "purchases": float(len(bought)),
    }


def _places_of(score: FloatArray, column: IntArray) -> FloatArray:
    """(n,) places, from 0, of one column of each row; equal scores share the places they take."""
    own = np.take_along_axis(score, column[:, None], axis=1)
    above, equal = (score > own).sum(axis=1), (score == own).sum(axis=1)
    place: FloatArray = above + (equal - 1) / 2.0
    return place


def _mean(values: FloatArray | BoolArray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
