"""A rival that does not react."""

from __future__ import annotations

from typing import ClassVar

from policies.observations import RivalMove, RivalObservation
from policies.params import PolicyParams


class FixedRival:
    """Sells at the discount that the scenario and its events set, whatever our platform does."""

    family: ClassVar[str] = "rival"
    name: ClassVar[str] = "fixed"

    class Params(PolicyParams):
        """Not reacting has no parameters beside `rival.discount` and the events."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def react(self, observation: RivalObservation) -> RivalMove:
        """The discount of the scenario."""
        return RivalMove(observation.discount)
