"""Dispatch against exhaustive search, in worlds small enough to try everything."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch.cheapest_insertion import CheapestInsertion
from policies.dispatch.nearest import NearestCourier
from policies.observations import DispatchObservation, DispatchPlan

STOPS, NOW = 24, 600.0
DOOR, LATE = 0.7, 3.0  # weights of a minute to the door and of a minute late

Route = list[int]  # jobs; the first time a job of the queue is met it is fetched


@dataclass(frozen=True)
class Travel:
    """Minutes between points of a plane."""

    minutes: np.ndarray
    metres: np.ndarray


def morning(seed: int, *, couriers: int = 3, waiting: int = 1, on_board: int = 3, late: float = 80):
    """Couriers with parcels on board, in the order of a random route, and parcels that wait.

    Jobs 0.. wait; job 100 k + i is the i-th on board of courier k. Services take no time.
    """
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 15, (14, 2))
    minutes = np.linalg.norm(points[:, None] - points, axis=2).astype(np.float32)
    load = rng.integers(0, on_board + 1, couriers)
    route = np.full((couriers, STOPS), -1, dtype=np.int64)
    for k in range(couriers):
        route[k, : load[k]] = 100 * (k + 1) + np.arange(load[k])
    shape = (couriers, STOPS)
    return DispatchObservation(
        now=NOW,
        job=np.arange(waiting),
        pickup=rng.integers(0, 14, waiting).astype(np.int32),
        dropoff=rng.integers(0, 14, waiting).astype(np.int32),
        placed=np.full(waiting, NOW - 1),
        ready=NOW + rng.uniform(0, 15, waiting),
        due=NOW + rng.uniform(10, late, waiting),
        units=rng.integers(1, 3, waiting).astype(np.int32),
        courier=np.arange(couriers) + 40,
        place=rng.integers(0, 14, couriers).astype(np.int32),
        free_at=NOW + rng.uniform(0, 8, couriers) * (rng.random(couriers) < 0.5),
        shift_end=NOW + rng.uniform(0, 60, couriers),
        capacity=rng.integers(1, 5, couriers).clip(min=load).astype(np.int32),
        speed=rng.uniform(0.7, 1.4, couriers),
        load=load.astype(np.int32),
        route_length=load.astype(np.int32),
        route_job=route,
        route_is_dropoff=route >= 0,
        route_place=rng.integers(0, 14, shape).astype(np.int32),
        route_due=NOW + rng.uniform(0, late, shape),
        route_ready=np.full(shape, NOW - 20),
        route_units=np.ones(shape, dtype=np.int32),
        pickup_service=0.0,
        dropoff_service=0.0,
        travel=Travel(minutes, minutes * 400),
    )


def cost(seen: DispatchObservation, k: int, route: list[tuple[int, bool]]) -> float:
    """What courier k's route costs; infinite where it is not allowed. Written without arrays."""
    clock, at, load = float(seen.free_at[k]), int(seen.place[k]), int(seen.load[k])
    total = 0.0
    for job, drop in route:
        if job < 100:
            place = int(seen.dropoff[job] if drop else seen.pickup[job])
            due, units = float(seen.due[job]), int(seen.units[job])
        else:
            stop = job % 100
            place, due = int(seen.route_place[k, stop]), float(seen.route_due[k, stop])
            units = int(seen.route_units[k, stop])
        clock += float(seen.travel.minutes[at, place]) * float(seen.speed[k])
        at = place
        if drop:
            load -= units
            total += DOOR * (clock - NOW) + LATE * max(clock - due, 0.0)
            continue
        load += units
        if clock > seen.shift_end[k] or load > seen.capacity[k]:
            return float("inf")
        clock = max(clock, float(seen.ready[job]))
    return total + clock - NOW


def present(seen: DispatchObservation, k: int) -> list[tuple[int, bool]]:
    return [(int(job), True) for job in seen.route_job[k, : seen.route_length[k]]]


def planned(seen: DispatchObservation, plan: DispatchPlan) -> dict[int, list[tuple[int, bool]]]:
    return {
        int(k): [(int(j), bool(d)) for j, d in zip(jobs, drops, strict=True) if j >= 0]
        for k, jobs, drops in zip(plan.courier, plan.route_job, plan.route_is_dropoff, strict=True)
    }


