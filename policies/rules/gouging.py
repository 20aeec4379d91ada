"""Gouging: prices raised in a declared emergency."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams
from policies.rules.reductions import paid_above


class Gouging:
    """Offers that ask more in an emergency than their price before it, and their costs, allow.

    The lawful price is a tenth above the price on the eve, or, where costs have risen, a tenth
    above today's unit cost and the margin of the eve together: rises of cost pass on. What was not
    offered before may ask half as much again as it costs. The gain is what buyers paid above the
    lawful price since the emergency was declared.

    Source: California Penal Code, section 396.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "gouging"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        max_rise: float = Field(
            0.1,
            ge=0.0,
            le=10.0,
            description="lawful rise above the price before, and above cost and the margin "
            "before, share of either",
        )
        new_item_markup: float = Field(
            0.5,
            ge=0.0,
            le=10.0,
            description="lawful margin of what was not offered before, share of unit cost",
        )
        days: int = Field(
            30, ge=1, le=365, description="days after the declaration for which the limit holds"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings of grade A, by listing."""
        state, listings, books = observation.emergency, observation.listings, observation.books
        rows, params = observation.rows, self.params
        rows = rows[state.declared[rows] & listings.on_sale[rows]]
        rows = rows[observation.day - state.since[rows] < params.days]
        before, cost = state.price_before[rows], books.unit_cost[rows]
        lawful = lawful_price(before, state.cost_before[rows], cost, params)
        asked = listings.checkout_price[rows]
        found = np.flatnonzero(asked > lawful)
        return [
            Finding(
                rule=self.name,
                listing=listing,
                merchant=int(listings.merchant[listing]),
                grade="A",
                illegal_gain=paid_above(
                    observation.prices,
                    listing,
                    limit,
                    observation.day - int(state.since[listing]),
                ),
                evidence=(
                    f"Asks {price / 100:.2f} in an emergency; {self._why(eve, unit_cost)} allow "
                    f"{limit / 100:.2f}."
                ),
                lawful_price=round(limit),
            )
            for listing, price, limit, eve, unit_cost in zip(
                rows[found].tolist(),
                asked[found].tolist(),
                lawful[found].tolist(),
                before[found].tolist(),
                cost[found].tolist(),
                strict=True,
            )
        ]

    def _why(self, before: int, unit_cost: int) -> str:
        cost = f"a unit cost of {unit_cost / 100:.2f}"
        if before == 0:
            return f"no price before and {cost}"
        return f"{before / 100:.2f} before and {cost}"


def lawful_price(
    price_before: IntArray, cost_before: IntArray, cost: IntArray, params: Gouging.Params
) -> NDArray[np.float64]:
    """(n,) cents up to which offers may be sold in an emergency: whole cents, rounded up.

    Args:
        price_before: (n,) cents on the eve; 0: was not offered then.
        cost_before: (n,) cents of unit cost on the eve.
        cost: (n,) cents of unit cost today.
        params: the limits.
    """
    passed_on = cost + (price_before - cost_before)
    most = (1.0 + params.max_rise) * np.maximum(price_before, passed_on)
    new = (1.0 + params.new_item_markup) * cost
    return np.ceil(np.where(price_before > 0, most, new) - 1e-6)
