"""Fees that follow demand over what the couriers can carry, between a floor and a ceiling."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from policies.fees.flat import FlatFees
from policies.fees.personal import FeeParams, PersonalPricing
from policies.observations import FeeSchedule, FeesObservation

HIGHEST_COMMISSION = 0.9
"""Share of the price beyond which no commission goes."""


class SurgeFees(PersonalPricing):
    """The scenario's fees times a power of the load, within limits that are published.

    The load is the orders to be expected over those that the couriers on shift can carry: 1 when
    they are just busy. Where parcels go by post, and on the first day, it counts as 1. What is
    published ahead, as every change of fees, is this rule and its limits; the fees of a day follow
    from it without another notice.

    Source: Cachon, Daniels & Lobel (2017), "The role of surge pricing on a service platform with
    self-scheduling capacity", Manufacturing & Service Operations Management 19(3).
    """

    family: ClassVar[str] = "fees"
    name: ClassVar[str] = "surge"

    class Params(FeeParams):
        """How fees follow the load, and their limits."""

        orders_per_courier: float = Field(
            20.0, gt=0.0, le=1000.0, description="orders that a courier on shift can carry a day"
        )
        fee_response: float = Field(
            1.0,
            ge=0.0,
            le=5.0,
            description="exponent of the load in the delivery fee; 0: the fee does not follow it",
        )
        commission_response: float = Field(
            0.0,
            ge=0.0,
            le=5.0,
            description="exponent of the load in the commission; 0: it does not follow it",
        )
        floor: float = Field(
            0.5, ge=0.0, le=1.0, description="lowest fees, share of the scenario's"
        )
        ceiling: float = Field(
            2.0, ge=1.0, le=20.0, description="highest fees, share of the scenario's"
        )
        memory: float = Field(
            0.5,
            ge=0.0,
            le=1.0,
            description="weight of the orders of recent weeks in what is expected; the rest is "
            "yesterday's",
        )

        @model_validator(mode="after")
        def _something_follows(self) -> Self:
            if self.fee_response == 0.0 and self.commission_response == 0.0:
                raise ValueError(
                    "fee_response and commission_response are both 0, so that no fee follows "
                    f"demand; raise one of them, or use the policy {FlatFees.name!r}"
                )
            return self

    params: Params

    def __init__(self, params: Params) -> None:
        self.params = params

    def schedule(self, observation: FeesObservation) -> FeeSchedule:
        """Today's fees by today's load."""
        commission = observation.commission * self._factor(
            observation, self.params.commission_response
        )
        fee = observation.delivery_fee * self._factor(observation, self.params.fee_response)
        return FeeSchedule(
            np.full(len(observation.listings.price), min(commission, HIGHEST_COMMISSION)),
            round(fee),
        )

    def load(self, observation: FeesObservation) -> float:
        """Orders to be expected today over those that the couriers can carry."""
        can_carry = observation.couriers_expected * self.params.orders_per_courier
        if can_carry <= 0.0 or observation.day == 0:
            return 1.0
        memory = self.params.memory
        expected = memory * observation.orders_recently
        expected += (1.0 - memory) * observation.orders_yesterday
        return expected / can_carry

    def _factor(self, observation: FeesObservation, response: float) -> float:
        follows: float = self.load(observation) ** response
        return min(max(follows, self.params.floor), self.params.ceiling)
