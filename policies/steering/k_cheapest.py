"""Steering to the k cheapest offers of each category."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.observations import Prominence, Steering, SteeringObservation
from policies.params import PolicyParams
from policies.steering.cheapest import cheapest


class KCheapest:
    """Shows the k cheapest offers of each category and nothing else.

    Fewer products are a loss to consumers, the fiercer competition for a place a gain: with n
    sellers at competitive prices without steering, and at cost with it, consumers gain if
    `k exp((a - c)/mu) > n exp((a - p)/mu)`.

    Source: Johnson, Rhodes & Wildenbeest (2023), "Platform design when sellers use pricing
    algorithms", Econometrica 91(5).
    """

    family: ClassVar[str] = "steering"
    name: ClassVar[str] = "k_cheapest"

    class Params(PolicyParams):
        """How many are shown."""

        k: int = Field(3, ge=1, le=10_000, description="offers shown in each category")

    def __init__(self, params: Params) -> None:
        self.params = params

    def steer(self, observation: SteeringObservation) -> Steering:
        """Today's k cheapest of each category."""
        shown = cheapest(observation, self.params.k)
        return Steering(shown=shown, first=np.zeros(len(shown), dtype=np.bool_))

    def prominence(self) -> Prominence:
        """The k cheapest are shown."""
        return Prominence(shown=self.params.k)
