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
    outcome = DeliveryDay(
        jobs=table,
        expected_ready=placed + 15.0,
        known_at=dict(enumerate(placed.tolist())),
        shifts=shifts,
        travel=plane(12, seed),
        conditions=Conditions(3.0, 2.0, 1.3, attempts),
        dispatch=policy,
        fails=fails,
        legs=legs,
    ).live()
    return Day(table, legs, outcome, shifts)


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
    policy = {"c": Careless(seed), "i": insertion(), "n": nearest()}[which]
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
    ],
)
def test_an_impossible_plan_is_refused_with_policy_and_job(plan: Faulty, said: str) -> None:
    with pytest.raises(DispatchError, match=f"'faulty'.*{said}"):
        lived(plan)


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
