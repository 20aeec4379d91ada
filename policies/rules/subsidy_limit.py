"""The limit on subsidies, tested after the fact on what the platform really paid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import BoolArray
from policies.observations import (
    NO_LISTING,
    PLATFORM,
    CampaignBook,
    Finding,
    InspectionObservation,
)
from policies.rules.cost_test import CostTestParams, exempt, lasting
from policies.rules.subsidy_disclosure import missing


class SubsidyLimit:
    """Breaches of a limit on the platform's subsidies, found in its own records.

    Five tests: subsidies of the last 7 days over their GMV; an order's subsidy over its price; an
    order for which nothing was paid; all subsidies so far over a budget; and goods that the
    platform's subsidy let sell below their variable cost on at least `days` of the last `window`
    days (the test of below-cost sales, with the platform as who pays). As there, prices between
    variable and total cost need context: they are found (grade B) where the platform holds much of
    the market and rivals have left the category.

    Exempt is the launch of a new category, for `launch_days`, if all campaigns that run are
    disclosed; from the test of costs also fresh and seasonal goods, and what overstock, a short
    shelf life or a closing shop explains. Orders and costs are looked at where listings are
    inspected; totals are all of them.

    Source: China's Internet Platform Pricing Behaviour Rules (issued 20 December 2025): no
    below-cost sale to exclude rivals, subsidies open and fair; Areeda & Turner (1975), Harvard Law
    Review 88(4), for the test of costs. The thresholds are proposals, no statute fixes them.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "subsidy_limit"

    class Params(CostTestParams):
        """Thresholds of the rule."""

        max_share_of_gmv: float = Field(
            0.15, ge=0.0, le=1.0, description="largest subsidies of 7 days, share of their GMV"
        )
        max_share_of_price: float = Field(
            0.5,
            ge=0.0,
            le=1.0,
            description="largest subsidy of an order, delivery included, share of its price",
        )
        total_budget: float | None = Field(
            None,
            ge=0.0,
            le=1e12,
            description="largest subsidies over the whole run, currency units; absent: no limit",
        )
        platform_share: float = Field(
            0.5,
            ge=0.0,
            le=1.0,
            description="platform's share of purchases from which prices below total cost count",
        )
        launch_days: int = Field(
            30, ge=0, le=365, description="days for which the launch of a category is exempt"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings against the platform, at most one a test."""
        book = observation.platform.campaigns
        launching = self._launching(observation.day, book)
        return [
            Finding(self.name, NO_LISTING, PLATFORM, grade, round(gain), evidence)
            for grade, gain, evidence in (
                *self._share_of_gmv(book, launching),
                *self._orders(observation, book, launching),
                *self._in_all(book),
                *self._below_cost(observation, book, launching),
            )
        ]

    def _launching(self, day: int, book: CampaignBook) -> BoolArray:
        """(C,) categories whose launch is exempt today."""
        open_ones = [one for one in book.campaigns if not one.ended]
        disclosed = not any(missing(one.notice) for one in open_ones)
        new = (book.launched >= 0) & (day - book.launched <= self.params.launch_days)
        return new & disclosed

    def _share_of_gmv(
        self, book: CampaignBook, launching: BoolArray
    ) -> Iterator[tuple[str, float, str]]:
        gmv = int(book.gmv_week[~launching].sum())
        subsidy = int(book.subsidy_week[~launching].sum())
        most = self.params.max_share_of_gmv
        if book.days >= 7 and subsidy > most * gmv:
            yield (
                "A",
                subsidy - most * gmv,
                (
                    f"Paid {subsidy / 100:,.2f} in subsidies in 7 days, "
                    f"{subsidy / max(gmv, 1):.1%} of the GMV of {gmv / 100:,.2f}; the limit is "
                    f"{most:.1%}."
                ),
            )

    def _orders(
        self, observation: InspectionObservation, book: CampaignBook, launching: BoolArray
    ) -> Iterator[tuple[str, float, str]]:
        listings, most = observation.listings, self.params.max_share_of_price
        inspected = np.zeros(len(listings.price), dtype=np.bool_)
        inspected[observation.rows] = True
        rows = np.flatnonzero(
            inspected[book.order_listing] & ~launching[listings.category[book.order_listing]]
        )
        price, subsidy = book.order_price[rows], book.order_subsidy[rows]
        excess = subsidy - most * price
        over = excess >= 1.0  # less than a cent is rounding
        if over.any():
            worst = int(excess.argmax())
            yield (
                "A",
                float(excess[over].sum()),
                (
                    f"Paid more than {most:.0%} of the price on {over.sum():,} of {len(rows):,} "
                    f"orders of yesterday; at worst {subsidy[worst] / 100:,.2f} on a price of "
                    f"{price[worst] / 100:,.2f}."
                ),
            )
        free = (book.order_paid[rows] <= 0) & (subsidy > 0)
        if free.any():
            yield (
                "A",
                float(subsidy[free].sum()),
                f"Let {free.sum():,} of {len(rows):,} orders of yesterday be had for nothing.",
            )

    def _in_all(self, book: CampaignBook) -> Iterator[tuple[str, float, str]]:
        budget = self.params.total_budget
        if budget is not None and book.subsidy_so_far > budget * 100:
            yield (
                "A",
                book.subsidy_so_far - budget * 100,
                (
                    f"Paid {book.subsidy_so_far / 100:,.2f} in subsidies so far; the budget is "
                    f"{budget:,.2f}."
                ),
            )

    def _below_cost(
        self, observation: InspectionObservation, book: CampaignBook, launching: BoolArray
    ) -> Iterator[tuple[str, float, str]]:
        params, costs, rows = self.params, observation.books, observation.rows
        price = book.effective_price[rows]
        variable, total = costs.average_variable_cost[rows], costs.average_total_cost[rows]
        tested = ~exempt(params, observation, rows)
        tested &= ~launching[observation.listings.category[rows]]
        below = tested & book.was_below_cost[-1, rows]
        below[below] = lasting(params, book.was_below_cost, rows[below])
        if below.any():
            deepest = int(np.where(below, variable - price, -np.inf).argmax())
            yield (
                "A",
                _taken(book, rows[below]),
                (
                    f"Let {below.sum():,} of {len(rows):,} inspected offers sell below their "
                    f"variable cost on at least {params.days} of {params.window} days; at worst "
                    f"for {price[deepest] / 100:,.2f} after subsidy, at a cost of "
                    f"{variable[deepest] / 100:,.2f}."
                ),
            )
        shares = observation.shares
        gone = shares.rivals_left[rows] > 0
        doubtful = tested & gone & (price >= variable) & (price < total)
        doubtful &= _subsidised(book, len(book.effective_price))[rows]
        if doubtful.any() and shares.platform_share >= params.platform_share:
            yield (
                "B",
                0.0,
                (
                    f"Let {doubtful.sum():,} of {len(rows):,} inspected offers sell between "
                    f"variable and total cost, with {shares.platform_share:.0%} of purchases, "
                    "where rivals gave up."
                ),
            )


def _taken(book: CampaignBook, listings: np.ndarray) -> float:
    """Cents that yesterday's orders of some listings brought in, subsidies apart."""
    own = np.isin(book.order_listing, listings)
    return float((book.order_price[own] - book.order_subsidy[own]).sum())


def _subsidised(book: CampaignBook, count: int) -> BoolArray:
    """(L,) listings whose orders of yesterday the platform subsidised."""
    return np.bincount(book.order_listing, book.order_subsidy, minlength=count) > 0
