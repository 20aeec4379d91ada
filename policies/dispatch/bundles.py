"""Bundles of parcels of one shop, and what it costs couriers to bring them: compiled.

Source: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018), "The meal delivery routing
problem", section 5.1: bundles by shop, sized by the load, built by insertion.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.evaluation import (
    COURIER,
    VIOLATION,
    Records,
    Sheet,
    Terms,
    empty_sheet,
    evaluate,
    evaluate_all,
)
from policies.dispatch.insertion import candidates, insert_in_turn, is_refused, take_out


@njit(cache=True)
def release(
    sheet: Sheet, work: Records, team: Records, minutes: NDArray[Any], terms: Terms
) -> NDArray[np.int64]:
    """Take everything that is not yet fetched out of the routes; what is on board stays.

    Args:
        sheet: the routes, evaluated; changed in place.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.

    Returns:
        (J,) rows of the jobs taken out, by courier and place in its route.
    """
    taken = np.empty(len(work), np.int64)
    count = 0
    for k in range(len(sheet.route)):
        first = count
        for s in range(sheet.route[k].length):
            if not sheet.step[k, s].stop & 1:
                taken[count] = sheet.step[k, s].stop >> 1
                count += 1
        for row in range(first, count):
            take_out(k, taken[row], sheet, work, team, minutes, terms)
    return taken[:count]


def bundles_of_shop(
    jobs: NDArray[np.int64],
    size: int,
    work: Records,
    minutes: NDArray[Any],
    terms: Terms,
) -> list[list[int]]:
    """Split the parcels of one shop into bundles, each new one where it delays the doors least.

    Args:
        jobs: (J,) rows of parcels, all fetched at one place, in the order in which they are ready.
        size: most parcels of a bundle.
        work: the jobs.
        minutes: (P, P) travel minutes.
        terms: what counts.

    Returns:
        The stops of each bundle: all pickups, then the drop-offs in the order found.
    """
    if size == 1 or len(jobs) == 1:
        return [[2 * int(job), 2 * int(job) + 1] for job in jobs]
    count = -(-len(jobs) // size)
    team = np.zeros(count, COURIER)
    shop = work["pickup"][jobs[0]]
    team["takes_work"], team["speed"], team["lingers"] = True, 1.0, -1.0
    team["place"], team["base"], team["start"] = shop, shop, terms.now
    team["shift_end"], team["capacity"] = np.inf, np.iinfo(np.int64).max
    terms = terms._replace(most_stops=2 * size, most_on_board=size, must_return=False)
    sheet = empty_sheet(count, 2 * size)
    nobody = np.empty((0, 2), np.int64)
    evaluate_all(sheet, work, team, minutes, terms)
    insert_in_turn(jobs, sheet, work, team, minutes, terms, nobody, count, len(jobs))
    bundles = []
    for k in range(count):
        stops = sheet.step["stop"][k, : sheet.route["length"][k]].tolist()
        if stops:
            fetch = [stop for stop in stops if stop % 2 == 0]
            bundles.append(fetch + [stop for stop in stops if stop % 2 == 1])
    left = set(jobs.tolist()) - {stop // 2 for bundle in bundles for stop in bundle}
    return bundles + [[2 * job, 2 * job + 1] for job in sorted(left)]


@njit(cache=True)
def added_costs(
    bundles: NDArray[np.int64],
    lengths: NDArray[np.int64],
    most_candidates: int,
    sheet: Sheet,
    work: Records,
    team: Records,
    minutes: NDArray[Any],
    terms: Terms,
    refused: NDArray[np.int64],
) -> NDArray[np.float64]:
    """What it costs each courier to bring each bundle after what it has on board.

    Args:
        bundles: (B, S) stops.
        lengths: (B,) how many each has.
        most_candidates: couriers tried for each bundle.
        sheet: the routes, evaluated.
        work: the jobs.
        team: the couriers.
        minutes: (P, P) travel minutes.
        terms: what counts.
        refused: (D, 2) pairs of courier and job that may not be.

    Returns:
        (B, K) added costs; infinite where the courier may not bring the bundle or is not tried.
    """
    couriers = len(sheet.route)
    costs = np.full((len(bundles), couriers), np.inf)
    chosen, promise = np.empty(most_candidates, np.int64), np.empty(most_candidates)
    for b in range(len(bundles)):
        first = bundles[b, 0] >> 1
        found = candidates(first, sheet, work, team, minutes, terms, chosen, promise)
        for k in chosen[:found]:
            n, total = sheet.route[k].length, sheet.route[k].total
            parcels, units = sheet.step[k, n].parcels, sheet.step[k, n].load
            allowed = n + lengths[b] <= terms.most_stops
            for s in range(lengths[b]):
                stop = bundles[b, s]
                if not stop & 1:
                    parcels += 1
                    units += work[stop >> 1].units
                    allowed &= not is_refused(k, stop >> 1, refused)
            if not allowed or parcels > terms.most_on_board or units > team[k].capacity:
                continue
            for s in range(lengths[b]):
                sheet.step[k, n + s].stop = bundles[b, s]
            sheet.route[k].length = n + lengths[b]
            evaluate(k, sheet, work, team, minutes, terms)
            added = sheet.route[k].total - total
            if added < 0.5 * VIOLATION:
                costs[b, k] = added
            sheet.route[k].length = n
            evaluate(k, sheet, work, team, minutes, terms)
    return costs
