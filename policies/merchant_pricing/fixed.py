"""Fixed prices, for tests and as a base line."""

from __future__ import annotations

from typing import ClassVar

from policies.arrays import IntArray
from policies.observations import PricingView
from policies.params import PolicyParams


class FixedPrice:
    """Keeps the opening price."""

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "fixed"
    knows_demand: ClassVar[bool] = False
    looks_back: ClassVar[int] = 0

    class Params(PolicyParams):
        """A fixed price has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def price(self, view: PricingView) -> IntArray:
        """(n,) yesterday's prices."""
        return view.price
