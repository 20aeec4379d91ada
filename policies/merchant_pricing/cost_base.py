"""What strategies start from: the price that just covers a unit's cost, and how prices move."""

from __future__ import annotations

from typing import Any

import numpy as np

from policies.arrays import FloatArray, IntArray
from policies.observations import PricingView


def break_even_price(view: PricingView) -> FloatArray:
    """(n,) cents at which a unit brings in what it costs: the average variable cost.

    `(unit cost - subsidy) / (1 - commission)`, since the commission varies with sales too; at least
    a cent.

    Source: Areeda & Turner (1975), Harvard Law Review 88(4).
    """
    cost: FloatArray = (view.unit_cost - view.seller_subsidy) / (1.0 - view.commission)
    return np.maximum(cost, 1.0)


def moved_towards(price: IntArray, target: FloatArray, share: float) -> FloatArray:
    """(n,) prices that close a share of the gap to their target, a cent at least."""
    step = share * (target - price)
    moved = price + np.where(np.abs(step) < 1.0, np.sign(step), step)
    near = np.abs(target - price) < 1.0
    return np.where(near, target, moved)


def in_cents(price: FloatArray) -> IntArray:
    """(n,) whole cents, at least one."""
    cents: IntArray = np.maximum(np.rint(price), 1.0).astype(np.int64)
    return cents


def room_for(column: Any, listing: IntArray) -> Any:
    """A strategy's column by listing, longer by zeros if some of `listing` (n,) are new."""
    most = int(listing.max(initial=-1)) + 1
    return np.pad(column, (0, max(most - len(column), 0)))
