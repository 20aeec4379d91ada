"""A rival that fights until it can or will no longer."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from policies.observations import RivalMove, RivalObservation
from policies.params import PolicyParams

TRIAL_DAYS = 7
"""Days of a war after which its mean loss tells something."""


class WithdrawingRival:
    """Matches our platform's subsidies until chest or patience are gone, then withdraws.

    A day counts as one of the war if it subsidises. It gives up when the war has cost it more than
    its chest, has lasted longer than its patience, or costs it more a day than it will bear (from
    the second week on); it then stops subsidising for good, or leaves the market.

    Source: the war of attrition: Fudenberg & Tirole (1986), "A theory of exit in duopoly",
    Econometrica 54(4).
    """

    family: ClassVar[str] = "rival"
    name: ClassVar[str] = "withdraw"

    class Params(PolicyParams):
        """Parameters of the fight and of its end."""

        share: float = Field(
            1.0, ge=0.0, le=1.0, description="share of our platform's subsidy rate that it matches"
        )
        war_chest: float | None = Field(
            None,
            ge=0.0,
            le=1e12,
            description="currency units that it may lose in the war; absent: any number",
        )
        patience_days: int | None = Field(
            None, ge=1, le=100_000, description="days that it fights; absent: any number"
        )
        loss_a_day: float | None = Field(
            None,
            ge=0.0,
            le=1e12,
            description="mean loss a day of the war that it bears, currency units; absent: any",
        )
        leaves: bool = Field(
            False, description="true: it leaves the market; false: it only stops subsidising"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self.has_withdrawn = False
        self._days_fought = 0
        self._lost = 0.0
        self._profit = 0.0

    def react(self, observation: RivalObservation) -> RivalMove:
        """Its subsidy while it fights; none, or its exit, afterwards."""
        if self._days_fought and observation.own_discount > 0.0:
            self._lost += self._profit - observation.profit
        self._profit = observation.profit
        self.has_withdrawn = self.has_withdrawn or self._has_had_enough()
        if self.has_withdrawn:
            return RivalMove(0.0, present=not self.params.leaves)
        matched = self.params.share * min(observation.platform_rate_yesterday, 0.99)
        discount = max(observation.discount, matched)
        self._days_fought += discount > 0.0
        return RivalMove(discount)

    def _has_had_enough(self) -> bool:
        chest, patience, bears = (
            self.params.war_chest,
            self.params.patience_days,
            self.params.loss_a_day,
        )
        if chest is not None and self._days_fought and self._lost >= chest:
            return True
        if patience is not None and self._days_fought >= patience:
            return True
        tried = self._days_fought >= TRIAL_DAYS
        return bears is not None and tried and self._lost / self._days_fought > bears
