"""Value of a policy that fills slates, where a slate's reward is a sum over its places.

Only the reward of the whole slate is known. If it is, on average, a sum of unknown parts, one for
each action at each place, a weight linear in the places suffices: its variance grows with the
number of places, and not with the number of slates.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, IdArray, check_count, checked_floats, checked_ids


def factored_pseudo_inverse_weights(target: npt.ArrayLike, logging: npt.ArrayLike) -> FloatArray:
    """Weights where the logging policy fills each place independently of the others.

    Args:
        target: (S, K) the target policy's probability of each logged action at its place.
        logging: (S, K) the logging policy's, > 0.

    Returns:
        (S,) 1 - K + sum of the ratios; may be negative.

    Raises:
        ValueError: if the shapes differ or a logged action had no chance.

    Source:
        Swaminathan, Krishnamurthy, Agarwal, Dudik, Langford, Jose & Zitouni (2017), "Off-policy
        evaluation for slate recommendation", NIPS, appendix.
    """
    wanted = checked_floats("target", target, ndim=2, lower=0.0, upper=1.0)
    took = checked_floats("logging", logging, ndim=2, lower=0.0, upper=1.0)
    if wanted.shape != took.shape:
        raise ValueError(f"target and logging: one shape, got {wanted.shape} and {took.shape}")
    if (took == 0.0).any():
        raise ValueError("logging: what was logged had probability 0")
    weights: FloatArray = 1.0 - took.shape[1] + (wanted / took).sum(axis=1)
    return weights


def slate_moments(
    slates: npt.ArrayLike, probabilities: npt.ArrayLike, actions: int
) -> tuple[FloatArray, FloatArray]:
    """First and second moments of a slate's indicators, from the slates that a policy may show.

    Args:
        slates: (M, K) actions by place.
        probabilities: (M,) of each slate; they add up to 1.
        actions: A, how many there are.

    Returns:
        (K * A,) probability of each action at each place, and (K * A, K * A) of each pair.

    Raises:
        ValueError: if an argument is not allowed.
    """
    chance = checked_floats("probabilities", probabilities, lower=0.0, upper=1.0)
    if abs(chance.sum() - 1.0) > 1e-6:
        raise ValueError(f"probabilities: must add up to 1, not {chance.sum():g}")
    indicators = _indicators(checked_ids("slates", slates, ndim=2), actions)
    if len(indicators) != len(chance):
        raise ValueError(f"slates: {len(indicators)}, but probabilities: {len(chance)}")
    return chance @ indicators, indicators.T @ (chance[:, None] * indicators)


def pseudo_inverse_weights(
    slates: npt.ArrayLike, actions: int, target: npt.ArrayLike, logging: npt.ArrayLike
) -> FloatArray:
    """Weights of logged slates under any logging policy whose second moments are known.

    Args:
        slates: (S, K) the logged actions by place.
        actions: A, how many there are.
        target: (K * A,) first moments of the target policy (`slate_moments`).
        logging: (K * A, K * A) second moments of the logging policy.

    Returns:
        (S,) target' pinv(logging) indicator(slate); may be negative.

    Raises:
        ValueError: if an argument is not allowed.

    Source:
        Swaminathan et al. (2017), as above, equation 4.
    """
    indicators = _indicators(checked_ids("slates", slates, ndim=2), actions)
    width = indicators.shape[1]
    first = checked_floats("target", target, lower=0.0, upper=1.0)
    second = checked_floats("logging", logging, ndim=2, lower=0.0, upper=1.0)
    if first.shape != (width,) or second.shape != (width, width):
        raise ValueError(
            f"target and logging: {width} and {width} x {width} moments, got {first.shape} and "
            f"{second.shape}"
        )
    weights: FloatArray = indicators @ (np.linalg.pinv(second, hermitian=True) @ first)
    return weights


def _indicators(slates: IdArray, actions: int) -> FloatArray:
    """(M, K * A) which action stands at which place."""
    check_count("actions", actions, lower=int(slates.max(initial=0)) + 1)
    there = slates[:, :, None] == np.arange(actions)
    flat: FloatArray = there.reshape(len(slates), -1).astype(np.float64)
    return flat
