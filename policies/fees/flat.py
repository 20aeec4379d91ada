"""The same commission for all merchants, and one delivery fee."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.fees.personal import FeeParams, PersonalPricing
from policies.observations import FeeSchedule, FeesObservation


class FlatFees(PersonalPricing):
    """The scenario's commission for every listing, and its delivery fee for every visit."""

    family: ClassVar[str] = "fees"
    name: ClassVar[str] = "flat"

    class Params(FeeParams):
        """Flat fees are `platform.commission` and `platform.delivery_fee`."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def schedule(self, observation: FeesObservation) -> FeeSchedule:
        """The fees that the scenario sets."""
        return FeeSchedule(
            np.full(len(observation.listings.price), observation.commission),
            observation.delivery_fee,
        )
