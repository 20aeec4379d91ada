"""Price-directed prominence: only the cheapest offer of a category is shown."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import Prominence, Steering, SteeringObservation
from policies.params import PolicyParams
from policies.steering.cheapest import cheapest


class PriceDirectedProminence:
    """Gives the one place of each category to the cheapest offer, every day anew.

    Source: Johnson, Rhodes & Wildenbeest (2023), "Platform design when sellers use pricing
    algorithms", Econometrica 91(5).
    """

    family: ClassVar[str] = "steering"
    name: ClassVar[str] = "price_directed_prominence"

    class Params(PolicyParams):
        """The rule has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def steer(self, observation: SteeringObservation) -> Steering:
        """Today's cheapest of each category."""
        shown = cheapest(observation, 1)
        return Steering(shown=shown, first=np.zeros(len(shown), dtype=np.bool_))

    def prominence(self) -> Prominence:
        """One is shown."""
        return Prominence(shown=1)
