"""Equity of attention: over the days, everybody gets as much attention as they are relevant."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.fairness.exposure import item_exposure
from models.fairness.reranking import with_bonus
from policies.arrays import FloatArray, IntArray
from policies.observations import RerankingObservation
from policies.params import PolicyParams
from policies.reranking.groups import utilities


class EquityOfAttention:
    """Moves up whoever had less attention so far than relevance, and down whoever had more.

    Relevance is the recommender's score, attention that of the places, and each adds up to 1 in
    every session; both are summed up over the days. What is owed, in mean relevance of a unit, is
    added to the scores of the next day.

    Source: Biega, Gummadi & Weikum (2018), "Equity of Attention: Amortizing Individual Fairness in
    Rankings", SIGIR; theirs is an integer programme for each ranking, this a greedy one for a day.
    """

    family: ClassVar[str] = "reranking"
    name: ClassVar[str] = "equity_of_attention"

    class Params(PolicyParams):
        """Who is owed attention, how fast it is paid back, and for how long it is remembered."""

        unit: Literal["listing", "merchant"] = Field(
            "merchant", description="who is owed: each listing, or each merchant for all of hers"
        )
        pace: float = Field(
            0.1,
            ge=0.0,
            le=10.0,
            description="added to a score, which runs from 0 to 1, for attention owed of a day's "
            "mean relevance of a unit",
        )
        half_life: float = Field(
            28.0, ge=1.0, le=3650.0, description="days until half of what is owed is forgotten"
        )
        depth: int = Field(
            4, ge=1, le=50, description="slates' worth of the recommender's listings to choose from"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._owed: FloatArray = np.zeros(0)  # (L,) relevance less attention so far

    @property
    def depth(self) -> int:
        """Slates' worth of candidates."""
        return self.params.depth

    def rerank(self, observation: RerankingObservation) -> IntArray:
        """(S, K) the candidates by score and by what they are owed."""
        candidates, count = observation.candidates, len(observation.listings.on_sale)
        worth = utilities(observation)
        self._owed = np.append(self._owed, np.zeros(count - len(self._owed)))
        share = worth / np.maximum(worth.sum(axis=1, keepdims=True), 1e-12)
        there = candidates >= 0
        relevance = np.zeros(count)
        np.add.at(relevance, candidates[there], share[there])
        units = observation.listings.merchant if self.params.unit == "merchant" else None
        relevant = _summed(relevance, units)
        relevant = relevant[relevant > 0]
        owed = _summed(self._owed, units) / (relevant.mean() if len(relevant) else 1.0)
        of_listing = owed if units is None else owed[units]
        slates = with_bonus(
            candidates,
            worth + self.params.pace * of_listing[candidates],
            np.zeros(candidates.shape, dtype=np.bool_),
            observation.slate_size,
            0.0,
        )
        attention = item_exposure(slates, count)
        scale = relevance.sum() / attention.sum() if attention.any() else 0.0
        fades = 0.5 ** (1.0 / self.params.half_life)
        self._owed = fades * self._owed + relevance - scale * attention
        return slates


def _summed(amounts: FloatArray, units: IntArray | None) -> FloatArray:
    """Amounts of listings, or of the units that they belong to."""
    if units is None:
        return amounts
    return np.bincount(units, amounts).astype(np.float64)
