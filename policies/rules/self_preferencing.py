"""Self-preferencing: the platform's own brand shown above better offers of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import BoolArray
from policies.observations import (
    NO_LISTING,
    PLATFORM,
    Finding,
    InspectionObservation,
    ListingsView,
)
from policies.params import PolicyParams


class SelfPreferencing:
    """The platform's own brand comes before offers that are better, and is seen more than they are.

    A better offer is one of the same category that is no dearer, rated no worse, and sold no less
    of late. In all pairs of an inspected offer of the own brand and a better one in the same list
    of yesterday, slate or search results, both must hold: the own one stands above in more than
    `above_share` of them, and it got more than `1 + excess` times the attention, by place. Lists
    with both are compared alone, so that what else brings an offer into lists does not count. A
    brand that leads by price, rating or sales is exempt: there are no better offers. What the
    platform gains by it is not on its books.

    Source: attention by place: Järvelin & Kekäläinen (2002), ACM TOIS 20(4). Regulation (EU)
    2022/1925 (Digital Markets Act), Article 6(5); General Court of the EU, T-612/17 (Google
    Shopping).
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "self_preferencing"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        above_share: float = Field(
            0.9,
            ge=0.0,
            le=1.0,
            description="share of better offers in the same lists that the own brand may stand "
            "above",
        )
        pairs: int = Field(
            30,
            ge=1,
            le=1_000_000,
            description="pairs of an own and a better offer in a list that must have been seen",
        )
        excess: float = Field(
            0.2,
            ge=0.0,
            le=100.0,
            description="attention of the own brand beyond that of better offers that is "
            "tolerated, share of the latter",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """At most one finding, of grade A, against the platform."""
        book = observation.platform.exposure
        if not book.own_brand.any() or len(book.lists) == 0:
            return []
        inspected = np.zeros(len(book.own_brand), dtype=np.bool_)
        inspected[observation.rows] = True
        pairs = self._pairs(observation, book.own_brand & inspected)
        if pairs.count < self.params.pairs:
            return []
        if pairs.above <= self.params.above_share * pairs.count:
            return []
        if pairs.own_attention <= (1.0 + self.params.excess) * pairs.other_attention:
            return []
        return [
            Finding(
                rule=self.name,
                listing=NO_LISTING,
                merchant=PLATFORM,
                grade="A",
                illegal_gain=0,
                evidence=(
                    f"The platform's own brand stood above {pairs.above / pairs.count:.0%} of "
                    f"{pairs.count} better offers in the same lists, and got "
                    f"{pairs.own_attention / pairs.other_attention:.2f} times their attention."
                ),
            )
        ]

    def _pairs(self, observation: InspectionObservation, own: BoolArray) -> _Pairs:
        """All pairs of an own offer and a better one in a list."""
        book, listings = observation.platform.exposure, observation.listings
        attention = 1.0 / np.log2(np.arange(book.lists.shape[1]) + 2.0)
        count = above = 0
        mine = theirs = 0.0
        for column in range(book.lists.shape[1]):
            here = book.lists[:, column]
            rows = np.flatnonzero((here >= 0) & own[here])
            others = book.lists[rows]
            is_better = (others >= 0) & ~book.own_brand[others]
            is_better &= _better(listings, here[rows, None], others)
            by_place = is_better.sum(axis=0)
            count += int(by_place.sum())
            above += int(by_place[column + 1 :].sum())
            mine += float(by_place.sum() * attention[column])
            theirs += float(by_place @ attention)
        return _Pairs(count, above, mine, theirs)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of an own offer and a better one in the same list."""

    count: int
    above: int  # in which the own one stands above
    own_attention: float  # sum over pairs, by place
    other_attention: float


def _better(listings: ListingsView, mine: np.ndarray, others: np.ndarray) -> BoolArray:
    """Whether other offers of the category are no dearer, rated no worse, and sell no less."""
    same = listings.category[others] == listings.category[mine]
    no_dearer = listings.price[others] <= listings.price[mine]
    rated, sold = np.nan_to_num(listings.rating_mean), listings.sold_recently
    better: BoolArray = same & no_dearer & (rated[others] >= rated[mine])
    better &= sold[others] >= sold[mine]
    return better
