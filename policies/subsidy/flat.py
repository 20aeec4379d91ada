"""The same subsidy for everybody."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import SubsidyObservation, SubsidyOffer
from policies.subsidy.amounts import SubsidyParams


class FlatSubsidy:
    """The same subsidy a unit for every buyer and every listing."""

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "flat"

    class Params(SubsidyParams):
        """Parameters of the flat subsidy."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def offer(self, observation: SubsidyObservation) -> SubsidyOffer:
        """The subsidy for all sessions."""
        return SubsidyOffer(
            per_unit=self.params.per_unit(observation.listings),
            eligible=np.ones(len(observation.sessions.category), dtype=np.bool_),
            to_seller=self.params.to_seller,
            budget=self.params.budget(),
        )
