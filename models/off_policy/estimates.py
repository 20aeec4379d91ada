"""Value of a policy from another's log: inverse propensity, self-normalised, doubly robust.

E decisions were logged, each with its reward and the probability with which the logging policy
took it. The weight of a decision is how much more often the policy to be valued takes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from models.array_checks import FloatArray, check_same_length, checked_floats


@dataclass(frozen=True, slots=True)
class ValueEstimate:
    """What a policy earns a decision, with its uncertainty."""

    value: float  # reward a decision; nan without decisions
    standard_error: float  # nan with fewer than two decisions
    low: float  # ends of the interval by the normal distribution
    high: float
    effective_size: float  # (sum of weights)^2 / sum of squared weights: decisions that count
    clipped: float  # share of the decisions whose weight was cut


def importance_weights(target: npt.ArrayLike, logging: npt.ArrayLike) -> FloatArray:
    """How much more often the target policy takes what was logged.

    Args:
        target: (E,) its probabilities of the logged decisions, in [0, 1].
        logging: (E,) those of the policy that took them, in (0, 1].

    Raises:
        ValueError: if a logged decision had no chance, or the lengths differ.
    """
    wanted = checked_floats("target", target, lower=0.0, upper=1.0)
    took = checked_floats("logging", logging, lower=0.0, upper=1.0)
    check_same_length(target=wanted, logging=took)
    if (took == 0.0).any():
        raise ValueError(
            f"logging: decision {int(np.argmax(took == 0.0))} was logged, but had probability 0"
        )
    weights: FloatArray = wanted / took
    return weights


def inverse_propensity(
    reward: npt.ArrayLike,
    weight: npt.ArrayLike,
    *,
    clip: float = np.inf,
    confidence: float = 0.95,
) -> ValueEstimate:
    """IPS: the mean of weight times reward; unbiased where weights are right and not clipped.

    Args:
        reward: (E,) rewards.
        weight: (E,) importance weights, >= 0.
        clip: weights above it count as it: less variance, some bias.
        confidence: of the interval, in (0, 1).

    Raises:
        ValueError: if an argument is not allowed.

    Source:
        Horvitz & Thompson (1952), JASA 47(260); Bottou et al. (2013), JMLR 14 (clipping).
    """
    rewards, weights, cut = _checked(reward, weight, clip)
    return estimate_of(weights * rewards, weights, cut, confidence)


def self_normalised(
    reward: npt.ArrayLike,
    weight: npt.ArrayLike,
    *,
    clip: float = np.inf,
    confidence: float = 0.95,
) -> ValueEstimate:
    """SNIPS: the mean of the rewards, weighted; consistent, and never outside the rewards' range.

    Args:
        reward: (E,) rewards.
        weight: (E,) importance weights, >= 0.
        clip: weights above it count as it.
        confidence: of the interval, in (0, 1), by the delta method.

    Raises:
        ValueError: if an argument is not allowed.

    Source:
        Swaminathan & Joachims (2015), "The self-normalized estimator for counterfactual learning",
        NIPS; Owen (2013), "Monte Carlo theory, methods and examples", ch. 9.2 (variance).
    """
    rewards, weights, cut = _checked(reward, weight, clip)
    total = weights.sum()
    if total == 0.0:
        return estimate_of(np.full(len(weights), np.nan), weights, cut, confidence)
    value = float((weights * rewards).sum() / total)
    return estimate_of(
        value + weights * (rewards - value) * (len(weights) / total), weights, cut, confidence
    )


def doubly_robust(
    reward: npt.ArrayLike,
    weight: npt.ArrayLike,
    predicted: npt.ArrayLike,
    expected: npt.ArrayLike,
    *,
    clip: float = np.inf,
    confidence: float = 0.95,
) -> ValueEstimate:
    """DR: a model's value, corrected by the weighted errors of the model on what was logged.

    Right in the limit if either the weights or the model are.

    Args:
        reward: (E,) rewards.
        weight: (E,) importance weights, >= 0.
        predicted: (E,) the model's reward of the logged decision.
        expected: (E,) the model's mean reward of the target policy's decision there.
        clip: weights above it count as it.
        confidence: of the interval, in (0, 1).

    Raises:
        ValueError: if an argument is not allowed.

    Source:
        Dudik, Langford & Li (2011), "Doubly robust policy evaluation and learning", ICML.
    """
    rewards, weights, cut = _checked(reward, weight, clip)
    model, mean = checked_floats("predicted", predicted), checked_floats("expected", expected)
    check_same_length(reward=rewards, predicted=model, expected=mean)
    return estimate_of(mean + weights * (rewards - model), weights, cut, confidence)


def estimate_of(
    terms: FloatArray, weights: FloatArray, clipped: float = 0.0, confidence: float = 0.95
) -> ValueEstimate:
    """The mean of E independent terms, with its standard error and interval.

    Args:
        terms: (E,) what each decision adds.
        weights: (E,) its importance weight, for the effective size (Kish 1965).
        clipped: share of the weights that were cut.
        confidence: of the interval, in (0, 1).

    Raises:
        ValueError: if the confidence is not inside (0, 1).
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence: must lie between 0 and 1, got {confidence:g}")
    count = len(terms)
    value = float(terms.mean()) if count else float("nan")
    error = float(terms.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")
    squares = float((weights**2).sum())
    effective = float(weights.sum()) ** 2 / squares if squares > 0.0 else 0.0
    half = float(ndtri(0.5 + confidence / 2.0)) * error
    return ValueEstimate(value, error, value - half, value + half, effective, clipped)


def _checked(
    reward: npt.ArrayLike, weight: npt.ArrayLike, clip: float
) -> tuple[FloatArray, FloatArray, float]:
    rewards, weights = checked_floats("reward", reward), checked_floats("weight", weight, lower=0.0)
    check_same_length(reward=rewards, weight=weights)
    if not clip > 0.0:
        raise ValueError(f"clip: must be above 0, got {clip:g}")
    cut = float((weights > clip).mean()) if len(weights) else 0.0
    return rewards, np.minimum(weights, clip), cut
