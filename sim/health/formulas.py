"""The formulas of the indicators: arrays in, numbers out, each with its source."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from models.fairness.exposure import position_exposure as position_exposure
from policies.arrays import BoolArray, FloatArray, IntArray
from policies.monitoring.herfindahl import hhi as hhi  # a formula of the regulator's too

NAN = float("nan")


def gini(values: ArrayLike) -> float:
    """Gini coefficient of non-negative values; [1, 2, 3, 4] gives .25.

    Args:
        values: (n,) amounts, >= 0.

    Returns:
        Half the relative mean difference, in [0, 1); nan where nobody has anything.

    Source: Gini (1912); computed as in Cowell (2011), "Measuring Inequality".
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    total = ordered.sum()
    n = len(ordered)
    if n == 0 or total <= 0:
        return NAN
    shares = ordered / total
    rank = np.arange(1, n + 1)
    return max(float(2.0 * (rank * shares).sum() / n - (n + 1.0) / n), 0.0)


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
    quality: FloatArray = np.full(len(ideal), NAN)
    np.divide(shown, ideal, out=quality, where=ideal > 0)
    return quality


def jaccard_similarity(sets: IntArray) -> float:
    """How alike slates are: the mean Jaccard similarity of all pairs of rows.

    Args:
        sets: (S, K) members, -1 padded; rows without a member are left out.

    Returns:
        Mean over all pairs of `shared members / members of either`, in [0, 1]; nan for fewer than
        two rows.

    Source: Jaccard (1912); as homogenisation: Chaney, Stewart & Engelhardt (2018), RecSys.
    """
    filled = sets[(sets >= 0).any(axis=1)]
    rows = len(filled)
    if rows < 2:
        return NAN
    row, column = np.nonzero(filled >= 0)
    members, member = np.unique(filled[row, column], return_inverse=True)
    holds = np.zeros((rows, len(members)), dtype=np.float32)
    holds[row, member] = 1.0
    shared = holds @ holds.T
    size = holds.sum(axis=1)
    similar = (shared / (size[:, None] + size - shared)).astype(np.float64)
    return float((similar.sum() - np.trace(similar)) / (rows * (rows - 1)))


def jaccard_of_pairs(holds: BoolArray, other: IntArray) -> FloatArray:
    """How alike the sets of pairs are: the Jaccard similarity of each row and another one.

    Args:
        holds: (N, M) members of each row's set.
        other: (N,) the row that each is paired with.

    Returns:
        (N,) `shared members / members of either`, in [0, 1]; nan where both are empty.

    Source: Jaccard (1912); as homogenisation: Chaney, Stewart & Engelhardt (2018), RecSys.
    """
    partner = holds[other]
    either = (holds | partner).sum(axis=1)
    shared = (holds & partner).sum(axis=1)
    alike: FloatArray = np.full(len(either), NAN)
    np.divide(shared, either, out=alike, where=either > 0)
    return alike


def chance_of_the_same(person: IntArray, item: IntArray, kind: IntArray) -> float:
    """How likely two purchases by different people, of one kind of item, are of the same item.

    Args:
        person: (n,) who bought.
        item: (n,) what; each item is of one kind.
        kind: (n,) of what kind.

    Returns:
        Pairs of purchases of the same item over pairs of the same kind, in both cases by different
        people, in [0, 1]; nan where there is no such pair.

    Source: Simpson (1949), Nature 163:688, "Measurement of diversity".
    """

    def pairs(what: IntArray) -> float:
        return float((np.unique(what, return_counts=True)[1].astype(np.float64) ** 2).sum())

    def both(first: IntArray, second: IntArray) -> IntArray:
        base = int(second.max(initial=0)) + 1
        return first.astype(np.int64) * base + second

    same = pairs(item) - pairs(both(person, item))
    return share(same, pairs(kind) - pairs(both(person, kind)))


def unicity(
    keys: IntArray, points: IntArray, known: int, targets: int, rng: np.random.Generator
) -> float:
    """Share of people whom a few known points single out in a log.

    Args:
        keys: (E,) whose point each is.
        points: (E,) int64 points, >= 0 (such as item and day in one number).
        known: points of a person that an attacker knows, >= 1.
        targets: people to attack, drawn among those with at least `known` distinct points.
        rng: chance; chooses whom to attack and with which points.

    Returns:
        Share of the targets whose known points nobody else has all of, in [0, 1]; nan if nobody
        has enough points.

    Source: de Montjoye, Hidalgo, Verleysen & Blondel (2013), Scientific Reports 3:1376; for
    purchases: de Montjoye, Radaelli, Singh & Pentland (2015), Science 347(6221).
    """
    order = np.lexsort((points, keys))
    key, point = keys[order], points[order]
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = (key[1:] != key[:-1]) | (point[1:] != point[:-1])
    key, point = key[new], point[new]
    first = np.flatnonzero(np.diff(key, prepend=key[0] - 1)) if len(key) else np.empty(0, np.int64)
    count = np.diff(first, append=len(key))
    able = np.flatnonzero(count >= known)
    if len(able) == 0:
        return NAN
    by_point = np.argsort(point, kind="stable")
    sorted_point, owner = point[by_point], key[by_point]
    attacked = rng.permutation(able)[:targets]
    singled_out = 0
    for person in attacked.tolist():
        own = point[first[person] : first[person] + count[person]]
        guess = rng.permutation(own)[:known]
        low = np.searchsorted(sorted_point, guess, side="left")
        high = np.searchsorted(sorted_point, guess, side="right")
        owners = np.concatenate([owner[a:b] for a, b in zip(low, high, strict=True)])
        _, points_shared = np.unique(owners, return_counts=True)
        singled_out += int((points_shared == known).sum() == 1)
    return singled_out / len(attacked)


