"""Surge pricing: dearer when stock runs short of demand, cheaper when it lies about."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.merchant_pricing.cost_base import break_even_price, in_cents, moved_towards
from policies.observations import PricingView
from policies.params import PolicyParams


class Surge:
    """Multiplies its ordinary price by a power of demand over stock, within limits.

    Demand is the mean of the last days' sales times the days that stock should last. What is sold
    out is as scarce as can be; where stock never ends the price stays at its lower limit. It never
    asks less than variable cost.

    Source: Gallego & van Ryzin (1994), "Optimal dynamic pricing of inventories with stochastic
    demand over finite horizons", Management Science 40(8): the best price rises as stock falls
    short of what is still to be sold.
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "surge"
    knows_demand: ClassVar[bool] = False

    class Params(PolicyParams):
        """Parameters of surge pricing."""

        cover_days: float = Field(
            14.0, ge=0.5, le=365.0, description="days of sales that its stock should last"
        )
        window: int = Field(7, ge=1, le=28, description="days over which it averages its sales")
        sensitivity: float = Field(
            0.5, gt=0.0, le=5.0, description="exponent of demand over stock in the price"
        )
        lowest: float = Field(
            0.8, ge=0.1, le=1.0, description="least price over the ordinary price"
        )
        highest: float = Field(
            1.5, ge=1.0, le=10.0, description="highest price over the ordinary price"
        )
        markup: float = Field(
            0.4, ge=0.0, le=10.0, description="margin of the ordinary price, share of variable cost"
        )
        speed: float = Field(
            0.5, gt=0.0, le=1.0, description="share of the gap to its goal that it closes a day"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def looks_back(self) -> int:
        """Days of its past that it needs."""
        return self.params.window

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices that follow demand over stock; ordinary ones until it has sold for days."""
        cost = break_even_price(view)
        factor = np.clip(
            self._scarcity(view) ** self.params.sensitivity,
            self.params.lowest,
            self.params.highest,
        )
        goal = np.maximum(cost * (1.0 + self.params.markup) * factor, cost)
        return in_cents(moved_towards(view.price, goal, self.params.speed))

    def _scarcity(self, view: PricingView) -> FloatArray:
        """(n,) expected sales over stock; 1 where a listing has not been offered long enough."""
        days = min(self.params.window, len(view.price_history))
        rate = view.units_history[-days:].mean(axis=0)
        wanted = rate * self.params.cover_days
        scarcity = np.full(len(wanted), np.inf)
        np.divide(wanted, view.stock, out=scarcity, where=view.stock > 0)
        known = view.price_history[-days] > 0
        answer: FloatArray = np.where(known, scarcity, 1.0)
        return answer
