"""Sales below cost: prices that do not pay what a unit costs, on too many days."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import Finding, InspectionObservation
from policies.rules.cost_test import CostTestParams, exempt, lasting


class BelowCost:
    """Offers that are sold below their cost now, and on `days` of the last `window` days.

    Below average variable cost the evidence is clear (grade A). Between that and average total cost
    it needs context (B), and is looked at only where a large seller could mean it: with a large
    share of its category, whose rivals gave up or lost sales to it over the last quarter. Prices
    are net of what the seller funds of coupons. Exempt are fresh, seasonal and overstocked goods,
    such as are near the end of their shelf life, and shops that are winding up. The gain is the
    revenue of the units that were sold so in the window. (Where the platform pays for prices below
    cost, it is the platform's subsidies that are to be looked at, with the platform's share; where
    it set the price and nobody asked the merchant, what the merchant asked counts, and the rest is
    a loss that was forced upon it.)

    Source: Areeda & Turner (1975), "Predatory pricing and related practices under section 2 of the
    Sherman Act", Harvard Law Review 88(4); Price Law of the People's Republic of China, Articles 14
    and 40, with its exemptions. The figures are proposals, no statute fixes them.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "below_cost"

    class Params(CostTestParams):
        """Thresholds and exemptions of the rule."""

        tolerance: float = Field(
            0.05,
            ge=0.0,
            le=0.9,
            description="how far below cost today's price must be, share of the cost: books "
            "tell what refunds and fixed costs a unit bears only roughly",
        )
        min_share: float = Field(
            0.3,
            ge=0.0,
            le=1.0,
            description="share of the category's sales from which prices below total cost count",
        )
        share_rise: float = Field(
            0.1,
            ge=0.0,
            le=1.0,
            description="rise of that share over a quarter that counts as rivals' loss, as a "
            "share of 1",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings by listing: those of grade A, then those of grade B."""
        books, rows = observation.books, observation.rows
        rows = rows[observation.listings.on_sale[rows]]
        least = 1.0 - self.params.tolerance
        price = _own_price(observation)
        rows = rows[price[rows] < least * books.average_total_cost[rows]]
        under = price[rows] < least * books.average_variable_cost[rows]
        predatory = self._lasting(observation, books.was_below_cost, rows[under])
        doubtful = rows[~under & self._dominant(observation, rows)]
        doubtful = self._lasting(observation, books.was_below_total_cost, doubtful)
        return [
            *self._findings(observation, predatory, "A"),
            *self._findings(observation, doubtful, "B"),
        ]

    def _lasting(
        self, observation: InspectionObservation, was_below: BoolArray, rows: IntArray
    ) -> IntArray:
        """Those of `rows` that were below cost on enough days, and are not exempt."""
        rows = rows[lasting(self.params, was_below, rows)]
        return rows[~exempt(self.params, observation, rows)]

    def _dominant(self, observation: InspectionObservation, rows: IntArray) -> BoolArray:
        """(n,) whether the seller is large, and rivals gave up or lost sales to it."""
        shares, params = observation.shares, self.params
        share = shares.category_share[rows]
        rise = share - shares.category_share_before[rows]
        hurt = (shares.rivals_left[rows] > 0) | (rise >= params.share_rise)
        dominant: BoolArray = (share >= params.min_share) & hurt
        return dominant

    def _findings(
        self, observation: InspectionObservation, rows: IntArray, grade: str
    ) -> list[Finding]:
        books, record, window = observation.books, observation.prices, self.params.window
        clear = grade == "A"
        past = books.was_below_cost if clear else books.was_below_total_cost
        cost = books.average_variable_cost if clear else books.average_total_cost
        below = past[-window:, rows]
        taken = record.checkout[-window:, rows] * record.units[-window:, rows]
        gain, days = np.where(below, taken, 0).sum(axis=0), below.sum(axis=0)
        kind = "variable" if clear else "total"
        return [
            Finding(
                rule=self.name,
                listing=listing,
                merchant=int(observation.listings.merchant[listing]),
                grade=grade,
                illegal_gain=int(revenue),
                evidence=(
                    f"Sold at {books.net_price[listing] / 100:.2f}, below its average {kind} cost "
                    f"of {cost[listing] / 100:.2f}, on {count} of the last {len(below)} days."
                ),
            )
            for listing, revenue, count in zip(
                rows.tolist(), gain.tolist(), days.tolist(), strict=True
            )
        ]


def _own_price(observation: InspectionObservation) -> FloatArray:
    """(L,) cents a unit, net, that merchants ask or have agreed to."""
    book, net = observation.platform.forced, observation.books.net_price
    if len(book.set_by_platform) == 0:
        return net
    forced = book.set_by_platform & ~book.opted_in
    own: FloatArray = net + np.where(forced, book.asked - observation.listings.checkout_price, 0)
    return own
