"""Rankings that favour a group of items: by a bonus, by a guaranteed share, by every prefix.

All work on many users at once: S rows of C candidates with their utilities, of which the K best are
to be shown. A utility is what showing an item is worth, such as the expected number of purchases;
with utilities that can be compared between users, a share of exposure costs least where the
multiplier of the constraint is added to the utilities of the group, one for all users: both the
utility and the exposure of a ranking are sums over places with the same weights.

Sources: Singh & Joachims (2018), "Fairness of Exposure in Rankings", KDD (the linear programme);
Xu et al. (2023), "P-MMF: Provider Max-min Fairness Re-ranking in Recommender System", WWW (its dual
over many users); Zehlike et al. (2017), "FA*IR: A Fair Top-k Ranking Algorithm", CIKM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, IdArray, check_count
from models.fairness.exposure import BoolArray, position_exposure, ratio
from models.top_k import top_k_by_score

BISECTIONS = 24
"""Halvings of the multiplier's range: to a ten-millionth of it."""

Utilities = npt.NDArray[np.floating[Any]]
Slates = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ShareOfExposure:
    """Rankings in which a group gets a share of the exposure, and what that cost."""

    slates: Slates  # (S, K) best first, -1 padded
    multiplier: float  # what was added to the group's utilities
    share: float  # that the group got; nan where nothing was shown


def with_bonus(
    candidates: IdArray, utility: Utilities, favoured: BoolArray, places: int, bonus: float
) -> Slates:
    """Rank by utility and a fixed bonus.

    Args:
        candidates: (S, C) items, -1 padded.
        utility: (S, C) what showing them is worth.
        favoured: (S, C) who gets the bonus.
        places: K.
        bonus: added to the utility, in its unit.

    Returns:
        (S, K) items, best first, ties by the earlier candidate, -1 padded.
    """
    column = _best_columns(candidates, utility, favoured, places, bonus)
    return _taken(candidates, column)


def with_share(
    candidates: IdArray,
    utility: Utilities,
    favoured: BoolArray,
    places: int,
    share: float,
    rng: np.random.Generator,
) -> ShareOfExposure:
    """Rank so that the favoured get a share of all exposure, at the least loss of utility.

    The multiplier is found by bisection. Where many rows are alike the share jumps past the target
    at one value of it: then only as many rows as needed, drawn at random, are ranked with it.

    Args:
        candidates: (S, C) items, -1 padded.
        utility: (S, C) what showing them is worth, comparable between rows.
        favoured: (S, C) whether each belongs to the group.
        places: K.
        share: of the exposure of all rows together that the group shall have at least.
        rng: draws the rows among those that are alike.

    Returns:
        The rankings. Where the candidates do not allow the share, the largest one there can be.

    Raises:
        ValueError: if the share is not in [0, 1].
    """
    check_count("places", places, lower=1)
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share: must lie in [0, 1], got {share:g}")

    attention = position_exposure(np.arange(places))
    ours = favoured & (candidates >= 0)

    def ranked(multiplier: float) -> _Ranked:
        column = _best_columns(candidates, utility, favoured, places, multiplier)
        shown = np.where(column >= 0, attention, 0.0)
        group = np.take_along_axis(ours, np.maximum(column, 0), axis=1) if ours.size else shown > 1
        return _Ranked(column, (shown * group).sum(axis=1), shown.sum(axis=1))

    low, before = 0.0, ranked(0.0)
    if before.share >= share or not ours.any():
        return ShareOfExposure(_taken(candidates, before.column), 0.0, before.share)
    known = utility[candidates >= 0]
    high = 2.0 * float(known.max() - known.min()) + 1.0
    after = ranked(high)
    for _ in range(BISECTIONS if after.share > share else 0):
        middle = (low + high) / 2.0
        tried = ranked(middle)
        if tried.share < share:
            low, before = middle, tried
        else:
            high, after = middle, tried
    gain = after.favoured - before.favoured
    differ = rng.permutation(np.flatnonzero(gain > 0))
    missing = share * float(before.total.sum()) - float(before.favoured.sum())
    enough = int(np.searchsorted(np.cumsum(gain[differ]), missing - 1e-9)) + 1
    rows = differ[:enough]
    column, favours = before.column.copy(), before.favoured.copy()
    column[rows], favours[rows] = after.column[rows], after.favoured[rows]
    got = ratio(float(favours.sum()), float(before.total.sum()))
    return ShareOfExposure(_taken(candidates, column), high, got)


