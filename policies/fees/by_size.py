"""A commission that depends on how large a merchant is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.fees.personal import FeeParams, PersonalPricing
from policies.observations import FeeSchedule, FeesObservation


class FeesBySize(PersonalPricing):
    """Small, medium and large merchants pay commissions of their own.

    The defaults are proposals, progressive in size; those of the other order are as possible.
    """

    family: ClassVar[str] = "fees"
    name: ClassVar[str] = "by_size"

    class Params(FeeParams):
        """Commissions, share of the price."""

        small: float = Field(
            0.08, ge=0.0, le=0.9, description="commission of small merchants, share of the price"
        )
        medium: float = Field(
            0.12, ge=0.0, le=0.9, description="commission of medium merchants, share of the price"
        )
        large: float = Field(
            0.15, ge=0.0, le=0.9, description="commission of large merchants, share of the price"
        )

    params: Params

    def __init__(self, params: Params) -> None:
        self.params = params

    def schedule(self, observation: FeesObservation) -> FeeSchedule:
        """Each listing's commission by its merchant's size, and the scenario's delivery fee."""
        table = np.array([self.params.small, self.params.medium, self.params.large])
        commission = table[observation.listings.merchant_size]
        return FeeSchedule(commission, observation.delivery_fee)
