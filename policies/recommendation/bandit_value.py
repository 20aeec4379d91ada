"""What another way of filling slates would have earned, from the slates that were shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.bandits.plackett_luce import expected_next, log_probabilities
from models.off_policy import (
    ValueEstimate,
    inverse_propensity,
    prefix_weights,
    self_normalised,
    sequential_doubly_robust,
)
from policies.arrays import BoolArray, FloatArray
from policies.recommendation.bandit_outcomes import Outcomes
from policies.recommendation.bandit_slates import Logits, SlatesOfDay

SlateDay = tuple[SlatesOfDay, Outcomes, BoolArray]
"""A day's slates, what came of them, and the sessions of it that count (S,)."""

_Terms = tuple[FloatArray, BoolArray, FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class OffPolicyValue:
    """What a session is worth under a policy that did not fill its slates."""

    logged: float  # mean worth of the sessions as they were
    mean_weight: float  # 1 but for chance; far below 1 where the two policies hardly overlap
    ips: ValueEstimate
    snips: ValueEstimate
    dr: ValueEstimate


def value_of(
    logits: Logits,
    reward_model: Callable[[FloatArray, FloatArray], FloatArray],
    fitted_on: Sequence[SlateDay],
    days: Sequence[SlateDay],
    clip: float,
) -> OffPolicyValue:
    """Value a policy by the sessions of some days.

    How far down a visitor looks does not depend on what she is shown; hence a session's worth times
    the ratio of the chances of what she saw is right on average. The model of doubly robust is a
    level for each number of places seen, and a slope on the sum of what the places are expected to
    earn: below 1 where listings on a slate take sales from each other.

    Args:
        logits: of the policy to value.
        reward_model: expected reward of a place, (P, D) listings and (n, M) contexts to (n, P).
        fitted_on: days and sessions that level and slope are fitted on.
        days: slates, what came of them, and (S,) the sessions that count.
        clip: weights above it count as it.
    """
    parts = [_terms(logits, reward_model, *day) for day in days]
    if sum(len(part[0]) for part in parts) == 0:
        nothing = inverse_propensity([], [])
        return OffPolicyValue(float("nan"), float("nan"), nothing, nothing, nothing)
    worth, seen, target, logging, taken, expected = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    weights = prefix_weights(target, logging)
    whole, depth = weights[:, -1], seen.sum(axis=1)
    # The session's worth stands at the last place seen; places that nobody saw weigh nothing.
    rewards = np.zeros(weights.shape)
    rewards[np.arange(len(worth)), np.maximum(depth - 1, 0)] = worth
    level, slope = _level_and_slope([_terms(logits, reward_model, *day) for day in fitted_on])
    base = level[depth][:, None]
    return OffPolicyValue(
        float(worth.mean()),
        float(whole.mean()),
        inverse_propensity(worth, whole, clip=clip),
        self_normalised(worth, whole, clip=clip),
        sequential_doubly_robust(
            rewards,
            weights,
            np.where(seen, base + slope * taken, 0.0),
            np.where(seen, base + slope * expected, 0.0),
            clip=clip,
        ),
    )


def _level_and_slope(parts: Sequence[_Terms]) -> tuple[FloatArray, float]:
    """Least squares of a session's worth on its expected sum, with a level a number of places.

    Returns:
        (K + 1,) levels by places seen, that of the mean session where there are none; the slope.
    """
    worth, seen, _, _, taken, _ = (np.concatenate(column) for column in zip(*parts, strict=True))
    depth = seen.sum(axis=1)
    total = taken[np.arange(len(depth)), np.maximum(depth - 1, 0)]
    count = np.bincount(depth, minlength=seen.shape[1] + 1)
    share = np.maximum(count, 1)
    mean_worth = np.bincount(depth, weights=worth, minlength=len(count)) / share
    mean_total = np.bincount(depth, weights=total, minlength=len(count)) / share
    apart = total - mean_total[depth]
    squares = float(apart @ apart)
    slope = float(apart @ (worth - mean_worth[depth])) / squares if squares > 0.0 else 0.0
    level = np.where(count > 0, mean_worth - slope * mean_total, worth.mean())
    return level, slope


def _terms(
    logits: Logits,
    reward_model: Callable[[FloatArray, FloatArray], FloatArray],
    slates: SlatesOfDay,
    outcomes: Outcomes,
    counts: BoolArray,
) -> _Terms:
    """Worth (n,), and by place (n, K): seen or not, both log chances, the model's two values.

    The model's value of a place is that of the places down to it, and of as many more as will be
    looked at, each as good as the first would be on average.
    """
    places = np.arange(slates.slate.shape[1])
    seen = (places < outcomes.depth[:, None]) & (slates.slate >= 0)
    shape = slates.slate.shape
    target, taken, expected = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for rows, pool in slates.pools():
        rows = rows[counts[rows]]
        utility = logits(slates.features[pool], slates.contexts[rows])
        score = reward_model(slates.features[pool], slates.contexts[rows])
        shown = np.where(seen[rows], np.searchsorted(pool, slates.slate[rows]), -1)
        target[rows] = log_probabilities(utility, shown)
        own = np.take_along_axis(score, np.maximum(shown, 0), axis=1) * (shown >= 0)
        following = expected_next(utility, score, shown)
        above = np.cumsum(own, axis=1) - own
        left = np.maximum(outcomes.depth[rows, None] - places - 1, 0) * following[:, :1]
        taken[rows] = (above + own + left) * (shown >= 0)
        expected[rows] = (above + following + left) * (shown >= 0)
    logging = slates.log_probability * seen
    kept = np.flatnonzero(counts)
    return (
        outcomes.session[kept],
        seen[kept],
        target[kept],
        logging[kept].astype(np.float64),
        taken[kept],
        expected[kept],
    )
