"""Congestion by period of the day, couriers' own load, and roads that are really closed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scenarios import cities
from sim.closures import Closure, links_from_centre, roads_today
from sim.roads import RoadDataError, RoadNetwork, TravelTable, TripTable, grid, user_equilibrium
from sim.roads.background import background, factors, hours
from sim.roads.capacity import CAPACITY, peak_ratios, with_capacities
from sim.roads.traffic import Traffic
from sim.settings.traffic import TrafficSettings

PLACES = np.arange(0, 36, 3, dtype=np.int32)


def settings(**given: Any) -> TrafficSettings:
    busy = {"on": True, "volume_to_capacity": {"residential": 1.0}, **given}
    return TrafficSettings.model_validate(busy)


def found(chosen: TrafficSettings, roads: RoadNetwork, trips: TripTable | None = None) -> Traffic:
    traffic = Traffic(chosen, roads, PLACES)
    traffic.renew(roads, None, trips)
    return traffic


def drive(traffic: Traffic, roads: RoadNetwork, legs: int, minute: float = 480.0) -> None:
    """A day on which the same leg is driven again and again; then the next day begins."""
    one = np.ones(legs, dtype=np.int64)
    traffic.enter(0 * one, 11 * one, minute * one, TravelTable.of(roads, PLACES))
    traffic.begin_day()


@pytest.mark.parametrize("name", ["coquimbo", "munich_centre"])
def test_every_city_that_ships_can_be_congested(name: str) -> None:
    roads = with_capacities(cities.load(name))
    assert roads.bpr is not None
    assert (roads.bpr.capacity > 0).all()
    flow = background(roads, None, settings(volume_to_capacity={}))
    rush = roads.bpr.minutes(roads.minutes, flow[1])
    ratio = rush.sum() / roads.minutes.sum()
    assert 1.0 < ratio < 1.4


def test_capacities_go_by_class_and_the_users_win() -> None:
    roads = grid(2, 2)
    usual = with_capacities(roads).bpr
    assert usual is not None
    assert set(usual.capacity) == {CAPACITY["residential"]}
    own = with_capacities(roads, {"residential": 250.0}, factor=0.5).bpr
    assert own is not None
    assert set(own.capacity) == {125.0}
    # What a network says of itself counts, unless the user says otherwise.
    published = replace(roads, bpr=replace(usual, capacity=usual.capacity + 7.0))
    kept = with_capacities(published).bpr
    assert kept is not None
    assert set(kept.capacity) == {CAPACITY["residential"] + 7.0}
    changed = with_capacities(published, {"residential": 9.0}).bpr
    assert changed is not None
    assert set(changed.capacity) == {9.0}


def test_a_slip_road_is_as_full_as_its_road() -> None:
    roads = replace(grid(2, 2), class_names=("trunk_link",))
    assert set(peak_ratios(roads)) == set(peak_ratios(replace(roads, class_names=("trunk",))))


def test_an_unknown_road_class_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(RoadDataError, match=r"'primry'.*did you mean primary\?"):
        with_capacities(grid(2, 2), {"primry": 100.0})
    with pytest.raises(RoadDataError, match="'residental'"):
        peak_ratios(grid(2, 2), {"residental": 1.0})


def test_a_period_has_the_mean_of_its_hours() -> None:
    hourly = tuple(float(hour) / 10.0 for hour in range(24))
    chosen = settings(hourly=hourly, periods=(0, 10, 20), demand_factor=2.0)
    assert hours(chosen.periods).tolist() == [10.0, 10.0, 4.0]
    np.testing.assert_allclose(factors(chosen), 2.0 * np.array([0.45, 1.45, 2.15]))


def test_periods_that_do_not_cover_the_day_are_refused() -> None:
    for periods in ((7, 9), (0, 9, 9), (0, 12, 6)):
        with pytest.raises(ValueError, match="must begin with 0"):
            settings(periods=periods)


def test_minutes_are_those_of_the_period_in_which_one_leaves() -> None:
    roads = grid(6, 6)
    traffic = found(settings(periods=(0, 7, 9)), roads)
    night, rush = traffic.at(3 * 60.0), traffic.at(8 * 60.0)
    assert traffic.at(6 * 60.0 + 59.9) is night
    assert traffic.at(7 * 60.0) is rush
    assert traffic.at(1440.0 * 3 + 8 * 60.0) is rush
    assert rush.minutes[0, 5] > night.minutes[0, 5]
    link = traffic.link_minutes(1)
    mean = (1.0 + 0.95) / 2.0  # of the hours from 7 to 9
    np.testing.assert_allclose(link, roads.minutes * (1.0 + 0.15 * mean**4))


def test_a_trip_table_is_in_equilibrium_in_every_period() -> None:
    roads = grid(6, 6)
    trips = TripTable.of(roads, [0, 5, 30], [35, 30, 5], [400.0, 500.0, 300.0])
    chosen = settings(periods=(0, 7, 12))
    capable = with_capacities(roads)
    flows = background(capable, trips, chosen)
    for flow, factor in zip(flows, factors(chosen), strict=True):
        alone = user_equilibrium(capable, trips.scaled(float(factor)), gap=1e-4)
        assert capable.bpr is not None
        objective = capable.bpr.integral(capable.minutes, flow)
        assert objective == pytest.approx(alone.objective, rel=1e-4)


def test_trips_that_a_closure_leaves_without_a_road_are_not_made() -> None:
    roads = with_capacities(grid(6, 6).closed(np.flatnonzero(grid(6, 6).head == 35)))
    trips = TripTable.of(roads, [0, 5], [35, 30], [400.0, 500.0])
    flow = background(roads, trips, settings())[1]
    assert flow[roads.head == 30].sum() == pytest.approx(500.0 * factors(settings())[1])
    assert flow[roads.head == 35].sum() == 0.0


def test_couriers_slow_down_the_roads_that_they_drive_on() -> None:
    roads = grid(6, 6)
    traffic = found(settings(smoothing=1.0), roads)
    before = traffic.at(480.0).minutes[0, 11]
    link = traffic.link_minutes(1).copy()
    drive(traffic, roads, legs=2000)
    assert traffic.lived.delay_hours > traffic.lived.delay_without_couriers
    assert traffic.lived.driven_minutes > traffic.lived.free_minutes
    # A thousand an hour on each link of the path, and on no other, in that period alone.
    assert set(np.unique(traffic.load[1])) == {0.0, 1000.0}
    assert not traffic.load[[0, 2, 3, 4, 5]].any()
    assert (traffic.link_minutes(1)[traffic.load[1] > 0] > link[traffic.load[1] > 0]).all()
    # They take another way the next day, and still need longer.
    assert traffic.at(480.0).minutes[0, 11] >= before


def test_the_load_of_couriers_is_smoothed_from_day_to_day() -> None:
    roads = grid(6, 6)
    traffic = found(settings(smoothing=0.25, tolerance=1.0), roads)
    seen = []
    for _ in range(3):
        drive(traffic, roads, legs=200)
        seen.append(traffic.load[1].max())
    assert seen == pytest.approx([25.0, 43.75, 57.8125])


def test_tables_are_renewed_only_when_minutes_change_enough() -> None:
    roads = grid(6, 6)
    lazy = found(settings(smoothing=1.0, tolerance=0.5), roads)
    before = lazy.at(480.0)
    drive(lazy, roads, legs=200)
    assert lazy.at(480.0) is before
    drive(lazy, roads, legs=4000)
    assert lazy.at(480.0) is not before
    eager = found(settings(smoothing=1.0, tolerance=0.0), roads)
    before = eager.at(480.0)
    drive(eager, roads, legs=2)
    assert eager.at(480.0) is not before
    assert eager.at(720.0) is not before
    assert eager.period_of(720.0) != eager.period_of(480.0)


@given(st.integers(0, 10_000), st.floats(0.05, 0.5), st.booleans())
@hypothesis_settings(max_examples=30)
def test_a_closure_lengthens_trips_and_keeps_the_triangle(
    seed: int, share: float, closed: bool
) -> None:
    rng = np.random.default_rng(seed)
    roads = grid(6, 6).with_minutes(rng.uniform(0.5, 3.0, 120))
    closures = (Closure(share, 20.0, closed), Closure(0.02, 3.0, False))
    open_roads, detour = roads_today(roads, links_from_centre(roads), closures)
    free = TravelTable.of(roads, PLACES).minutes
    table = TravelTable.of(open_roads, PLACES, detour=detour)
    t = table.minutes.astype(np.float64)
    assert np.isfinite(t).all()
    assert (t >= free - 1e-6).all()
    assert (t[:, None, :] <= t[:, :, None] + t[None, :, :] + 1e-4).all()


def test_a_place_behind_closed_links_is_reached_more_slowly_than_any_other() -> None:
    roads = grid(1, 5)
    closed = roads.closed([(1, 2), (2, 1)])
    detour = roads.with_minutes(np.where(closed.is_open, 1.0, 20.0))
    table = TravelTable.of(closed, np.arange(5), detour=detour)
    link = roads.minutes[0]
    longest = 2 * link  # from 2 to 4, by open roads
    assert table.minutes[0, 1] == pytest.approx(link)
    assert table.minutes[1, 2] == pytest.approx(20 * link + longest)
    assert table.minutes[0, 4] == pytest.approx(23 * link + longest)
    assert table.metres[0, 4] == pytest.approx(400.0)


def test_traffic_goes_round_a_closure_only_where_links_are_closed() -> None:
    roads = grid(6, 6)
    order = links_from_centre(roads)
    assert roads_today(roads, order, ()) == (roads, None)
    slow, none = roads_today(roads, order, (Closure(0.1, 5.0, False),))
    assert none is None
    assert slow.is_open.all()
    np.testing.assert_allclose(np.unique(slow.minutes / roads.minutes), [1.0, 5.0])
    shut, detour = roads_today(roads, order, (Closure(0.1, 5.0, True),))
    assert detour is not None
    assert (~shut.is_open).sum() == 12
    np.testing.assert_allclose(shut.minutes, roads.minutes)
    np.testing.assert_allclose(detour.minutes[~shut.is_open], 5.0 * roads.minutes[0])


def test_legs_over_closed_links_are_met_by_nobody() -> None:
    roads = grid(6, 6)
    closures = (Closure(0.5, 20.0, True),)
    open_roads, detour = roads_today(roads, links_from_centre(roads), closures)
    traffic = Traffic(settings(smoothing=1.0), roads, PLACES)
    traffic.renew(open_roads, detour, None)
    free = TravelTable.of(open_roads, PLACES, detour=detour)
    ends = np.arange(12)
    traffic.enter(ends, ends[::-1].copy(), np.full(12, 480.0), free)
    assert np.isfinite(traffic.lived.driven_minutes)
    assert not traffic.load[:, ~open_roads.is_open].any()
    assert traffic.load[:, open_roads.is_open].any()
