"""The catalogue and the population that a market starts from, generated or imported.

Both hold hidden truth (quality, appeal, attributes, tastes): they go into `sim` and are never
handed to a policy as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray

HISTORY_LIMIT = 16
"""Most listings that a consumer's purchase history holds."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is on sale at the start. L listings, M merchants, C categories, D taste dimensions."""

    title: tuple[str, ...]  # (L,)
    description: tuple[str, ...]  # (L,) may be empty strings
    category: IntArray  # (L,) int32 index into category_names
    category_names: tuple[str, ...]  # (C,)
    merchant: IntArray  # (L,) int32 index into merchant_names
    merchant_names: tuple[str, ...]  # (M,)
    price: IntArray  # (L,) int64 list price in cents, > 0
    unit_cost: IntArray  # (L,) int64 cents, >= 0
    quality: FloatArray  # (L,) hidden true quality in [0, 1]
    appeal: FloatArray  # (L,) hidden utility offset, logit units, mean 0 within category
    attributes: FloatArray  # (L, D) hidden; unit vectors, compared with consumers' tastes
    image: FloatArray | None  # (L, V) image vectors as imported, or None

    def __post_init__(self) -> None:
        """Check that the columns fit together.

        Raises:
            ValueError: if a column has another length than the titles, an index points past its
                names, or a price or a cost is out of range.
        """
        listings = len(self.title)
        columns = {
            "description": len(self.description),
            "category": len(self.category),
            "merchant": len(self.merchant),
            "price": len(self.price),
            "unit_cost": len(self.unit_cost),
            "quality": len(self.quality),
            "appeal": len(self.appeal),
            "attributes": len(self.attributes),
        }
        if self.image is not None:
            columns["image"] = len(self.image)
        _same_length("Catalogue", columns, listings, "titles")
        _indices_within("category", self.category, len(self.category_names))
        _indices_within("merchant", self.merchant, len(self.merchant_names))
        if listings and self.price.min() <= 0:
            raise ValueError(f"price: every price must be above 0 cents, not {self.price.min()}")
        if listings and self.unit_cost.min() < 0:
            raise ValueError(f"unit_cost: must be at least 0 cents, not {self.unit_cost.min()}")


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """Distinct listings that each of N consumers bought before, in compressed rows.

    Consumer n bought `listing[indptr[n]:indptr[n + 1]]`, the most recent first, at most
    `HISTORY_LIMIT` of them.
    """

    indptr: IntArray  # (N + 1,) int64
    listing: IntArray  # (purchases,) int32

    def of(self, consumer: int) -> IntArray:
        """The listings that one consumer bought before, the most recent first."""
        return self.listing[self.indptr[consumer] : self.indptr[consumer + 1]]

    def take(self, consumers: IntArray) -> PurchaseHistory:
        """The histories of chosen consumers, in the order given.

        Args:
            consumers: (K,) rows of this history; a row may be chosen more than once.

        Returns:
            A history of K consumers.
        """
        start = self.indptr[consumers]
        count = self.indptr[consumers + 1] - start
        indptr = np.concatenate(([0], np.cumsum(count, dtype=np.int64)))
        within = np.arange(indptr[-1], dtype=np.int64) - np.repeat(indptr[:-1], count)
        return PurchaseHistory(indptr, self.listing[np.repeat(start, count) + within])


@dataclass(frozen=True, slots=True)
class Population:
    """The consumers the market starts with, as rates and preferences. N consumers."""

    visits_per_day: FloatArray  # (N,) expected visits a day, long-tailed
    category_share: FloatArray  # (N, C) float32, rows sum to 1: category of a visit's need
    taste: FloatArray  # (N, D) float32 unit vectors
    lines_per_visit: FloatArray  # (N,) expected needs (order lines) a visit, >= 1
    repeat_share: FloatArray  # (N,) probability that a need is met by an item bought before
    income: IntArray  # (N,) int64 cents a day that may be spent in this market
    price_sensitivity: FloatArray  # (N,) > 0, logit units per category reference price
    group: IntArray  # (N,) int8 group membership for fairness questions
    group_names: tuple[str, ...]
    weekday_profile: FloatArray  # (7,) mean 1, Monday first
    hour_profile: FloatArray  # (24,) sums to 1
    history: PurchaseHistory | None  # for imported data; None: nothing was bought before

    def __post_init__(self) -> None:
        """Check that the columns fit together.

        Raises:
            ValueError: if a column has another length than `visits_per_day`, a profile has
                another length than a week or a day, or a group has no name.
        """
        consumers = len(self.visits_per_day)
        columns = {
            "category_share": len(self.category_share),
            "taste": len(self.taste),
            "lines_per_visit": len(self.lines_per_visit),
            "repeat_share": len(self.repeat_share),
            "income": len(self.income),
            "price_sensitivity": len(self.price_sensitivity),
            "group": len(self.group),
        }
        if self.history is not None:
            columns["history"] = len(self.history.indptr) - 1
        _same_length("Population", columns, consumers, "consumers")
        _same_length("Population", {"weekday_profile": len(self.weekday_profile)}, 7, "weekdays")
        _same_length("Population", {"hour_profile": len(self.hour_profile)}, 24, "hours")
        _indices_within("group", self.group, len(self.group_names))


def category_reference_price(catalogue: Catalogue) -> NDArray[np.int64]:
    """The price that a category's listings are compared with: the median of its list prices.

    Args:
        catalogue: L listings in C categories.

    Returns:
        (C,) cents, rounded; a category without listings gets the median of all.
    """
    overall = np.median(catalogue.price)
    median = [
        np.median(prices) if len(prices) else overall
        for prices in (
            catalogue.price[catalogue.category == c] for c in range(len(catalogue.category_names))
        )
    ]
    return np.maximum(np.rint(median), 1).astype(np.int64)


def _same_length(record: str, columns: dict[str, int], expected: int, what: str) -> None:
    for name, length in columns.items():
        if length != expected:
            raise ValueError(f"{record}.{name} has {length} rows, expected {expected} ({what})")


def _indices_within(name: str, index: IntArray, names: int) -> None:
    if len(index) and (index.min() < 0 or index.max() >= names):
        raise ValueError(f"{name}: indices must lie in 0..{names - 1} (one name each)")
