"""Fake list prices: raise the price for a while, then announce a discount from it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.merchant_pricing.cost_base import break_even_price, in_cents, room_for
from policies.observations import PricingView, Quote
from policies.params import PolicyParams


class FakeListPrice:
    """Asks more for a few days, then its ordinary price, told as a discount from what it asked.

    Each listing begins its cycle on its own day. A merchant who keeps to the rules for fear of
    sanctions asks its ordinary price and announces no discount but honest ones.

    Source: why shoppers buy on a discount, and what a false one gains: Armstrong & Chen (2020),
    "Discount pricing", Economic Inquiry 58(4); the rule against it: Directive 98/6/EC, Article 6a.
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "fake_list_price"
    knows_demand: ClassVar[bool] = False
    looks_back: ClassVar[int] = 0
    misconduct: ClassVar[frozenset[str]] = frozenset({"fake_list_price"})

    class Params(PolicyParams):
        """Parameters of the cycle."""

        raised_days: int = Field(5, ge=1, le=90, description="days at the raised price")
        sale_days: int = Field(20, ge=1, le=365, description="days of the announced discount")
        rise: float = Field(
            0.5, gt=0.0, le=5.0, description="how far it raises the price, share of the ordinary"
        )
        markup: float = Field(
            0.4, ge=0.0, le=10.0, description="margin of the ordinary price, share of variable cost"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._raised: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def price(self, view: PricingView) -> Quote:
        """(n,) prices, and (n,) announced ones where a listing is in its sale."""
        self._raised = room_for(self._raised, view.listing)
        ordinary = break_even_price(view) * (1.0 + self.params.markup)
        turn = (view.day + view.listing) % (self.params.raised_days + self.params.sale_days)
        raising = (turn < self.params.raised_days) & ~view.deterred
        price = in_cents(np.where(raising, ordinary * (1.0 + self.params.rise), ordinary))
        remembered = np.where(raising, price, self._raised[view.listing])
        remembered = np.where(view.deterred, 0, remembered)
        self._raised[view.listing] = remembered
        return Quote(price, list_price=np.where(raising | (remembered < price), 0, remembered))
