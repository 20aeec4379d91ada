"""Routes with hard windows against exhaustive search, and what their search may never do."""

from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from dispatch_moments import moment
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policies.dispatch import plain
from policies.dispatch.insertion import insert_in_turn
from policies.dispatch.options import Planning
from policies.dispatch.planning import Board
from policies.dispatch.search import Search
from policies.dispatch.tour_planning import _tours, is_vehicle_routing, plan_tours
from policies.dispatch.tours import (
    cheapest_places,
    cheapest_tour,
    put_job_in,
    take_jobs_out,
    time_tour,
)

SEARCH = Search(300, 3.0, 1.0, 0.01)

moments = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 100_000),
        "on_board": st.integers(0, 2),
        "strict": st.booleans(),
        "service_before": st.sampled_from([0.0, 0.5]),
    }
)
openings = st.sampled_from([0.0, 50.0])


def board_of(where: dict[str, Any], opening: float, waiting: int, couriers: int = 3) -> Board:
    seen = moment(
        waiting=waiting,
        couriers=couriers,
        must_return=True,
        shared_pickup=False,
        lingers=np.zeros(couriers),
        speed=np.ones(couriers),
        **where,
    )
    return Board(
        seen,
        Planning(
            door_weight=0.0,
            lateness_weight=0.0,
            courier_weight=0.0,
            driving_weight=1.5,
            opening_cost=opening,
            most_stops=24,
        ),
    )


def stops_of(board: Board, k: int) -> list[int]:
    n = int(board.sheet.route["length"][k])
    return [int(stop) for stop in board.sheet.step["stop"][k, :n]]


def plain_cost(board: Board, k: int, stops: list[int]) -> float:
    return plain.route_cost(k, stops, *board.parts[1:5])


def inserted(board: Board, rows: list[int]) -> None:
    insert_in_turn(np.array(rows, np.int64), *board.parts, board.where, 100, len(rows))


def breaks_no_rule(board: Board) -> bool:
    return all(np.isfinite(plain_cost(board, k, stops_of(board, k))) for k in range(3))


@settings(max_examples=150, deadline=None)
@given(where=moments, opening=openings)
def test_a_job_is_put_where_trying_every_place_would_put_it(where: Any, opening: float) -> None:
    board = board_of(where, opening, waiting=5)
    assert is_vehicle_routing(100, board.parts)
    inserted(board, [1, 2, 3, 4])
    assume(breaks_no_rule(board))
    tours, luck = _tours(board.parts), np.ones(1, np.uint64)
    is_out = np.zeros(len(board.work), np.bool_)
    is_out[0] = True
    for k in range(3):
        assert time_tour(k, tours)
        assert float(tours.tour["cost"][k]) == pytest.approx(
            plain_cost(board, k, stops_of(board, k))
        )
        best, route = plain.best_insertion(k, 0, stops_of(board, k), *board.parts[1:5])
        cost, i, j, overlooked = cheapest_places(k, 0, np.inf, 0.0, tours, luck)
        assert cost == pytest.approx(best)
        assert not overlooked
        if np.isfinite(cost):
            assert not np.isfinite(cheapest_places(k, 0, cost - 1e-6, 0.0, tours, luck)[0])
            before = float(tours.tour["cost"][k])
            assert put_job_in(k, i, j, 0, tours)
            new = [int(stop) for stop in tours.step["stop"][k, 1 : len(route) + 1]]
            assert plain_cost(board, k, new) == pytest.approx(float(tours.tour["cost"][k]))
            assert float(tours.tour["cost"][k]) - before == pytest.approx(cost)
            take_jobs_out(k, is_out, tours)
            assert float(tours.tour["cost"][k]) == pytest.approx(before)


