"""FA*IR: every slate looks, from any place upwards, as if a group had its proportion."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from models.fairness.reranking import fair_prefixes, least_favoured
from policies.arrays import IntArray
from policies.observations import RerankingObservation
from policies.reranking.groups import GroupParams, favoured


class FairPrefixes:
    """Moves a group's listings up in every slate until no prefix holds too few of them.

    Too few are so few that a draw of the group's proportion would hardly have given them. Each
    slate is fair by itself, which costs more than a share over all slates.

    Source: Zehlike et al. (2017), "FA*IR: A Fair Top-k Ranking Algorithm", CIKM.
    """

    family: ClassVar[str] = "reranking"
    name: ClassVar[str] = "fair_prefixes"

    class Params(GroupParams):
        """Whom to favour, and how strictly."""

        proportion: float = Field(
            0.5, gt=0.0, lt=1.0, description="the group's proportion of a fair slate"
        )
        significance: float = Field(
            0.1,
            gt=0.0,
            lt=1.0,
            description="chance that a prefix drawn with the proportion is held unfair",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def depth(self) -> int:
        """Slates' worth of candidates."""
        return self.params.depth

    def rerank(self, observation: RerankingObservation) -> IntArray:
        """(S, K) the candidates as they come, those of the group moved up where they must."""
        places, params = observation.slate_size, self.params
        least = least_favoured(places, params.proportion, params.significance)
        group = favoured(params, observation)
        return fair_prefixes(observation.candidates, group, places, least)
