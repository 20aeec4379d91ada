"""Planning where windows are hard and only driving costs, as in vehicle routing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.dispatch.evaluation import Records, evaluate_all
from policies.dispatch.planning import Parts
from policies.dispatch.ruin import APART_IN_TIME, NEIGHBOURS
from policies.dispatch.search import Search, seed_of
from policies.dispatch.tour_search import Assignment, close_routes, find_couriers, improve
from policies.dispatch.tours import PLACE, STEP, STOP, TOUR, Tours, time_tour


def is_vehicle_routing(most_candidates: int, parts: Parts) -> bool:
    """Whether routes cost what is driven, and only windows and capacities bind.

    Args:
        most_candidates: couriers tried for each job.
        parts: sheet, work, team, minutes, terms and refused pairs.
    """
    _, work, team, _, terms, refused = parts
    return bool(
        terms.driven > 0.0
        and terms.door == terms.late == terms.busy == 0.0
        and terms.must_return
        and not terms.shared_pickup
        and terms.most_detour == np.inf
        and terms.most_on_board >= len(work)
        and most_candidates >= len(team)
        and not len(refused)
        and (team["speed"] == team["speed"][0]).all()
        and (team["lingers"] < 0.0).all()
        and (team["per_job"] == 0.0).all()
    )


def plan_tours(
    waiting: NDArray[np.int64], search: Search, closing: int, seed: int, parts: Parts
) -> bool:
    """Improve the routes after an insertion.

    Args:
        waiting: rows of the jobs that were waiting, in a route now or not.
        search: how.
        closing: iterations to use fewer couriers.
        seed: of chance.
        parts: sheet, work, team, minutes, terms and refused pairs, which are vehicle routing.

    Returns:
        Whether they were planned; not if some route breaks a rule already.
    """
    sheet, work, _, _, terms, _ = parts
    tours = _tours(parts)
    timed = [time_tour(k, tours) for k in range(len(tours.tour))]
    if not all(timed):
        return False
    plan = _assignment(waiting, tours, len(work))
    if not len(plan.job):
        return True
    luck = seed_of(seed, terms.now, len(waiting))
    if closing:
        close_routes(plan, search._replace(iterations=closing), tours, luck)
    improve(plan, search, tours, luck, False)
    sheet.route["length"] = tours.tour["length"]
    room = sheet.step.shape[1]
    sheet.step["stop"] = tours.step["stop"][:, 1 : room + 1]
    evaluate_all(*parts[:5])
    return True


def _tours(parts: Parts) -> Tours:
    """The routes, not timed yet."""
    sheet, work, team, minutes, terms, _ = parts
    jobs, couriers, room = len(work), len(team), sheet.step.shape[1] - 1
    begins, ends = 2 * jobs + np.arange(couriers), 2 * jobs + couriers + np.arange(couriers)
    place = np.concatenate(
        [np.column_stack([work["pickup"], work["dropoff"]]).ravel(), team["place"], team["base"]]
    )
    far = minutes[np.ix_(place, place)] * float(team["speed"][0])
    stop = _stops(work, terms.service_before, couriers)
    stop["late"][ends] = team["shift_end"]
    step = np.zeros((couriers, room + 2), STEP)
    step["stop"][:, 0], step["stop"][:, 1 : room + 1] = begins, sheet.step["stop"][:, :room]
    step["stop"][np.arange(couriers), sheet.route["length"] + 1] = ends
    step["leave"][:, 0] = team["start"]
    step["load"][:, 0] = team["load"]
    tour = np.zeros(couriers, TOUR)
    tour["length"], tour["capacity"] = sheet.route["length"], team["capacity"]
    tour["opening"], tour["is_open"] = team["opening"], team["takes_work"]
    return Tours(
        stop,
        step,
        tour,
        np.stack([far, far.T]),
        np.zeros((jobs, couriers), PLACE),
        np.empty((2, room + 2)),
        np.zeros(1, np.int64),
        float(terms.driven),
    )


def _stops(work: Records, before: float, couriers: int) -> Records:
    """Windows, services and loads of all stops.

    Args:
        work: the jobs.
        before: share of the service before the handover.
        couriers: how many; each begins and ends somewhere.
    """
    n = 2 * len(work)
    stop = np.zeros(n + 2 * couriers, STOP)
    stop["late"] = np.inf
    for first, service, units, early, late in (
        (0, work["pickup_service"], work["units"], work["ready"], work["pickup_by"]),
        (1, work["dropoff_service"], -work["units"], work["not_before"], np.inf),
    ):
        begin, end = early - before * service, work["deadline"] - before * service
        stop["early"][first:n:2] = begin
        stop["late"][first:n:2] = np.where(begin > end, -np.inf, np.minimum(end, late))
        stop["service"][first:n:2] = service
        stop["units"][first:n:2] = units
    return stop


def _assignment(waiting: NDArray[np.int64], tours: Tours, jobs: int) -> Assignment:
    """Who has which job: those that wait, and those that are planned and not fetched."""
    courier = np.full(jobs, -2)
    courier[waiting] = -1
    for k, tour in enumerate(tours.tour):
        stop = tours.step["stop"][k, 1 : tour["length"] + 1]
        courier[stop[stop % 2 == 0] // 2] = k
    job = np.flatnonzero(courier > -2)
    far, pickup, dropoff = tours.minutes[0], 2 * job, 2 * job + 1
    early = tours.stop["early"][pickup]
    apart = far[np.ix_(pickup, pickup)] + far[np.ix_(dropoff, dropoff)]
    apart = apart + APART_IN_TIME * np.abs(early[:, None] - early)
    np.fill_diagonal(apart, -1.0)
    neighbours = np.zeros((jobs, min(NEIGHBOURS, len(job))), np.int64)
    neighbours[job] = job[np.argsort(apart, axis=1, kind="stable")[:, :NEIGHBOURS]]
    plan = Assignment(job, courier, neighbours, np.zeros(jobs), np.zeros(jobs, np.bool_))
    find_couriers(plan, tours)
    return plan
