"""The table of trips between the places of a market."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.roads import RoadDataError, TravelTable, UnreachableError, grid


@given(st.sets(st.integers(0, 29), min_size=1))
def test_the_table_holds_the_trips_of_the_network(places: set[int]) -> None:
    streets = grid(5, 6, spacing_m=130.0)
    table = TravelTable.of(streets, sorted(places))
    minutes, metres = streets.minutes_and_metres(table.places, table.places)
    assert table.minutes.dtype == table.metres.dtype == np.float32
    assert np.array_equal(table.minutes, minutes.astype(np.float32))
    assert np.array_equal(table.metres, metres.astype(np.float32))
    assert np.array_equal(table.place_at(table.places), np.arange(len(places)))
    assert (table.place_of_node >= 0).sum() == len(places)


def test_places_may_come_in_any_order_and_repeatedly() -> None:
    streets = grid(3, 3)
    table = TravelTable.of(streets, [7, 2, 7, 4])
    assert table.places.tolist() == [2, 4, 7]
    assert table.place_at(np.array([7, 2], dtype=np.int32)).tolist() == [2, 0]


def test_equal_roads_and_places_share_one_table() -> None:
    first = TravelTable.of(grid(4, 4), [1, 2, 3])
    assert TravelTable.of(grid(4, 4), np.array([3, 2, 1], dtype=np.int32)) is first
    assert TravelTable.of(grid(4, 4).with_minutes(2.0), [1, 2, 3]) is not first


def test_a_closure_shows_in_the_table() -> None:
    streets = grid(2, 2, spacing_m=100.0)
    before = TravelTable.of(streets, [0, 1])
    after = TravelTable.of(streets.closed([(0, 1)]), [0, 1])
    assert before.metres.tolist() == [[0.0, 100.0], [100.0, 0.0]]
    assert after.metres.tolist() == [[0.0, 300.0], [100.0, 0.0]]


def test_places_that_cannot_be_reached_are_named() -> None:
    with pytest.raises(UnreachableError, match="2 -> 3"):
        TravelTable.of(grid(1, 5).closed([(2, 3)]), [2, 3])


def test_a_node_that_is_no_place_is_named() -> None:
    table = TravelTable.of(grid(3, 3), [0, 8])
    with pytest.raises(RoadDataError, match=r"node\(s\) \[4\] are not among its 2 places"):
        table.place_at(np.array([0, 4], dtype=np.int32))
    with pytest.raises(RoadDataError, match=r"sources hold \[9\]"):
        TravelTable.of(grid(3, 3), [0, 9])
    with pytest.raises(RoadDataError, match="there are no places"):
        TravelTable.of(grid(3, 3), [])
    with pytest.raises(RoadDataError, match="places are float64"):
        TravelTable.of(grid(3, 3), [0.5])


def test_a_table_that_is_shared_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        TravelTable.of(grid(2, 2), [0, 1]).minutes[0, 1] = 3.0
