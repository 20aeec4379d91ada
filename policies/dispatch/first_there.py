"""Which idle courier is first at the pickup of each waiting parcel: compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.dispatch.evaluation import COURIER, Records
from policies.dispatch.insertion import is_refused
from policies.dispatch.planning import records_of
from policies.observations import DispatchObservation


def first_there(
    waiting: NDArray[np.int64], couriers: NDArray[np.int64], seen: DispatchObservation
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give parcels, one after the other, to the idle courier who can fetch each first.

    Args:
        waiting: (J,) rows of the known jobs, in the order in which they are given.
        couriers: (I,) rows of the fleet, idle ones; each gets one parcel at most.
        seen: what the dispatcher is shown.

    Returns:
        (U,) jobs that are given, and (U,) the couriers who get them.
    """
    team = np.empty(len(couriers), COURIER)
    for name in ("place", "base", "shift_end", "capacity"):
        team[name] = getattr(seen.fleet, name)[couriers]
    team["speed"] = seen.fleet.speed[couriers] * seen.slowdown
    refused = np.array(seen.refused, dtype=np.int64).reshape(-1, 2)
    row = _first_there(
        records_of(seen.jobs, waiting),
        waiting,
        team,
        couriers,
        np.asarray(seen.travel.minutes),
        float(seen.now),
        float(seen.service_before),
        bool(seen.must_return),
        refused,
    )
    return waiting[row >= 0], couriers[row[row >= 0]]


@njit(cache=True)
def _first_there(
    work: Records,
    number: NDArray[np.int64],
    team: Records,
    courier: NDArray[np.int64],
    minutes: NDArray[Any],
    now: float,
    before: float,
    must_return: bool,
    refused: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(J,) row in the team of who gets each parcel; -1: nobody."""
    given = np.full(len(work), -1, np.int64)
    free = np.ones(len(team), np.bool_)
    left = len(team)
    for j in range(len(work)):
        if left == 0:
            break
        pickup, dropoff = work[j].pickup, work[j].dropoff
        least, best = np.inf, -1
        for k in range(len(team)):
            if not free[k] or work[j].units > team[k].capacity:
                continue
            arrival = now + minutes[team[k].place, pickup] * team[k].speed
            if arrival >= least or arrival > work[j].pickup_by:
                continue
            handover = max(arrival + before * work[j].pickup_service, work[j].ready)
            if handover > team[k].shift_end:
                continue
            leaves = handover + (1.0 - before) * work[j].pickup_service
            ride = minutes[pickup, dropoff] * team[k].speed
            door = max(leaves + ride + before * work[j].dropoff_service, work[j].not_before)
            if door > work[j].deadline:
                continue
            if must_return:
                gone = door + (1.0 - before) * work[j].dropoff_service
                if gone + minutes[dropoff, team[k].base] * team[k].speed > team[k].shift_end:
                    continue
            if len(refused) > 0 and is_refused(courier[k], number[j], refused):
                continue
            least, best = arrival, k
        if best >= 0:
            given[j] = best
            free[best] = False
            left -= 1
    return given
