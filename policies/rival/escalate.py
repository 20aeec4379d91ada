"""A rival that outbids our platform's subsidies."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from policies.observations import RivalMove, RivalObservation
from policies.params import PolicyParams


class EscalatingRival:
    """Subsidises a step more than our platform did yesterday, up to a ceiling.

    It answers only subsidies: without them it keeps the discount of the scenario, which it never
    goes below.

    Source: Shubik (1971), "The dollar auction game: a paradox in noncooperative behavior and
    escalation", Journal of Conflict Resolution 15(1).
    """

    family: ClassVar[str] = "rival"
    name: ClassVar[str] = "escalate"

    class Params(PolicyParams):
        """Parameters of escalation."""

        step: float = Field(
            0.05,
            gt=0.0,
            le=0.99,
            description="how far it outbids our platform's subsidy rate, share of the price",
        )
        ceiling: float = Field(
            0.5,
            ge=0.0,
            le=0.99,
            description="subsidy beyond which it does not answer, share of price",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def react(self, observation: RivalObservation) -> RivalMove:
        """The larger of its own discount and its bid."""
        ours = observation.platform_rate_yesterday
        bid = min(ours + self.params.step, self.params.ceiling) if ours > 0.0 else 0.0
        return RivalMove(max(observation.discount, bid))
