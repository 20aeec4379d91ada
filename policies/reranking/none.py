"""No re-ranking: the recommender's order is shown."""

from __future__ import annotations

from typing import ClassVar

from policies.arrays import IntArray
from policies.observations import RerankingObservation
from policies.params import PolicyParams


class NoReranking:
    """Shows what the recommender put first."""

    family: ClassVar[str] = "reranking"
    name: ClassVar[str] = "none"

    class Params(PolicyParams):
        """There is nothing to set."""

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def depth(self) -> int:
        """A slate's worth of candidates is enough."""
        return 1

    def rerank(self, observation: RerankingObservation) -> IntArray:
        """(S, K) the candidates as they come."""
        return observation.candidates
