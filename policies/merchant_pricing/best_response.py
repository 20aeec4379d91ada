"""The exact best response of a merchant who knows logit demand."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.arrays import IntArray
from policies.observations import PricingView
from policies.params import PolicyParams


class BestResponse:
    """Knows the logit demand system and answers rivals' prices of yesterday optimally.

    With effective cost `c = (unit cost - subsidy) / (1 - commission)`, all listings of a merchant
    in a category carry one markup, `m = mu (1 + W(sum_j exp((a_j - c_j)/mu - 1) / others))`, W
    being Lambert's function: the solution of `m = mu / (1 - Q)`, Q the merchant's own share. What
    is sold out does not count.

    Source: Anderson, de Palma & Thisse (1992), "Discrete Choice Theory of Product Differentiation",
    ch. 7; closed form with W: Aravindakshan & Ratchford (2011), Marketing Letters 22.
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "best_response"
    knows_demand: ClassVar[bool] = True
    looks_back: ClassVar[int] = 0

    class Params(PolicyParams):
        """A best response has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def price(self, view: PricingView) -> IntArray:
        """(n,) optimal prices against what all others asked yesterday.

        Raises:
            ValueError: if the view holds no knowledge of demand.
        """
        from scipy.special import lambertw

        if view.demand is None:
            raise ValueError("best_response needs the demand system")
        cost = (view.unit_cost - view.seller_subsidy) / (1.0 - view.commission)
        scale = view.demand.scale
        pair = view.merchant.astype(np.int64) * (int(view.category.max(initial=0)) + 1)
        _, firm = np.unique(pair + view.category, return_inverse=True)
        own = np.where(view.stock > 0, np.exp((view.demand.value - cost) / scale - 1.0), 0.0)
        total = np.bincount(firm, weights=own)[firm]
        ratio = np.asarray(total / view.demand.others, dtype=np.float64)
        markup = scale * (1.0 + np.real(lambertw(ratio, 0)))
        price: IntArray = np.maximum(np.rint(cost + markup), 1).astype(np.int64)
        return price
