"""A subsidy for some: newcomers, or buyers at small merchants."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from policies.observations import SubsidyObservation, SubsidyOffer
from policies.params import PolicyParams
from policies.subsidy.terms import Terms


class TargetedSubsidy:
    """One campaign for newcomers' purchases only, or only for what small merchants sell."""

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "targeted"

    class Params(Terms, PolicyParams):
        """Parameters of the targeted subsidy."""

        recipients: Literal["newcomers", "small_merchants"] = Field(
            "newcomers", description="whose purchases, or whose sales, are subsidised"
        )
        newcomer_orders: int = Field(
            3, ge=1, le=1000, description="orders after which a consumer is no newcomer any more"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def offer(self, observation: SubsidyObservation) -> SubsidyOffer:
        """The subsidy for those targeted, nothing for the others."""
        params = self.params
        return params.campaign(self.name, observation, params.recipients, params.newcomer_orders)
