"""Value of a policy that ranks, from another's log of rankings.

A ranking of K places is drawn place by place, and each place's probability given those above it
is known. S rankings are logged; what lies below the last place looked at counts nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, check_same_length, checked_floats
from models.off_policy.estimates import ValueEstimate, estimate_of


def prefix_weights(target: npt.ArrayLike, logging: npt.ArrayLike) -> FloatArray:
    """How much more often the target policy shows the same places from the top down to each.

    Args:
        target: (S, K) log probabilities of the logged places given those above, <= 0.
        logging: (S, K) the same by the policy that showed them; finite.

    Returns:
        (S, K) products of the ratios down to each place.

    Raises:
        ValueError: if the shapes differ or an entry is not allowed.
    """
    ratios = _log_ratios(target, logging)
    weights: FloatArray = np.exp(np.cumsum(ratios, axis=1))
    return weights


def independent_weights(target: npt.ArrayLike, logging: npt.ArrayLike) -> FloatArray:
    """How much more often the target policy shows each item at its place, whatever is above.

    Args:
        target: (S, K) log probabilities of an item at its place, <= 0.
        logging: (S, K) the same by the policy that showed it; finite.

    Returns:
        (S, K). Right where what is earned at a place depends on its item alone.

    Raises:
        ValueError: if the shapes differ or an entry is not allowed.

    Source:
        Li, Abbasi-Yadkori, Kveton et al. (2018), "Offline evaluation of ranking policies with
        click models", KDD.
    """
    weights: FloatArray = np.exp(_log_ratios(target, logging))
    return weights


def ranking_inverse_propensity(
    rewards: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    normalise: bool = False,
    clip: float = np.inf,
    confidence: float = 0.95,
) -> ValueEstimate:
    """Sum over the places of weight times reward.

    With `prefix_weights` it is right where the reward of a place depends on the items from the top
    down to it (reward interaction, a cascade); with `independent_weights` where it depends on its
    own item alone.

    Args:
        rewards: (S, K) what each place earned.
        weights: (S, K) of each place, >= 0.
        normalise: each place's weights are divided by their mean.
        clip: weights above it count as it.
        confidence: of the interval, in (0, 1).

    Raises:
        ValueError: if an argument is not allowed.

    Source:
        McInerney, Brost, Chandar, Mehrotra & Carterette (2020), "Counterfactual evaluation of slate
        recommendations with sequential reward interactions", KDD.
    """
    earned, weight, cut = _checked(rewards, weights, clip)
    last = weight[:, -1] if weight.shape[1] else np.ones(len(weight))
    if not normalise:
        return estimate_of((weight * earned).sum(axis=1), last, cut, confidence)
    total = np.maximum(weight.mean(axis=0), np.finfo(np.float64).tiny)
    value = (weight * earned).mean(axis=0) / total
    terms = value.sum() + (weight * (earned - value) / total).sum(axis=1)
    return estimate_of(terms, last, cut, confidence)


def sequential_doubly_robust(
    rewards: npt.ArrayLike,
    weights: npt.ArrayLike,
    taken: npt.ArrayLike,
    expected: npt.ArrayLike,
    *,
    clip: float = np.inf,
    confidence: float = 0.95,
) -> ValueEstimate:
    """A model's value of a ranking, corrected place by place by the weighted errors of the model.

    Right if the weights are, whatever the model, also where the reward of a place depends on all
    places above it; in the limit right as well if the model is and the weights are not.

    Args:
        rewards: (S, K) what each place earned; a reward of the whole stands at its last place.
        weights: (S, K) `prefix_weights`.
        taken: (S, K) the model's value of a place and all below, given those down to it.
        expected: (S, K) its mean over what the target policy puts there, given those above.
        clip: weights above it count as it.
        confidence: of the interval, in (0, 1).

    Raises:
        ValueError: if an argument is not allowed.

    Source:
        Jiang & Li (2016), "Doubly robust off-policy value evaluation for reinforcement learning",
        ICML; Kiyohara et al. (2022), "Doubly robust off-policy evaluation for ranking policies
        under the cascade behavior model", WSDM.
    """
    earned, weight, cut = _checked(rewards, weights, clip)
    model, mean = (
        checked_floats("taken", taken, ndim=2),
        checked_floats("expected", expected, ndim=2),
    )
    if model.shape != earned.shape or mean.shape != earned.shape:
        raise ValueError(
            f"taken and expected: shape {earned.shape} as the rewards, got {model.shape} and "
            f"{mean.shape}"
        )
    above = np.concatenate([np.ones((len(weight), 1)), weight[:, :-1]], axis=1)
    terms = (above[:, : weight.shape[1]] * mean + weight * (earned - model)).sum(axis=1)
    last = weight[:, -1] if weight.shape[1] else np.ones(len(weight))
    return estimate_of(terms, last, cut, confidence)


def _log_ratios(target: npt.ArrayLike, logging: npt.ArrayLike) -> FloatArray:
    wanted = checked_floats("target", target, ndim=2, upper=1e-6)
    took = checked_floats("logging", logging, ndim=2, upper=1e-6)
    if wanted.shape != took.shape:
        raise ValueError(f"target and logging: one shape, got {wanted.shape} and {took.shape}")
    if np.isinf(took).any():
        raise ValueError("logging: what was logged had probability 0")
    ratios: FloatArray = wanted - took
    return ratios


def _checked(
    rewards: npt.ArrayLike, weights: npt.ArrayLike, clip: float
) -> tuple[FloatArray, FloatArray, float]:
    earned = checked_floats("rewards", rewards, ndim=2)
    weight = checked_floats("weights", weights, ndim=2, lower=0.0)
    check_same_length(rewards=earned, weights=weight)
    if earned.shape != weight.shape:
        raise ValueError(f"rewards and weights: one shape, got {earned.shape} and {weight.shape}")
    if not clip > 0.0:
        raise ValueError(f"clip: must be above 0, got {clip:g}")
    cut = float((weight > clip).any(axis=1).mean()) if len(weight) else 0.0
    return earned, np.minimum(weight, clip), cut
