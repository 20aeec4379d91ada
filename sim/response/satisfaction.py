"""Satisfaction: what was delivered, held against what was expected.

The experience of an order, in stars:

    x = 1 + 4 q + 4 d f(q - e) - lateness_penalty * hours late - deception_penalty * (o + g)

q true and e expected quality in [0, 1]; f(z) = z for a pleasant surprise and 2 z for a
disappointment; d `disconfirmation`; o the checkout price over the advertised one and g the
announced price before discount over any price ever asked, both relative. A buyer who recognises a
counterfeit is as dissatisfied as can be. Stars 1..5 are satisfaction -1..1.

Performance and disconfirmation both count, so a listing whose ratings are in line with its quality
keeps them: x = 1 + 4 q where e = q.

Source: Oliver (1980), "A cognitive model of the antecedents and consequences of satisfaction
decisions", Journal of Marketing Research 17(4); both terms: Churchill & Surprenant (1982), same
journal 19(4); the heavier weight of disappointment: Anderson & Sullivan (1993), Marketing Science
12(2).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.response.deliveries import Deliveries
from sim.settings.consumers import ResponseSettings

DISAPPOINTMENT = 2.0
"""Weight of quality that falls short of expectation against quality that exceeds it."""


@dataclass(frozen=True, slots=True)
class Experience:
    """How n orders were experienced, and what spoiled them; losses in stars, >= 0."""

    stars: NDArray[np.float64]  # (n,) in [1, 5], not rounded
    satisfaction: NDArray[np.float64]  # (n,) in [-1, 1]
    recognised: BoolArray  # (n,) the buyer saw that it is a counterfeit
    lost_to_quality: FloatArray  # (n,) below what was expected
    lost_to_lateness: FloatArray  # (n,)
    lost_to_deception: FloatArray  # (n,) at checkout or by a false discount

    def take(self, rows: IntArray) -> Experience:
        """The experience of some of the orders."""
        return Experience(*(getattr(self, column.name)[rows] for column in fields(self)))


def experience(
    deliveries: Deliveries, recognised: BoolArray, settings: ResponseSettings
) -> Experience:
    """Judge deliveries.

    Args:
        deliveries: n orders.
        recognised: (n,) whether the buyer sees that the goods are counterfeit.
        settings: the weights.

    Returns:
        The experience of each order.
    """
    quality, expected = deliveries.true_quality, deliveries.expected_quality
    surprise = 4.0 * settings.disconfirmation * disconfirmation(quality, expected)
    lateness = settings.lateness_penalty * deliveries.hours_late
    deception = settings.deception_penalty * (deliveries.overcharge + deliveries.exaggeration)
    stars = np.clip(1.0 + 4.0 * quality + surprise - lateness - deception, 1.0, 5.0)
    stars = np.where(recognised, 1.0, stars)
    shortfall = 4.0 * np.maximum(expected - quality, 0.0) + np.maximum(-surprise, 0.0)
    return Experience(stars, satisfaction_of(stars), recognised, shortfall, lateness, deception)


def disconfirmation(quality: FloatArray, expected: FloatArray) -> FloatArray:
    """Quality less expectation, disappointments weighted `DISAPPOINTMENT` times."""
    difference = quality - expected
    return np.where(difference < 0, DISAPPOINTMENT * difference, difference)


def satisfaction_of(stars: FloatArray) -> NDArray[np.float64]:
    """Stars 1..5 as satisfaction -1..1; beyond them clipped."""
    return np.clip((np.asarray(stars, dtype=np.float64) - 3.0) / 2.0, -1.0, 1.0)


def satisfaction_of_failure(penalty: float, settings: ResponseSettings) -> float:
    """Satisfaction with a trip that brought nothing: the prior expectation less `penalty` stars."""
    return float(satisfaction_of(np.array(settings.prior_rating - penalty)))
