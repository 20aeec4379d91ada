"""Trips that another courier makes as well, and vehicles at the peak."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.health import find
from sim.health.trips import repeated

ARRIVAL = st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(0, 3))


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def drive(market: SimpleNamespace, *legs: tuple[int, int, int, float, float]) -> None:
    """Legs of today: courier, kind, destination, minutes of the day of departure and arrival."""
    midnight = market.day * 1440.0
    for courier, kind, destination, start, end in legs:
        market.legs.append(
            courier=courier,
            kind=kind,
            job=0,
            origin=0,
            destination=destination,
            start=midnight + start,
            end=midnight + end,
            parcels=0,
        )


@given(st.lists(ARRIVAL, max_size=25), st.integers(0, 20))
def test_repeated_arrivals_are_those_that_a_look_at_every_pair_finds(
    arrivals: list[tuple[int, int, int]], within: int
) -> None:
    place, minute, courier = np.array(arrivals, dtype=float).reshape(-1, 3).T
    pairs = [
        any(p == q and abs(m - n) <= within and c != d for q, n, d in arrivals)
        for p, m, c in arrivals
    ]
    assert repeated(place, minute, courier, within).tolist() == pairs


def test_two_couriers_at_one_shop_within_a_quarter_of_an_hour_make_a_trip_too_many(
    market: SimpleNamespace,
) -> None:
    drive(market, (0, 0, 5, 0.0, 5.0))  # yesterday's, or as good as
    market.today.first_leg = 1
    drive(
        market,
        (0, 0, 7, 600.0, 610.0),
        (1, 0, 7, 615.0, 625.0),
        (1, 0, 8, 625.0, 630.0),
        (2, 0, 5, 1.0, 6.0),
        (0, 1, 3, 610.0, 640.0),
        (1, 1, 3, 630.0, 656.0),
        (2, 1, 7, 600.0, 612.0),  # at the shop's door, for a parcel that goes there
    )
    assert value(market, "duplicate_pickups") == pytest.approx(2 / 4)
    assert value(market, "duplicate_trips") == pytest.approx(2 / 7)


def test_the_peak_is_the_hour_with_most_minutes_driven(market: SimpleNamespace) -> None:
    drive(market, (0, 0, 1, 590.0, 630.0), (1, 0, 2, 600.0, 660.0), (2, 3, 3, 1430.0, 1470.0))
    assert value(market, "vehicles_at_peak") == pytest.approx(1.5)


@pytest.mark.parametrize("name", ["duplicate_trips", "duplicate_pickups", "vehicles_at_peak"])
def test_without_trips_there_is_nothing_to_measure(market: SimpleNamespace, name: str) -> None:
    assert np.isnan(value(market, name))
