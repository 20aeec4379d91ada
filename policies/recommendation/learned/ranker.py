"""The score of a listing for a visitor, as a sum of parts that can be told apart.

    score = own + slope * level (price - 1) + w [taken before] + share * model's score

`own` is the listing's utility by the conditional logit: its facts of today and its standing; it is
the same for all. `level` is how much dearer than others the visitor takes. What the model of who
takes what adds is weighed on sessions that neither of the two was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import ListingsView
from policies.recommendation.learned.collaborative import Collaborative
from policies.recommendation.learned.examples import Window, ratings_until
from policies.recommendation.learned.facts import (
    FACTS,
    LISTING_FACTS,
    SalesBefore,
    listing_facts,
)
from policies.recommendation.learned.rating_head import RatingHead
from policies.recommendation.learned.visitors import KnownVisitors, VisitorRows, expanded
from policies.relative_prices import relative_price

if TYPE_CHECKING:
    from models.choice import ChoiceSets, ConditionalLogit

SCORES_A_BLOCK = 4_000_000
"""Scores held at a time, so that no users-by-items matrix is ever stored."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Listings that compete for a slate, and what is known of them today."""

    listing: NDArray[np.int64]  # (P,) ascending
    price: FloatArray  # (P,) over the category's reference price
    facts: FloatArray  # (P, F)

    @classmethod
    def of(cls, listing: IntArray, listings: ListingsView, sales: SalesBefore) -> Pool:
        """Look the facts of some listings up."""
        price = relative_price(listings.price[listing], listing, listings)
        return cls(listing.astype(np.int64), price, listing_facts(listing, price, listings, sales))


class Ranker:
    """What the learned recommender has learned, and how it scores."""

    def __init__(self, model: Collaborative | None, *, blends: bool) -> None:
        self.logit: ConditionalLogit | None = None
        self.model = model
        self.blends = blends
        self.share = 0.0  # utility of a unit of the model's score
        self.head = RatingHead()
        self.rating_weight = 0.0  # utility of a star that the head predicts

    @property
    def ready(self) -> bool:
        """Whether it can rank."""
        if self.blends:
            return self.logit is not None
        return self.model is not None and self.model.trained

    def fit(
        self,
        window: Window,
        visitors: VisitorRows,
        sales: SalesBefore,
        rows: BoolArray,
        *,
        places: int,
        size: int,
        epochs: int,
        seed: int,
    ) -> None:
        """Train on some impressions of a window, going on from what was learned before.

        Args:
            window: E impressions.
            visitors: rows of all their visitors.
            sales: what listings sold before.
            rows: (E,) impressions to learn from.
            places: places on a page whose effects are estimated; 0: none.
            size: numbers that describe a visitor, and a listing.
            epochs: passes over the impressions of a model that makes several.
            seed: of all that the training draws.
        """
        from models.choice import ConditionalLogit, ConditionalLogitConfig

        if self.blends:
            config = ConditionalLogitConfig(places=places)
            self.logit = self.logit or ConditionalLogit(config)
            self.logit.config = config
            self.logit.fit(window.choice_sets(sales, rows))
        if self.model is not None:
            self.model.fit(window, visitors, rows, epochs, seed)
        if self.rating_weight > 0:
            last = int(window.log.day[rows].max())
            rated = ratings_until(window.log, last)
            self.head.fit(rated, visitors, len(window.listings.category), size, seed)

    def weigh(self, sets: ChoiceSets, score: FloatArray) -> None:
        """Find how much the model's scores say beyond the logit.

        Args:
            sets: choice sets that neither was trained on.
            score: (E,) the model's scores of their alternatives.
        """
        from models.choice import ChoiceSets, ConditionalLogit

        if self.logit is None or len(sets) == 0:
            return
        alone = ChoiceSets(
            sets.starts,
            np.zeros_like(sets.items),
            np.asarray(score[:, None], dtype=np.float64),
            sets.taken,
            sets.places,
            1,
        )
        judge = ConditionalLogit()
        judge.fit(alone, offset=self.logit.utilities(sets.items, sets.features))
        self.share = float(judge.weights[0])

    def own(self, pool: Pool) -> FloatArray:
        """(P,) what listings are worth to anybody; 0 where the model alone ranks."""
        if not self.blends or self.logit is None:
            return np.zeros(len(pool.listing))
        nobody = np.zeros((len(pool.listing), len(FACTS) - len(LISTING_FACTS)))
        return self.logit.utilities(pool.listing, np.concatenate([pool.facts, nobody], axis=1))

    def scores(
        self, keys: IntArray, rows: VisitorRows, known: KnownVisitors, pool: Pool
    ) -> NDArray[np.float32]:
        """(n, P) scores of a pool for visitors (n,)."""
        score = np.tile(self.own(pool).astype(np.float32), (len(keys), 1))
        if self.blends and self.logit is not None:
            slope, again = self.logit.weights[len(LISTING_FACTS) : len(LISTING_FACTS) + 2]
            level = known.price_levels(keys) * slope
            score += np.outer(level, pool.price - 1.0).astype(np.float32)
            row, place = taken_places(keys, known, pool)
            score[row, place] += np.float32(again)
        if self.model is not None and self.model.trained and (self.share or not self.blends):
            share = np.float32(self.share if self.blends else 1.0)
            histories = known.histories(keys, self.model.n_items())
            score += share * self.model.scores(rows.of(keys), pool.listing, histories)
        if self.rating_weight > 0 and self.head.trained:
            stars = self.head.stars(rows.of(keys), pool.listing)
            score += np.float32(self.rating_weight) * stars
        return score


def taken_places(
    keys: IntArray, known: KnownVisitors, pool: Pool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of visitors and places in a pool where a visitor has taken the listing before, once."""
    row, at = expanded(*known.spans(keys))
    item = known.events.listing[at]
    place = np.searchsorted(pool.listing, item)
    inside = np.append(pool.listing, -1)[place] == item
    pairs = np.unique(row[inside] * len(pool.listing) + place[inside])
    return pairs // max(len(pool.listing), 1), pairs % max(len(pool.listing), 1)


def model_scores(
    model: Collaborative,
    rows: VisitorRows,
    known: KnownVisitors,
    window: Window,
    sets: ChoiceSets,
    chosen: BoolArray,
) -> FloatArray:
    """(E,) a model's scores of the alternatives of choice sets.

    Args:
        model: trained.
        rows: visitors' rows in it.
        known: what is known of visitors.
        window: the impressions that the sets were made from.
        sets: E alternatives.
        chosen: which of the window's impressions these are.
    """
    log = window.log
    visitor = log.visitor[chosen][np.argsort(log.session[chosen], kind="stable")]
    category = window.listings.category[sets.items]
    score = np.empty(len(sets.items))
    for one in np.unique(category):
        own = np.flatnonzero(category == one)
        pool, column = np.unique(sets.items[own], return_inverse=True)
        keys, row = np.unique(visitor[own], return_inverse=True)
        a_block = max(SCORES_A_BLOCK // len(pool), 1)
        for start in range(0, len(keys), a_block):
            theirs = keys[start : start + a_block]
            table = model.scores(rows.of(theirs), pool, known.histories(theirs, model.n_items()))
            inside = (row >= start) & (row < start + a_block)
            score[own[inside]] = table[row[inside] - start, column[inside]]
    return score
