"""What shifts, speed, preparation and its noise do to the minutes from click to door.

As Reyes et al. (2018) find with all else equal: better shifts, faster travel and shorter
preparation each bring orders sooner; noise of preparation times brings them later.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.meal_delivery import dispatched
from experiments.dispatching.instance import Instance
from experiments.dispatching.measures import measures
from experiments.dispatching.reading import read_instance
from tests.dispatch_instances import write_meals

POLICIES = ("nearest", "cheapest_insertion")


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Instance]:
    folder = tmp_path_factory.mktemp("days")
    return [
        read_instance(write_meals(folder / str(seed), orders=50, couriers=16, seed=seed))
        for seed in range(4)
    ]


def minutes(policy: str, days: list[Instance], *settings: str) -> float:
    """Mean over days from click to door, where what is not delivered counts the worst."""
    found = [measures(dispatched(policy, day, settings)) for day in days]
    doors = [one.value for all_ in found for one in all_ if one.name == "penalised_click_to_door"]
    assert len(doors) == len(days)
    return float(np.mean([door for door in doors if door is not None]))


def faster(day: Instance) -> Instance:
    """Driving takes three quarters of its minutes."""
    travel = replace(day.travel, minutes=np.ceil(day.travel.minutes * np.float32(0.75)))
    return replace(day, travel=travel)


def shorter(day: Instance) -> Instance:
    """Preparation takes four fifths of its minutes."""
    ready = np.ceil(day.jobs.placed + 0.8 * (day.jobs.ready - day.jobs.placed))
    return replace(day, jobs=replace(day.jobs, ready=ready, expected_ready=ready))


def better_staffed(day: Instance) -> Instance:
    """Shifts of the same length begin where they cover most of what is ordered."""
    placed = np.sort(day.jobs.placed)
    hours = day.shifts.end - day.shifts.start
    middles = np.quantile(placed, (np.arange(len(hours)) + 0.5) / len(hours))
    start = np.clip(middles - hours / 2, placed[0], None)
    return replace(day, shifts=replace(day.shifts, start=start, end=start + hours))


def badly_staffed(day: Instance) -> Instance:
    """The same shifts, all of them at the beginning of the day."""
    hours = day.shifts.end - day.shifts.start
    start = np.full(len(hours), day.jobs.placed.min())
    return replace(day, shifts=replace(day.shifts, start=start, end=start + hours))


@pytest.mark.parametrize("policy", POLICIES)
def test_faster_travel_and_shorter_preparation_bring_orders_sooner(
    policy: str, days: list[Instance]
) -> None:
    as_it_is = minutes(policy, days)
    assert minutes(policy, [faster(day) for day in days]) < as_it_is - 1.0
    assert minutes(policy, [shorter(day) for day in days]) < as_it_is - 1.0


@pytest.mark.parametrize("policy", POLICIES)
def test_shifts_that_follow_the_orders_bring_them_sooner(policy: str, days: list[Instance]) -> None:
    better, worse = (
        minutes(policy, [change(day) for day in days]) for change in (better_staffed, badly_staffed)
    )
    assert better < worse - 5.0


def test_noise_of_preparation_costs_minutes_and_couriers_who_come_early_bear_it_better(
    days: list[Instance],
) -> None:
    """A courier who comes just in time waits where the kitchen is slow, and gains nothing else.

    By E max(N, 0), .4 standard deviations, noise N costs who arrives exactly when parcels are
    expected to be ready; who arrives e minutes before, E max(N, -e).
    """
    noisy = [day.with_noise(8.0, seed) for day in days for seed in (1, 2)]
    for policy in POLICIES:
        assert 0.3 < minutes(policy, noisy) - minutes(policy, days) < 4.5
    late, early = (
        minutes("cheapest_insertion", noisy, f"arrive_early={least}") for least in (0.0, 6.0)
    )
    assert early < late - 0.3


def test_the_dispatcher_does_not_know_the_noise(days: list[Instance]) -> None:
    """Until the first parcel is handed over, it decides as it would on a quiet day."""
    quiet, noisy = (
        dispatched("cheapest_insertion", day) for day in (days[0], days[0].with_noise(8.0, 5))
    )
    first = min(one.stops["handover"].min() for one in (quiet, noisy))
    before = [one.stops[one.stops["left"] < first].reset_index() for one in (quiet, noisy)]
    columns = ["courier", "kind", "order", "left", "arrived"]
    assert before[0][columns].equals(before[1][columns])
    assert not quiet.stops["handover"].equals(noisy.stops["handover"])
