"""Self-preferencing: the platform puts its own brand first."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import Steering, SteeringObservation
from policies.params import PolicyParams


class SelfPreferencing:
    """Everything may be shown, and the platform's own brand comes first.

    What the platform sells itself is moved to the top of every slate and of all search results in
    which it is. The practice that Regulation (EU) 2022/1925, Art. 6(5), forbids gatekeepers.

    Source: Hagiu, Teh & Wright (2022), "Should platforms be allowed to sell on their own
    marketplaces?", RAND Journal of Economics 53(2).
    """

    family: ClassVar[str] = "steering"
    name: ClassVar[str] = "self_preferencing"

    class Params(PolicyParams):
        """Which merchants are the own brand, the platform's settings say."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def steer(self, observation: SteeringObservation) -> Steering:
        """All listings, the own brand's first."""
        return Steering(
            shown=np.ones(len(observation.own_brand), dtype=np.bool_),
            first=observation.own_brand,
        )
