"""A screen for collusion: high margins of few sellers, prices that hardly move, punished cuts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import NO_LISTING, Finding, InspectionObservation
from policies.params import PolicyParams

FEWEST_DAYS = 28
"""Days of record below which nothing can be said of how prices move."""

UNUSUAL = 3.0
"""Standard deviations of the category's daily moves that a cut must exceed to be no noise."""

MAD_TO_SD = 1.4826
"""Standard deviation of a normal variable over its median absolute deviation."""


class Collusion:
    """Screens categories of few sellers for signs that they do not compete.

    The first sign is needed: a margin well above the competitive benchmark, which is the median
    margin of categories with more sellers (of all others, where there are none), or a figure of the
    scenario's. The others are prices that hardly move, and a punishment: one seller cuts its price,
    the others follow, and all return. Both are read from prices less what the category's costs did
    to them, so that a common cost shock is no sign; a few days of punishment do not hide that
    prices stand still. It is a screen (grade C, without illegal gain): such a category deserves a
    closer look, no more. A finding names a shop as a whole.

    Source: Abrantes-Metz, Froeb, Geweke & Taylor (2006), "A variance screen for collusion",
    International Journal of Industrial Organization 24(3); punishment: Green & Porter (1984),
    "Noncooperative collusion under imperfect price information", Econometrica 52(1). The thresholds
    are proposals.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "collusion"

    class Params(PolicyParams):
        """Thresholds of the screen."""

        max_sellers: int = Field(
            8, ge=2, le=100, description="sellers of a category beyond which it is not screened"
        )
        window: int = Field(90, ge=FEWEST_DAYS, le=120, description="days of prices looked at")
        benchmark_margin: float | None = Field(
            None,
            ge=0.0,
            le=1.0,
            description="margin under competition, share of the price; absent: that of categories "
            "with more sellers",
        )
        excess_margin: float = Field(
            0.1,
            ge=0.0,
            le=1.0,
            description="excess of the margin over the benchmark that is a sign, as a share of 1",
        )
        max_variation: float = Field(
            0.03,
            ge=0.0,
            le=1.0,
            description="standard deviation of prices, share of their level, up to which they "
            "hardly move",
        )
        cut: float = Field(
            0.05,
            gt=0.0,
            le=0.9,
            description="fall of a price within a day that others may punish, share of the price",
        )
        answer_days: int = Field(
            7, ge=1, le=60, description="days within which a punishment answers a cut"
        )
        signs: int = Field(
            2, ge=1, le=3, description="signs that must be there, the margin among them"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings of grade C against each inspected seller of a category, by category."""
        return [
            finding
            for one in self._suspects(observation)
            for finding in self._findings(observation, one)
        ]

    def _suspects(self, observation: InspectionObservation) -> Iterator[_Market]:
        """Categories of few sellers whose margin is high today."""
        listings, books = observation.listings, observation.books
        offered = np.flatnonzero(listings.on_sale & (listings.checkout_price > 0))
        category, categories = listings.category[offered], len(listings.category_names)
        pairs = listings.merchant[offered].astype(np.int64) * categories + category
        sells = np.zeros((int(pairs.max(initial=0)) // categories + 1) * categories, dtype=np.bool_)
        sells[pairs] = True
        sellers = sells.reshape(-1, categories).sum(axis=0)
        margin = 1.0 - books.unit_cost[offered] / listings.checkout_price[offered]
        offers = np.bincount(category, minlength=categories)
        mean = np.bincount(category, margin, minlength=categories) / np.maximum(offers, 1)
        inspected = np.zeros(categories, dtype=np.bool_)
        inspected[listings.category[observation.rows]] = True
        few = (sellers >= 2) & (sellers <= self.params.max_sellers)
        for number in np.flatnonzero(few & inspected).tolist():
            benchmark = self._benchmark(number, mean, few, offers > 0)
            if mean[number] - benchmark > self.params.excess_margin:
                rows = offered[category == number]
                yield _market(observation, number, rows, benchmark, self.params.window)

    def _benchmark(self, number: int, margin: FloatArray, few: BoolArray, sold: BoolArray) -> float:
        """The margin that a category would have under competition; infinite if nobody can say."""
        if self.params.benchmark_margin is not None:
            return self.params.benchmark_margin
        others = sold & ~few if (sold & ~few).any() else sold
        others = others & (np.arange(len(margin)) != number)
        return float(np.median(margin[others])) if others.any() else np.inf

    def _findings(self, observation: InspectionObservation, one: _Market) -> Iterator[Finding]:
        params = self.params
        if one.days < FEWEST_DAYS or one.margin - one.benchmark <= params.excess_margin:
            return
        together = one.residual.mean(axis=1)
        middle = np.median(together)
        variation = MAD_TO_SD * float(np.median(np.abs(together - middle)))
        still = variation <= params.max_variation
        punished = self._punished(one.residual)
        if 1 + still + punished < params.signs:
            return
        inspected = set(observation.listings.merchant[observation.rows].tolist())
        name = observation.listings.category_names[one.category]
        for merchant in one.sellers.tolist():
            if merchant in inspected:
                yield Finding(
                    rule=self.name,
                    listing=NO_LISTING,
                    merchant=merchant,
                    grade="C",
                    illegal_gain=0,
                    evidence=(
                        f"In {name!r}, with {len(one.sellers)} sellers, margins were "
                        f"{one.margin:.0%} over {one.days} days, {one.benchmark:.0%} where there "
                        f"is competition; prices varied by {variation:.1%}"
                        f"{', and a cut was punished' if punished else ''}."
                    ),
                )

    def _punished(self, residual: FloatArray) -> bool:
        """Whether others answered one seller's cut with cuts, after which all went back up.

        Args:
            residual: (D, k) logarithms of sellers' prices, less what costs explain.
        """
        moves = np.diff(residual, axis=0)
        usual = MAD_TO_SD * float(np.median(np.abs(moves)))
        deep = max(-np.log1p(-self.params.cut), UNUSUAL * usual)
        for day, seller in np.argwhere(moves <= -deep).tolist():
            others = np.delete(residual, seller, axis=1).mean(axis=1)
            if others[day] - others[day + 1] >= deep:
                continue  # all moved at once: none answers another
            answer = others[day + 1 : day + 2 + self.params.answer_days]
            if others[day] - answer.min() < deep:
                continue
            together = residual.mean(axis=1)
            back = together[day + 2 + int(answer.argmin()) :]
            if (back >= together[day] - deep / 2).any():
                return True
        return False


class _Market(NamedTuple):
    """One category of few sellers over D days."""

    category: int
    sellers: IntArray  # (k,) merchants
    benchmark: float  # margin under competition
    margin: float  # median over the days of the mean margin
    residual: FloatArray  # (D, k) logarithm of each seller's price, less what costs explain
    days: int


def _market(
    observation: InspectionObservation, category: int, rows: IntArray, benchmark: float, window: int
) -> _Market:
    """What the sellers of a category asked in the last days, as far as all of it was listed.

    Args:
        observation: what rules are shown.
        category: number of the category.
        rows: (n,) listings that it offers.
        benchmark: its margin under competition.
        window: days to look at.
    """
    prices = observation.prices.checkout[-window:, rows]
    unknown = np.flatnonzero(prices.min(axis=1, initial=1) <= 0)
    first = int(unknown[-1]) + 1 if len(unknown) else 0
    prices = prices[first:].astype(np.float64)
    index = observation.books.cost_index[-window - 1 :, category]  # today's comes last
    cost = np.log(np.maximum(index, 1e-12))
    today, cost = cost[-1], cost[:-1][first:]
    sellers, number = np.unique(observation.listings.merchant[rows], return_inverse=True)
    log_price = np.log(prices)
    each = np.stack([log_price[:, number == k].mean(axis=1) for k in range(len(sellers))], axis=1)
    unit_cost = observation.books.unit_cost[rows] * np.exp(cost - today)[:, None]
    margin = (1.0 - unit_cost / prices).mean(axis=1)
    return _Market(
        category=category,
        sellers=sellers,
        benchmark=benchmark,
        margin=float(np.median(margin)) if len(margin) else 0.0,
        residual=each - _passed_on(each.mean(axis=1), cost)[:, None],
        days=len(prices),
    )


def _passed_on(log_price: FloatArray, log_cost: FloatArray) -> NDArray[np.float64]:
    """(D,) how far costs explain prices: a regression whose slope lies between none and all."""
    if len(log_cost) == 0:
        return np.zeros(0)
    centred = log_cost - log_cost.mean()
    spread = float(centred @ centred)
    slope = float(centred @ log_price) / spread if spread > 1e-12 else 0.0
    return np.asarray(np.clip(slope, 0.0, 1.0) * centred)
