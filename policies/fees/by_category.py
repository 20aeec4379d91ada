"""A commission of its own for each category of goods."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from policies.fees.personal import FeeParams, PersonalPricing
from policies.observations import FeeSchedule, FeesObservation


class FeesByCategory(PersonalPricing):
    """A table of commissions by category; categories that it leaves out pay the scenario's.

    Source: Wang & Wright (2017), "Ad valorem platform fees, indirect taxes, and efficient price
    discrimination", RAND Journal of Economics 48(2), on why fees follow the category.
    """

    family: ClassVar[str] = "fees"
    name: ClassVar[str] = "by_category"

    class Params(FeeParams):
        """The table of commissions."""

        commissions: dict[str, Annotated[float, Field(ge=0.0, le=0.9)]] = Field(
            default_factory=dict,
            description="commission by name of the category, share of the price; what is left out "
            "pays platform.commission",
        )

    params: Params

    def __init__(self, params: Params) -> None:
        self.params = params

    def schedule(self, observation: FeesObservation) -> FeeSchedule:
        """Each listing's commission by its category, and the scenario's delivery fee."""
        listings = observation.listings
        table = np.array(
            [
                self.params.commissions.get(name, observation.commission)
                for name in listings.category_names
            ]
        )
        return FeeSchedule(table[listings.category], observation.delivery_fee)
