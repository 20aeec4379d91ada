"""Rolling-horizon local search: whatever is not committed yet is planned anew, again and again."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from policies.dispatch.options import Planner, Planning
from policies.observations import DispatchObservation, DispatchPlan


class LocalSearch(Planner):
    """Inserts new parcels, then improves all that is planned and not fetched by ruin and recreate.

    A courier who would only wait at its first stop leaves later, so that what it has planned can
    still change; what a courier drives to is committed.

    Source: Christiaens & Vanden Berghe (2020), Transportation Science 54(2); the rolling horizon
    with commitment: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018).
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "local_search"

    class Params(Planning):
        """Parameters of the search."""

        iterations: int = Field(
            60, ge=0, le=1_000_000, description="iterations of the search for each new parcel"
        )
        most_iterations: int = Field(
            100,
            ge=0,
            le=100_000_000,
            description="iterations at a decision at most, however many parcels are new",
        )
        closing_iterations: int = Field(
            0,
            ge=0,
            le=1_000_000,
            description="iterations for each new parcel to use fewer couriers; needs an "
            "opening_cost",
        )
        ruined: float = Field(
            6.0, ge=1.0, le=100.0, description="parcels taken out of their routes in an iteration"
        )
        hot: float = Field(
            0.03,
            gt=0.0,
            le=10.0,
            description="how much worse is accepted at the beginning, in costs of a parcel",
        )
        cold: float = Field(
            0.001,
            gt=0.0,
            le=10.0,
            description="how much worse is accepted at the end, in costs of a parcel",
        )
        candidates: int = Field(
            24, ge=1, le=1000, description="couriers tried for each parcel, the nearest in time"
        )
        most_waiting: int = Field(
            100,
            ge=1,
            le=100_000,
            description="waiting parcels planned at a time, the earliest promises first; the rest "
            "wait on unless they are new",
        )
        seed: int = Field(0, ge=0, le=1_000_000, description="of the chance in the search")

    @staticmethod
    def parameters_for_vehicle_routing() -> dict[str, Any]:
        """What to set for fleets whose size counts first and distance second, windows being hard.

        Source: the objective of Li & Lim (2003), International Journal on Artificial Intelligence
        Tools 12(2).
        """
        return {
            "door_weight": 0.0,
            "lateness_weight": 0.0,
            "courier_weight": 0.0,
            "driving_weight": 1.0,
            "opening_cost": 10_000.0,
            "most_stops": 1024,
            "candidates": 1000,
            "leave_late": False,
            "iterations": 400,
            "closing_iterations": 400,
            "most_iterations": 1_000_000,
            "ruined": 10.0,
            "hot": 5.0,
            "cold": 0.03,
        }

    params: Params

    def __init__(self, params: Params) -> None:
        self.params = params
        self._known = 0, 0  # day, and its jobs known at the last decision

    def _news(self, seen: DispatchObservation) -> int:
        """How many jobs have become known since the last decision."""
        day, known = int(seen.now // 1440.0), len(seen.jobs.number)
        before = self._known[1] if self._known[0] == day and known >= self._known[1] else 0
        self._known = day, known
        return known - before

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Insert, then improve."""
        from policies.dispatch.insertion import insert_in_turn
        from policies.dispatch.planning import Board
        from policies.dispatch.prepositioning import with_moves
        from policies.dispatch.relocation import take_over
        from policies.dispatch.search import Search, plan_anew
        from policies.dispatch.tour_planning import is_vehicle_routing, plan_tours

        params, board = self.params, Board(observation, self.params)
        parts = board.parts
        take_over(board.idle(), *parts)
        news = self._news(observation)
        new = max(news, 1)
        waiting = board.due()[: max(params.most_waiting, new)]
        insert_in_turn(waiting, *parts, board.where, params.candidates, len(waiting))
        iterations = min(params.iterations * new, params.most_iterations)
        search = Search(iterations, params.ruined, params.hot, params.cold)
        closing = params.closing_iterations * new if params.opening_cost else 0
        if is_vehicle_routing(params.candidates, parts):
            # What is not new has been searched to the end already: costs do not change with time.
            settled = news == 0 and not len(waiting)
            if settled or plan_tours(waiting, search, closing, params.seed, parts):
                return with_moves(board.plan(), board)
        plan_anew(waiting, search, closing, params.seed, params.candidates, parts, board.where)
        return with_moves(board.plan(), board)