def precision_recall(flagged: BoolArray, true: BoolArray) -> tuple[float, float]:
    """How much of what was flagged is true, and how much of what is true was flagged.

    Args:
        flagged: (n,) what a detector says.
        true: (n,) what is so.

    Returns:
        Precision, nan if nothing was flagged, and recall, nan if nothing is true.

    Source: Manning, Raghavan & Schütze (2008), "Introduction to Information Retrieval".
    """
    hits = float((flagged & true).sum())
    return share(hits, float(flagged.sum())), share(hits, float(true.sum()))


def lerner(price: ArrayLike, cost: ArrayLike, quantity: ArrayLike) -> float:
    """Lerner index of what was sold, weighted by sales: (sales - costs) / sales.

    Args:
        price: (n,) prices.
        cost: (n,) unit costs in the same currency.
        quantity: (n,) units sold.

    Returns:
        At most 1, below 0 if sold at a loss; nan without sales.

    Source: Lerner (1934), Review of Economic Studies 1(3).
    """
    units = np.asarray(quantity, dtype=np.float64)
    sales = float((np.asarray(price) * units).sum())
    return share(sales - float((np.asarray(cost) * units).sum()), sales)


def jevons_index(price: ArrayLike, base: ArrayLike) -> float:
    """Price index of matched items: the geometric mean of price relatives.

    Args:
        price: (n,) prices now, > 0.
        base: (n,) prices of the same items in the base period, > 0.

    Returns:
        1 where nothing changed; nan without items.

    Source: Jevons (1865); ILO et al. (2020), "Consumer Price Index Manual".
    """
    now, then = np.asarray(price, dtype=np.float64), np.asarray(base, dtype=np.float64)
    return float(np.exp(np.log(now / then).mean())) if len(now) else NAN


def log_price_volatility(prices: ArrayLike) -> float:
    """Mean over items of the standard deviation of daily changes of the log price.

    Args:
        prices: (H, n) prices, oldest first; 0: not offered on that day.

    Returns:
        Log points a day, >= 0; items with fewer than two changes are left out, nan if all are.

    Source: realised volatility; Andersen, Bollerslev, Diebold & Labys (2003), Econometrica 71(2).
    """
    table = np.asarray(prices)
    offered = table > 0
    both = offered[1:] & offered[:-1]
    count = both.sum(axis=0)
    enough = count >= 2
    moved = enough & ((table[1:] != table[:-1]) & both).any(axis=0)
    if not enough.any():
        return NAN
    logs = np.log(np.where(offered[:, moved], table[:, moved], 1).astype(np.float64))
    change = np.where(both[:, moved], np.diff(logs, axis=0), 0.0)
    days = count[moved]
    around = change - change.sum(axis=0) / days
    variance = np.where(both[:, moved], around**2, 0.0).sum(axis=0) / (days - 1)
    return float(np.sqrt(variance).sum() / enough.sum())


def price_dispersion(price: ArrayLike, category: IntArray) -> float:
    """Mean over categories of the coefficient of variation (sd / mean) of prices.

    Args:
        price: (n,) prices, > 0.
        category: (n,) category of each.

    Returns:
        >= 0; categories with one price are left out, nan if all are.

    Source: Baye, Morgan & Scholten (2006), "Information, search, and price dispersion", Handbook
    on Economics and Information Systems.
    """
    amount = np.asarray(price, dtype=np.float64)
    _, place, count = np.unique(category, return_inverse=True, return_counts=True)
    average = np.bincount(place, amount, minlength=len(count)) / count
    square = np.bincount(place, (amount - average[place]) ** 2, minlength=len(count))
    several = count > 1
    return mean(np.sqrt(square[several] / (count[several] - 1)) / average[several])


def exposure_fairness(exposure: FloatArray, protected: BoolArray) -> float:
    """Exposure of a group of items over what their number would give them.

    Args:
        exposure: (n,) attention that each item got, >= 0.
        protected: (n,) whether the item belongs to the group.

    Returns:
        The group's share of exposure over its share of items: 1 is parity; nan without group or
        exposure.

    Source: demographic parity of exposure, Singh & Joachims (2018), KDD; Diaz, Mitra, Ekstrand,
    Biega & Carterette (2020), CIKM.
    """
    got = share(float(exposure[protected].sum()), float(exposure.sum()))
    return got / share(float(protected.sum()), len(protected)) if protected.any() else NAN


def group_gap(value: FloatArray, group: IntArray) -> float:
    """Largest less smallest group mean, over the mean of all.

    Args:
        value: (n,) values.
        group: (n,) group of each, >= 0.

    Returns:
        >= 0; nan for fewer than two groups or a mean that is not above 0.

    Source: demographic parity gap; Barocas, Hardt & Narayanan (2023), "Fairness and Machine
    Learning".
    """
    _, place, count = np.unique(group, return_inverse=True, return_counts=True)
    if len(count) < 2 or not value.mean() > 0:
        return NAN
    means = np.bincount(place, value) / count
    return float((means.max() - means.min()) / value.mean())


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
