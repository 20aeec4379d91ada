"""A subsidy for some: newcomers, or buyers at small merchants."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from policies.observations import SubsidyObservation, SubsidyOffer
from policies.subsidy.amounts import SubsidyParams

SMALL = 0


class TargetedSubsidy:
    """Subsidises only newcomers' purchases, or only what small merchants sell."""

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "targeted"

    class Params(SubsidyParams):
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
        listings, sessions = observation.listings, observation.sessions
        per_unit = self.params.per_unit(listings)
        if self.params.recipients == "newcomers":
            eligible = sessions.orders_before < self.params.newcomer_orders
        else:
            eligible = np.ones(len(sessions.category), dtype=np.bool_)
            per_unit = np.where(listings.merchant_size == SMALL, per_unit, 0)
        return SubsidyOffer(per_unit, eligible, self.params.to_seller, self.params.budget())