@dataclass(frozen=True, slots=True)
class _Ranked:
    column: IdArray  # (S, K) of the candidates, -1 padded
    favoured: FloatArray  # (S,) exposure of the group in each row
    total: FloatArray  # (S,) exposure in each row

    @property
    def share(self) -> float:
        """Of the group, in all rows together."""
        return ratio(float(self.favoured.sum()), float(self.total.sum()))


def _best_columns(
    candidates: IdArray, utility: Utilities, favoured: BoolArray, places: int, bonus: float
) -> IdArray:
    """(S, K) columns of the best candidates, -1 padded."""
    score = np.where(candidates >= 0, utility + bonus * favoured, -np.inf)
    return top_k_by_score(score.astype(np.float32), places).astype(np.int64)


def _taken(candidates: IdArray, column: IdArray) -> Slates:
    """(S, K) the candidates at some columns; -1 where there is none."""
    if candidates.size == 0:
        return np.full(column.shape, -1, dtype=np.int32)
    chosen = np.take_along_axis(candidates, np.maximum(column, 0), axis=1)
    return np.where(column >= 0, chosen, -1).astype(np.int32)


def least_favoured(places: int, proportion: float, significance: float) -> IdArray:
    """How many of a group each prefix of a ranking must hold, to look like a draw of its share.

    Args:
        places: K.
        proportion: the group's share, in (0, 1).
        significance: chance, in (0, 1), of refusing a ranking that was drawn fairly, a prefix.

    Returns:
        (K,) the smallest m with `F(m; n, proportion) > significance` for prefixes of n = 1 ... K,
        F the binomial distribution.

    Source: definition 3.1 and table 2 of Zehlike et al. (2017), without the adjustment for testing
    several prefixes.
    """
    from scipy import stats  # half a second, which most rankings do not need

    prefix = np.arange(1, places + 1)
    least = stats.binom.ppf(significance, prefix, proportion)
    too_few = stats.binom.cdf(least, prefix, proportion) <= significance
    return np.asarray(least + too_few, dtype=np.int64)


def fair_prefixes(candidates: IdArray, favoured: BoolArray, places: int, least: IdArray) -> Slates:
    """Rank so that every prefix holds as many of the group as it must, otherwise as they come.

    Args:
        candidates: (S, C) items, best first, -1 padded.
        favoured: (S, C) whether each belongs to the group.
        places: K.
        least: (K,) of the group that each prefix must hold (`least_favoured`).

    Returns:
        (S, K) items, -1 padded; a row without enough of the group shows all it has.

    Source: algorithm 2 of Zehlike et al. (2017).
    """
    rows, width = candidates.shape
    slates = np.full((rows, places), -1, dtype=np.int32)
    if rows == 0 or width == 0:
        return slates
    there = candidates >= 0
    queues = [_positions(there & favoured), _positions(there & ~favoured)]
    taken = np.zeros((2, rows), dtype=np.int64)
    every = np.arange(rows)
    for place in range(places):
        head = [queue[every, one] for queue, one in zip(queues, taken, strict=True)]
        forced = (taken[0] < least[place]) & (head[0] < width)
        ours = forced | (head[0] < head[1])
        column = np.where(ours, head[0], head[1])
        shown = column < width
        slates[shown, place] = candidates[every[shown], column[shown]]
        taken[0] += ours & shown
        taken[1] += ~ours & shown
    return slates


def _positions(member: BoolArray) -> IdArray:
    """(S, C + 1) columns of the members of each row, ascending, then C."""
    width = member.shape[1]
    column = np.where(member, np.arange(width), width)
    return np.concatenate([np.sort(column, axis=1), np.full((len(member), 1), width)], axis=1)