@settings(max_examples=100, deadline=None)
@given(where=moments)
def test_what_was_found_before_is_found_again(where: Any) -> None:
    board = board_of(where, 0.0, waiting=5)
    inserted(board, [1, 2, 3, 4])
    assume(breaks_no_rule(board))
    tours, luck = _tours(board.parts), np.ones(1, np.uint64)
    for k in range(3):
        time_tour(k, tours)
    fresh = cheapest_tour(0, 0.0, tours, luck)
    assert cheapest_tour(0, 0.0, tours, luck) == fresh
    k, i, j = fresh
    if k >= 0:
        put_job_in(k, i, j, 0, tours)
        is_out = np.zeros(len(board.work), np.bool_)
        is_out[0] = True
        take_jobs_out(k, is_out, tours)
        assert cheapest_tour(0, 0.0, tours, luck) == fresh


@settings(max_examples=60, deadline=None)
@given(where=moments, opening=openings, closing=st.sampled_from([0, 100]))
def test_search_leaves_routes_that_cost_no_more_and_break_no_rule(
    where: Any, opening: float, closing: int
) -> None:
    board = board_of(where, opening, waiting=6)
    inserted(board, list(range(6)))
    assume(breaks_no_rule(board))
    before = [stops_of(board, k) for k in range(3)]
    cost = float(board.sheet.route["total"].sum())
    assert plan_tours(np.arange(6), SEARCH, closing, 0, board.parts)
    after = [stops_of(board, k) for k in range(3)]
    served = sum(map(len, after)) - sum(map(len, before))
    assert served >= 0
    for k in range(3):
        assert plain.in_order(after[k])
        assert float(board.sheet.route["total"][k]) == pytest.approx(plain_cost(board, k, after[k]))
        carried = {stop for stop in before[k] if stop - 1 not in before[k] and stop % 2}
        assert carried <= set(after[k])
    assert len({stop for stops in after for stop in stops}) == sum(map(len, after))
    if served == 0 and not (closing and opening):
        assert float(board.sheet.route["total"].sum()) <= cost + 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_search_finds_the_best_of_all_plans_in_a_small_world(seed: int) -> None:
    board = board_of({"seed": seed, "on_board": 0}, 5.0, waiting=3, couriers=2)
    inserted(board, [0, 1, 2])
    plan_tours(np.arange(3), SEARCH, 0, 0, board.parts)

    def least(k: int, jobs: list[int]) -> float:
        stops = [stop for job in jobs for stop in (2 * job, 2 * job + 1)]
        orders = (list(order) for order in permutations(stops))
        return min(plain_cost(board, k, order) for order in orders if plain.in_order(order))

    best = min(
        sum(least(k, [job for job in range(3) if who[job] == k]) for k in range(2))
        for who in product(range(2), repeat=3)
    )
    assert float(board.sheet.route["total"].sum()) == pytest.approx(best)


def test_the_same_seed_gives_the_same_routes() -> None:
    def routes() -> list[list[int]]:
        board = board_of({"seed": 3, "on_board": 1}, 0.0, waiting=10)
        inserted(board, list(range(10)))
        plan_tours(np.arange(10), SEARCH, 0, 1, board.parts)
        return [stops_of(board, k) for k in range(3)]

    assert routes() == routes()


def test_couriers_that_need_not_work_are_closed() -> None:
    board = board_of({"seed": 1, "on_board": 0}, 1000.0, waiting=4)
    for job, k in enumerate([0, 1, 2, 0]):
        length = int(board.sheet.route["length"][k])
        board.sheet.step["stop"][k, length : length + 2] = 2 * job, 2 * job + 1
        board.sheet.route["length"][k] = length + 2
    assert plan_tours(np.empty(0, np.int64), SEARCH, 200, 0, board.parts)
    assert sorted(board.sheet.route["length"].tolist()) == [0, 0, 8]


@pytest.mark.parametrize(
    "changes",
    [
        {"door_weight": 1.0},
        {"courier_weight": 0.5},
        {"driving_weight": 0.0},
        {"most_detour": 5.0},
        {"most_on_board": 2},
    ],
)
def test_only_driving_and_hard_windows_are_vehicle_routing(changes: dict[str, Any]) -> None:
    board = board_of({"seed": 0, "on_board": 0}, 0.0, waiting=4)
    assert is_vehicle_routing(3, board.parts)
    assert not is_vehicle_routing(2, board.parts)
    other = Board(board.seen, board.params.model_copy(update=changes))
    assert not is_vehicle_routing(3, other.parts)
