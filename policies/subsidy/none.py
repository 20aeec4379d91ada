"""No subsidy."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import SubsidyObservation, SubsidyOffer
from policies.params import PolicyParams


class NoSubsidy:
    """The platform subsidises nothing."""

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "none"

    class Params(PolicyParams):
        """No subsidy has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def offer(self, observation: SubsidyObservation) -> SubsidyOffer:
        """Nothing for nobody."""
        return SubsidyOffer(
            per_unit=np.zeros(len(observation.listings.price), dtype=np.int64),
            eligible=np.zeros(len(observation.sessions.category), dtype=np.bool_),
        )
