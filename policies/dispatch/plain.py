"""The evaluation of routes without arrays: what the compiled one is tested on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policies.dispatch.evaluation import Records, Terms


def route_cost(
    k: int, stops: list[int], work: Records, team: Records, minutes: NDArray[Any], terms: Terms
) -> float:
    """What a route costs; infinite where it breaks a rule.

    Args:
        k: the courier.
        stops: of the route; twice the job's row, plus one at the drop-off.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.

    Returns:
        The cost in minutes of a courier.
    """
    if not stops:
        return 0.0
    pace, before = float(team["speed"][k]), terms.service_before
    places = [int((work["dropoff"] if stop % 2 else work["pickup"])[stop // 2]) for stop in stops]
    fetched = {stop // 2 for stop in stops if stop % 2 == 0}
    carried = [stop // 2 for stop in stops if stop % 2 == 1 and stop // 2 not in fetched]
    load, on_board, cost = int(team["load"][k]), len(carried), float(team["opening"][k])
    start = clock = float(team["start"][k])
    at, rest = int(team["place"][k]), float(team["lingers"][k])
    began = dict.fromkeys(carried, (start, at, 0.0))
    for stop, place in zip(stops, places, strict=True):
        job = stop // 2
        drive = float(minutes[at, place]) * pace
        cost += terms.driven * drive
        if stop % 2:
            service = float(work["dropoff_service"][job])
            door = max(clock + drive + before * service, float(work["not_before"][job]))
            cost += terms.door * (door - terms.now)
            cost += terms.late * max(door - float(work["due"][job]), 0.0)
            fetched_at, origin, after = began[job]
            direct = float(minutes[origin, place]) * pace + after + before * service
            soonest = max(fetched_at + direct, float(work["not_before"][job]))
            if door > float(work["deadline"][job]) or door > soonest + terms.most_detour + 1e-9:
                return np.inf
            clock, on_board = door + (1 - before) * service, on_board - 1
            load -= int(work["units"][job])
            rest = -1.0
        else:
            together = terms.shared_pickup and at == place and rest >= 0.0
            begins = clock - rest if together else clock + drive
            service = 0.0 if together else float(work["pickup_service"][job])
            handover = max(begins + before * service, float(work["ready"][job]))
            if not together:
                rest = (1 - before) * service
            load, on_board = load + int(work["units"][job]), on_board + 1
            cost += float(team["per_job"][k])
            late = begins > float(work["pickup_by"][job])
            if late or handover > min(float(team["shift_end"][k]), float(work["deadline"][job])):
                return np.inf
            if load > team["capacity"][k] or on_board > terms.most_on_board:
                return np.inf
            clock = handover + rest
            began[job] = handover, place, (1 - before) * float(work["pickup_service"][job])
        at = place
    if terms.must_return:
        home = float(minutes[at, team["base"][k]]) * pace
        clock += home
        cost += terms.driven * home
        if clock > float(team["shift_end"][k]):
            return np.inf
    return cost + terms.busy * (clock - start - slack_of(k, stops[0], work, team, minutes, terms))


def slack_of(
    k: int, first: int, work: Records, team: Records, minutes: NDArray[Any], terms: Terms
) -> float:
    """Minutes by which courier k may leave later for its first stop without any delay."""
    job = first // 2
    place = int((work["dropoff"] if first % 2 else work["pickup"])[job])
    service = float((work["dropoff_service"] if first % 2 else work["pickup_service"])[job])
    earliest = float((work["not_before"] if first % 2 else work["ready"])[job])
    arrival = float(team["start"][k]) + float(minutes[team["place"][k], place]) * float(
        team["speed"][k]
    )
    return max(earliest - arrival - terms.service_before * service, 0.0)


def best_insertion(
    k: int,
    job: int,
    stops: list[int],
    work: Records,
    team: Records,
    minutes: NDArray[Any],
    terms: Terms,
) -> tuple[float, list[int]]:
    """The least added cost of a job in a route, every two places tried, and the new route."""
    before = route_cost(k, stops, work, team, minutes, terms)
    options = [
        (route_cost(k, new, work, team, minutes, terms) - before, new)
        for i, j in positions(len(stops))
        for new in [[*stops[:i], 2 * job, *stops[i:j], 2 * job + 1, *stops[j:]]]
    ]
    return min(options, key=lambda option: option[0])


def positions(stops: int) -> list[tuple[int, int]]:
    """Every pair of places for a pickup and the drop-off behind it in a route."""
    return [(i, j) for i in range(stops + 1) for j in range(i, stops + 1)]


def in_order(stops: list[int]) -> bool:
    """Whether every parcel is fetched before it is brought, and no stop is there twice."""
    apart = all(a != b for a, b in pairwise(sorted(stops)))
    first = {stop // 2 for row, stop in enumerate(stops) if stop % 2 and stop - 1 in stops[row:]}
    return apart and not first
