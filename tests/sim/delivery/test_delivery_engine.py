"""A day of deliveries: nothing is lost, nothing is impossible, whatever is planned."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch.cheapest_insertion import CheapestInsertion
from policies.dispatch.nearest import NearestCourier
from sim.delivery.known_jobs import JobState
from sim.delivery.parcels import preparation_start
from sim.delivery.rush import slowdown
from tests.courier_days import Lived, Watched, jobs, live, plane, shifts
from tests.courier_worlds import PLACES, Whimsical, check, world


def nearest() -> NearestCourier:
    return NearestCourier(NearestCourier.Params(name="nearest"))


def insertion(**params: Any) -> CheapestInsertion:
    return CheapestInsertion(CheapestInsertion.Params(name="cheapest_insertion", **params))


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    couriers=st.integers(1, 5),
    capacity=st.integers(1, 4),
    which=st.sampled_from(["whimsical", "rhythmic", "insertion", "nearest"]),
    retry=st.sampled_from([20.0, np.inf]),
    shared=st.booleans(),
    home=st.booleans(),
    forecast=st.booleans(),
)
def test_whatever_happens_no_parcel_is_lost_and_every_metre_is_accounted_for(
    seed: int,
    couriers: int,
    capacity: int,
    which: str,
    retry: float,
    shared: bool,
    home: bool,
    forecast: bool,
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
        slowdown=rush,
        forecast=(lambda minute: np.ones(PLACES)) if forecast else None,
        retry_after=retry,
        shared_pickup=shared,
        must_return=home,
    )
    check(day, people, streets, slowdown=rush, shared_pickup=shared, must_return=home)
    assert watched.asked == sorted(watched.asked)
    assert watched.day is not None
    last = {JobState(state) for state in watched.day.jobs.state}
    assert last <= {JobState.WAITING, JobState.ENDED, JobState.BACK}
    if day.outcome.relays == 0:
        for number, told in watched.told_ready.items():
            assert told == given.expected_ready[number - 1000]


def rush(minute: float) -> float:
    """Driving takes half as long again in one of the hours."""
    return 1.5 if 660.0 <= minute < 720.0 else 1.0


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
