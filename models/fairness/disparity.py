"""Is exposure shared as merit is: between two groups, and over a series of rankings.

Sources: Singh & Joachims (2018), "Fairness of Exposure in Rankings", KDD; Biega, Gummadi & Weikum
(2018), "Equity of Attention: Amortizing Individual Fairness in Rankings", SIGIR.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, check_same_length, checked_floats
from models.fairness.exposure import BoolArray, checked_group, ratio


def demographic_parity_ratio(exposure: npt.ArrayLike, group: npt.ArrayLike) -> float:
    """Mean exposure of the group over that of the others; 1 is parity, whatever the merit.

    Args:
        exposure: (M,) exposure of each item.
        group: (M,) whether it belongs to the group.

    Raises:
        ValueError: if the columns differ in length.

    Source: Singh & Joachims (2018), section 4.1, as a ratio.
    """
    amount = checked_floats("exposure", exposure, lower=0.0)
    member = checked_group("group", group, len(amount))
    return ratio(_mean(amount, member), _mean(amount, ~member))


def disparate_treatment_ratio(
    exposure: npt.ArrayLike, merit: npt.ArrayLike, group: npt.ArrayLike
) -> float:
    """Exposure a unit of merit in the group over the same of the others; 1 is equal treatment.

    Args:
        exposure: (M,) exposure of each item.
        merit: (M,) what it deserves exposure by, such as relevance; at least 0.
        group: (M,) whether it belongs to the group.

    Returns:
        `(exposure(G) / merit(G)) / (exposure(not G) / merit(not G))` of the groups' means.

    Raises:
        ValueError: if the columns differ in length.

    Source: DTR of Singh & Joachims (2018), section 4.2.
    """
    amount, worth, member = _columns(exposure, merit, group)
    ours = ratio(_mean(amount, member), _mean(worth, member))
    return ratio(ours, ratio(_mean(amount, ~member), _mean(worth, ~member)))


def disparate_impact_ratio(
    exposure: npt.ArrayLike, merit: npt.ArrayLike, group: npt.ArrayLike
) -> float:
    """Clicks a unit of merit in the group over the same of the others; 1 is equal impact.

    Args:
        exposure: (M,) chance that each item is looked at.
        merit: (M,) chance that it is then clicked.
        group: (M,) whether it belongs to the group.

    Returns:
        As `disparate_treatment_ratio`, with the clicks `exposure * merit` in the exposure's place.

    Raises:
        ValueError: if the columns differ in length.

    Source: DIR of Singh & Joachims (2018), section 4.3.
    """
    amount, worth, member = _columns(exposure, merit, group)
    return disparate_treatment_ratio(amount * worth, worth, member)


def amortised_unfairness(attention: npt.ArrayLike, relevance: npt.ArrayLike) -> FloatArray:
    """How far attention is from relevance after each of a series of rankings.

    Args:
        attention: (T, M) attention that each item got in each ranking.
        relevance: (T, M) how relevant it was there.

    Returns:
        (T,) `sum_i |A_i - R_i|`, A and R summed over the rankings so far, where the attention and
        the relevance of every ranking add up to 1 (a ranking without any counts 0).

    Raises:
        ValueError: if the tables differ in shape.

    Source: Biega, Gummadi & Weikum (2018), equation 4 and its normalisation.
    """
    got = checked_floats("attention", attention, ndim=2, lower=0.0)
    due = checked_floats("relevance", relevance, ndim=2, lower=0.0)
    if got.shape != due.shape:
        raise ValueError(f"relevance: shape {due.shape}, but attention has {got.shape}")
    owed = np.cumsum(_shares(got) - _shares(due), axis=0)
    unfairness: FloatArray = np.abs(owed).sum(axis=1)
    return unfairness


def group_means(values: npt.ArrayLike, groups: npt.ArrayLike) -> FloatArray:
    """Mean of a value in each group, such as the NDCG of groups of users.

    Args:
        values: (U,) numbers.
        groups: (U,) group of each, counted from 0.

    Returns:
        (G,) means; nan where a group has nobody.

    Raises:
        ValueError: if the columns differ in length.
    """
    number, group = checked_floats("values", values), np.asarray(groups)
    check_same_length(values=number, groups=group)
    count = np.bincount(group)
    total = np.bincount(group, number)
    means: FloatArray = np.full(len(count), np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means


def _columns(
    exposure: npt.ArrayLike, merit: npt.ArrayLike, group: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, BoolArray]:
    amount = checked_floats("exposure", exposure, lower=0.0)
    worth = checked_floats("merit", merit, lower=0.0)
    check_same_length(exposure=amount, merit=worth)
    return amount, worth, checked_group("group", group, len(amount))


def _mean(values: FloatArray, member: BoolArray) -> float:
    return float(values[member].mean()) if member.any() else float("nan")


def _shares(table: FloatArray) -> FloatArray:
    total = table.sum(axis=1, keepdims=True)
    shares: FloatArray = np.zeros_like(table)
    np.divide(table, total, out=shares, where=total > 0)
    return shares
