import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.zones import Zone, zones


def found(marks: str, levels: list[float] | None = None) -> tuple[Zone, ...]:
    inside = np.array([mark == "x" for mark in marks])
    return zones([0.1 * place for place in range(len(marks))] if levels is None else levels, inside)


def test_neighbouring_levels_are_one_zone_and_a_gap_parts_islands():
    first, second = found(".xx.x.")
    assert (first.low, first.high, first.levels) == (pytest.approx(0.1), pytest.approx(0.2), 2)
    assert second.is_one
    assert (second.low, second.high) == (pytest.approx(0.4), pytest.approx(0.4))


def test_a_zone_at_the_end_of_what_was_tested_is_marked():
    assert [zone.is_edge for zone in found("x.x.x")] == [True, False, True]


def test_levels_are_taken_in_their_own_order_and_may_be_infinite():
    (zone,) = found("x.x", [np.inf, 0.0, 2.0])
    assert (zone.low, zone.high, zone.is_edge) == (2.0, np.inf, True)


def test_no_level_in_the_set_is_no_zone():
    assert found("...") == ()
    assert found("") == ()


def test_levels_that_cannot_be_ordered_are_refused():
    with pytest.raises(ValueError, match="each once"):
        found("xx", [1.0, 1.0])
    with pytest.raises(ValueError, match="must be numbers"):
        found("xx", [1.0, np.nan])
    with pytest.raises(ValueError, match="3 levels for 2 settings"):
        found("xx", [1.0, 2.0, 3.0])


@given(st.lists(st.booleans(), max_size=12), st.randoms(use_true_random=False))
def test_zones_hold_exactly_the_set_whatever_the_order(inside, random):
    order = list(range(len(inside)))
    random.shuffle(order)
    areas = zones([float(place) for place in order], np.array([inside[place] for place in order]))
    held = [place for zone in areas for place in range(int(zone.low), int(zone.high) + 1)]
    assert held == [place for place, one in enumerate(inside) if one]
    assert sum(zone.levels for zone in areas) == len(held)
