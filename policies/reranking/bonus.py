"""A bonus for a group: the simplest re-ranking, which guarantees nothing."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from models.fairness.reranking import with_bonus
from policies.arrays import IntArray
from policies.observations import RerankingObservation
from policies.reranking.groups import GroupParams, favoured, utilities


class BonusReranking:
    """Adds a fixed bonus to the scores of a group's listings.

    Scores run from 0 for the last of a session's candidates to 1 for the first.
    """

    family: ClassVar[str] = "reranking"
    name: ClassVar[str] = "bonus"

    class Params(GroupParams):
        """Whom to favour, and how much."""

        bonus: float = Field(
            0.3, ge=0.0, le=10.0, description="bonus, in ranges of a session's scores"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def depth(self) -> int:
        """Slates' worth of candidates."""
        return self.params.depth

    def rerank(self, observation: RerankingObservation) -> IntArray:
        """(S, K) the candidates by score and bonus."""
        return with_bonus(
            observation.candidates,
            utilities(observation),
            favoured(self.params, observation),
            observation.slate_size,
            self.params.bonus,
        )
