"""Measures of the regularities that real commerce shows: power laws, concentration, repetition."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policies.arrays import IntArray


class TailFit(NamedTuple):
    """A power law fitted to the largest sizes: P(size > x) falls as x**-exponent."""

    exponent: float
    standard_error: float
    sizes: int  # number of sizes that the fit used


def pareto_exponent(sizes: ArrayLike, largest: int | None = None) -> TailFit:
    """Fit a Pareto tail by regressing log(rank - 1/2) on log(size).

    Args:
        sizes: any shape; sizes that are not above 0 are left out.
        largest: how many of the largest sizes to use; None: all that are above 0.

    Returns:
        The exponent and its asymptotic standard error, `exponent * sqrt(2 / sizes)`.

    Raises:
        ValueError: if fewer than two different sizes are left.

    Source: Gabaix & Ibragimov (2011), "Rank-1/2: A Simple Way to Improve the OLS Estimation of
    Tail Exponents", Journal of Business & Economic Statistics 29(1).
    """
    flat = np.asarray(sizes, dtype=np.float64).ravel()
    ordered = np.sort(flat[flat > 0])[::-1][:largest]
    if len(ordered) < 2 or ordered[0] == ordered[-1]:
        raise ValueError(
            f"a power law needs at least two different sizes above 0, not {len(ordered)} equal ones"
        )
    log_size = np.log(ordered)
    log_rank = np.log(np.arange(1, len(ordered) + 1) - 0.5)
    deviation = log_size - log_size.mean()
    exponent = -float(deviation @ (log_rank - log_rank.mean()) / (deviation @ deviation))
    return TailFit(exponent, exponent * float(np.sqrt(2.0 / len(ordered))), len(ordered))


def zipf_exponent(sales: ArrayLike, largest: int | None = None) -> float:
    """How fast sales fall with the sales rank: s in sales ~ rank**-s.

    The inverse of the Pareto exponent of sales (`pareto_exponent`); 1 is Zipf's law.

    Args:
        sales: sales of each listing, any shape; listings without sales are left out.
        largest: how many of the best-selling listings to use; None: all that sold.

    Returns:
        The exponent s.

    Raises:
        ValueError: if fewer than two different sales figures are left.
    """
    return 1.0 / pareto_exponent(sales, largest).exponent


def top_share(sizes: ArrayLike, fraction: float = 0.1) -> float:
    """Share of the total that the largest sizes hold.

    Args:
        sizes: any shape, >= 0.
        fraction: which part of the sizes counts as the largest, in (0, 1]; at least one does.

    Returns:
        A share in [0, 1]; nan if the total is 0.
    """
    ordered = np.sort(np.asarray(sizes, dtype=np.float64).ravel())[::-1]
    total = ordered.sum()
    if total == 0:
        return float("nan")
    return float(ordered[: max(1, round(fraction * len(ordered)))].sum() / total)


def repeated(consumer: IntArray, listing: IntArray, day: IntArray) -> NDArray[np.bool_]:
    """Which purchases are of a listing that the consumer had bought on an earlier day.

    Args:
        consumer: (P,) rows of consumers, >= 0.
        listing: (P,) rows of listings, >= 0.
        day: (P,) days.

    Returns:
        (P,) in the order given.
    """
    if len(consumer) == 0:
        return np.zeros(0, dtype=np.bool_)
    pair = consumer.astype(np.int64) * (int(listing.max()) + 1) + listing
    _, which = np.unique(pair, return_inverse=True)
    first = np.full(int(which.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, which, day.astype(np.int64))
    later: NDArray[np.bool_] = day > first[which]
    return later


def after_first_day(consumer: IntArray, day: IntArray) -> NDArray[np.bool_]:
    """Which purchases are not of the consumer's first day, so that they could be repeats.

    Args:
        consumer: (P,) rows of consumers, >= 0.
        day: (P,) days.

    Returns:
        (P,) in the order given.
    """
    if len(consumer) == 0:
        return np.zeros(0, dtype=np.bool_)
    first = np.full(int(consumer.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, consumer, day.astype(np.int64))
    later: NDArray[np.bool_] = day > first[consumer]
    return later


def repeat_share(consumer: IntArray, listing: IntArray, day: IntArray) -> float:
    """Share of purchases that are of a listing bought on an earlier day.

    Purchases of a consumer's first day are left out: none of them can be a repeat. What was bought
    before the records begin is unknown, so that the share is a lower bound in short records.

    Args:
        consumer: (P,) rows of consumers, >= 0.
        listing: (P,) rows of listings, >= 0.
        day: (P,) days.

    Returns:
        A share in [0, 1]; nan if no consumer came on a second day.
    """
    may_repeat = after_first_day(consumer, day)
    if not may_repeat.any():
        return float("nan")
    return float(repeated(consumer, listing, day)[may_repeat].mean())
