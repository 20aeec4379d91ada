"""Where idle couriers are sent before anything is ordered: compiled.

A courier who has become idle goes to the place where most orders are expected that no other idle
courier can reach in time, if more are expected within reach there than where it is.

Source: covering as in Church & ReVelle (1974), "The maximal covering location problem", one courier
at a time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.planning import Board
from policies.observations import DispatchPlan

WORTH_A_DRIVE = 0.1
"""Orders an hour more within reach that are worth a drive."""

MOST_PLACES = 64
"""Places with the most expected orders that couriers are sent to."""


@njit(cache=True)
def _send(  # type: ignore[no-untyped-def]
    movers, idle, places, expected, place, speed, minutes, reach, worth
):
    """(I,) the place to which each mover goes, or -1."""
    goal = np.full(len(movers), -1, np.int64)
    covered = np.zeros(len(places), np.int64)
    for k in idle:
        for p in range(len(places)):
            if minutes[place[k], places[p]] * speed[k] <= reach:
                covered[p] += 1
    for row in range(len(movers)):
        k = movers[row]
        stays = 0.0
        for p in range(len(places)):
            if minutes[place[k], places[p]] * speed[k] <= reach:
                covered[p] -= 1
                if covered[p] == 0:
                    stays += expected[p]
        best, best_p = stays + worth, -1
        for p in range(len(places)):
            gain = 0.0
            for q in range(len(places)):
                if covered[q] == 0 and minutes[places[p], places[q]] * speed[k] <= reach:
                    gain += expected[q]
            if gain > best:
                best, best_p = gain, p
        at = place[k]
        if best_p >= 0 and places[best_p] != at:
            goal[row] = at = places[best_p]
        for p in range(len(places)):
            if minutes[at, places[p]] * speed[k] <= reach:
                covered[p] += 1
    return goal


def with_moves(plan: DispatchPlan, board: Board) -> DispatchPlan:
    """The plan, and couriers who have become idle sent where orders are expected.

    Args:
        plan: new routes.
        board: the routes as planned, and what was shown.

    Returns:
        The plan with `moved` and `moved_to`.
    """
    seen, reach = board.seen, board.params.preposition
    forecast = np.asarray(seen.forecast)
    if reach == 0.0 or not len(forecast):
        return plan
    team, nothing = board.team, board.sheet.route["length"] == 0
    idle = team["takes_work"] & nothing & (team["start"] <= seen.now) & (team["load"] == 0)
    movers = np.flatnonzero(idle & seen.changed)
    if not len(movers):
        return plan
    places, expected = _busiest(forecast)
    minutes: NDArray[Any] = board.minutes
    goal = _send(
        movers,
        np.flatnonzero(idle),
        places,
        expected,
        np.ascontiguousarray(team["place"]),
        np.ascontiguousarray(team["speed"]),
        minutes,
        reach,
        WORTH_A_DRIVE,
    )
    sent = goal >= 0
    return replace(plan, moved=movers[sent], moved_to=goal[sent])


def _busiest(forecast: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The places with the most expected orders, and how many."""
    places = np.flatnonzero(forecast > 0.0)
    order = np.lexsort((places, -forecast[places]))[:MOST_PLACES]
    return places[order], np.asarray(forecast[places[order]], dtype=np.float64)
