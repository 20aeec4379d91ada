"""What the scores of the learned recommender are made of, part by part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from policies.observations import Explanations, ListingsView
from policies.recommendation.learned.facts import LISTING_FACTS
from policies.recommendation.learned.ranker import Pool, Ranker
from policies.recommendation.learned.visitors import (
    PRIOR_EVENTS,
    KnownVisitors,
    VisitorRows,
)

SINGLE_EVENTS = 20
"""Newest purchases whose part of a model's score is told one by one; older ones together."""

_Part = tuple[str, int, float]

NOBODY = -1
"""Instead of a listing, where a part is not about one that the visitor took."""


def explained_by_sales(listings: ListingsView, listing: IntArray) -> Explanations:
    """Before the first training the score is what sold recently."""
    count = len(listing)
    return Explanations(
        pair=np.arange(count),
        part=("sold recently",) * count,
        about=np.full(count, NOBODY),
        value=listings.sold_recently[listing].astype(np.float64),
    )


def explained(
    ranker: Ranker,
    rows: VisitorRows,
    known: KnownVisitors,
    pools: Sequence[Pool],
    keys: IntArray,
    listing: IntArray,
) -> Explanations:
    """The parts of scores; those of a pair add up to its score.

    Facts of a listing are told against the mean of what competes with it. A purchase's part of a
    model's score is what the score rises when it is added to those before it.

    Args:
        ranker: trained.
        rows: visitors' rows in the models.
        known: what is known of visitors.
        pools: n pools, which hold the listings.
        keys: (n,) visitors.
        listing: (n,) listings.
    """
    parts: list[_Part] = []
    pairs: list[int] = []
    for pair, (pool, key, item) in enumerate(zip(pools, keys, listing, strict=True)):
        before = len(parts)
        parts += _listings_part(ranker, pool, int(item))
        parts += _visitors_part(ranker, known, pool, int(key), int(item))
        parts += _models_part(ranker, rows, known, pool, int(key), int(item))
        pairs += [pair] * (len(parts) - before)
    return Explanations(
        pair=np.array(pairs, dtype=np.int64),
        part=tuple(part for part, _, _ in parts),
        about=np.array([about for _, about, _ in parts], dtype=np.int64),
        value=np.array([value for _, _, value in parts], dtype=np.float64),
    )


def _listings_part(ranker: Ranker, pool: Pool, item: int) -> list[_Part]:
    """What the listing is worth to anybody."""
    if not ranker.blends or ranker.logit is None:
        return []
    at = int(np.searchsorted(pool.listing, item))
    weights = ranker.logit.weights[: len(LISTING_FACTS)]
    of_fact = weights * (pool.facts[at] - pool.facts.mean(axis=0))
    standing = ranker.logit.standing(pool.listing)
    mean = float(ranker.own(pool).mean())
    price, price_log, rating, sales = (float(value) for value in of_fact)
    return [
        ("category", NOBODY, mean),
        ("price", NOBODY, price + price_log),
        ("rating", NOBODY, rating),
        ("sales before", NOBODY, sales),
        ("own record", NOBODY, float(standing[at] - standing.mean())),
    ]


def _visitors_part(
    ranker: Ranker, known: KnownVisitors, pool: Pool, key: int, item: int
) -> list[_Part]:
    """What the visitor's purchases say of prices, and whether the listing was one of them."""
    if not ranker.blends or ranker.logit is None:
        return []
    slope, again = ranker.logit.weights[len(LISTING_FACTS) : len(LISTING_FACTS) + 2]
    price = pool.price[np.searchsorted(pool.listing, item)]
    own = _span(known, key)
    taken = known.events.listing[own]
    each = known.events.dearer[own] / (len(taken) + PRIOR_EVENTS) * slope * (price - 1.0)
    told = [
        ("price level", int(about), float(value)) for about, value in zip(taken, each, strict=True)
    ]
    if (taken == item).any():
        told.append(("taken before", item, float(again)))
    return told


def _models_part(
    ranker: Ranker, rows: VisitorRows, known: KnownVisitors, pool: Pool, key: int, item: int
) -> list[_Part]:
    """What the model of who takes what adds, purchase by purchase, and the rating head."""
    told: list[_Part] = []
    asked, model = np.array([item]), ranker.model
    row = rows.of(np.array([key]))
    if model is not None and model.trained and (ranker.share or not ranker.blends):
        share = ranker.share if ranker.blends else 1.0
        taken = known.events.listing[_span(known, key)]
        taken = taken[taken < model.n_items()]
        score = share * _growing_scores(ranker, row, taken, pool, item)
        told.append(("model", NOBODY, float(score[0])))
        if len(taken) > SINGLE_EVENTS:
            told.append(("earlier purchases", NOBODY, float(score[1] - score[0])))
            score = score[1:]
        newest = taken[len(taken) - (len(score) - 1) :]
        told += [
            ("purchase", int(about), float(rise))
            for about, rise in zip(newest, np.diff(score), strict=True)
        ]
    if ranker.rating_weight > 0 and ranker.head.trained:
        stars = float(ranker.head.stars(row, asked)[0, 0])
        told.append(("predicted stars", NOBODY, ranker.rating_weight * stars))
    return told


def _growing_scores(
    ranker: Ranker, row: IntArray, taken: NDArray[np.int64], pool: Pool, item: int
) -> FloatArray:
    """The model's scores of a listing with none of the purchases, and then with one more each.

    What it was not trained on has the middling score of the pool.
    """
    from models.histories import Histories

    assert ranker.model is not None
    first = max(len(taken) - SINGLE_EVENTS, 0)
    lengths = np.unique([0, *range(first, len(taken) + 1)])
    histories = Histories.of([taken[:length] for length in lengths], ranker.model.n_items())
    asked = np.array([item]) if item < ranker.model.n_items() else pool.listing
    scores = ranker.model.scores(np.repeat(row, len(lengths)), asked, histories)
    grown: FloatArray = scores[:, np.searchsorted(asked, item)].astype(np.float64)
    return grown


def _span(known: KnownVisitors, key: int) -> slice:
    first, end = known.spans(np.array([key]))
    return slice(int(first[0]), int(end[0]))
