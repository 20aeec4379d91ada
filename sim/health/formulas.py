"""The formulas of the indicators: arrays in, numbers out, each with its source."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policies.arrays import FloatArray, IntArray

NAN = float("nan")


def gini(values: ArrayLike) -> float:
    """Gini coefficient of non-negative values; [1, 2, 3, 4] gives .25.

    Args:
        values: (n,) amounts, >= 0.

    Returns:
        Half the relative mean difference, in [0, 1); nan for no values or none above 0.

    Source: Gini (1912); computed as in Cowell (2011), "Measuring Inequality".
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    total = ordered.sum()
    n = len(ordered)
    if n == 0 or total <= 0:
        return NAN
    rank = np.arange(1, n + 1)
    return float((2.0 * (rank * ordered).sum() / (n * total)) - (n + 1.0) / n)


def hhi(values: ArrayLike) -> float:
    """Herfindahl-Hirschman index of sales, in points: shares (.5, .3, .2) give 3800.

    Args:
        values: (n,) sales, >= 0.

    Returns:
        Sum of squared percentage shares, in (0, 10000]; nan without sales.

    Source: US Department of Justice and FTC, Merger Guidelines (2023), guideline 1.
    """
    sales = np.asarray(values, dtype=np.float64)
    total = sales.sum()
    if total <= 0:
        return NAN
    return float(((100.0 * sales / total) ** 2).sum())


def logit_surplus(utility: ArrayLike, outside: float, scale: float) -> float:
    """Expected consumer surplus of a logit choice, up to a constant.

    Args:
        utility: (n,) net values `a_j - p_j` in currency.
        outside: value of buying nothing, in the same currency.
        scale: the logit's mu, in the same currency.

    Returns:
        `mu ln(sum exp((a_j - p_j)/mu) + exp(a_0/mu))`.

    Source: Small & Rosen (1981), Econometrica 49(1).
    """
    values = np.append(np.asarray(utility, dtype=np.float64), outside) / scale
    top = values.max()
    return float(scale * (top + np.log(np.exp(values - top).sum())))


def position_exposure(positions: ArrayLike) -> FloatArray:
    """Attention that a place of a ranking gets: 1 for the first, .6309 for the second.

    Args:
        positions: 0-based places.

    Returns:
        `1 / log2(place + 2)`, as discounted cumulative gain weighs places.

    Source: Järvelin & Kekäläinen (2002), ACM TOIS 20(4); as exposure: Singh & Joachims (2018), KDD.
    """
    exposure: FloatArray = 1.0 / np.log2(np.asarray(positions, dtype=np.float64) + 2.0)
    return exposure


def ndcg(gain_shown: FloatArray, gain_ideal: FloatArray) -> FloatArray:
    """Normalised discounted cumulative gain of each row.

    Args:
        gain_shown: (S, K) gains >= 0 in the order shown.
        gain_ideal: (S, K) the largest gains that were possible, in descending order.

    Returns:
        (S,) in [0, 1]; nan where nothing could be gained.

    Source: Järvelin & Kekäläinen (2002), ACM TOIS 20(4).
    """
    discount = position_exposure(np.arange(gain_shown.shape[1]))
    ideal = (gain_ideal * discount).sum(axis=1)
    shown = (gain_shown * discount).sum(axis=1)
    return np.divide(shown, ideal, out=np.full(len(ideal), NAN), where=ideal > 0)


def mean_jaccard(sets: IntArray) -> float:
    """Mean Jaccard similarity of consecutive rows' sets: how alike slates are.

    Args:
        sets: (S, K) members, -1 padded.

    Returns:
        Mean over neighbouring rows, in [0, 1]; nan for fewer than two rows.

    Source: Chaney, Stewart & Engelhardt (2018), RecSys (mean Jaccard index as homogenisation).
    """
    if len(sets) < 2:
        return NAN
    first, second = sets[:-1], sets[1:]
    shared = ((first[:, :, None] == second[:, None, :]) & (first[:, :, None] >= 0)).sum(axis=(1, 2))
    union = (first >= 0).sum(axis=1) + (second >= 0).sum(axis=1) - shared
    return float(np.divide(shared, union, out=np.zeros(len(union)), where=union > 0).mean())


def unicity(keys: IntArray, points: IntArray, known: int, rng: np.random.Generator) -> float:
    """Share of people whom a few known points single out in a log.

    Args:
        keys: (E,) whose point each is.
        points: (E,) the points (such as item times day).
        known: points of a person that an attacker knows.
        rng: chance; chooses whom to attack and with which points.

    Returns:
        Share of at most 200 people drawn, among those with enough points, in [0, 1]; nan if there
        are none.

    Source: de Montjoye, Hidalgo, Verleysen & Blondel (2013), Scientific Reports 3:1376.
    """
    pairs = np.unique(np.stack([keys, points], axis=1), axis=0)
    people, first, count = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    candidates = np.flatnonzero(count >= known)
    if len(candidates) == 0:
        return NAN
    drawn = rng.permutation(candidates)[:200]
    order = np.argsort(pairs[:, 1], kind="stable")
    by_point = pairs[order]
    unique = 0
    for person in drawn.tolist():
        own = pairs[first[person] : first[person] + count[person], 1]
        matches: NDArray[np.int64] | None = None
        for point in rng.permutation(own)[:known]:
            low, high = np.searchsorted(by_point[:, 1], [point, point + 1])
            who = by_point[low:high, 0]
            matches = who if matches is None else np.intersect1d(matches, who)
        unique += matches is not None and len(matches) == 1
    return unique / len(drawn)


def share(part: float, whole: float) -> float:
    """`part / whole`; nan where there is no whole."""
    return float(part / whole) if whole > 0 else NAN


def mean(values: ArrayLike) -> float:
    """Mean of the finite values; nan where there are none."""
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    return float(array.mean()) if len(array) else NAN


def quantile(values: ArrayLike, level: float) -> float:
    """Quantile of the finite values; nan where there are none."""
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    return float(np.quantile(array, level)) if len(array) else NAN
