"""Undercutting: a step below the cheapest competitor, as long as that pays."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from policies.arrays import IntArray
from policies.merchant_pricing.cost_base import break_even_price, in_cents
from policies.observations import PricingView
from policies.params import PolicyParams


class Undercutting:
    """Asks a step less than the cheapest competitor, never less than its floor.

    Competitors are the sellers of the most similar goods, or all in the category. Where the
    cheapest leaves no room above the floor it relents and asks its ordinary markup, as it does
    where nobody competes. Two who undercut each other so fall step by step until one of them cannot
    follow, and begin anew: an Edgeworth cycle.

    Source: Maskin & Tirole (1988), "A theory of dynamic oligopoly II: price competition, kinked
    demand curves, and Edgeworth cycles", Econometrica 56(3).
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "undercutting"
    knows_demand: ClassVar[bool] = False
    looks_back: ClassVar[int] = 0

    class Params(PolicyParams):
        """Parameters of undercutting."""

        against: Literal["similar", "category"] = Field(
            "similar",
            description="whom it undercuts: sellers of goods of its class (by their opening "
            "prices), or all in the category",
        )
        step: float = Field(
            0.01,
            ge=0.0,
            le=0.5,
            description="how far below the cheapest competitor, share of its price; a cent at "
            "least",
        )
        least_margin: float = Field(
            0.0,
            ge=0.0,
            le=10.0,
            description="margin over variable cost below which it never goes, share of the cost",
        )
        markup: float = Field(
            0.4,
            ge=0.0,
            le=10.0,
            description="margin asked where undercutting does not pay or nobody competes, and at "
            "most: share of variable cost",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices against what the cheapest other merchant asked yesterday."""
        cost = break_even_price(view)
        in_class = self.params.against == "similar"
        cheapest = view.similar_lowest_price if in_class else view.category_lowest_price
        floor = np.ceil(cost * (1.0 + self.params.least_margin))
        ordinary = np.maximum(cost * (1.0 + self.params.markup), floor)
        below = np.floor(np.minimum(cheapest * (1.0 - self.params.step), cheapest - 1.0))
        pays = (cheapest > 0) & (below >= floor)
        return in_cents(np.where(pays, np.minimum(below, ordinary), ordinary))
