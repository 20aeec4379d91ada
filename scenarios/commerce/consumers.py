"""What records of purchases say of consumers: visits, baskets, spending, repetition, the clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from policies.arrays import FloatArray, IntArray
from scenarios.commerce.records import PurchaseRecords
from sim.catalogue import HISTORY_LIMIT, PurchaseHistory
from sim.settings.generated_commerce import GeneratedPopulation
from sim.stylised_facts import after_first_day, repeat_share, repeated

_DAY = 86_400  # seconds

# Lines after which a consumer's own record outweighs the mean of all.
_PRIOR_LINES = 5.0

_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday; Monday is 0


@dataclass(frozen=True, slots=True)
class Activity:
    """How often consumers come, and what they buy then; N consumers."""

    first_day: int  # days since 1970
    days: int  # length of the records, first and last day included
    visits: IntArray  # (N,) days with a purchase
    visits_per_day: FloatArray  # (N,) rate of visits
    lines_per_visit: FloatArray  # (N,) >= 1
    spending_per_day: FloatArray  # (N,) cents
    spending_per_visit: FloatArray  # (N,) cents
    repeat_share: FloatArray  # (N,) in [0, 1]
    overall_repeat_share: float  # nan if nobody came twice
    weekday_profile: FloatArray  # (7,) mean 1, Monday first
    hour_profile: FloatArray  # (24,) sums to 1
    clocked: bool  # False: the records have no time of day, and the profile is assumed

    def income(self, factor: float) -> NDArray[np.int64]:
        """Cents a day that may be spent: a multiple of what was spent.

        A usual visit a week must be possible, however seldom the consumer was seen.

        Args:
            factor: income over spending.

        Returns:
            (N,) cents, at least 1.
        """
        spending = np.maximum(self.spending_per_day, self.spending_per_visit / 7.0)
        cents: NDArray[np.int64] = np.maximum(np.rint(factor * spending), 1.0).astype(np.int64)
        return cents


def learn_activity(purchases: PurchaseRecords, price: IntArray) -> Activity:
    """Measure what consumers do.

    A visit is a day on which a consumer bought something. Visits are taken to be a Poisson process
    of which only "came or not" is seen each day, so that its rate is -log(1 - share of days).

    Args:
        purchases: in order of time, at least one for each of N users.
        price: list price of each item, cents, where the price paid is unknown.

    Returns:
        The measures.
    """
    day = purchases.second // _DAY
    first, days = int(day[0]), int(day[-1] - day[0]) + 1
    session, opening = np.unique(
        purchases.user.astype(np.int64) * days + (day - first), return_index=True
    )
    visits = np.bincount(session // days, minlength=purchases.users)
    lines = np.bincount(purchases.user, minlength=purchases.users)
    paid = np.where(purchases.paid >= 0, purchases.paid, price[purchases.item])
    spent = np.bincount(
        purchases.user, weights=paid * purchases.quantity, minlength=purchases.users
    )
    # Half a day without purchase is granted to those who came every day.
    share = np.minimum(visits / days, 1.0 - 0.5 / days)
    clocked = bool((purchases.second % _DAY).any())
    return Activity(
        first_day=first,
        days=days,
        visits=visits,
        visits_per_day=-np.log1p(-share),
        lines_per_visit=lines / visits,
        spending_per_day=spent / days,
        spending_per_visit=spent / visits,
        repeat_share=_repeat_shares(purchases, day),
        overall_repeat_share=repeat_share(purchases.user, purchases.item, day),
        weekday_profile=_weekday_profile(first + session % days, first, days),
        hour_profile=_hour_profile(purchases.second[opening], clocked),
        clocked=clocked,
    )


def shrunk_share(
    user: IntArray, category: IntArray, users: int, categories: int
) -> NDArray[np.float32]:
    """Each user's share of lines by category, shrunk to the share in all lines.

    Args:
        user: (P,) users.
        category: (P,) categories.
        users: number of users N.
        categories: number of categories C.

    Returns:
        (N, C) float32, rows sum to 1; users without lines have the share of all.
    """
    cell = user.astype(np.int64) * categories + category
    lines = np.bincount(cell, minlength=users * categories).reshape(users, categories)
    overall = lines.sum(axis=0) / lines.sum()
    own = lines + _PRIOR_LINES * overall
    share: NDArray[np.float32] = (own / own.sum(axis=1, keepdims=True)).astype(np.float32)
    return share


def purchase_history(user: IntArray, listing: IntArray, users: int) -> PurchaseHistory:
    """Distinct listings bought, by user, the most recent first, at most `HISTORY_LIMIT`.

    Args:
        user: (P,) users, in order of time.
        listing: (P,) listings.
        users: number of users.

    Returns:
        The histories.
    """
    latest_first = slice(None, None, -1)
    pair = user[latest_first].astype(np.int64) * (int(listing.max()) + 1) + listing[latest_first]
    _, last = np.unique(pair, return_index=True)
    last = np.sort(last)
    who, what = user[latest_first][last], listing[latest_first][last]
    order = np.argsort(who, kind="stable")
    who, what = who[order], what[order]
    within = np.arange(len(who)) - np.searchsorted(who, who, side="left")
    recent = within < HISTORY_LIMIT
    count = np.bincount(who[recent], minlength=users)
    indptr = np.concatenate(([0], np.cumsum(count, dtype=np.int64)))
    return PurchaseHistory(indptr, what[recent].astype(np.int32))


def normal_scores(values: FloatArray) -> NDArray[np.float64]:
    """Standard normal quantiles of the values' ranks; equal values get equal scores.

    Args:
        values: (n,).

    Returns:
        (n,).

    Source: van der Waerden scores, at (rank - 1/2) / n.
    """
    scores: NDArray[np.float64] = ndtri((rankdata(values) - 0.5) / len(values))
    return scores


def _repeat_shares(purchases: PurchaseRecords, day: IntArray) -> NDArray[np.float64]:
    """(N,) share of purchases that repeat, shrunk to that of all."""
    may_repeat = after_first_day(purchases.user, day)
    again = repeated(purchases.user, purchases.item, day)
    overall = again[may_repeat].mean() if may_repeat.any() else 0.0
    number = np.bincount(purchases.user[may_repeat], minlength=purchases.users)
    repeats = np.bincount(purchases.user[again], minlength=purchases.users)
    shares: NDArray[np.float64] = (repeats + _PRIOR_LINES * overall) / (number + _PRIOR_LINES)
    return shares


def _weekday_profile(visit_day: IntArray, first: int, days: int) -> NDArray[np.float64]:
    """Visits a day on each weekday, as if there had been one more mean day of each."""
    seen = np.bincount((visit_day + _EPOCH_WEEKDAY) % 7, minlength=7)
    calendar = np.bincount((np.arange(first, first + days) + _EPOCH_WEEKDAY) % 7, minlength=7)
    rate = (seen + len(visit_day) / days) / (calendar + 1)
    profile: NDArray[np.float64] = rate / rate.mean()
    return profile


def _hour_profile(opening: IntArray, clocked: bool) -> NDArray[np.float64]:
    """Share of visits that begin in each hour, as if each had seen one visit more."""
    if not clocked:
        visits: FloatArray = np.asarray(GeneratedPopulation().hour_profile)
    else:
        visits = np.bincount(opening % _DAY // 3600, minlength=24) + 1.0
    return np.asarray(visits / visits.sum(), dtype=np.float64)
