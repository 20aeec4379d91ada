"""The same commission for all merchants, and one delivery fee."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import FeeSchedule, FeesObservation
from policies.params import PolicyParams


class FlatFees:
    """The scenario's commission for every listing, and its delivery fee for every visit."""

    family: ClassVar[str] = "fees"
    name: ClassVar[str] = "flat"

    class Params(PolicyParams):
        """Flat fees have no parameters beside `platform.commission` and `platform.delivery_fee`."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def schedule(self, observation: FeesObservation) -> FeeSchedule:
        """The fees that the scenario sets."""
        return FeeSchedule(
            np.full(len(observation.listings.price), observation.commission),
            observation.delivery_fee,
        )
