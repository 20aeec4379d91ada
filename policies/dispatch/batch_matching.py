"""Batch matching: every few minutes, bundles of parcels are matched with couriers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.dispatch.options import Planning, minutes_between_decisions
from policies.dispatch.planning import Board
from policies.observations import DispatchObservation, DispatchPlan

PER_PARCEL = 1e5
"""Cost of leaving a parcel to the next decision; more than any route that breaks no rule."""


class BatchMatching:
    """Bundles parcels shop by shop, and assigns bundles to couriers at least cost, all at once.

    Commitment comes in two stages: a courier is first sent to a shop, as late as costs nothing,
    for the first parcel of its bundle; until it has fetched the others, and until it leaves, the
    next decisions match them anew.

    Source: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018), "The meal delivery routing
    problem", section 5; the assignment: Crouse (2016), IEEE Transactions on Aerospace and
    Electronic Systems 52(4).
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "batch_matching"

    class Params(Planning):
        """Parameters of the matching."""

        decide_every: float = Field(
            2.0,
            ge=0.0,
            le=120.0,
            description="minutes between decisions; 0: whenever something happens",
        )
        horizon: float = Field(
            20.0,
            ge=0.0,
            le=1440.0,
            description="minutes ahead: parcels that are ready by then are matched",
        )
        most_in_bundle: int = Field(
            3, ge=1, le=20, description="parcels of a bundle; the busier, the nearer to it"
        )
        candidates: int = Field(
            60, ge=1, le=1000, description="couriers tried for each bundle, the nearest in time"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def decides_every(self) -> float:
        """Minutes between decisions; 0: whenever something happens."""
        return minutes_between_decisions(self.params)

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Bundle what is not fetched, and match."""
        from policies.dispatch.bundles import added_costs, release
        from policies.dispatch.evaluation import evaluate
        from policies.dispatch.prepositioning import with_moves

        board = Board(observation, self.params)
        parts = board.sheet, board.work, board.team, board.minutes, board.terms
        jobs = np.concatenate([board.due(), release(*parts)])
        jobs = jobs[board.work["ready"][jobs] <= observation.now + self.params.horizon]
        bundles = self._bundles(jobs, board)
        if bundles:
            stops, lengths = _as_rows(bundles)
            costs = added_costs(stops, lengths, self.params.candidates, *parts, board.refused)
            for b, k in self._match(costs, bundles, board):
                n, m = int(board.sheet.route["length"][k]), int(lengths[b])
                board.sheet.step["stop"][k, n : n + m] = stops[b, :m]
                board.sheet.route["length"][k] = n + m
                evaluate(k, *parts)
        return with_moves(board.plan(), board)

    def _bundles(self, jobs: NDArray[np.int64], board: Board) -> list[list[int]]:
        """The bundles of all shops; their size is parcels by couriers who will be free in time."""
        from policies.dispatch.bundles import bundles_of_shop

        team, soon = board.team, board.seen.now + self.params.horizon
        last = board.sheet.step["clock"][np.arange(len(team)), board.sheet.route["length"]]
        couriers = int((team["takes_work"] & (last <= soon)).sum())
        size = min(-(-len(jobs) // max(couriers, 1)), self.params.most_in_bundle)
        jobs = jobs[np.lexsort((jobs, board.work["ready"][jobs], board.work["pickup"][jobs]))]
        shops = np.flatnonzero(np.diff(board.work["pickup"][jobs])) + 1
        return [
            bundle
            for group in np.split(jobs, shops)
            if len(group)
            for bundle in bundles_of_shop(
                group, max(size, 1), board.work, board.minutes, board.terms
            )
        ]

    def _match(
        self, costs: NDArray[np.float64], bundles: list[list[int]], board: Board
    ) -> list[tuple[int, int]]:
        """Pairs of bundle and courier; who has waited long comes first where couriers are few."""
        from scipy.optimize import linear_sum_assignment

        placed = board.seen.jobs.placed[board.rows]
        waited = [
            sum(board.seen.now - placed[stop // 2] for stop in bundle if stop % 2 == 0)
            for bundle in bundles
        ]
        parcels = np.array([len(bundle) // 2 for bundle in bundles])
        gain = PER_PARCEL * parcels + self.params.door_weight * np.array(waited)
        couriers = np.flatnonzero(np.isfinite(costs).any(axis=0))
        matrix = costs[:, couriers] - gain[:, None]
        matrix = np.where(np.isfinite(matrix), matrix, 0.0)
        rows, columns = linear_sum_assignment(matrix)
        return [
            (int(b), int(couriers[c]))
            for b, c in zip(rows, columns, strict=True)
            if matrix[b, c] < 0.0
        ]


def _as_rows(bundles: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(B, S) stops, and (B,) how many each bundle has."""
    lengths = np.array([len(bundle) for bundle in bundles])
    stops = np.zeros((len(bundles), int(lengths.max())), np.int64)
    for b, bundle in enumerate(bundles):
        stops[b, : len(bundle)] = bundle
    return stops, lengths
