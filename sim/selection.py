"""What the regulator looks at today: open cases first, then a part at random and a part by risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from policies.observations import NO_LISTING, PLATFORM
from sim.cases import offers_of

if TYPE_CHECKING:
    from sim.market import Marketplace


@dataclass(frozen=True, slots=True)
class Selection:
    """What the regulator's means are spent on today."""

    listings: IntArray  # (R,) inspected, ascending
    cases: IntArray  # rows of the due cases looked at again
    presented: IntArray  # offers of these, shown as they would go on sale again
    spent: int  # inspections


def select(market: Marketplace, due: IntArray) -> Selection:
    """Spend the day's inspections.

    All open shops' listings are inspected, or as many as `regulator.inspections_per_day` says.
    Cases that are due come first, the longest overdue before the others; each offer costs one
    inspection, and so does a case about a whole shop or the platform. Of what is left,
    `regulator.risk_share` goes by risk and the rest at random.

    Args:
        market: the market, after merchants have set their prices.
        due: rows of the open cases whose time has come, in the order of their turn.
    """
    means = market.settings.regulator.inspections_per_day
    offered = np.flatnonzero(market.books.is_open[market.listings.merchant])
    if means is None:
        return Selection(offered, due, offers_of(market, due), len(offered))
    cases, spent = _affordable(market, due, means)
    again = offers_of(market, cases)
    others = _without(market, offered, again)
    left = min(means - spent, len(others))
    by_risk = round(left * market.settings.regulator.risk_share)
    risky = _drawn_by_risk(market, others, by_risk)
    others = _without(market, others, risky)
    draw = market.streams.uniform("inspection", market.day, others)
    random = others[_smallest(draw, left - by_risk)]
    listings = np.sort(np.concatenate([again, risky, random]))
    return Selection(listings, cases, again, spent + left)


def risk(market: Marketplace, listings: IntArray) -> NDArray[np.float64]:
    """(n,) how much there is against listings, from what a regulator has on file.

    Findings against its merchant in the last `regulator.risk_memory_days`, and complaints a unit
    sold of late, each over its mean among the listings given; all 0 where there is neither.
    """
    findings, day = market.findings, market.day
    since = day - market.settings.regulator.risk_memory_days
    first = findings.first_since(since)
    against = findings["merchant"][first:]
    count = np.bincount(against[against != PLATFORM], minlength=len(market.books))
    columns = market.listings
    record = np.log1p(count)[columns.merchant[listings]]
    complained = columns.complaints_recently[listings] / (columns.sold_recently[listings] + 1.0)
    return _over_mean(record) + _over_mean(complained)


def _affordable(market: Marketplace, due: IntArray, means: int) -> tuple[NDArray[np.int64], int]:
    """The first cases that the means pay for, and the inspections that they take."""
    listing = market.cases["listing"][due].astype(np.int64)
    # Cases about no offer cost one each; several rules about one offer cost one together.
    subject = np.where(listing == NO_LISTING, -1 - np.arange(len(due)), listing)
    _, first = np.unique(subject, return_index=True)
    new = np.zeros(len(due), dtype=np.int64)
    new[first] = 1
    cost = np.cumsum(new)
    taken = cost <= means
    return due[taken], int(new[taken].sum())


def _drawn_by_risk(market: Marketplace, listings: IntArray, count: int) -> NDArray[np.int64]:
    """Draw without replacement, in proportion to risk; the riskless only when no other is left.

    Source: Efraimidis & Spirakis (2006), "Weighted random sampling with a reservoir", Information
    Processing Letters 97(5).
    """
    if count == 0:
        return np.empty(0, dtype=np.int64)
    weight = risk(market, listings)
    suspect = weight > 0
    draw = market.streams.uniform("inspection_by_risk", market.day, listings)
    wait = 1e9 + draw
    wait[suspect] = -np.log(draw[suspect]) / weight[suspect]
    chosen: NDArray[np.int64] = listings[_smallest(wait, count)].astype(np.int64)
    return chosen


def _smallest(values: FloatArray, count: int) -> NDArray[np.int64]:
    """(count,) where the smallest values are, in no order; draws are never equal."""
    if count >= len(values):
        return np.arange(len(values))
    return np.argpartition(values, count)[:count]


def _without(market: Marketplace, listings: IntArray, taken: IntArray) -> NDArray[np.int64]:
    """(n,) listings that are not taken, in their order."""
    free = np.ones(len(market.listings), dtype=np.bool_)
    free[taken] = False
    left: NDArray[np.int64] = listings[free[listings]].astype(np.int64)
    return left


def _over_mean(values: FloatArray) -> NDArray[np.float64]:
    average = float(values.mean()) if len(values) else 0.0
    relative: NDArray[np.float64] = np.zeros(len(values))
    return np.divide(values, average, out=relative, where=average > 0)
