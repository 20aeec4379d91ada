"""Cheapest insertion: every parcel goes where it costs the least, promises counted."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from policies.dispatch.options import Planner, Planning
from policies.observations import DispatchObservation, DispatchPlan


class CheapestInsertion(Planner):
    """Puts each parcel into the route where it adds least time and lateness; routes carry several.

    The earliest promise comes first. A courier who has no work left takes over what is planned for
    others where that saves something.

    Source: Jaw, Odoni, Psaraftis & Wilson (1986), Transportation Research B 20(3).
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "cheapest_insertion"

    class Params(Planning):
        """Parameters of the insertion."""

        replan: bool = Field(
            True,
            description="couriers without work take over what is planned, but not fetched, where "
            "that saves something",
        )
        candidates: int = Field(
            24, ge=1, le=1000, description="couriers tried for each parcel, the nearest in time"
        )
        patience: int = Field(
            8,
            ge=1,
            le=1_000_000,
            description="parcels in a row that fit nowhere after which the rest must wait",
        )

    params: Params

    def __init__(self, params: Params) -> None:
        self.params = params

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Insert the parcels one after the other."""
        from policies.dispatch.insertion import insert_in_turn
        from policies.dispatch.planning import Board
        from policies.dispatch.prepositioning import with_moves
        from policies.dispatch.relocation import take_over

        params, board = self.params, Board(observation, self.params)
        parts = board.parts
        if params.replan:
            take_over(board.idle(), *parts)
        insert_in_turn(board.due(), *parts, board.where, params.candidates, params.patience)
        return with_moves(board.plan(), board)
