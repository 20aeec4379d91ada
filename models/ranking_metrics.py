"""How good rankings are, held against what users took afterwards, and what they do to the items.

Source: Järvelin & Kekäläinen (2002), "Cumulated Gain-Based Evaluation of IR Techniques", ACM TOIS
20(4) (NDCG); Cañamares, Castells & Moffat (2020), "Offline Evaluation Options for Recommender
Systems", Information Retrieval Journal 23 (users without held-out items are left out).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, IdArray, checked_floats, checked_ids
from models.interactions import Interactions


@dataclass(frozen=True, slots=True)
class RankingQuality:
    """Means over the users who have held-out items, and what all rankings together show."""

    ndcg: float  # discounted gain of the ranking / that of the best ranking there could be
    recall: float  # held-out items shown / held-out items
    precision: float  # held-out items shown / places
    hit_rate: float  # users of whom at least one held-out item is shown
    reciprocal_rank: float  # mean of 1 / place of the first held-out item, 0 where none is shown
    average_precision: float  # mean precision at the places of held-out items
    coverage: float  # items shown to anybody / all items
    gini: float  # of how often each item is shown, 0: all alike, 1: one alone
    users: int  # users who have held-out items


def ranking_quality(ranked: npt.ArrayLike, held_out: Interactions) -> RankingQuality:
    """Measure rankings of all users against what they took.

    Args:
        ranked: (N, K) item ids, one row a user, best first, -1 padded.
        held_out: what the same N users took; more than once counts once.

    Raises:
        ValueError: if there is not one row a user.
    """
    ids = _checked_rankings(ranked, held_out)
    taken = held_out.matrix()
    wanted = np.diff(taken.indptr)
    asked = wanted > 0
    exposure = np.bincount(ids[ids >= 0], minlength=held_out.n_items).astype(np.float64)
    shown = ids[asked]
    hit = _is_among(shown, asked, held_out)
    places = shown.shape[1]
    so_far = np.cumsum(hit, axis=1)
    precision_there = (so_far / np.arange(1, places + 1) * hit).sum(axis=1)
    first = np.where(hit.any(axis=1), 1.0 / (hit.argmax(axis=1) + 1.0), 0.0)
    found = hit.sum(axis=1)
    return RankingQuality(
        ndcg=_mean(_ndcg(hit, wanted[asked])),
        recall=_mean(found / wanted[asked]),
        precision=_mean(found / places),
        hit_rate=_mean(found > 0),
        reciprocal_rank=_mean(first),
        average_precision=_mean(precision_there / np.minimum(wanted[asked], places)),
        coverage=float((exposure > 0).mean()) if len(exposure) else float("nan"),
        gini=gini(exposure),
        users=int(asked.sum()),
    )


def ndcg_of_users(ranked: npt.ArrayLike, held_out: Interactions) -> FloatArray:
    """Return (N,) each user's NDCG; nan for one without held-out items.

    Args:
        ranked: (N, K) as in `ranking_quality`, whose `ndcg` is the mean of these.
        held_out: what the same N users took.

    Raises:
        ValueError: if there is not one row a user.
    """
    ids = _checked_rankings(ranked, held_out)
    wanted = np.diff(held_out.matrix().indptr)
    asked = wanted > 0
    quality: FloatArray = np.full(len(ids), np.nan)
    quality[asked] = _ndcg(_is_among(ids[asked], asked, held_out), wanted[asked])
    return quality


def gini(amounts: npt.ArrayLike) -> float:
    """Return the Gini coefficient of amounts that are not negative; nan where all are 0.

    Source: Gini (1912), "Variabilità e mutabilità"; computed from the sorted amounts.
    """
    ordered = np.sort(checked_floats("amounts", amounts, lower=0.0))
    total, n = ordered.sum(), len(ordered)
    if n == 0 or total == 0.0:
        return float("nan")
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) @ ordered) / (n * total))


def calibration_error(
    predicted: npt.ArrayLike, happened: npt.ArrayLike, *, bins: int = 10
) -> float:
    """Return the expected calibration error of probabilities, over bins with equally many rows.

    Args:
        predicted: (E,) probabilities.
        happened: (E,) 0 or 1, or shares.
        bins: how many bins, at least 1.

    Returns:
        The mean distance of a bin's mean prediction from what happened in it; nan without rows.

    Raises:
        ValueError: if columns differ in length or hold what is not allowed.

    Source: Naeini, Cooper & Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning", AAAI; equally filled bins as Nixon et al. (2019), "Measuring Calibration in
    Deep Learning".
    """
    chance = checked_floats("predicted", predicted, lower=0.0, upper=1.0)
    truth = checked_floats("happened", happened, lower=0.0, upper=1.0)
    if len(chance) != len(truth):
        raise ValueError(f"happened: {len(truth)} rows, but predicted has {len(chance)}")
    if bins < 1:
        raise ValueError(f"bins: must be at least 1, got {bins}")
    if len(chance) == 0:
        return float("nan")
    order = np.argsort(chance, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    off = [len(part) * abs(chance[part].mean() - truth[part].mean()) for part in parts]
    return float(np.sum(off) / len(order))


def _checked_rankings(ranked: npt.ArrayLike, held_out: Interactions) -> IdArray:
    ids = checked_ids("ranked", ranked, ndim=2, padded=True)
    if len(ids) != held_out.n_users:
        raise ValueError(
            f"ranked: {len(ids)} rows, but the held-out events are of {held_out.n_users} users"
        )
    return ids


def _ndcg(hit: npt.NDArray[np.bool_], wanted: IdArray) -> FloatArray:
    """(U,) discounted gain of hits / that of as many as are wanted, from the first place on."""
    places = hit.shape[1]
    discount = 1.0 / np.log2(np.arange(2, places + 2))
    ideal = np.cumsum(discount)[np.minimum(wanted, places) - 1]
    quality: FloatArray = (hit * discount).sum(axis=1) / ideal
    return quality


def _is_among(
    shown: IdArray, asked: npt.NDArray[np.bool_], held_out: Interactions
) -> npt.NDArray[np.bool_]:
    """(U, K) whether each shown item is among those that its user took."""
    taken = np.unique(held_out.users * held_out.n_items + held_out.items)
    pairs = np.flatnonzero(asked)[:, None] * held_out.n_items + shown
    found: npt.NDArray[np.bool_] = np.isin(pairs, taken) & (shown >= 0)
    return found


def _mean(values: npt.NDArray[np.floating] | npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")
