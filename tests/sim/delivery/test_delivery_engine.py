"""A day of deliveries: nothing is lost, nothing is impossible, whatever is planned."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch.cheapest_insertion import CheapestInsertion
from policies.dispatch.nearest import NearestCourier
from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.jobs import Jobs, Shifts
from sim.delivery.parcels import preparation_start
from sim.delivery.records import StopKind
from sim.delivery.rush import slowdown
from tests.courier_days import (
    Lived,
    Watched,
    jobs,
    live,
    plan_of,
    plane,
    route_of,
    shifts,
)

PLACES = 12


def nearest() -> NearestCourier:
    return NearestCourier(NearestCourier.Params(name="nearest"))


def insertion(**params: Any) -> CheapestInsertion:
    return CheapestInsertion(CheapestInsertion.Params(name="cheapest_insertion", **params))


class Whimsical:
    """Plans at random whatever can be driven: reorders, takes away, sends about, leaves late."""

    family, name = "dispatch", "whimsical"

    def __init__(self, seed: int, decides_every: float = 0.0) -> None:
        self.rng, self.decides_every = np.random.default_rng(seed), decides_every

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        fleet, rng = seen.fleet, self.rng
        rows = np.flatnonzero(fleet.on_shift).tolist()
        routes = {k: route_of(seen, k) for k in rows}
        waiting = seen.waiting.tolist()
        if rng.random() < 0.3:  # plan somebody's parcels anew
            k = rows[int(rng.integers(len(rows)))]
            planned = [job for job, drop in routes[k] if not drop]
            routes[k] = [stop for stop in routes[k] if stop[0] not in planned]
            waiting += planned
        for job in waiting:
            k = rows[int(rng.integers(len(rows)))]
            i = int(rng.integers(len(routes[k]) + 1))
            j = int(rng.integers(i, len(routes[k]) + 1))
            old = routes[k]
            new = [*old[:i], (job, False), *old[i:j], (job, True), *old[j:]]
            fits = self.most(seen, int(fleet.load[k]), new) <= fleet.capacity[k]
            if fits and len(new) <= 20 and rng.random() < 0.8:
                routes[k] = new
        idle = [k for k in rows if not routes[k] and rng.random() < 0.3]
        return plan_of(
            routes,
            leave_at=seen.now + rng.choice([-5.0, 0.0, 7.0], len(routes)),
            moved=np.array(idle, dtype=np.int64),
            moved_to=rng.integers(0, PLACES, len(idle)),
        )

    @staticmethod
    def most(seen: DispatchObservation, load: int, route: list[tuple[int, bool]]) -> int:
        loads = [load]
        for job, drop in route:
            loads.append(loads[-1] + (-1 if drop else 1) * int(seen.jobs.units[job]))
        return max(loads)


def world(seed: int, *, n: int = 30, couriers: int = 4, capacity: int = 3) -> tuple[Jobs, Shifts]:
    """Jobs and shifts with everything that may go wrong."""
    rng = np.random.default_rng(seed)
    placed = np.sort(rng.uniform(600, 760, n))

    def some(share: float, low: float, high: float) -> np.ndarray:
        """Minutes after the order for some; never for others."""
        return np.where(rng.random(n) < share, placed + rng.uniform(low, high, n), np.inf)

    given = jobs(
        rng.integers(0, PLACES, n),
        rng.integers(0, PLACES, n),
        placed,
        ready=placed + rng.uniform(0, 30, n),
        expected=placed + 15,
        service=float(rng.choice([0.0, 3.0])),
        units=rng.integers(1, min(capacity, 2) + 1, n),
        fails=rng.random((n, 2)) < 0.2,
        tried=rng.integers(0, 2, n),
        cancelled_at=some(0.2, 1, 60),
        deadline=some(0.2, 20, 90),
        not_before=np.where(rng.random(n) < 0.2, placed + 60, 0.0),
    )
    start = rng.uniform(600, 660, couriers)
    end = start + rng.uniform(60, 180, couriers)
    half = rng.random(couriers) < 0.5
    people = shifts(
        rng.integers(0, PLACES, couriers),
        start,
        end,
        capacity=capacity,
        break_at=np.where(half, start + 40, np.inf),
        break_minutes=np.full(couriers, 15.0),
        offline_at=np.where(rng.random(couriers) < 0.3, rng.uniform(start, end), np.inf),
    )
    return given, people


def check(day: Lived, people: Shifts, streets: Any) -> None:
    """What holds on every day, read from what is left of it."""
    outcome, given = day.outcome, day.given
    ended = [*outcome.delivered, *outcome.cancelled, *outcome.spoiled]
    assert len(set(ended)) == len(ended)
    done = np.array(day.rows(outcome.delivered), dtype=np.int64)
    np.testing.assert_array_equal(done, np.flatnonzero(np.isfinite(day.delivered)))
    assert (day.picked_up[done] >= given.ready[done]).all()
    assert (day.picked_up[done] >= given.placed[done]).all()
    assert (day.delivered[done] > day.picked_up[done] - 1e-9).all()
    assert (day.delivered[done] >= given.not_before[done]).all()
    assert (day.delivered[done] <= given.deadline[done]).all()
    assert (outcome.assigned[~np.isnan(outcome.assigned)] >= 600.0).all()
    assert outcome.deliveries.sum() == len(done)
    for k in range(len(people.courier)):
        own = [stop for stop in day.stops if stop.courier == k]
        here, free, load = int(people.base[k]), float(people.start[k]), 0
        way = empty = 0.0
        for stop in own:
            assert stop.origin == here
            assert stop.left >= free - 1e-9
            drive = float(streets.minutes[stop.origin, stop.place])
            if stop.arrived > stop.left:
                assert stop.arrived - stop.left == pytest.approx(drive)
            assert stop.handover >= stop.arrived
            assert stop.parcels == load or people.offline_at[k] < np.inf
            metres = float(streets.metres[stop.origin, stop.place])
            way += metres
            empty += metres if stop.parcels == 0 else 0.0
            load += {StopKind.PICKUP: 1, StopKind.DROPOFF: -1}.get(stop.kind, 0)
            if stop.kind == StopKind.DROPOFF:
                # A parcel that nobody took comes along until the next try, or until tomorrow.
                still = any(
                    later.job == stop.job and later.handover > stop.handover
                    for later in own
                    if later.kind == StopKind.DROPOFF
                )
                load += still
            here, free = stop.place, stop.handover
        assert outcome.metres[k] == pytest.approx(way)
        assert outcome.empty_metres[k] == pytest.approx(empty)
        if np.isinf(people.offline_at[k]):
            assert load == 0  # all on board was brought, or brought back
            assert outcome.end[k] >= people.end[k]


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    couriers=st.integers(1, 5),
    capacity=st.integers(1, 4),
    which=st.sampled_from(["whimsical", "rhythmic", "insertion", "nearest"]),
    retry=st.sampled_from([20.0, np.inf]),
    shared=st.booleans(),
)
def test_whatever_happens_no_parcel_is_lost_and_every_metre_is_accounted_for(
    seed: int, couriers: int, capacity: int, which: str, retry: float, shared: bool
) -> None:
    given, people = world(seed, couriers=couriers, capacity=capacity)
    policy = {
        "whimsical": Whimsical(seed),
        "rhythmic": Whimsical(seed, decides_every=4.0),
        "insertion": insertion(),
        "nearest": nearest(),
    }[which]
    watched, streets = Watched(policy), plane(PLACES, seed)
    day = live(
        watched,
        given,
        people,
        streets=streets,
        accepts=lambda courier, job: (courier * 7 + job) % 5 != 0,
        retry_after=retry,
        shared_pickup=shared,
    )
    check(day, people, streets)
    assert watched.asked == sorted(watched.asked)
    relayed = day.outcome.relays > 0
    if not relayed:
        told = np.array([watched.told_ready[n] for n in sorted(watched.told_ready)])
        known = np.array(sorted(watched.told_ready)) - 1000
        np.testing.assert_array_equal(told, given.expected_ready[known])


def test_the_same_day_is_lived_twice_alike() -> None:
    given, people = world(4)
    days = [live(Whimsical(9), given, people, streets=plane(PLACES, 4)) for _ in range(2)]
    assert days[0].stops == days[1].stops


def busy(policy: Any, seed: int, *, n: int = 30, couriers: int = 4, speed: float = 1.0) -> Lived:
    rng = np.random.default_rng(seed)
    placed = np.sort(rng.uniform(600, 780, n))
    pickup, dropoff = rng.integers(0, PLACES, (2, n))
    given = jobs(pickup, dropoff, placed, ready=placed + rng.uniform(0, 30, n), service=3.0)
    people = shifts(rng.integers(0, PLACES, couriers), 600.0, 960.0, capacity=4, speed=speed)
    return live(policy, given, people, streets=plane(PLACES, seed))


def minutes_to_the_door(day: Lived) -> float:
    """Mean minutes; a parcel not delivered counts four hours."""
    taken = day.delivered - day.given.placed
    return float(np.where(np.isfinite(taken), taken, 240.0).mean())


def test_insertion_beats_the_nearest_courier_under_load() -> None:
    ours, theirs = (
        np.mean([minutes_to_the_door(busy(p(), s, n=60, couriers=5)) for s in range(5)])
        for p in (insertion, nearest)
    )
    assert ours < 0.8 * theirs


def test_faster_couriers_are_sooner_at_the_door() -> None:
    slow, fast = (
        np.mean([minutes_to_the_door(busy(insertion(), s, speed=speed)) for s in range(5)])
        for speed in (1.0, 0.5)
    )
    assert fast < slow


def test_more_couriers_bring_parcels_sooner() -> None:
    means = [
        np.mean([minutes_to_the_door(busy(insertion(), s, couriers=n)) for s in range(6)])
        for n in (2, 4, 8)
    ]
    assert means[0] > means[1] > means[2]


def test_insertion_is_later_less_often_than_the_nearest_courier() -> None:
    def late(policy: Any, seed: int) -> float:
        day = busy(policy, seed, n=60, couriers=8)
        end = np.where(np.isfinite(day.delivered), day.delivered, 960.0)
        return float(np.maximum(end - day.given.due, 0.0).mean())

    ours = np.mean([late(insertion(), seed) for seed in range(5)])
    theirs = np.mean([late(nearest(), seed) for seed in range(5)])
    assert ours < 0.8 * theirs


@pytest.mark.parametrize(
    ("minute", "start"),
    [(300.0, 480.0), (600.0, 600.0), (1320.0, 1920.0), (1440 + 100.0, 1440 + 480.0)],
)
def test_preparation_starts_when_the_shop_is_open(minute: float, start: float) -> None:
    assert preparation_start(np.array([minute]), 480.0, 1320.0).tolist() == [start]


def test_driving_is_slowest_in_the_rush_hours() -> None:
    assert slowdown(8.5 * 60, 1.4) == pytest.approx(1.4)
    assert slowdown(18 * 60 + 1440, 1.4) == pytest.approx(1.4)
    assert slowdown(13 * 60, 1.4) < 1.01
    assert slowdown(8.5 * 60, 1.0) == 1.0
