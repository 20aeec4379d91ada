"""What a log says of items and of visitors, up to a day: counts, rates, tastes.

Everything is kept as of the end of a day, and what a page held is described by what was known
before it: a ranker that is told of a click in a feature would learn to look it up.

A visitor's taste is the mean of the vectors of what she clicked less the mean of all that stood on
the same page, a purchase counting more, the older the less; of a newcomer it is nothing.

Source: Rocchio (1971), "Relevance Feedback in Information Retrieval", in Salton (ed.), The SMART
Retrieval System (what was taken less what was not).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, IdArray

RealArray = npt.NDArray[np.floating[Any]]

DECAY = 0.5 ** (1.0 / 14.0)
"""What a day leaves of the weight of the days before."""

PURCHASE = 3.0
"""Clicks that a purchase counts as."""

CLICKS_OF_A_STRANGER = 2.0
"""Clicks without a taste that a visitor's own are averaged with."""

PRIOR_RATE = 0.1
PRIOR_VIEWS = 10.0
"""Views, and the share of them that are clicks, that an item's own are averaged with."""

PRIOR_RATING = 0.7
PRIOR_RATINGS = 5.0
"""Ratings, and their mean, that an item's own are averaged with."""


@dataclass(frozen=True, slots=True)
class Views:
    """E items that were seen on a day."""

    page: IdArray  # (E,) number of the page
    visitor: IdArray  # (E,) key
    item: IdArray  # (E,)
    query: IdArray  # (E,) -1: none
    log_price: RealArray  # (E,) log of price over what is usual
    look: RealArray  # (E,) chance that the place was looked at
    clicked: npt.NDArray[np.bool_]  # (E,)
    bought: npt.NDArray[np.bool_]  # (E,)


