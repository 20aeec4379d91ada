"""A day of deliveries: nothing is lost, nothing is impossible."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch.cheapest_insertion import CheapestInsertion
from policies.dispatch.nearest import NearestCourier
from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.couriers import Shifts
from sim.delivery.engine import Conditions, DayOutcome, DeliveryDay, DispatchError
from sim.delivery.parcels import preparation_start
from sim.delivery.rush import slowdown
from sim.event_tables import DELIVERIES, LEGS, OrderStatus
from sim.tables import Table


@dataclass(frozen=True)
class Plane:
    """Travel times between points of a plane."""

    minutes: np.ndarray
    metres: np.ndarray


def plane(places: int, seed: int) -> Plane:
    points = np.random.default_rng(seed).uniform(0, 20, (places, 2))
    distance = np.linalg.norm(points[:, None] - points, axis=2).astype(np.float32)
    return Plane(distance, distance * 500)


@dataclass
class Day:
    """What a day was given, and what came of it."""

    jobs: Table
    legs: Table
    outcome: DayOutcome
    shifts: Shifts


class Watched:
    """Another policy, and what it was shown; looks at every job each time it is asked."""

    family = "dispatch"

    def __init__(self, policy: Any) -> None:
        self.policy, self.name = policy, policy.name
        self.seen: list[DispatchObservation] = []
        self.day: DeliveryDay | None = None

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        self.seen.append(observation)
        self.account()
        return self.policy.dispatch(observation)

    def account(self) -> None:
        """Every job known so far is in exactly one state."""
        day = self.day
        assert day is not None
        planned = [
            job
            for k in range(len(day.shifts.courier))
            for job, is_dropoff in day._route(k)
            if not is_dropoff
        ]
        on_board = [job for bag in day.on_board for job in bag]
        tried = np.flatnonzero(day.jobs["attempts"] > 0)
        back = tried[day.jobs["status"][tried] == OrderStatus.OPEN].tolist()
        states = [*day.waiting, *planned, *on_board, *day.delivered, *day.cancelled, *back]
        assert len(set(states)) == len(states)
        now = self.seen[-1].now
        known = {job for job, minute in day.known_at.items() if minute <= now}
        assert set(states) == known
        for k, bag in enumerate(day.on_board):
            drops = [job for job, is_dropoff in day._route(k) if is_dropoff and job in bag]
            going = day.moving[k]
            assert sorted(drops + ([going[0]] if going and going[1] else [])) == sorted(bag)


def lived(
    policy: Any,
    *,
    jobs: int = 30,
    couriers: int = 4,
    capacity: int = 3,
    seed: int = 0,
    speed: float = 1.0,
    hours: float = 6.0,
    attempts: int = 2,
    fails: Any = lambda job: False,
) -> Day:
    rng = np.random.default_rng(seed)
    table, legs = Table(DELIVERIES), Table(LEGS)
    placed = np.sort(rng.uniform(600, 780, jobs))
    table.append(
        consumer=np.arange(jobs),
        merchant=0,
        pickup=rng.integers(0, 12, jobs),
        dropoff=rng.integers(0, 12, jobs),
        units=1,
        placed=placed,
        ready=placed + rng.uniform(0, 30, jobs),
        due=placed + 60,
        courier=-1,
        picked_up=np.nan,
        delivered=np.nan,
        attempts=0,
        status=OrderStatus.OPEN,
    )
    start = np.full(couriers, 600.0)
    shifts = Shifts(
        courier=np.arange(couriers),
        start=start,
        end=start + hours * 60,
        base=rng.integers(0, 12, couriers).astype(np.int32),
        speed=np.full(couriers, speed),
        capacity=np.full(couriers, capacity, dtype=np.int32),
    )
    day = DeliveryDay(
        jobs=table,
        expected_ready=placed + 15.0,
        known_at=dict(enumerate(placed.tolist())),
        shifts=shifts,
        travel=plane(12, seed),
        conditions=Conditions(3.0, 2.0, 1.3, attempts),
        dispatch=policy,
        fails=fails,
        legs=legs,
    )
    if isinstance(policy, Watched):
        policy.day = day
    return Day(table, legs, day.live(), shifts)


def nearest() -> NearestCourier:
    return NearestCourier(NearestCourier.Params(name="nearest"))


def insertion(**params: Any) -> CheapestInsertion:
    return CheapestInsertion(CheapestInsertion.Params(name="cheapest_insertion", **params))


class Careless:
    """Assigns at random, but never impossibly."""

    family, name = "dispatch", "careless"

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        routes = [
            [
                (int(job), bool(drop))
                for job, drop in zip(seen.route_job[k], seen.route_is_dropoff[k], strict=True)
                if job >= 0
            ]
            for k in range(len(seen.courier))
        ]
        for job in seen.job.tolist():
            k = int(self.rng.integers(0, len(routes)))
            if self.rng.random() < 0.7 and len(routes[k]) <= 20:
                routes[k] += [(job, False), (job, True)]
        wide = np.full((len(routes), 24), -1, dtype=np.int64)
        drops = np.zeros((len(routes), 24), dtype=bool)
        for k, route in enumerate(routes):
            for place, (job, drop) in enumerate(route):
                wide[k, place], drops[k, place] = job, drop
        return DispatchPlan(np.arange(len(routes)), wide, drops)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.integers(1, 5), st.integers(1, 4), st.sampled_from("cin"))
def test_nothing_is_lost_and_time_moves_forward(seed, couriers, capacity, which) -> None:
    policy = Watched({"c": Careless(seed), "i": insertion(), "n": nearest()}[which])
    fails = np.random.default_rng(seed).random(30) < 0.2
    day = lived(
        policy, seed=seed, couriers=couriers, capacity=capacity, fails=lambda job: bool(fails[job])
    )
    jobs, outcome = day.jobs, day.outcome
    delivered = jobs["status"] == OrderStatus.DELIVERED
    assert set(outcome.delivered.tolist()) == set(np.flatnonzero(delivered).tolist())
    assert len(outcome.cancelled) == 0  # one try a day, and two are allowed
    assert outcome.deliveries.sum() == delivered.sum()
    picked, dropped = jobs["picked_up"], jobs["delivered"]
    assert (picked[delivered] >= jobs["ready"][delivered]).all()
    assert (picked[delivered] > jobs["placed"][delivered]).all()
    assert (dropped[delivered] > picked[delivered]).all()
    moments = [observation.now for observation in policy.seen]
    assert moments == sorted(moments)
    for observation in policy.seen:
        assert (observation.placed <= observation.now).all()
        assert (observation.free_at >= observation.now).all()
    tried = jobs["attempts"] > 0
    np.testing.assert_array_equal(tried & ~delivered, (jobs["attempts"] == 1) & fails)
    legs = day.legs
    assert (legs["parcels"] <= capacity).all()
    assert (legs["end"] >= legs["start"]).all()
    for courier in range(couriers):
        own = legs["courier"] == courier
        assert (legs["start"][own][1:] >= legs["end"][own][:-1]).all()
        assert (legs["origin"][own][1:] == legs["destination"][own][:-1]).all()


def test_couriers_finish_what_is_on_board_after_their_shift() -> None:
    day = lived(insertion(), couriers=2, hours=1.5)
    on_board = np.isfinite(day.jobs["picked_up"])
    assert (day.jobs["status"][on_board] == OrderStatus.DELIVERED).all()
    assert (day.jobs["status"] == OrderStatus.OPEN).any()
    assert (day.outcome.end >= day.shifts.end).all()


def test_a_parcel_is_cancelled_after_its_last_try() -> None:
    day = lived(insertion(), attempts=1, fails=lambda job: job == 3)
    assert day.outcome.cancelled.tolist() == [3]
    assert day.jobs["status"][3] == OrderStatus.CANCELLED


def test_the_same_day_is_lived_twice_alike() -> None:
    first, second = lived(insertion(), seed=4), lived(insertion(), seed=4)
    np.testing.assert_array_equal(first.jobs["delivered"], second.jobs["delivered"])


def one_job_day(ready: float) -> Day:
    """One courier at place 0, a shop at place 1 and a door at place 2, ten minutes apart each."""
    table, legs = Table(DELIVERIES), Table(LEGS)
    table.append(
        consumer=0,
        merchant=0,
        pickup=1,
        dropoff=2,
        units=1,
        placed=600.0,
        ready=ready,
        due=660.0,
        courier=-1,
        picked_up=np.nan,
        delivered=np.nan,
        attempts=0,
        status=OrderStatus.OPEN,
    )
    minutes = np.full((3, 3), 10.0, dtype=np.float32)
    one = np.ones(1)
    shifts = Shifts(
        np.array([5]), one * 600, one * 700, np.zeros(1, np.int32), one, one.astype(int)
    )
    day = DeliveryDay(
        table,
        np.array([ready]),
        {0: 600.0},
        shifts,
        Plane(minutes, minutes * 100),
        Conditions(4.0, 6.0, 1.0, 1),
        nearest(),
        lambda job: False,
        legs,
    )
    return Day(table, legs, day.live(), shifts)


def test_service_counts_half_before_the_handover_and_half_after_it() -> None:
    """10 minutes there, 2 + 2 at the shop, 10 to the door, 3 + 3 there."""
    day = one_job_day(ready=600.0)
    assert day.jobs["picked_up"][0] == 612.0
    assert day.jobs["delivered"][0] == 627.0
    assert day.legs["start"].tolist() == [600.0, 614.0]
    assert day.legs["end"].tolist() == [610.0, 624.0]
    assert day.legs["courier"].tolist() == [5, 5]
    assert day.outcome.metres.tolist() == [2000.0]
    assert day.outcome.empty_metres.tolist() == [1000.0]
    assert day.outcome.driving.tolist() == [20.0]


def test_a_courier_waits_for_what_is_not_ready() -> None:
    day = one_job_day(ready=640.0)
    assert day.jobs["picked_up"][0] == 640.0
    assert day.jobs["delivered"][0] == 640.0 + 2.0 + 10.0 + 3.0


def test_the_dispatcher_never_learns_when_a_parcel_really_is_ready() -> None:
    watched = Watched(insertion())
    day = lived(watched, jobs=40)
    known = np.concatenate(
        [[*one.ready, *one.route_ready[one.route_job >= 0]] for one in watched.seen]
    )
    assert np.isin(known, day.jobs["placed"] + 15.0).all()


def minutes_to_the_door(day: Day) -> float:
    """Mean minutes; a parcel not delivered counts four hours."""
    taken = day.jobs["delivered"] - day.jobs["placed"]
    return float(np.where(np.isfinite(taken), taken, 240.0).mean())


def test_insertion_beats_the_nearest_courier_under_load() -> None:
    busy = {"jobs": 60, "couriers": 5, "capacity": 4}
    ours = np.mean([minutes_to_the_door(lived(insertion(), seed=s, **busy)) for s in range(5)])
    theirs = np.mean([minutes_to_the_door(lived(nearest(), seed=s, **busy)) for s in range(5)])
    assert ours < 0.8 * theirs


def test_faster_couriers_are_sooner_at_the_door() -> None:
    slow = np.mean([minutes_to_the_door(lived(insertion(), seed=s)) for s in range(5)])
    fast = np.mean([minutes_to_the_door(lived(insertion(), seed=s, speed=0.5)) for s in range(5)])
    assert fast < slow


def test_more_couriers_bring_parcels_sooner() -> None:
    means = [
        np.mean([minutes_to_the_door(lived(insertion(), couriers=n, seed=s)) for s in range(6)])
        for n in (2, 4, 8)
    ]
    assert means[0] > means[1] > means[2]


def test_insertion_is_later_less_often_than_the_nearest_courier() -> None:
    def late(policy: Any, seed: int) -> float:
        jobs = lived(policy, jobs=60, couriers=8, capacity=4, seed=seed).jobs
        end = np.where(np.isfinite(jobs["delivered"]), jobs["delivered"], 960.0)
        return float(np.maximum(end - jobs["due"], 0.0).mean())

    ours = np.mean([late(insertion(), seed) for seed in range(5)])
    theirs = np.mean([late(nearest(), seed) for seed in range(5)])
    assert ours < 0.8 * theirs


class Faulty:
    """Answers with one fixed plan."""

    family, name = "dispatch", "faulty"

    def __init__(self, couriers: list[int], jobs: list[list[int]], drops: list[list[bool]]) -> None:
        self.plan = DispatchPlan(np.array(couriers), np.array(jobs), np.array(drops))

    def dispatch(self, _: DispatchObservation) -> DispatchPlan:
        return self.plan


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Faulty([0], [[999, 999]], [[False, True]]), "not to be had"),
        (Faulty([0], [[0, 0]], [[True, False]]), "before fetching"),
        (Faulty([0], [[0]], [[False]]), "never drops off"),
        (Faulty([0, 0], [[0, 0], [-1, -1]], [[False, True], [False, False]]), "twice"),
        (
            Faulty([0, 1], [[0, 0], [0, 0]], [[False, True], [False, True]]),
            "not to be had",
        ),
        (Faulty([9], [[0, 0]], [[False, True]]), "index 9"),
        (Faulty([-1], [[0, 0]], [[False, True]]), "index -1"),
        (Faulty([0], [[0, 0]], [[False]]), "shapes"),
        (Faulty([0, 1], [[0, 0]], [[False, True]]), "2 couriers, but 1 routes"),
    ],
)
def test_an_impossible_plan_is_refused_with_policy_and_job(plan: Faulty, said: str) -> None:
    with pytest.raises(DispatchError, match=f"'faulty'.*{said}"):
        lived(plan)


class Greedy(Careless):
    """Stuffs every parcel that it sees into the first courier's bag."""

    name = "greedy"

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        kept = seen.route_job[0][seen.route_job[0] >= 0].tolist()
        drops = seen.route_is_dropoff[0][: len(kept)].tolist()
        jobs = seen.job[:5].tolist()
        route = jobs + kept + jobs
        return DispatchPlan(
            np.array([0]),
            np.array([route]),
            np.array([[False] * len(jobs) + drops + [True] * len(jobs)]),
        )


def test_a_bag_that_would_overflow_is_refused() -> None:
    with pytest.raises(DispatchError, match="'greedy': courier 0: carries 2 units with job 1"):
        lived(Greedy(0), jobs=30, capacity=1, couriers=1)


def test_a_route_longer_than_the_longest_is_refused() -> None:
    with pytest.raises(DispatchError, match="at most 24 stops"):
        lived(Greedy(0), jobs=200, capacity=100, couriers=1)


@pytest.mark.parametrize(
    ("minute", "start"),
    [(300.0, 480.0), (600.0, 600.0), (1320.0, 1920.0), (1440 + 100.0, 1440 + 480.0)],
)
def test_preparation_starts_when_the_shop_is_open(minute: float, start: float) -> None:
    assert preparation_start(np.array([minute]), 480.0, 1320.0).tolist() == [start]


def test_the_rush_hours_are_slowest_in_their_middle() -> None:
    assert slowdown(8.5 * 60, 1.5) == pytest.approx(1.5)
    assert slowdown(18 * 60 + 1440, 1.5) == pytest.approx(1.5)
    assert slowdown(13 * 60, 1.5) < 1.01
