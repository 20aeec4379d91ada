"""Notice of fees: rises that hold too soon after they were published."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.observations import NO_LISTING, PLATFORM, Finding, InspectionObservation
from policies.params import PolicyParams


class FeeNotice:
    """Rises of commissions or of the delivery fee that are published less than `days` ahead.

    Cuts are exempt. A change is found from its publication until its notice should have passed. The
    gain is what the rise brings in, at recent sales and orders, on the days between its effect and
    the day on which it might lawfully have held.

    Source: the Internet Platform Pricing Behaviour Rules of China (NDRC, SAMR and CAC, 2025): fee
    changes are published at least 7 days ahead, with the right to exit.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "fee_notice"

    class Params(PolicyParams):
        """Threshold of the rule."""

        days: int = Field(
            7, ge=1, le=365, description="days from publication to effect that the law asks for"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings of grade A against the platform, one a change."""
        log, days = observation.platform.fees, self.params.days
        rises = (log.commission_rise > 0.0) | (log.fee_rise > 0)
        fresh = observation.day < log.published + days
        short = np.flatnonzero(rises & fresh & (log.effective - log.published < days))
        return [self._finding(observation, row) for row in short.tolist()]

    def _finding(self, observation: InspectionObservation, row: int) -> Finding:
        log = observation.platform.fees
        published, effective = int(log.published[row]), int(log.effective[row])
        more, fee = float(log.commission_rise[row]), int(log.fee_rise[row])
        too_soon = published + self.params.days - effective
        gain = too_soon * (more * log.sales_recently + fee * log.orders_recently)
        return Finding(
            rule=self.name,
            listing=NO_LISTING,
            merchant=PLATFORM,
            grade="A",
            illegal_gain=round(gain),
            evidence=(
                f"Fees rise by {more:.2%} of the price and {fee / 100:.2f} a visit on day "
                f"{effective}, {effective - published} days after they were published; "
                f"{self.params.days} are asked for."
            ),
        )
