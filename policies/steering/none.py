"""No steering."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import Steering, SteeringObservation
from policies.params import PolicyParams


class NoSteering:
    """Everything may be shown and nothing comes first: the baseline of steering."""

    family: ClassVar[str] = "steering"
    name: ClassVar[str] = "none"

    class Params(PolicyParams):
        """Not steering has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def steer(self, observation: SteeringObservation) -> Steering:
        """All listings, in the order in which rankings put them."""
        listings = len(observation.listings.price)
        return Steering(
            shown=np.ones(listings, dtype=np.bool_), first=np.zeros(listings, dtype=np.bool_)
        )
