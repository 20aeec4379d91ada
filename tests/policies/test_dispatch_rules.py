"""Dispatch policies on their own: who is sent where, and whether the kernel says the same."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch.cheapest_insertion import CheapestInsertion
from policies.dispatch.insertion import (
    Fleet,
    Parcels,
    Routes,
    Terms,
    insert_in_turn,
    insert_in_turn_plainly,
    release,
)
from policies.dispatch.nearest import NearestCourier
from policies.observations import DispatchObservation, DispatchPlan

WIDTH = 24


def line(places: int = 11) -> SimpleNamespace:
    """Places a minute apart along a street."""
    minutes = np.abs(np.subtract.outer(np.arange(places), np.arange(places))).astype(np.float32)
    return SimpleNamespace(minutes=minutes, metres=minutes * 400)


def seen(
    jobs: list[tuple[int, int, int]],
    couriers: list[dict[str, Any]],
    *,
    now: float = 0.0,
    due: float = 40.0,
) -> DispatchObservation:
    """Jobs (id, pickup, drop-off); couriers with place and, if they differ, the other fields.

    A courier's `route` is a list of (job, is drop-off, place).
    """
    job, pickup, dropoff = (np.array(column, dtype=np.int64) for column in zip(*jobs, strict=True))
    routes = [one.get("route", []) for one in couriers]
    route_job = np.full((len(couriers), WIDTH), -1, dtype=np.int64)
    route_is_dropoff = np.zeros((len(couriers), WIDTH), dtype=bool)
    route_place = np.zeros((len(couriers), WIDTH), dtype=np.int64)
    for k, route in enumerate(routes):
        for stop, (number, drop, place) in enumerate(route):
            route_job[k, stop], route_is_dropoff[k, stop] = number, drop
            route_place[k, stop] = place

    def each(name: str, default: float) -> np.ndarray:
        return np.array([one.get(name, default) for one in couriers])

    return DispatchObservation(
        now=now,
        job=job,
        pickup=pickup,
        dropoff=dropoff,
        placed=np.zeros(len(jobs)),
        ready=np.zeros(len(jobs)),
        due=np.full(len(jobs), due),
        units=np.ones(len(jobs), dtype=np.int64),
        courier=np.arange(len(couriers)) + 100,
        place=each("place", 0),
        free_at=each("free_at", now).astype(float),
        shift_end=each("shift_end", 1000.0).astype(float),
        capacity=each("capacity", 4),
        speed=each("speed", 1.0),
        load=each("load", 0),
        route_length=np.array([len(route) for route in routes]),
        route_job=route_job,
        route_is_dropoff=route_is_dropoff,
        route_place=route_place,
        route_due=np.full((len(couriers), WIDTH), due),
        route_ready=np.zeros((len(couriers), WIDTH)),
        route_units=np.ones((len(couriers), WIDTH), dtype=np.int64),
        pickup_service=2.0,
        dropoff_service=2.0,
        travel=line(),
    )


def routes_of(plan: DispatchPlan) -> dict[int, list[tuple[int, bool]]]:
    return {
        int(k): [(int(job), bool(drop)) for job, drop in zip(jobs, drops, strict=True) if job >= 0]
        for k, jobs, drops in zip(plan.courier, plan.route_job, plan.route_is_dropoff, strict=True)
    }


def nearest() -> NearestCourier:
    return NearestCourier(NearestCourier.Params(name="nearest"))


def insertion(**params: Any) -> CheapestInsertion:
    return CheapestInsertion(CheapestInsertion.Params(name="cheapest_insertion", **params))


@pytest.mark.parametrize("policy", [nearest(), insertion()], ids=lambda policy: policy.name)
class TestBothPolicies:
    def test_the_courier_next_door_is_sent(self, policy: Any) -> None:
        plan = policy.dispatch(seen([(7, 5, 6)], [{"place": 0}, {"place": 4}, {"place": 10}]))
        assert routes_of(plan) == {1: [(7, False), (7, True)]}

    def test_a_slow_courier_next_door_is_passed_over(self, policy: Any) -> None:
        plan = policy.dispatch(seen([(7, 5, 6)], [{"place": 2}, {"place": 4, "speed": 9.0}]))
        assert list(routes_of(plan)) == [0]

    def test_who_cannot_fetch_it_before_the_shift_ends_is_not_sent(self, policy: Any) -> None:
        plan = policy.dispatch(seen([(7, 5, 6)], [{"place": 4, "shift_end": 0.5}, {"place": 0}]))
        assert list(routes_of(plan)) == [1]

    def test_a_parcel_waits_where_nobody_can_fetch_it(self, policy: Any) -> None:
        plan = policy.dispatch(seen([(7, 5, 6)], [{"place": 0, "shift_end": 4.0}]))
        assert routes_of(plan) == {}

    def test_a_parcel_larger_than_the_bag_waits(self, policy: Any) -> None:
        plan = policy.dispatch(seen([(7, 5, 6)], [{"capacity": 0}]))
        assert routes_of(plan) == {}


def test_the_nearest_rule_leaves_couriers_with_work_alone() -> None:
    busy = {"place": 5, "load": 1, "route": [(3, True, 9)]}
    later = {"place": 5, "free_at": 1.0}
    plan = nearest().dispatch(seen([(7, 5, 6), (8, 5, 6)], [busy, later, {"place": 0}]))
    assert routes_of(plan) == {2: [(7, False), (7, True)]}


def test_two_parcels_of_one_shop_share_a_route() -> None:
    plan = insertion(door_weight=0.0).dispatch(seen([(7, 5, 9), (8, 5, 10)], [{"place": 4}, {}]))
    route = routes_of(plan)[0]
    assert {job for job, drop in route[:2] if not drop} == {7, 8}
    assert route[2:] == [(7, True), (8, True)]


def test_a_small_bag_makes_two_trips_of_them() -> None:
    one = {"place": 4, "capacity": 1}
    plan = insertion(door_weight=0.0).dispatch(seen([(7, 5, 9), (8, 5, 10)], [one]))
    assert [drop for _, drop in routes_of(plan)[0]] == [False, True, False, True]


def test_minutes_until_a_courier_is_free_count_as_minutes_to_the_door() -> None:
    """Both are as far from the shop, but one is busy for another half an hour."""
    plan = insertion().dispatch(seen([(7, 5, 6)], [{"place": 4, "free_at": 30.0}, {"place": 4}]))
    assert list(routes_of(plan)) == [1]


def test_a_promise_makes_the_detour_wait() -> None:
    shown = seen([(7, 3, 1)], [{"place": 5, "load": 1, "route": [(3, True, 10)]}], due=100.0)
    promised = replace(shown, route_due=np.full((1, WIDTH), 6.5))
    shortest_first = routes_of(insertion(door_weight=0.0).dispatch(shown))
    urgent_first = routes_of(insertion(door_weight=0.0).dispatch(promised))
    assert shortest_first[0] == [(7, False), (7, True), (3, True)]
    assert urgent_first[0] == [(3, True), (7, False), (7, True)]


def test_a_parcel_behind_a_busy_courier_goes_to_one_who_became_free() -> None:
    behind = {"place": 9, "free_at": 25.0, "route": [(3, False, 2), (3, True, 1)]}
    new = [(7, 10, 8)]
    plan = routes_of(insertion().dispatch(seen(new, [behind, {"place": 2}])))
    assert (3, False) in plan[1]
    assert (3, False) not in plan[0]
    kept = routes_of(insertion(replan=False).dispatch(seen(new, [behind, {"place": 2}])))
    assert all((3, False) not in route for k, route in kept.items() if k == 1)


def test_what_is_on_board_stays_on_board() -> None:
    carrying = {"place": 9, "load": 1, "route": [(3, True, 2), (4, False, 8), (4, True, 7)]}
    plan = routes_of(insertion().dispatch(seen([(7, 1, 0)], [carrying, {"place": 8}])))
    assert (3, True) in plan[0]
    assert all(job != 3 for job, _ in plan[1])


def test_an_observation_is_left_as_it_was() -> None:
    shown = seen([(7, 1, 0)], [{"place": 9, "route": [(4, False, 8), (4, True, 7)]}, {"place": 8}])
    before = [shown.route_job.copy(), shown.route_length.copy(), shown.route_place.copy()]
    insertion().dispatch(shown)
    after = [shown.route_job, shown.route_length, shown.route_place]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def random_instance(seed: int) -> tuple[Parcels, Fleet, Routes, np.ndarray, Terms]:
    """A few couriers, some with parcels on board, and parcels for them, on a plane."""
    rng = np.random.default_rng(seed)
    count, couriers, places = int(rng.integers(1, 7)), int(rng.integers(1, 4)), 12
    points = rng.uniform(0, 15, (places, 2))
    minutes = np.linalg.norm(points[:, None] - points, axis=2).astype(np.float32)
    parcels = Parcels(
        np.arange(count),
        rng.integers(0, places, count),
        rng.integers(0, places, count),
        rng.uniform(20, 60, count),
        rng.uniform(0, 30, count),
        rng.integers(1, 3, count),
    )
    length = rng.integers(0, 3, couriers)
    held = np.arange(WIDTH) < length[:, None]
    routes = Routes(
        length.astype(np.int64),
        np.where(held, 100 + np.arange(couriers * WIDTH).reshape(couriers, WIDTH), -1),
        rng.integers(0, places, (couriers, WIDTH)),
        held.copy(),
        rng.uniform(20, 60, (couriers, WIDTH)),
        np.zeros((couriers, WIDTH)),
        np.ones((couriers, WIDTH), dtype=np.int64),
    )
    fleet = Fleet(
        rng.integers(0, places, couriers),
        rng.uniform(0, 20, couriers),
        rng.uniform(0.8, 1.5, couriers),
        length.astype(np.int64),
        np.full(couriers, int(rng.integers(2, 5))),
        rng.uniform(10, 80, couriers),
    )
    weights = rng.uniform(0, 3, 2)
    terms = Terms(0.0, 3.0, 2.0, float(weights[0]), float(weights[1]), int(rng.integers(2, 12)), 8)
    return parcels, fleet, routes, minutes, terms


def stops(routes: Routes) -> list[list[tuple[int, bool]]]:
    return [
        [(int(routes.job[k, s]), bool(routes.is_dropoff[k, s])) for s in range(routes.length[k])]
        for k in range(len(routes.length))
    ]


@settings(max_examples=150)
@given(st.integers(0, 100_000))
def test_the_kernel_inserts_as_the_plain_version_does(seed: int) -> None:
    parcels, fleet, routes, minutes, terms = random_instance(seed)
    expected = insert_in_turn_plainly(parcels, fleet, routes, minutes, terms)
    insert_in_turn(parcels, fleet, routes, minutes, terms)
    assert stops(routes) == expected


@given(st.integers(0, 100_000))
def test_what_was_inserted_can_be_taken_out_again(seed: int) -> None:
    parcels, fleet, routes, minutes, terms = random_instance(seed)
    before = stops(routes)
    insert_in_turn(parcels, fleet, routes, minutes, terms)
    fetched = {job for route in stops(routes) for job, drop in route if not drop}
    freed = release(routes)
    assert stops(routes) == before
    assert set(freed.job.tolist()) == fetched
    order = np.argsort(freed.job)
    for column, original in zip(freed, parcels, strict=True):
        np.testing.assert_array_equal(column[order], original[np.sort(freed.job)])
