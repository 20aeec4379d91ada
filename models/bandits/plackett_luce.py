"""Random rankings whose propensities are known: place by place by a softmax of what is left.

Source: Luce (1959), "Individual choice behavior"; Plackett (1975), Applied Statistics 24(2);
Yellott (1977), J. of Mathematical Psychology 15(2): adding Gumbel noise and sorting draws one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.array_checks import PADDING_ID, FloatArray, IdArray, checked_floats, checked_ids
from models.top_k import top_k_by_score


def draw_rankings(
    logits: npt.ArrayLike, places: int, generator: np.random.Generator
) -> npt.NDArray[np.int32]:
    """Draw a ranking for each of S rows.

    Args:
        logits: (S, A) of each action; `-inf` is never shown.
        places: K.
        generator: the stream that is drawn from.

    Returns:
        (S, K) actions, first place first, `PADDING_ID` where nothing is left.

    Raises:
        ValueError: if logits are NaN or not a matrix, or K is not positive.
    """
    utility = checked_floats("logits", logits, ndim=2)
    # Minus the log of an exponential is Gumbel; drawn in single precision that is thrice as fast.
    noise = generator.standard_exponential(utility.shape, dtype=np.float32)
    np.log(np.maximum(noise, np.finfo(np.float32).tiny, out=noise), out=noise)
    return top_k_by_score(
        np.subtract(utility, noise, dtype=np.float32, casting="same_kind"), places
    )


def log_probabilities(logits: npt.ArrayLike, rankings: npt.ArrayLike) -> FloatArray:
    """Log probability of each place, given those above it.

    Args:
        logits: (S, A) of each action; `-inf` is never shown.
        rankings: (S, K) actions, each once a row, `PADDING_ID` at the end.

    Returns:
        (S, K); 0 at empty places.

    Raises:
        ValueError: if an argument is not allowed.
    """
    utility, ranked = _checked(logits, rankings)
    shown, _, mass = _left(utility, ranked)
    there = ranked != PADDING_ID
    with np.errstate(divide="ignore"):
        chance = np.log(np.where(there, shown / np.where(mass > 0, mass, 1.0), 1.0))
    return np.minimum(chance, 0.0)


def expected_next(
    logits: npt.ArrayLike, values: npt.ArrayLike, rankings: npt.ArrayLike
) -> FloatArray:
    """Mean value of what comes at each place, given those above it.

    Args:
        logits: (S, A) of each action.
        values: (S, A) of each action.
        rankings: (S, K) actions, each once a row, `PADDING_ID` at the end.

    Returns:
        (S, K); 0 at empty places.

    Raises:
        ValueError: if an argument is not allowed.
    """
    utility, ranked = _checked(logits, rankings)
    value = checked_floats("values", values, ndim=2)
    if value.shape != utility.shape:
        raise ValueError(f"values: shape {utility.shape} as the logits, got {value.shape}")
    shown, others, mass = _left(utility, ranked)
    there = ranked != PADDING_ID
    worth = shown * np.take_along_axis(value, np.maximum(ranked, 0), axis=1)
    rest = (others * value).sum(axis=1, keepdims=True)
    left = rest + np.cumsum(worth[:, ::-1], axis=1)[:, ::-1]
    mean: FloatArray = np.where(there, left / np.where(mass > 0, mass, 1.0), 0.0)
    return mean


def _left(utility: FloatArray, ranked: IdArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights of what is shown (S, K), of the others (S, A), and what is left at each place (S, K).

    What is left is added up from the end: a difference would lose all digits after a sure choice.
    """
    top = utility.max(axis=1, keepdims=True, initial=-np.inf)
    weights = np.exp(utility - np.where(np.isfinite(top), top, 0.0))
    there = ranked != PADDING_ID
    shown = np.take_along_axis(weights, np.maximum(ranked, 0), axis=1) * there
    others = weights.copy()
    rows, places = np.nonzero(there)
    others[rows, ranked[rows, places]] = 0.0
    mass = others.sum(axis=1, keepdims=True) + np.cumsum(shown[:, ::-1], axis=1)[:, ::-1]
    return shown, others, mass


def _checked(logits: npt.ArrayLike, rankings: npt.ArrayLike) -> tuple[FloatArray, IdArray]:
    utility = checked_floats("logits", logits, ndim=2)
    ranked = checked_ids("rankings", rankings, ndim=2, padded=True)
    if len(ranked) != len(utility):
        raise ValueError(f"logits and rankings: {len(utility)} and {len(ranked)} rows")
    if ranked.size and ranked.max() >= utility.shape[1]:
        raise ValueError(
            f"rankings: action {int(ranked.max())}, but logits of {utility.shape[1]} actions"
        )
    return utility, ranked
