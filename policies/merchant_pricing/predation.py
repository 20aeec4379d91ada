"""Predation: below variable cost until rivals have left, then at a price that recoups."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import BoolArray, IntArray
from policies.merchant_pricing.cost_base import break_even_price, in_cents, room_for
from policies.observations import PricingView
from policies.params import PolicyParams

PEACE, PREY, RECOUP = 0, 1, 2
"""What a predator is doing in a category."""


class Predation:
    """Preys from a war chest in each category where it has rivals, and recoups when they are gone.

    While it preys it sells below average variable cost. If enough of the rivals that it began with
    have left, it recoups; if they come back and its chest is not empty, it preys again. If the
    chest is empty first, it has lost the war and asks its ordinary markup. A merchant who keeps to
    the rules for fear of sanctions asks that as well, and preys again when the fear has passed.

    Source: Telser (1966), "Cutthroat competition and the long purse", Journal of Law and Economics
    9; below average variable cost: Areeda & Turner (1975), Harvard Law Review 88(4); recoupment:
    Brooke Group v. Brown & Williamson, 509 U.S. 209 (1993).
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "predation"
    knows_demand: ClassVar[bool] = False
    looks_back: ClassVar[int] = 0
    misconduct: ClassVar[frozenset[str]] = frozenset({"below_cost"})

    class Params(PolicyParams):
        """Parameters of predation; the chest is `merchants.misconduct.war_chest`."""

        begin: int = Field(0, ge=0, le=100_000, description="day on which the war begins")
        depth: float = Field(
            0.2,
            gt=0.0,
            le=0.9,
            description="how far below variable cost it preys, share of the cost",
        )
        exit_share: float = Field(
            0.5,
            gt=0.0,
            le=1.0,
            description="share of the rivals of the war's first day whose exit ends it",
        )
        recoup_markup: float = Field(
            1.0, ge=0.0, le=10.0, description="margin after the war, share of variable cost"
        )
        markup: float = Field(
            0.4, ge=0.0, le=10.0, description="margin in peace, share of variable cost"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self.stage: NDArray[np.int8] = np.zeros(0, dtype=np.int8)
        """(L,) PEACE, PREY or RECOUP of each listing's merchant in its category."""
        self._rivals_at_start: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices of the stage that each merchant has reached in each category."""
        stage = self._advance(view)
        preys = (stage == PREY) & ~view.deterred
        markup = np.where(stage == RECOUP, self.params.recoup_markup, self.params.markup)
        factor = np.where(preys, 1.0 - self.params.depth, 1.0 + markup)
        return in_cents(break_even_price(view) * factor)

    def _advance(self, view: PricingView) -> NDArray[np.int8]:
        """(n,) stages of today. All listings of a pair see the same, and so go the same way."""
        self.stage = room_for(self.stage, view.listing)
        self._rivals_at_start = room_for(self._rivals_at_start, view.listing)
        stage, rivals = self.stage[view.listing], view.open_rivals
        can_fight = view.war_chest > 0
        begins = (stage == PEACE) & can_fight & (rivals > 0) & ~view.deterred
        begins &= view.day >= self.params.begin
        self._rivals_at_start[view.listing[begins]] = rivals[begins]
        at_war = begins | (stage != PEACE)
        few = self._few_are_left(self._rivals_at_start[view.listing], rivals)
        stage = np.select(
            [at_war & few, at_war & can_fight], [np.int8(RECOUP), np.int8(PREY)], np.int8(PEACE)
        ).astype(np.int8)
        self.stage[view.listing] = stage
        return stage

    def _few_are_left(self, at_start: IntArray, rivals: IntArray) -> BoolArray:
        few: BoolArray = rivals <= np.floor(at_start * (1.0 - self.params.exit_share) + 1e-9)
        return few