class Behaviour:
    """Running counts of a log, day after day."""

    def __init__(self) -> None:
        self._items = np.zeros((0, 5))  # views, clicks, purchases, sum and number of ratings
        self._row_of: dict[int, int] = {}  # visitors' keys
        self._visitors = np.zeros((0, 2))  # weight of clicks, and with it the sum of log prices
        self._tastes: list[npt.NDArray[np.float64]] = []  # of each kind of vectors, (N, V)
        self._bought = np.zeros(0, dtype=np.int64)  # pairs of visitor and item, ascending
        self._wanted: dict[int, npt.NDArray[np.float64]] = {}  # (C,) clicks by category, of a query

    def observe(
        self,
        views: Views,
        vectors: Sequence[RealArray],
        category: IdArray,
        categories: int,
        ratings: tuple[IdArray, RealArray],
    ) -> None:
        """Count a day.

        Args:
            views: what was seen.
            vectors: of each kind, (L, V), one row an item; the kinds do not change.
            category: (L,) of each item.
            categories: how many there are.
            ratings: items rated, and their ratings in [0, 1].
        """
        self._make_room(len(category), views.visitor, vectors)
        self._items *= DECAY
        self._visitors *= DECAY
        weight = np.where(views.bought, PURCHASE, views.clicked.astype(np.float64))
        for column, amount in enumerate((views.look, weight > 0, views.bought)):
            np.add.at(self._items[:, column], views.item, amount.astype(np.float64))
        np.add.at(self._items[:, 3], ratings[0], ratings[1])
        np.add.at(self._items[:, 4], ratings[0], 1.0)
        row = self._rows(views.visitor)
        np.add.at(self._visitors[:, 0], row, weight)
        np.add.at(self._visitors[:, 1], row, weight * views.log_price)
        against = _against_the_page(views.page, weight)
        for taste, of_kind in zip(self._tastes, vectors, strict=True):
            taste *= DECAY
            told = np.flatnonzero(against)
            np.add.at(taste, row[told], against[told, None] * of_kind[views.item[told]])
        pairs = self._pairs(row[views.bought], views.item[views.bought])
        self._bought = np.union1d(self._bought, pairs)
        for query in np.unique(views.query[(views.query >= 0) & (weight > 0)]).tolist():
            asked = views.query == query
            clicks = np.bincount(category[views.item[asked]], weight[asked], minlength=categories)
            self._wanted[query] = self._wanted.get(query, np.zeros(categories)) + clicks

    def of_items(self, items: IdArray) -> FloatArray:
        """(E, 5) shrunk click rate, log of shrunk purchase rate, log of purchases, rating, ratings.

        Args:
            items: (E,).
        """
        views, clicks, sales, stars, ratings = np.where(
            (items < len(self._items))[:, None], self._padded(self._items, items), 0.0
        ).T
        return np.column_stack(
            [
                (clicks + PRIOR_RATE * PRIOR_VIEWS) / (views + PRIOR_VIEWS),
                np.log((sales + PRIOR_RATE**2 * PRIOR_VIEWS) / (views + PRIOR_VIEWS)),
                np.log1p(sales),
                (stars + PRIOR_RATING * PRIOR_RATINGS) / (ratings + PRIOR_RATINGS),
                np.log1p(ratings),
            ]
        )

    def of_visitors(
        self,
        visitors: IdArray,
        items: IdArray,
        log_price: RealArray,
        vectors: Sequence[RealArray],
    ) -> FloatArray:
        """(E, 2 + kinds) how far a price is from her usual, bought before, taste of each kind.

        Args:
            visitors: (E,) keys.
            items: (E,).
            log_price: (E,) log of price over what is usual.
            vectors: of each kind, (L, V).
        """
        row = self._rows(visitors)
        known = row >= 0
        clicks, prices = np.where(known[:, None], self._padded(self._visitors, row), 0.0).T
        usual = prices / (clicks + CLICKS_OF_A_STRANGER)
        columns = [
            -np.abs(log_price - usual) * clicks / (clicks + CLICKS_OF_A_STRANGER),
            (known & np.isin(self._pairs(row, items), self._bought)).astype(np.float64),
        ]
        for place, of_kind in enumerate(vectors):
            if place >= len(self._tastes):
                columns.append(np.zeros(len(items)))
                continue
            likes = np.einsum("ev,ev->e", self._padded(self._tastes[place], row), of_kind[items])
            columns.append(np.where(known, likes / (clicks + CLICKS_OF_A_STRANGER), 0.0))
        return np.column_stack(columns)

    def of_queries(self, query: IdArray, category: IdArray) -> FloatArray:
        """(E,) share of a query's clicks that fell on a category; 0 where there were none."""
        share = np.zeros(len(query))
        for one in np.unique(query).tolist():
            clicks = self._wanted.get(one)
            if clicks is not None:
                asked = query == one
                share[asked] = clicks[category[asked]] / (clicks.sum() + 1.0)
        return share

    def _make_room(self, items: int, visitors: IdArray, vectors: Sequence[RealArray]) -> None:
        for key in np.unique(visitors).tolist():
            self._row_of.setdefault(key, len(self._row_of))
        if not self._tastes:
            self._tastes = [np.zeros((0, of_kind.shape[1])) for of_kind in vectors]
        people = len(self._row_of)
        self._items = _longer(self._items, items)
        self._visitors = _longer(self._visitors, people)
        self._tastes = [_longer(taste, people) for taste in self._tastes]

    def _rows(self, visitors: IdArray) -> IdArray:
        """Rows of visitors' keys, -1 of unknown ones."""
        keys, inverse = np.unique(visitors, return_inverse=True)
        rows = np.array([self._row_of.get(key, -1) for key in keys.tolist()], dtype=np.int64)
        return rows[inverse]

    @staticmethod
    def _pairs(row: IdArray, item: IdArray) -> IdArray:
        return (row.astype(np.int64) << 32) | item

    @staticmethod
    def _padded(table: FloatArray, rows: IdArray) -> FloatArray:
        """Rows of a table; of those outside, any."""
        if len(table) == 0:
            return np.zeros((len(rows), table.shape[1]))
        return table[np.clip(rows, 0, len(table) - 1)]


def _against_the_page(page: IdArray, weight: FloatArray) -> FloatArray:
    """(E,) each one's weight less the mean weight on its page."""
    _, place = np.unique(page, return_inverse=True)
    mean = np.bincount(place, weight) / np.maximum(np.bincount(place), 1)
    return weight - mean[place]


def _longer(table: FloatArray, rows: int) -> FloatArray:
    """The table with rows of zeros added, up to `rows`."""
    if rows <= len(table):
        return table
    return np.concatenate([table, np.zeros((rows - len(table), table.shape[1]))])
