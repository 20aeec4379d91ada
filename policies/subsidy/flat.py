"""The same subsidy for everybody."""

from __future__ import annotations

from typing import ClassVar

from policies.observations import SubsidyObservation, SubsidyOffer
from policies.params import PolicyParams
from policies.subsidy.terms import Terms


class FlatSubsidy:
    """One campaign: the same subsidy for every buyer and every listing within its terms."""

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "flat"

    class Params(Terms, PolicyParams):
        """Parameters of the flat subsidy."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def offer(self, observation: SubsidyObservation) -> SubsidyOffer:
        """The subsidy for all sessions."""
        return self.params.campaign(self.name, observation)
