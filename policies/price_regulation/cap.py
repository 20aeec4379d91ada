"""A cap on subsidies, with inspections for sales below cost and false discounts."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from policies.observations import RegulationObservation, Ruling
from policies.params import PolicyParams
from policies.price_regulation.below_cost import below_cost_findings
from policies.price_regulation.false_discount import false_discount_findings


class Cap:
    """Caps platform subsidies by amount, share of the price and share of GMV, and inspects prices.

    The tightest of the three limits holds. The share of GMV binds while recent subsidies exceed it:
    then no unit may get more than that share of its own price, which brings the whole back under.

    Source: aims of China's Internet Platform Pricing Behaviour Rules (in force 10 April 2026); the
    figures are not fixed by law, they are proposals. The breaches name sources of their own.
    """

    family: ClassVar[str] = "price_regulation"
    name: ClassVar[str] = "cap"

    class Params(PolicyParams):
        """Parameters of the cap and of inspections."""

        max_per_unit: float = Field(
            20.0, ge=0.0, le=1e6, description="largest subsidy a unit, currency units"
        )
        max_share_of_price: float = Field(
            0.5, ge=0.0, le=1.0, description="largest subsidy a unit, share of the price"
        )
        max_share_of_gmv: float = Field(
            0.15, ge=0.0, le=1.0, description="largest subsidies of recent days, share of their GMV"
        )
        below_cost_days: int = Field(
            7,
            ge=1,
            le=60,
            description="days below cost that make a breach; at most `below_cost_window`",
        )
        below_cost_window: int = Field(
            14, ge=1, le=60, description="days within which they are counted"
        )
        discount_tolerance: float = Field(
            0.1,
            ge=0.0,
            le=5.0,
            description="tolerated excess of a price before discount over the lowest of the 30 "
            "days before, share of the latter; EU law: 0",
        )

        @model_validator(mode="after")
        def _breach_can_happen(self) -> Self:
            if self.below_cost_days > self.below_cost_window:
                raise ValueError(
                    f"below_cost_days = {self.below_cost_days} can never be reached within "
                    f"below_cost_window = {self.below_cost_window} days; lower the former"
                )
            return self

    def __init__(self, params: Params) -> None:
        self.params = params

    def regulate(self, observation: RegulationObservation) -> Ruling:
        """The limit on each listing's subsidy, and what the inspection found."""
        params = self.params
        findings = [
            *below_cost_findings(observation, params.below_cost_days, params.below_cost_window),
            *false_discount_findings(observation, params.discount_tolerance),
        ]
        return Ruling(max_subsidy=self._limit(observation), findings=tuple(findings))

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