def cheapest(seen: DispatchObservation, job: int) -> float:
    """The least added cost of a waiting parcel, every courier and every two places tried."""
    best = float("inf")
    for k in range(len(seen.courier)):
        route = present(seen, k)
        before = cost(seen, k, route)
        for i in range(len(route) + 1):
            for j in range(i, len(route) + 1):
                new = [*route[:i], (job, False), *route[i:j], (job, True), *route[j:]]
                best = min(best, cost(seen, k, new) - before)
    return best


def insertion(**params: float) -> CheapestInsertion:
    return CheapestInsertion(
        CheapestInsertion.Params(
            **{"name": "cheapest_insertion", "door_weight": DOOR, "lateness_weight": LATE} | params
        )
    )


@settings(max_examples=300)
@given(seed=st.integers(0, 100_000), on_board=st.integers(0, 4))
def test_a_parcel_goes_where_exhaustive_search_would_put_it(seed: int, on_board: int) -> None:
    seen = morning(seed, on_board=on_board)
    routes = planned(seen, insertion().dispatch(seen))
    best = cheapest(seen, 0)
    if not np.isfinite(best):
        assert routes == {}
        return
    assert len(routes) == 1
    ((k, route),) = routes.items()
    assert cost(seen, k, route) - cost(seen, k, present(seen, k)) == pytest.approx(best, abs=1e-3)
    assert [stop for stop in route if stop[0] != 0] == present(seen, k)  # the rest keeps its order


@settings(max_examples=100)
@given(seed=st.integers(0, 100_000), waiting=st.integers(2, 12))
def test_every_plan_for_many_parcels_can_be_driven(seed: int, waiting: int) -> None:
    seen = morning(seed, waiting=waiting)
    routes = planned(seen, insertion().dispatch(seen))
    fetched = [job for route in routes.values() for job, drop in route if not drop]
    assert len(set(fetched)) == len(fetched)
    for k, route in routes.items():
        assert np.isfinite(cost(seen, k, route))
        assert [stop for stop in route if stop[0] >= 100] == present(seen, k)
        for job in {job for job, _ in route if job < 100}:
            assert route.index((job, False)) < route.index((job, True))
        assert len(set(route)) == len(route)
        assert len(route) <= 12


def test_no_plan_is_made_where_nothing_fits() -> None:
    seen = morning(3, waiting=5, on_board=0)
    small = np.zeros(len(seen.courier), dtype=np.int32)
    full = DispatchObservation(
        **{name: getattr(seen, name) for name in seen.__slots__ if name != "capacity"},
        capacity=small,
    )
    for policy in (insertion(), nearest()):
        assert planned(full, policy.dispatch(full)) == {}


def test_planning_changes_nothing_that_it_was_shown() -> None:
    seen = morning(5, waiting=6)
    before = seen.route_job.copy(), seen.route_place.copy(), seen.load.copy()
    first = insertion().dispatch(seen)
    second = insertion().dispatch(seen)
    for old, new in zip(before, (seen.route_job, seen.route_place, seen.load), strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(first.route_job, second.route_job)


def test_fewer_stops_planned_ahead_leave_parcels_waiting() -> None:
    seen = morning(8, waiting=12, on_board=0)
    few, many = (
        sum(len(r) for r in planned(seen, insertion(most_stops=most).dispatch(seen)).values())
        for most in (2, 12)
    )
    assert few <= 2 * len(seen.courier) < many


def nearest() -> NearestCourier:
    return NearestCourier(NearestCourier.Params(name="nearest"))


@settings(max_examples=100)
@given(seed=st.integers(0, 100_000), waiting=st.integers(1, 6))
def test_the_nearest_idle_courier_fetches_the_oldest_parcel(seed: int, waiting: int) -> None:
    seen = morning(seed, waiting=waiting, couriers=4, on_board=1)
    idle = {k for k in range(4) if seen.route_length[k] == 0 and seen.free_at[k] <= NOW}
    expected: dict[int, list[tuple[int, bool]]] = {}
    for job in range(waiting):
        arrival = {
            k: NOW + float(seen.travel.minutes[seen.place[k], seen.pickup[job]] * seen.speed[k])
            for k in sorted(idle)
        }
        able = {
            k: at
            for k, at in arrival.items()
            if at <= seen.shift_end[k] and seen.units[job] <= seen.capacity[k]
        }
        if able:
            k = min(able, key=lambda one: able[one])
            idle.remove(k)
            expected[k] = [(job, False), (job, True)]
    assert planned(seen, nearest().dispatch(seen)) == expected
