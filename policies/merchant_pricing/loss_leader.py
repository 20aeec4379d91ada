"""Loss leaders: some items below cost, to sell the others to those who come for them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import BoolArray, IntArray
from policies.merchant_pricing.cost_base import break_even_price, in_cents
from policies.observations import PricingView
from policies.params import PolicyParams


class LossLeader:
    """Sells each shop's best-sellers below cost and the rest at a full margin.

    What pays for it is that shoppers who have bought at a shop rather buy their next need there too
    (`consumers.choice.one_stop_utility`); in a market without that, leaders only lose. A shop with
    no more listings than leaders has none, and a merchant who keeps to the rules for fear of
    sanctions sells its leaders at cost.

    Source: Lal & Matutes (1994), "Retail pricing and advertising strategies", Journal of Business
    67(3); Chen & Rey (2012), "Loss leading as an exploitative practice", American Economic Review
    102(7).
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "loss_leader"
    knows_demand: ClassVar[bool] = False
    looks_back: ClassVar[int] = 0

    class Params(PolicyParams):
        """Parameters of loss leading."""

        leaders: int = Field(
            1, ge=1, le=1000, description="items that each shop sells below cost, best-sellers"
        )
        depth: float = Field(
            0.2,
            gt=0.0,
            le=0.9,
            description="how far below variable cost the leaders are, share of the cost",
        )
        markup: float = Field(
            0.5, ge=0.0, le=10.0, description="margin on the others, share of variable cost"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices: leaders below cost, the others above."""
        cost = break_even_price(view)
        leading = np.where(view.deterred, np.ceil(cost), cost * (1.0 - self.params.depth))
        full = cost * (1.0 + self.params.markup)
        return in_cents(np.where(_leads(view, self.params.leaders), leading, full))


def _leads(view: PricingView, leaders: int) -> BoolArray:
    """(n,) whether a listing is among its shop's best-sellers that are in stock."""
    order = np.lexsort((view.listing, -view.sold_recently, view.stock == 0, view.merchant))
    merchant = view.merchant[order]
    place = np.arange(len(order))
    starts = np.r_[True, merchant[1:] != merchant[:-1]]
    first = np.maximum.accumulate(np.where(starts, place, 0))
    leads = np.zeros(len(order), dtype=np.bool_)
    leads[order] = place - first < leaders
    offered = np.bincount(view.merchant)[view.merchant]
    answer: BoolArray = leads & (offered > leaders)
    return answer
