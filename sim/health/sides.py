"""Who won and who lost: every day's health of each group of consumers and each size of merchant.

The tables are what reports break the indicators down with; no policy sees them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.health.today import ordered, sales
from sim.homing import shops_here
from sim.merchants.founding import LARGE, SMALL
from sim.merchants.turnover import profit_of_the_day

if TYPE_CHECKING:
    from sim.market import Marketplace


def record_sides(market: Marketplace) -> None:
    """Append today's rows: one a group of consumers, and one a size of merchant."""
    _record_groups(market)
    _record_sizes(market)


def _record_groups(market: Marketplace) -> None:
    crowd, today = market.crowd, market.today
    groups = len(market.group_names)

    def count(consumers: IntArray) -> IntArray:
        return np.bincount(crowd.group[consumers], minlength=groups)

    def total(consumers: IntArray, value: FloatArray) -> FloatArray:
        return np.bincount(crowd.group[consumers], value, minlength=groups).astype(np.float64)

    everybody = np.arange(len(crowd))
    members = count(everybody)
    market.consumer_groups.append(
        day=market.day,
        group=np.arange(groups),
        members=members,
        active=count(np.flatnonzero(crowd.active & shops_here(market))),
        visits=count(today.visitors),
        surplus=total(today.session_consumer, today.session_surplus),
        trust=total(everybody, crowd.trust) / np.maximum(members, 1),
    )


def _record_sizes(market: Marketplace) -> None:
    books = market.books
    sizes = LARGE + 1

    def total(size: IntArray, value: IntArray | BoolArray) -> IntArray:
        sums = np.zeros(sizes, dtype=np.int64)
        np.add.at(sums, size, value)
        return sums

    market.merchant_sizes.append(
        day=market.day,
        size=np.arange(SMALL, sizes),
        open=total(books.size, books.is_open),
        sales=total(books.size[ordered(market, "merchant")], sales(market)),
        revenue=total(books.size, books.revenue),
        profit=total(books.size, profit_of_the_day(market)),
    )
