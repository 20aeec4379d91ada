"""Cost-plus pricing: the commonest rule of small shops."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from policies.arrays import IntArray
from policies.merchant_pricing.cost_base import break_even_price, in_cents, moved_towards
from policies.observations import PricingView
from policies.params import PolicyParams


class CostPlus:
    """Asks unit cost plus a markup, on top of the platform's commission.

    Source: Hall & Hitch (1939), "Price theory and business behaviour", Oxford Economic Papers 2.
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "cost_plus"
    knows_demand: ClassVar[bool] = False
    looks_back: ClassVar[int] = 0

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
        target = break_even_price(view) * (1.0 + self.params.markup)
        return in_cents(moved_towards(view.price, target, self.params.adjustment))
