"""A cap on the platform's subsidies."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.observations import RegulationObservation, Ruling
from policies.params import PolicyParams


class Cap:
    """Caps platform subsidies by amount, share of the price and share of GMV.

    The tightest of the three limits holds. The share of GMV binds while recent subsidies exceed it:
    then no unit may get more than that share of its own price, which brings the whole back under.

    Source: aims of China's Internet Platform Pricing Behaviour Rules (in force 10 April 2026); the
    figures are not fixed by law, they are proposals.
    """

    family: ClassVar[str] = "price_regulation"
    name: ClassVar[str] = "cap"

    class Params(PolicyParams):
        """Parameters of the cap."""

        max_per_unit: float = Field(
            20.0, ge=0.0, le=1e6, description="largest subsidy a unit, currency units"
        )
        max_share_of_price: float = Field(
            0.5, ge=0.0, le=1.0, description="largest subsidy a unit, share of the price"
        )
        max_share_of_gmv: float = Field(
            0.15, ge=0.0, le=1.0, description="largest subsidies of recent days, share of their GMV"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def regulate(self, observation: RegulationObservation) -> Ruling:
        """The limit on each listing's subsidy."""
        return Ruling(max_subsidy=self._limit(observation))

    def _limit(self, observation: RegulationObservation) -> NDArray[np.int64]:
        """(L,) cents a unit."""
        params = self.params
        share = params.max_share_of_price
        if observation.subsidy_recently > params.max_share_of_gmv * observation.gmv_recently:
            share = min(share, params.max_share_of_gmv)
        of_price = np.floor(observation.listings.checkout_price * share)
        limit: NDArray[np.int64] = np.minimum(of_price, round(params.max_per_unit * 100)).astype(
            np.int64
        )
        return limit
