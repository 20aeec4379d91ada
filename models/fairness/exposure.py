"""Exposure: the attention that places give, and who of several groups gets how much of it.

Whoever is constrained to give a group its share of exposure can give it all to a few of the group;
hence the Gini coefficient and the coverage stand beside every share here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, checked_floats, checked_ids
from models.ranking_metrics import gini

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GroupExposure:
    """Who got the exposure of all rankings together."""

    share: float  # of the group, in [0, 1]
    parity: float  # mean exposure of an item of the group / of another item; 1: demographic parity
    coverage: float  # items shown to anybody / all items
    gini: float  # of exposure between all items, 0: all alike, 1: one has it all
    group_coverage: float  # the same, within the group: few items can fill a group's share
    group_gini: float


def position_exposure(positions: npt.ArrayLike) -> FloatArray:
    """Attention that a place of a ranking gets: 1 for the first, .6309 for the second.

    Args:
        positions: 0-based places.

    Returns:
        `1 / log2(place + 2)`, as discounted cumulative gain weighs places.

    Source: Järvelin & Kekäläinen (2002), ACM TOIS 20(4); as exposure: Singh & Joachims (2018), KDD.
    """
    exposure: FloatArray = 1.0 / np.log2(np.asarray(positions, dtype=np.float64) + 2.0)
    return exposure


def item_exposure(ranked: npt.ArrayLike, n_items: int) -> FloatArray:
    """Exposure of each item over all rankings.

    Args:
        ranked: (S, K) item ids, best first, -1 padded.
        n_items: items that there are.

    Returns:
        (M,) sums of `position_exposure`.

    Raises:
        ValueError: if an id is not allowed.
    """
    ids = checked_ids("ranked", ranked, ndim=2, padded=True)
    if ids.size and int(ids.max()) >= n_items:
        raise ValueError(f"ranked: id {int(ids.max())}, but there are {n_items} items")
    attention = np.broadcast_to(position_exposure(np.arange(ids.shape[1])), ids.shape)
    shown = ids >= 0
    return np.bincount(ids[shown], attention[shown], minlength=n_items).astype(np.float64)


def group_exposure(exposure: npt.ArrayLike, group: npt.ArrayLike) -> GroupExposure:
    """How the exposure of items is shared between a group of them and the others.

    Args:
        exposure: (M,) exposure of each item, at least 0.
        group: (M,) whether it belongs to the group.

    Returns:
        Its share and how evenly it is spread; nan where there is nothing to share.

    Raises:
        ValueError: if the columns differ in length.

    Source: demographic parity of exposure: Singh & Joachims (2018), "Fairness of Exposure in
    Rankings", KDD, section 4.1.
    """
    amount = checked_floats("exposure", exposure, lower=0.0)
    member = checked_group("group", group, len(amount))
    total = float(amount.sum())
    return GroupExposure(
        share=ratio(float(amount[member].sum()), total),
        parity=ratio(_mean(amount[member]), _mean(amount[~member])),
        coverage=_mean(amount > 0),
        gini=gini(amount),
        group_coverage=_mean(amount[member] > 0),
        group_gini=gini(amount[member]),
    )


def long_tail(popularity: npt.ArrayLike, head: float = 0.2) -> BoolArray:
    """Items outside the most popular ones.

    Args:
        popularity: (M,) how often each was taken.
        head: share of the items, the most popular ones, that are not the tail; ties go to the
            smaller id.

    Returns:
        (M,) true in the tail.

    Raises:
        ValueError: if the share is not inside (0, 1).
    """
    taken = checked_floats("popularity", popularity, lower=0.0)
    if not 0.0 < head < 1.0:
        raise ValueError(f"head: must lie between 0 and 1, got {head:g}")
    tail = np.ones(len(taken), dtype=np.bool_)
    tail[np.argsort(-taken, kind="stable")[: int(head * len(taken))]] = False
    return tail


def checked_group(name: str, values: npt.ArrayLike, length: int) -> BoolArray:
    """Return a mask of members as booleans.

    Raises:
        ValueError: if it is not boolean or not of this length.
    """
    mask = np.asarray(values)
    if mask.dtype != np.bool_ or mask.shape != (length,):
        raise ValueError(
            f"{name}: true or false for each of {length} items is needed, got {mask.dtype} of "
            f"shape {mask.shape}"
        )
    return mask


def ratio(part: float, whole: float) -> float:
    """`part / whole`; nan where there is no whole."""
    return part / whole if whole > 0 else float("nan")


def _mean(values: npt.NDArray[np.floating] | BoolArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
