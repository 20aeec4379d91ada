"""Demand a day of many items at once, from what was sold of each on past days.

Most items of a marketplace sell on few days. Days on which an item could not be bought say nothing
about its demand and are left out. Four methods:

- smoothing: an exponentially weighted mean of the days;
- croston_sba: sizes of sales and intervals between them smoothed apart, with the correction of the
  bias that this has;
- tsb: the chance of a sale smoothed day by day, and the size at sales, so that what nobody asks for
  any more fades;
- hierarchical: the weighted mean of each item, drawn to that of its group as far as its own days
  leave in doubt (credibility).

Source: Brown (1959), "Statistical Forecasting for Inventory Control"; Croston (1972), "Forecasting
and Stock Control for Intermittent Demands", Operational Research Quarterly 23(3); Syntetos & Boylan
(2005), "The Accuracy of Intermittent Demand Estimates", International Journal of Forecasting 21(2);
Teunter, Syntetos & Babai (2011), "Intermittent Demand: Linking Forecasting to Inventory
Obsolescence", European Journal of Operational Research 214(3); Bühlmann & Straub (1970),
"Glaubwürdigkeit für Schadensätze", Mitteilungen der VSVM 70.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, IdArray, checked_floats, checked_ids

METHODS = ("smoothing", "croston_sba", "tsb", "hierarchical")
"""Names of the methods."""


@dataclass(frozen=True, slots=True)
class DemandForecast:
    """What is expected to be asked for a day. L items."""

    mean: FloatArray  # (L,) units a day
    mean_variance: FloatArray  # (L,) units^2: how far the mean itself is in doubt
    variance: FloatArray  # (L,) units^2 of a day about its mean


def forecast_demand(
    units: npt.ArrayLike,
    method: str,
    *,
    smoothing: float = 0.1,
    available: npt.ArrayLike | None = None,
    group: npt.ArrayLike | None = None,
) -> DemandForecast:
    """Forecast the demand of the coming days, which are taken to be alike.

    Args:
        units: (D, L) sold a day, oldest first.
        method: one of `METHODS`.
        smoothing: weight of the newest day (of the newest sale in Croston's method), in (0, 1].
        available: (D, L) whether the item could be bought that day; absent: always.
        group: (L,) group of each item, whose items share their dispersion, and with
            `hierarchical` their mean; absent: all are of one.

    Returns:
        The forecast; an item without a day gets the mean of its group, or 0 where its group has
        no day either.

    Raises:
        ValueError: if shapes differ or values are not allowed.
    """
    sold = checked_floats("units", units, ndim=2, lower=0.0)
    days, items = sold.shape
    there = np.ones_like(sold) if available is None else _mask(available, sold.shape)
    of = np.zeros(items, dtype=np.int64) if group is None else checked_ids("group", group)
    if len(of) != items:
        raise ValueError(f"group: {len(of)} items, but units has {items}")
    if not 0.0 < smoothing <= 1.0:
        raise ValueError(f"smoothing: must be above 0 and at most 1, got {smoothing:g}")
    if method not in METHODS:
        raise ValueError(f"method: {method!r} is none of {', '.join(METHODS)}")
    if days == 0 or items == 0:
        return DemandForecast(*(np.zeros(items) for _ in range(3)))
    weight = _weights(there, smoothing)
    total = weight.sum(axis=0)
    seen = total > 0
    own = _ratio((weight * sold).sum(axis=0), total)
    # Sum of squared weights: the part of a day's variance that a mean of days keeps.
    doubt = _ratio((weight**2).sum(axis=0), total**2)
    dispersion = _dispersion(sold, weight, own, doubt, of)
    if method == "croston_sba":
        mean = _croston_sba(sold, there, smoothing)
    elif method == "tsb":
        mean = _tsb(sold, there, smoothing)
    else:
        mean = own
    group_mean, between = _between_items(own, total, doubt, dispersion, of)
    if method == "hierarchical":
        within = (group_mean + dispersion * group_mean**2)[of] * doubt
        credibility = _ratio(between[of], between[of] + within)
        credibility = np.where(seen, credibility, 0.0)
        mean = credibility * own + (1.0 - credibility) * group_mean[of]
        mean_variance = (1.0 - credibility) * between[of]
        variance = mean + dispersion[of] * mean**2
        return DemandForecast(mean, mean_variance, variance)
    mean = np.where(seen, mean, group_mean[of])
    variance = mean + dispersion[of] * mean**2
    return DemandForecast(mean, np.where(seen, variance * doubt, between[of]), variance)


def _mask(available: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    mask = np.asarray(available)
    if mask.shape != shape or mask.dtype != np.bool_:
        raise ValueError(
            f"available: a {shape} array of bool is needed, got {mask.dtype} {mask.shape}"
        )
    return mask.astype(np.float64)


def _weights(there: FloatArray, smoothing: float) -> FloatArray:
    """(D, L) weights that fall by `1 - smoothing` with every later day that counts."""
    later: FloatArray = np.cumsum(there[::-1], axis=0)[::-1] - there
    if smoothing == 1.0:
        return np.where(later == 0, there, 0.0)
    weight: FloatArray = np.exp(np.log1p(-smoothing) * later) * there
    return weight


def _dispersion(
    sold: FloatArray, weight: FloatArray, own: FloatArray, doubt: FloatArray, of: IdArray
) -> FloatArray:
    """(G,) phi of each group's negative binomial, variance = mean + phi mean^2, by moments.

    Groups in which days vary no more than by Poisson have 0.
    """
    known = (doubt > 0) & (doubt < 1)
    spread = _ratio((weight * (sold - own) ** 2).sum(axis=0), weight.sum(axis=0))
    unbiased = _ratio(spread, 1.0 - doubt)
    groups = int(of.max()) + 1
    # E of the squared mean is mean^2 + variance x doubt.
    squared = np.maximum(own**2 - unbiased * doubt, 0.0)
    excess = _sums(of[known], (unbiased - own)[known], groups)
    return np.maximum(_ratio(excess, _sums(of[known], squared[known], groups)), 0.0)


def _between_items(
    own: FloatArray, total: FloatArray, doubt: FloatArray, dispersion: FloatArray, of: IdArray
) -> tuple[FloatArray, FloatArray]:
    """(G,) mean of each group's items, and (G,) how much their true means vary (Bühlmann-Straub).

    Items weigh by what their own days are worth, `1 / doubt` days.
    """
    groups = len(dispersion)
    worth = _ratio(np.ones(len(own)), doubt)
    all_worth = _sums(of, worth, groups)
    mean = _ratio(_sums(of, worth * own, groups), all_worth)
    squares = _sums(of, worth * (own - mean[of]) ** 2, groups)
    items = np.bincount(of[total > 0], minlength=groups)
    of_a_day = mean + dispersion * mean**2
    scale = all_worth - _ratio(_sums(of, worth**2, groups), all_worth)
    between = _ratio(squares - np.maximum(items - 1, 0) * of_a_day, scale)
    return mean, np.maximum(between, 0.0)


def _croston_sba(sold: FloatArray, there: FloatArray, smoothing: float) -> FloatArray:
    """(L,) size of a sale over the interval between sales, less its bias of about a/2."""
    items = sold.shape[1]
    size, interval, waited = np.zeros(items), np.zeros(items), np.zeros(items)
    begun = np.zeros(items, dtype=np.bool_)
    for today, open_ in zip(sold, there, strict=True):
        waited += open_
        sale = (today > 0) & (open_ > 0)
        step = np.where(begun, smoothing, 1.0)
        size = np.where(sale, size + step * (today - size), size)
        interval = np.where(sale, interval + step * (waited - interval), interval)
        waited[sale] = 0.0
        begun |= sale
    return (1.0 - 0.5 * smoothing) * _ratio(size, interval)


def _tsb(sold: FloatArray, there: FloatArray, smoothing: float) -> FloatArray:
    """(L,) chance of a sale times its size, both smoothed from the mean of all days on."""
    open_days = there.sum(axis=0)
    sales = ((sold > 0) & (there > 0)).sum(axis=0)
    chance = _ratio(sales.astype(np.float64), open_days)
    size = _ratio((sold * there).sum(axis=0), sales.astype(np.float64))
    for today, open_ in zip(sold, there, strict=True):
        sale = (today > 0) & (open_ > 0)
        chance += np.where(open_ > 0, smoothing * (sale - chance), 0.0)
        size += np.where(sale, smoothing * (today - size), 0.0)
    return chance * size


def _sums(of: IdArray, values: FloatArray, groups: int) -> FloatArray:
    """(G,) sums of the values of each group's items."""
    return np.asarray(np.bincount(of, values, minlength=groups), dtype=np.float64)


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """A ratio; 0 where its denominator is not above 0."""
    result = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result
