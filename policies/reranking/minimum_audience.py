"""A minimum audience: no merchant is shown to fewer consumers a day than it can live on."""

from __future__ import annotations

import heapq
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.observations import RerankingObservation
from policies.params import PolicyParams


class MinimumAudience:
    """Gives merchants with too few viewers places that cost consumers least.

    A merchant's audience is the number of today's slates with a listing of its own. While a
    merchant is below the minimum, the exchange that loses least score puts one of its candidates in
    the place of the last listing whose merchant can spare it: one with more than the minimum, or
    with a second listing in the slate. Merchants without a candidate get nothing. With two
    merchants and one place that is the best matching under the constraint; with more it is greedy.

    Source: the constraint is that of Mladenov, Creager, Ben-Porat, Swersky, Zemel & Boutilier
    (2020), "Optimizing Long-term Social Welfare in Recommender Systems: A Constrained Matching
    Approach", ICML.
    """

    family: ClassVar[str] = "reranking"
    name: ClassVar[str] = "minimum_audience"

    class Params(PolicyParams):
        """Parameters of the minimum audience."""

        audience: int = Field(
            3, ge=1, le=1_000_000, description="slates a day that show a merchant, at least"
        )
        depth: int = Field(
            4, ge=1, le=20, description="candidates that are looked through, in slates"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def depth(self) -> int:
        """Candidates asked for, in slates."""
        return self.params.depth

    def rerank(self, observation: RerankingObservation) -> IntArray:
        """(S, K) the first candidates, exchanged where a merchant lacks viewers."""
        places = observation.slate_size
        if observation.candidates.shape[1] <= places or len(observation.candidates) == 0:
            return observation.candidates[:, :places]
        rng = np.random.Generator(np.random.Philox(key=observation.seed))
        return _Exchange(observation, self.params.audience).done(rng)


class _Exchange:
    """One day's slates while places change hands. S sessions, C candidates, K places."""

    def __init__(self, observation: RerankingObservation, audience: int) -> None:
        self._candidates = observation.candidates
        self._score = _scores(observation)
        self._seller = np.where(
            self._candidates >= 0, observation.listings.merchant[self._candidates], -1
        )
        self._audience = audience
        places = observation.slate_size
        merchants = int(observation.listings.merchant.max(initial=0)) + 1
        self._column = np.tile(np.arange(places), (len(self._candidates), 1))  # shown now
        shown = self._seller[:, :places]
        self._viewers = np.zeros(merchants, dtype=np.int64)
        for row in shown:
            self._viewers[np.unique(row[row >= 0])] += 1

    def done(self, rng: np.random.Generator) -> NDArray[np.int32]:
        """(S, K) slates after all exchanges that help."""
        places = self._column.shape[1]
        lacking = self._viewers < self._audience
        row, below = np.nonzero(lacking[self._seller[:, places:]] & (self._seller[:, places:] >= 0))
        column = below + places
        lot = rng.random(len(row))
        waiting = []
        for session, candidate, chance in zip(row.tolist(), column.tolist(), lot, strict=True):
            loss = self._loss(session, candidate)[0]
            waiting.append((loss, chance, session, candidate))
        heapq.heapify(waiting)
        while waiting:
            loss, chance, session, candidate = heapq.heappop(waiting)
            merchant = self._seller[session, candidate]
            if self._viewers[merchant] >= self._audience:
                continue
            now, place = self._loss(session, candidate)
            if place < 0:
                continue
            if now > loss:
                heapq.heappush(waiting, (now, chance, session, candidate))
                continue
            self._swap(session, place, candidate)
        slate: NDArray[np.int32] = np.take_along_axis(
            self._candidates, self._column, axis=1
        ).astype(np.int32)
        return slate

    def _loss(self, session: int, candidate: int) -> tuple[float, int]:
        """Score lost by showing a candidate, and the place it would take; -1: none."""
        column = self._column[session]
        sellers = self._seller[session, column]
        if self._seller[session, candidate] in sellers:
            return float("inf"), -1
        for place in range(len(column) - 1, -1, -1):
            seller = sellers[place]
            spare = (
                seller < 0
                or self._viewers[seller] > self._audience
                or int((sellers == seller).sum()) > 1
            )
            if spare:
                before = self._score[session, column[place]] if seller >= 0 else 0.0
                return float(before - self._score[session, candidate]), place
        return float("inf"), -1

    def _swap(self, session: int, place: int, candidate: int) -> None:
        column = self._column[session]
        sellers = self._seller[session, column]
        leaves = sellers[place]
        if leaves >= 0 and int((sellers == leaves).sum()) == 1:
            self._viewers[leaves] -= 1
        self._viewers[self._seller[session, candidate]] += 1
        column[place] = candidate


def _scores(observation: RerankingObservation) -> FloatArray:
    """(S, C) the recommender's scores, or the discount of each candidate's rank."""
    if observation.scores is not None:
        return observation.scores
    rank = np.arange(observation.candidates.shape[1], dtype=np.float64)
    return np.tile(1.0 / np.log2(rank + 2.0), (len(observation.candidates), 1))
