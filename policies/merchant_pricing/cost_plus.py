"""Cost-plus pricing: the commonest rule of small shops."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import PricingView
from policies.params import PolicyParams


class CostPlus:
    """Asks unit cost plus a markup, on top of the platform's commission.

    Source: Hall & Hitch (1939), "Price theory and business behaviour", Oxford Economic Papers 2.
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "cost_plus"
    knows_demand: ClassVar[bool] = False

    class Params(PolicyParams):
        """Parameters of cost-plus pricing."""

        markup: float = Field(
            0.4, ge=0.0, le=10.0, description="margin over unit cost, share of unit cost"
        )
        adjustment: float = Field(
            0.1,
            gt=0.0,
            le=1.0,
            description="share of the gap to its target that a price closes a day",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices that move towards cost plus markup, whatever sells."""
        cost = (view.unit_cost - view.seller_subsidy) / (1.0 - view.commission)
        target = np.maximum(cost, 1.0) * (1.0 + self.params.markup)
        step = self.params.adjustment * (target - view.price)
        moved = view.price + np.where(np.abs(step) < 1.0, np.sign(step), step)
        near = np.abs(target - view.price) < 1.0
        return np.maximum(np.rint(np.where(near, target, moved)), 1).astype(np.int64)
