"""Personal prices: accounts asked different prices for the same goods by what they may pay."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.observations import NO_LISTING, PLATFORM, Finding, InspectionObservation
from policies.params import PolicyParams

FEWEST_ACCOUNTS = 10
"""Accounts with which a regression on what they spent before is worth anything."""


class PersonalPrice:
    """Quotes for the same goods that differ between accounts, and rise with what they spend.

    A quote's excess is what an account was asked beyond the posted price, as a share of it, once
    what a disclosed offer explains is added back. Both must hold for yesterday's quotes of the
    inspected listings: the 95th less the 5th percentile of `1 + excess`, over its median, exceeds
    `spread`; and the regression of an account's mean excess on what it spent before has a slope
    above 0 with a t value above `t_value`. Disclosed offers to members or newcomers are exempt:
    they explain what they take off. The gain is what buyers paid yesterday above posted prices.

    Source: the Internet Platform Pricing Behaviour Rules of China (2025): no personalised prices on
    willingness to pay without consumers' knowledge; Directive 2011/83/EU, Article 6(1)(ea).
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "personal_price"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        spread: float = Field(
            0.02,
            ge=0.0,
            le=1.0,
            description="tolerated distance of the 95th from the 5th percentile of quotes for the "
            "same goods, share of the median",
        )
        t_value: float = Field(
            3.0,
            ge=0.0,
            le=100.0,
            description="t value of what an account spent before, above which quotes depend on it",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """At most one finding, of grade A, against the platform."""
        book = observation.platform.quotes
        rows = np.isin(book.listing, observation.rows) & (book.posted > 0)
        if not rows.any():
            return []
        posted = book.posted[rows]
        excess = (book.quote[rows] + book.disclosed[rows] - posted) / posted
        low, middle, high = np.percentile(1.0 + excess, [5.0, 50.0, 95.0])
        spread = float((high - low) / middle)
        if spread <= self.params.spread:
            return []
        t = dependence(book.account[rows], excess, book.spending[rows])
        if not t > self.params.t_value:
            return []
        return [
            Finding(
                rule=self.name,
                listing=NO_LISTING,
                merchant=PLATFORM,
                grade="A",
                illegal_gain=book.collected,
                evidence=(
                    f"{len(posted)} quotes for the same goods differ by {spread:.1%} of the "
                    f"median, and rise with what accounts spent before (t = {t:.1f})."
                ),
            )
        ]


def dependence(account: IntArray, excess: FloatArray, spending: FloatArray) -> float:
    """The t value of what accounts spent before in what they are asked in excess.

    Quotes to one account are not independent, so each account counts once, by its mean.

    Args:
        account: (Q,) keys.
        excess: (Q,) shares of the price.
        spending: (Q,) what the account spent before; nan: nothing yet.

    Returns:
        The t value; nan where fewer than ten accounts, or no differences between them, are seen.
    """
    from scipy.stats import linregress

    known = np.isfinite(spending)
    _, row = np.unique(account[known], return_inverse=True)
    count = np.bincount(row)
    if len(count) < FEWEST_ACCOUNTS:
        return float("nan")
    asked: NDArray[np.float64] = np.bincount(row, excess[known]) / count
    spent: NDArray[np.float64] = np.bincount(row, spending[known]) / count
    if np.ptp(spent) == 0.0 or np.ptp(asked) == 0.0:
        return float("nan")
    fit = linregress(spent, asked)
    return (
        float(fit.slope / fit.stderr) if fit.stderr > 0.0 else float(np.copysign(np.inf, fit.slope))
    )
