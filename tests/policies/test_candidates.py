"""Candidates: couriers near a pickup, found without looking at the whole fleet."""

import numpy as np
import pytest
from dispatch_moments import moment
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch import planning
from policies.dispatch.candidates import LOOKED_AT, candidates
from policies.dispatch.insertion import best_courier, put_in
from policies.dispatch.options import Planning
from policies.dispatch.planning import Board
from policies.dispatch.whereabouts import (
    NOWHERE,
    PLACES_LISTED,
    Whereabouts,
    couriers_near,
    enter,
    enter_all,
    whereabouts,
)

fleets = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 100_000),
        "couriers": st.integers(1, 40),
        "waiting": st.integers(1, 12),
        "on_board": st.integers(0, 2),
        "strict": st.booleans(),
    }
)


def entered(board: Board, listed: int = PLACES_LISTED) -> Whereabouts:
    """Where the couriers of a board are, with so many places listed as near."""
    room = board.sheet.step.shape[1] - 1
    where = whereabouts(len(board.team), room, board.minutes, board.work["pickup"])
    where = where._replace(near=np.ascontiguousarray(where.near[:, :listed]))
    enter_all(where, board.sheet, board.work, board.team, board.terms.most_stops)
    return where


def chosen(board: Board, where: Whereabouts, job: int, most: int) -> list[int]:
    rows, promise = np.empty(most, np.int64), np.empty(most)
    parts = board.sheet, board.work, board.team, board.minutes, board.terms
    return rows[: candidates(job, where, *parts, rows, promise)].tolist()


def grow(board: Board, where: Whereabouts, jobs: int) -> None:
    """Put parcels into routes, and enter whose routes have changed."""
    parts = board.sheet, board.work, board.team, board.minutes, board.terms
    everybody, luck = np.arange(len(board.team)), np.ones(1, np.uint64)
    for job in range(jobs):
        _, k, i, j = best_courier(job, everybody, *parts, board.refused, 0.0, luck)
        if k >= 0:
            put_in(k, i, j, job, *parts)
            enter(k, where, board.sheet, board.work, board.team, board.terms.most_stops)


def touches(board: Board, k: int) -> set[int]:
    """The places of a courier's route, and where it is."""
    stops = board.sheet.step["stop"][k, : board.sheet.route["length"][k]]
    doors, shops = board.work["dropoff"], board.work["pickup"]
    return {int(board.team["place"][k])} | {
        int((doors if stop % 2 else shops)[stop // 2]) for stop in stops.tolist()
    }


@settings(max_examples=150, deadline=None)
@given(where=fleets, most=st.integers(1, 12), listed=st.integers(1, 9))
def test_couriers_near_are_those_whose_routes_touch_the_nearest_places(
    where: dict[str, int], most: int, listed: int
) -> None:
    board = Board(moment(**where), Planning())
    index = entered(board, listed)
    grow(board, index, where["waiting"] - 1)
    pickup = int(board.work["pickup"][where["waiting"] - 1])
    places = np.argsort(board.minutes[pickup], kind="stable")[:listed].tolist()
    able = board.sheet.route["length"] + 2 <= board.terms.most_stops
    expected: set[int] = set()
    for busy in (False, True):
        kind = np.flatnonzero(able & ((board.sheet.route["length"] > 0) == busy)).tolist()
        near: set[int] = set()
        for place in places:
            if len(near) >= most:
                break
            near |= {k for k in kind if place in touches(board, k)}
        expected |= near
    found = couriers_near(pickup, most, index).tolist()
    assert len(found) == len(set(found))
    assert set(found) == expected


@settings(max_examples=150, deadline=None)
@given(where=fleets, most=st.integers(1, 40))
def test_candidates_are_those_of_a_scan_where_all_may_be_looked_at(
    where: dict[str, int], most: int
) -> None:
    board = Board(moment(**where), Planning())
    index = entered(board)
    grow(board, index, where["waiting"] - 1)
    job = where["waiting"] - 1
    best = chosen(board, NOWHERE, job, most)
    if len(board.team) <= LOOKED_AT * most:
        assert chosen(board, index, job, most) == best
    # Whoever is looked at and was among the best of all is chosen again.
    near = set(couriers_near(int(board.work["pickup"][job]), LOOKED_AT * most, index).tolist())
    if len(chosen(board, index, job, most)) == most and len(near) >= most:
        assert {k for k in best if k in near} <= set(chosen(board, index, job, most))


def test_large_fleets_alone_ask_where_couriers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = moment(3, couriers=12, waiting=4)
    assert Board(seen, Planning()).where is NOWHERE
    monkeypatch.setattr(planning, "FEW", 11)
    assert len(Board(seen, Planning()).where.mark) == 12
