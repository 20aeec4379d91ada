"""Gouging: in a declared emergency, up to a multiple of what was asked before."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import IntArray
from policies.merchant_pricing.cost_base import break_even_price, in_cents, moved_towards
from policies.observations import PricingView
from policies.params import PolicyParams


class Gouging:
    """Cost-plus in ordinary times; in an emergency it climbs to a multiple of the price before.

    What was not offered before the emergency climbs to the multiple of its ordinary price. A
    merchant who keeps to the rules for fear of sanctions asks its ordinary price.

    Source: Cabral & Xu (2021), "Seller reputation and price gouging: evidence from the COVID-19
    pandemic", Economic Inquiry 59(3).
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "gouging"
    knows_demand: ClassVar[bool] = False
    looks_back: ClassVar[int] = 0
    misconduct: ClassVar[frozenset[str]] = frozenset({"gouging"})

    class Params(PolicyParams):
        """Parameters of gouging."""

        multiple: float = Field(
            3.0, ge=1.0, le=100.0, description="highest price over the price before the emergency"
        )
        speed: float = Field(
            0.5, gt=0.0, le=1.0, description="share of the gap to its goal that it closes a day"
        )
        markup: float = Field(
            0.4, ge=0.0, le=10.0, description="margin in ordinary times, share of variable cost"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices on their way up in an emergency, and down after it."""
        ordinary = break_even_price(view) * (1.0 + self.params.markup)
        known = view.price_before_emergency > 0
        before = np.where(known, view.price_before_emergency, ordinary)
        gouges = view.emergency & ~view.deterred
        goal = np.where(gouges, np.maximum(before * self.params.multiple, ordinary), ordinary)
        return in_cents(moved_towards(view.price, goal, self.params.speed))
