"""What a learned search knows of a result: its match, price, ratings, sales, delivery, taste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import FloatArray, IntArray
from policies.observations import ListingsView
from policies.relative_prices import relative_price

if TYPE_CHECKING:
    from models.search_ranking.behaviour import Behaviour
    from models.text_search import BM25Index
    from models.text_vectors import TextVectors

FEATURES = (
    "text match (BM25)",
    "text similarity",
    "category wanted",
    "price",
    "discount",
    "rating",
    "ratings",
    "clicks a view",
    "purchases a view",
    "purchases",
    "delivery time",
    "novelty",
    "price against usual",
    "bought before",
    "taste in texts",
    "taste in pictures",
)
"""Columns of `features_of`, in their order; those of the visitor last."""

OF_VISITOR = 4
"""Columns that depend on who searches."""


@dataclass(frozen=True, slots=True)
class Goods:
    """The listings as they are described. L listings."""

    listings: ListingsView
    text: FloatArray  # (L, D) float32 vectors of texts
    image: FloatArray  # (L, V) float32 vectors of pictures, of mean length 1

    @property
    def vectors(self) -> tuple[FloatArray, FloatArray]:
        """Those in which tastes are told."""
        return self.text, self.image


@dataclass(frozen=True, slots=True)
class Pairs:
    """E results that visitors see or could see."""

    visitor: IntArray  # (E,) keys
    listing: IntArray  # (E,)
    query: IntArray  # (E,) index into the queries' texts
    price: IntArray  # (E,) cents
    age_days: IntArray  # (E,) of the listing


def goods_of(listings: ListingsView, text: FloatArray) -> Goods:
    """Listings with the vectors of their texts and pictures."""
    pictures = listings.image
    if pictures is None:
        return Goods(listings, text, np.zeros((len(text), 0), dtype=np.float32))
    length = np.sqrt((pictures**2).sum(axis=1).mean()) if len(pictures) else 0.0
    return Goods(listings, text, pictures / length if length > 0 else pictures)


def relative_log_price(listings: ListingsView, listing: IntArray, price: IntArray) -> FloatArray:
    """(E,) log of prices over the reference prices of their categories."""
    logs: FloatArray = np.log(relative_price(price, listing, listings))
    return logs


def features_of(
    pairs: Pairs,
    goods: Goods,
    queries: tuple[str, ...],
    index: BM25Index,
    space: TextVectors,
    behaviour: Behaviour,
    *,
    personal: bool,
) -> FloatArray:
    """(E, len(FEATURES)) what is known of results before they are shown."""
    listings, listing = goods.listings, pairs.listing
    price = relative_log_price(listings, listing, pairs.price)
    announced = np.maximum(listings.list_price[listing], 1)
    rate, sales_a_view, sales, rating, ratings = behaviour.of_items(listing).T
    minutes = np.full(len(listing), np.nan)
    if listings.delivery_minutes is not None:
        minutes = listings.delivery_minutes[listing]
    known = minutes[~np.isnan(minutes)]
    usual = float(known.mean()) if len(known) else 0.0
    columns = [
        index.pair_scores(queries, pairs.query, listing),
        np.einsum("ed,ed->e", space.vectors(queries)[pairs.query], goods.text[listing]),
        behaviour.of_queries(pairs.query, listings.category[listing]),
        price,
        np.clip(1.0 - pairs.price / announced, 0.0, 1.0),
        rating,
        ratings,
        rate,
        sales_a_view,
        sales,
        np.log1p(np.where(np.isnan(minutes), usual, minutes) / 60.0),
        np.exp(-pairs.age_days / 14.0),
    ]
    told = np.zeros((len(listing), OF_VISITOR))
    if personal:
        told = behaviour.of_visitors(pairs.visitor, listing, price, goods.vectors)
    return np.column_stack([*columns, told])
