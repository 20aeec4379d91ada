"""A rival that matches our platform's subsidies."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from policies.observations import RivalMove, RivalObservation
from policies.params import PolicyParams


class MatchingRival:
    """Follows our platform's subsidy rate with a lag, never below its own discount.

    Source: partial adjustment to the rival's price, as in tit-for-tat price wars: Slade (1989),
    "Price wars in price-setting supergames", Economica 56(223).
    """

    family: ClassVar[str] = "rival"
    name: ClassVar[str] = "match"

    class Params(PolicyParams):
        """Parameters of matching."""

        share: float = Field(
            1.0, ge=0.0, le=1.0, description="share of our platform's subsidy rate that it matches"
        )
        speed: float = Field(
            0.1, gt=0.0, le=1.0, description="share of the gap to its goal that it closes a day"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._matching = 0.0

    def react(self, observation: RivalObservation) -> RivalMove:
        """The larger of its own discount and what it has matched so far."""
        goal = self.params.share * min(observation.platform_subsidy_rate, 0.99)
        self._matching += self.params.speed * (goal - self._matching)
        return RivalMove(max(observation.discount, self._matching))
