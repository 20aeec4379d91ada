"""The kernels of dispatch against exhaustive search, in worlds small enough to try everything."""

from typing import Any

import numpy as np
import pytest
from dispatch_moments import moment
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch import plain
from policies.dispatch.evaluation import VIOLATION, evaluate
from policies.dispatch.insertion import best_insertion, put_in, take_out
from policies.dispatch.options import Planning
from policies.dispatch.planning import Board

WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 4.0])

moments = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 100_000),
        "on_board": st.integers(0, 3),
        "strict": st.booleans(),
        "must_return": st.booleans(),
        "shared_pickup": st.booleans(),
        "service_before": st.sampled_from([0.0, 0.5]),
    }
)
parameters = st.builds(
    Planning,
    door_weight=WEIGHTS,
    lateness_weight=WEIGHTS,
    courier_weight=WEIGHTS,
    driving_weight=WEIGHTS,
    opening_cost=st.sampled_from([0.0, 50.0]),
    fairness=st.sampled_from([0.0, 20.0]),
    most_stops=st.just(24),
    most_on_board=st.sampled_from([2, 100]),
    most_detour=st.sampled_from([5.0, 1440.0]),
)


def parts(board: Board) -> tuple[Any, ...]:
    return board.sheet, board.work, board.team, board.minutes, board.terms


def stops_of(board: Board, k: int) -> list[int]:
    n = int(board.sheet.route["length"][k])
    return [int(stop) for stop in board.sheet.step["stop"][k, :n]]


def plain_cost(board: Board, k: int, stops: list[int]) -> float:
    return plain.route_cost(k, stops, *parts(board)[1:])


def inserted(board: Board, rows: range) -> None:
    """Put parcels into the routes, each at the best place of the first courier who can."""
    luck = np.ones(1, np.uint64)
    for row in rows:
        for k in range(len(board.team)):
            cost, i, j = best_insertion(k, row, *parts(board), np.inf, 0.0, luck)
            if np.isfinite(cost):
                put_in(k, i, j, row, *parts(board))
                break


@settings(max_examples=200, deadline=None)
@given(where=moments, params=parameters)
def test_a_compiled_route_costs_what_the_plain_one_does(where: Any, params: Planning) -> None:
    board = Board(moment(waiting=4, **where), params.model_copy(update={"most_detour": 1440.0}))
    inserted(board, range(4))
    for k in range(len(board.team)):
        evaluate(k, *parts(board))
        cost, total = plain_cost(board, k, stops_of(board, k)), float(board.sheet.route["total"][k])
        assert np.isinf(cost) if total >= VIOLATION / 2 else cost == pytest.approx(total)


@settings(max_examples=300, deadline=None)
@given(where=moments, params=parameters)
def test_a_parcel_is_put_where_trying_every_place_would_put_it(
    where: Any, params: Planning
) -> None:
    board = Board(moment(waiting=5, **where), params)
    inserted(board, range(1, 5))
    luck = np.ones(1, np.uint64)
    for k in range(len(board.team)):
        before = stops_of(board, k)
        if np.isinf(plain_cost(board, k, before)):
            continue  # breaks a rule already: what is on board comes too late anyhow
        best, _ = plain.best_insertion(k, 0, before, *parts(board)[1:])
        cost, i, j = best_insertion(k, 0, *parts(board), np.inf, 0.0, luck)
        assert cost == pytest.approx(best)
        if np.isfinite(cost):
            total = float(board.sheet.route["total"][k])
            put_in(k, i, j, 0, *parts(board))
            assert plain.in_order(stops_of(board, k))
            assert float(board.sheet.route["total"][k]) - total == pytest.approx(cost)
            take_out(k, 0, *parts(board))
            assert stops_of(board, k) == before
