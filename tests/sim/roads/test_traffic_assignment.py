"""User equilibrium and system optimum: theory, published solutions, and what holds on any roads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sim.roads import (
    BprParameters,
    RoadDataError,
    RoadNetwork,
    TripTable,
    UnreachableError,
    grid,
    read_flows,
    read_tntp,
    read_trips,
    system_optimum,
    user_equilibrium,
)
from sim.roads.assignment import flow_difference
from sim.roads.loading import climb, climb_plain, load


def published(data: Path, name: str) -> tuple[RoadNetwork, TripTable]:
    folder, stem = data / "tntp" / name, name.partition("-")[0]
    network = read_tntp(folder / f"{stem}_net.tntp", name=name)
    return network, read_trips(folder / f"{stem}_trips.tntp", network)


def streets(seed: int) -> tuple[RoadNetwork, TripTable]:
    """A grid with random minutes, capacities and trips; a corner that may not be crossed."""
    rng = np.random.default_rng(seed)
    roads = grid(3, 4)
    network = replace(
        roads.with_minutes(rng.uniform(0.5, 3.0, roads.n_links)),
        bpr=BprParameters(
            capacity=rng.uniform(20.0, 80.0, roads.n_links),
            b=rng.uniform(0.1, 1.0, roads.n_links),
            power=rng.choice([1.0, 2.0, 4.0], roads.n_links),
        ),
        through=np.arange(roads.n_nodes) != 5,
    )
    ends = rng.integers(0, roads.n_nodes, (2, 15))
    return network, TripTable.of(network, *ends, rng.uniform(1.0, 40.0, 15))


@pytest.mark.real_data
def test_sioux_falls_reaches_its_published_equilibrium(shared_data: Path) -> None:
    network, trips = published(shared_data, "SiouxFalls")
    found = user_equilibrium(network, trips)
    assert found.relative_gap <= 1e-5
    assert found.total_minutes == pytest.approx(7_480_225.3, rel=5e-4)
    assert found.objective == pytest.approx(4_231_335.287, rel=1e-5)
    known = read_flows(shared_data / "tntp/SiouxFalls/SiouxFalls_flow.tntp", network)
    assert flow_difference(found.flow, known) < 0.005


@pytest.mark.real_data
def test_anaheim_reaches_its_published_equilibrium_without_crossing_zones(
    shared_data: Path,
) -> None:
    network, trips = published(shared_data, "Anaheim")
    found = user_equilibrium(network, trips, gap=1e-6)
    assert found.total_minutes == pytest.approx(1_419_913.85, rel=1e-4)
    assert found.objective == pytest.approx(1_286_032.17, rel=1e-5)
    known = read_flows(shared_data / "tntp/Anaheim/Anaheim_flow.tntp", network)
    assert flow_difference(found.flow, known) < 0.005
    zones = np.flatnonzero(~network.through)
    assert len(zones) == 38
    for zone in zones.tolist():
        # All that enters a zone ends there.
        entering = found.flow[network.head == zone].sum()
        assert entering == pytest.approx(trips.trips[trips.destination == zone].sum())


@pytest.mark.real_data
def test_braess_a_new_link_makes_every_trip_longer(shared_data: Path) -> None:
    network, trips = published(shared_data, "Braess-Example")
    link = network.link_ids([(network.node(3), network.node(4))])
    without = user_equilibrium(network.closed(link), trips)
    with_it = user_equilibrium(network, trips)
    assert without.total_minutes / trips.total == pytest.approx(83.0)
    assert with_it.total_minutes / trips.total == pytest.approx(92.0)
    # A planner would leave the new link alone.
    best = system_optimum(network, trips)
    assert best.total_minutes == pytest.approx(without.total_minutes, rel=1e-4)


def test_pigous_two_roads_have_the_price_of_anarchy_four_thirds() -> None:
    # From 0 to 2 directly in 1 minute, or by 1 in as many minutes as shares of one vehicle.
    roads = grid(2, 2)
    keep = roads.link_ids([(0, 1), (1, 3), (0, 2), (2, 3)])
    others = np.setdiff1d(np.arange(roads.n_links), keep)
    slow = np.isin(np.arange(roads.n_links), keep[:2])
    empty = np.where(slow, 0.5, 1e-9)
    b = np.where(np.arange(roads.n_links) == keep[2], 1e9, 0.0)
    network = replace(
        roads.closed(others),
        minutes=empty,
        bpr=BprParameters(np.ones_like(empty), b, np.ones_like(empty)),
    )
    trips = TripTable.of(network, [0], [3], [1.0])
    selfish = user_equilibrium(network, trips, gap=1e-9)
    planned = system_optimum(network, trips, gap=1e-9)
    assert selfish.total_minutes == pytest.approx(1.0, abs=1e-6)
    assert planned.total_minutes == pytest.approx(0.75, abs=1e-6)


@given(st.integers(0, 10_000))
@hypothesis_settings(max_examples=25)
def test_what_enters_a_node_leaves_it_or_ends_there(seed: int) -> None:
    network, trips = streets(seed)
    found = user_equilibrium(network, trips, gap=1e-3)
    balance = np.bincount(network.head, found.flow, network.n_nodes)
    balance -= np.bincount(network.tail, found.flow, network.n_nodes)
    ends = np.bincount(trips.destination, trips.trips, network.n_nodes)
    ends -= np.bincount(trips.origin, trips.trips, network.n_nodes)
    np.testing.assert_allclose(balance, ends, atol=1e-9 * trips.total)
    assert found.relative_gap >= 0.0
    assert (found.flow >= 0.0).all()


@pytest.mark.parametrize("remembered", [0, 1, 2])
@given(seed=st.integers(0, 10_000))
@hypothesis_settings(max_examples=15)
def test_the_objective_falls_in_every_iteration(remembered: int, seed: int) -> None:
    network, trips = streets(seed)
    found = user_equilibrium(network, trips, gap=1e-3, remembered=remembered)
    assert (np.diff(found.objectives) <= 1e-9 * found.objectives[:-1]).all()


@given(st.integers(0, 10_000))
@hypothesis_settings(max_examples=15)
def test_used_paths_are_fastest_paths(seed: int) -> None:
    network, trips = streets(seed)
    found = user_equilibrium(network, trips, gap=1e-7, most_iterations=5000)
    # Of one origin alone every link that is used lies on a fastest path from there.
    origin = int(trips.origin[0])
    alone = trips.take(trips.origin == origin)
    single = user_equilibrium(network, alone, gap=1e-7, most_iterations=5000)
    roads = network.with_link_minutes(single.minutes)
    far = roads.travel_times([origin])[0]
    used = single.flow > 1e-3 * alone.total
    slack = far[network.tail] + single.minutes - far[network.head]
    assert slack[used].max() <= 1e-2 * far.max()
    assert found.total_minutes >= float(trips.trips @ load(network, trips).minutes)


@given(st.integers(0, 10_000))
@hypothesis_settings(max_examples=15)
def test_no_equilibrium_beats_the_system_optimum(seed: int) -> None:
    network, trips = streets(seed)
    selfish, planned = user_equilibrium(network, trips), system_optimum(network, trips)
    assert planned.total_minutes <= selfish.total_minutes * (1 + 1e-4)
    assert selfish.objective <= planned.objective * (1 + 1e-4)


@given(st.integers(0, 10_000))
@hypothesis_settings(max_examples=25)
def test_the_loading_kernel_is_its_plain_version(seed: int) -> None:
    from scipy.sparse.csgraph import dijkstra

    network, trips = streets(seed)
    graph = network.search_graph()
    roots = graph.start[np.arange(network.n_nodes)]
    _, tree = dijkstra(graph.matrix, indices=roots, return_predecessors=True)
    flow = np.zeros(len(graph.link))
    plan = tree, roots, trips.origin, trips.destination, trips.trips
    climb(*plan, graph.matrix.indptr, graph.matrix.indices, flow)
    np.testing.assert_allclose(flow, climb_plain(*plan, graph))


def test_loaded_trips_take_the_minutes_of_the_network() -> None:
    network, trips = streets(3)
    loaded = load(network, trips)
    far = network.travel_times(np.arange(network.n_nodes))
    np.testing.assert_allclose(loaded.minutes, far[trips.origin, trips.destination])
    assert loaded.flow @ network.minutes == pytest.approx(trips.trips @ loaded.minutes)


def test_equilibria_of_scaled_demand_may_begin_where_the_last_one_ended() -> None:
    network, trips = streets(4)
    first = user_equilibrium(network, trips, gap=1e-6)
    more = trips.scaled(1.3)
    again = user_equilibrium(network, more, gap=1e-6, start=1.3 * first.flow)
    afresh = user_equilibrium(network, more, gap=1e-6)
    assert again.objective == pytest.approx(afresh.objective, rel=1e-5)


def test_trips_that_cannot_be_driven_are_named_or_left_out() -> None:
    network, _ = streets(1)
    cut = network.closed(np.flatnonzero(network.head == 11))
    trips = TripTable.of(cut, [0, 0], [11, 3], [5.0, 2.0])
    with pytest.raises(UnreachableError, match=r"1 trip\(s\): 0 -> 11"):
        user_equilibrium(cut, trips)
    loaded = load(cut, trips, gaps=True)
    assert np.isinf(loaded.minutes).tolist() == [False, True]
    assert loaded.flow[network.tail == 0].sum() == pytest.approx(2.0)


def test_wrong_arguments_are_refused() -> None:
    network, trips = streets(1)
    with pytest.raises(RoadDataError, match="no capacities"):
        user_equilibrium(grid(2, 2), TripTable.of(grid(2, 2), [0], [1], [1.0]))
    with pytest.raises(RoadDataError, match=r"-2.0 trips 0 -> 3"):
        TripTable.of(network, [0], [3], [-2.0])
    with pytest.raises(RoadDataError, match=r"destination holds \[99\]"):
        TripTable.of(network, [0], [99], [1.0])
    for wrong in ({"gap": 0.0}, {"most_iterations": -1}, {"remembered": 3}):
        with pytest.raises(RoadDataError, match=next(iter(wrong))):
            user_equilibrium(network, trips, **wrong)
    with pytest.raises(RoadDataError, match="start has shape"):
        user_equilibrium(network, trips, start=np.zeros(3))


def test_a_table_without_trips_leaves_roads_empty() -> None:
    network, _ = streets(1)
    nothing = TripTable.of(network, [1, 2], [1, 3], [5.0, 0.0])
    found = user_equilibrium(network, nothing)
    assert len(nothing) == 0
    assert found.total_minutes == found.relative_gap == 0.0
