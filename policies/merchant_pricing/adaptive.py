"""Adaptive pricing: try a step, keep its direction if profit rose, else turn round."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.observations import PricingView
from policies.params import PolicyParams


class Adaptive:
    """Learns its demand from its own sales: wins continue, losses reverse.

    Every `period` days a listing compares the profit of the last period with that of the period
    before. If it rose, the price takes another step in the same direction; if it fell, one back. If
    nothing can be learned (no difference, or not yet two periods of sales), chance decides. It
    never asks less than what a unit costs.

    Source: Huck, Normann & Oechssler (2003), "Zero-knowledge cooperation in dilemma games", Journal
    of Theoretical Biology 220(1): win-continue, lose-reverse.
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "adaptive"
    knows_demand: ClassVar[bool] = False

    class Params(PolicyParams):
        """Parameters of adaptive pricing."""

        period: int = Field(7, ge=1, le=14, description="days between two price steps")
        step: float = Field(0.03, gt=0.0, le=0.5, description="size of a step, share of the price")

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def looks_back(self) -> int:
        """Days of its past that it needs: the last two periods."""
        return 2 * self.params.period

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices; each listing steps on its own day of the period, by a cent at least."""
        period = min(self.params.period, len(view.price_history) // 2)
        if period == 0:
            return view.price
        earlier, latest = slice(-2 * period, -period), slice(-period, None)
        gain = _profit(view, latest) - _profit(view, earlier)
        move = np.sign(view.price - view.price_history[-period - 1])
        known = view.price_history[-2 * period] > 0
        luck = np.where(view.draw < 0.5, -1.0, 1.0)
        learned = known & (gain != 0) & (move != 0)
        direction = np.where(learned, move * np.sign(gain), luck)
        size = np.maximum(self.params.step * view.price, 1.0)
        floor = np.ceil((view.unit_cost - view.seller_subsidy) / (1.0 - view.commission))
        due = (view.day + view.listing) % period == 0
        wanted = np.where(due, np.rint(view.price + size * direction), view.price)
        price: IntArray = np.maximum(wanted, np.maximum(floor, 1.0)).astype(np.int64)
        return price


def _profit(view: PricingView, days: slice) -> FloatArray:
    """(n,) profit of a span of days at today's unit costs."""
    received = view.price_history[days] * (1.0 - view.commission) + view.seller_subsidy
    profit: FloatArray = ((received - view.unit_cost) * view.units_history[days]).sum(axis=0)
    return profit
