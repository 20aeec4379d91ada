"""Fastest paths, closures and snapping on small made networks."""

import copy
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.roads import RoadDataError, RoadNetwork, UnreachableError, grid, search
from sim.roads.assembly import Links, Nodes, assemble


def network_of(
    links: list[tuple[int, int, float, float]],
    *,
    n_nodes: int,
    zones: tuple[int, ...] = (),
    strongly_connected: bool = True,
) -> RoadNetwork:
    """A network from (tail, head, metres, minutes) and the nodes that may not be crossed."""
    tail, head, length_m, minutes = (np.array(column) for column in zip(*links, strict=True))
    through = np.ones(n_nodes, dtype=np.bool_)
    through[list(zones)] = False
    return assemble(
        "made",
        Nodes(
            labels=np.array([f"n{node}" for node in range(n_nodes)]),
            x=np.arange(n_nodes) * 10.0,
            y=np.zeros(n_nodes),
            crs="metres",
            through=through,
        ),
        Links(
            tail=tail.astype(np.int32),
            head=head.astype(np.int32),
            length_m=length_m.astype(np.float64),
            minutes=minutes.astype(np.float64),
            road_class=np.zeros(len(links), dtype=np.int16),
            class_names=("residential",),
        ),
        strongly_connected=strongly_connected,
    )


@st.composite
def networks(draw: st.DrawFn) -> RoadNetwork:
    """Random networks of up to ten nodes, with zones, links of no time, one-way streets."""
    n_nodes = draw(st.integers(2, 10))
    node = st.integers(0, n_nodes - 1)
    # Whole minutes make ties common: times and metres must still belong to one path.
    links = draw(
        st.lists(
            st.tuples(node, node, st.integers(0, 500), st.integers(0, 6)), min_size=2, max_size=40
        )
    )
    zones = tuple(draw(st.sets(node, max_size=2)))
    try:
        return network_of(links, n_nodes=n_nodes, zones=zones)
    except RoadDataError:
        assume(False)
        raise


def reference_minutes(network: RoadNetwork, source: int) -> dict[int, float]:
    """networkx's Dijkstra with the zones other than the source made dead ends."""
    graph = network.graph.copy()
    for zone in np.flatnonzero(~network.through):
        if zone != source:
            graph.remove_edges_from(list(graph.out_edges(zone)))
    lengths: dict[int, float] = nx.single_source_dijkstra_path_length(
        graph, source, weight="minutes"
    )
    return lengths


@given(networks())
def test_travel_times_equal_those_of_networkx(network: RoadNetwork) -> None:
    times = network.travel_times(np.arange(network.n_nodes))
    for source in range(network.n_nodes):
        expected = reference_minutes(network, source)
        assert times[source].tolist() == [expected[node] for node in range(network.n_nodes)]


@given(networks())
def test_travel_times_obey_the_triangle_inequality_where_all_may_be_crossed(
    network: RoadNetwork,
) -> None:
    times = network.travel_times(np.arange(network.n_nodes))
    via = times[:, :, None] + times[None, :, :]
    assert np.all(times[:, None, :] <= via[:, network.through] + 1e-9)


@given(networks())
def test_metres_are_those_of_the_links_on_the_path(network: RoadNetwork) -> None:
    nodes = np.arange(network.n_nodes)
    times, metres = network.minutes_and_metres(nodes, nodes)
    for source in nodes:
        for target in nodes:
            path = network.path(int(source), int(target))
            assert (path[0], path[-1]) == (source, target)
            links = network.link_ids(np.column_stack([path[:-1], path[1:]]))
            assert metres[source, target] == pytest.approx(network.length_m[links].sum())
            assert times[source, target] == pytest.approx(network.minutes[links].sum())
            assert network.through[path[1:-1]].all()


@given(networks())
def test_the_kernel_agrees_with_plain_numpy(network: RoadNetwork) -> None:
    graph = network.search_graph()
    nodes = np.arange(network.n_nodes, dtype=np.int32)
    _, metres = search.fastest_minutes_and_metres(graph, nodes, nodes)
    _, trees = search.dijkstra(graph.matrix, indices=graph.start[nodes], return_predecessors=True)
    plain = search.metres_to_targets_plain(trees, nodes, graph)
    np.fill_diagonal(plain, 0.0)  # a zone's own vertices are two, with a tour between them
    assert np.allclose(metres, plain, rtol=1e-12)


@given(networks(), st.data())
def test_closing_a_link_never_shortens_a_trip(network: RoadNetwork, data: st.DataObject) -> None:
    link = data.draw(st.integers(0, network.n_links - 1))
    before = network.travel_times(np.arange(network.n_nodes))
    try:
        after = network.closed([link]).travel_times(np.arange(network.n_nodes))
    except UnreachableError:
        return
    assert np.all(after >= before)


@given(
    rows=st.integers(1, 6),
    columns=st.integers(2, 6),
    spacing_m=st.sampled_from([50.0, 100.0, 250.0]),
)
def test_distances_on_a_grid_are_manhattan(rows: int, columns: int, spacing_m: float) -> None:
    streets = grid(rows, columns, spacing_m=spacing_m, speed_kph=60.0)
    nodes = np.arange(rows * columns)
    times, metres = streets.minutes_and_metres(nodes, nodes)
    manhattan = np.abs(streets.x[:, None] - streets.x) + np.abs(streets.y[:, None] - streets.y)
    assert np.allclose(metres, manhattan)
    assert np.allclose(times, manhattan / 1000.0)  # 60 km/h is a kilometre a minute


@given(st.integers(0, 2**32 - 1))
def test_snapping_finds_the_true_nearest_node(seed: int) -> None:
    rng = np.random.default_rng(seed)
    streets = grid(5, 7)
    x, y = rng.uniform(-200, 900, 20), rng.uniform(-200, 700, 20)
    found = streets.nearest_node(x, y)
    distance = np.hypot(streets.x - x[:, None], streets.y - y[:, None])
    assert np.allclose(distance[np.arange(20), found], distance.min(axis=1))
    assert streets.nearest_node(float(x[0]), float(y[0])) == found[0]


def test_a_shortcut_over_a_slow_road_is_not_the_path() -> None:
    # 0 -> 2 directly is 100 m but 9 minutes; over 1 it is 300 m in 2 minutes.
    network = network_of(
        [(0, 2, 100, 9), (0, 1, 150, 1), (1, 2, 150, 1), (2, 0, 100, 1)], n_nodes=3
    )
    assert network.travel_times([0], [2]).tolist() == [[2.0]]
    assert network.distances_m([0], [2]).tolist() == [[300.0]]
    assert network.path(0, 2).tolist() == [0, 1, 2]


def test_link_minutes_can_be_replaced_for_one_question() -> None:
    network = network_of(
        [(0, 2, 100, 9), (0, 1, 150, 1), (1, 2, 150, 1), (2, 0, 100, 1)], n_nodes=3
    )
    jammed = network.minutes.copy()
    jammed[network.link_ids([(0, 1)])] = 20.0
    assert network.distances_m([0], [2], minutes=jammed).tolist() == [[100.0]]
    assert network.distances_m([0], [2]).tolist() == [[300.0]]
    with pytest.raises(RoadDataError, match=r"minutes of shape \(2,\); allowed: \(4,\)"):
        network.travel_times([0], [2], minutes=np.ones(2))


def test_a_closed_street_makes_a_detour_and_keeps_the_numbering() -> None:
    streets = grid(2, 3, spacing_m=100.0)
    closed = streets.closed([(0, 1)])
    assert streets.distances_m([0], [1])[0, 0] == 100.0
    assert closed.distances_m([0], [1])[0, 0] == 300.0
    assert closed.distances_m([1], [0])[0, 0] == 100.0  # the other direction is another link
    assert closed.n_links == streets.n_links
    assert np.array_equal(closed.labels, streets.labels)
    assert (0, 1) not in closed.graph.edges
    assert closed.csr.nnz == streets.csr.nnz - 1
    assert streets.is_open.all()


def test_an_unreachable_trip_is_named_by_its_labels() -> None:
    network = network_of([(0, 1, 10, 1), (1, 0, 10, 1), (1, 2, 10, 1), (2, 1, 10, 1)], n_nodes=3)
    closed = network.closed(network.link_ids([(1, 2)]))
    with pytest.raises(UnreachableError, match=r"2 trip\(s\): n0 -> n2, n1 -> n2;") as caught:
        closed.travel_times([0, 1, 2])
    assert caught.value.pairs == (("n0", "n2"), ("n1", "n2"))
    assert caught.value.total == 2
    with pytest.raises(UnreachableError, match="n0 -> n2"):
        closed.path(0, 2)
    assert str(copy.copy(caught.value)) == str(caught.value)  # as between processes


def test_of_many_unreachable_trips_the_first_are_named_and_the_rest_counted() -> None:
    line = grid(1, 20)
    cut = line.closed([(9, 10)])
    with pytest.raises(UnreachableError, match=r"100 trip\(s\): 0 -> 10, .* and 95 more"):
        cut.travel_times(np.arange(20))


def test_slower_roads_take_longer_by_their_factor() -> None:
    streets = grid(3, 3)
    slow = streets.with_minutes(2.0)
    assert np.allclose(slow.travel_times([0]), 2.0 * streets.travel_times([0]))
    assert np.array_equal(slow.free_flow_minutes, streets.minutes)
    assert np.array_equal(slow.distances_m([0]), streets.distances_m([0]))


@pytest.mark.parametrize("factors", [0.0, -1.0, np.inf, np.nan, np.ones(3)])
def test_factors_must_be_positive_and_fit(factors: float) -> None:
    with pytest.raises(RoadDataError, match="finite and > 0"):
        grid(2, 2).with_minutes(factors)


def test_only_the_largest_strongly_connected_part_is_kept_and_the_rest_counted() -> None:
    network = network_of(
        [
            (0, 1, 10, 1),
            (1, 2, 10, 1),
            (2, 0, 10, 1),
            (0, 1, 30, 5),  # slower parallel
            (2, 2, 10, 1),  # self-loop
            (2, 3, 10, 1),  # a way in without a way out
            (4, 5, 10, 1),  # an island
            (5, 4, 10, 1),
        ],
        n_nodes=6,
    )
    assert network.labels.tolist() == ["n0", "n1", "n2"]
    assert (network.dropped.nodes, network.dropped.links) == (3, 3)
    assert (network.dropped.self_loops, network.dropped.slower_parallels) == (1, 1)
    assert "3 nodes and 3 links" in str(network.dropped)
    assert network.travel_times([0], [1])[0, 0] == 1.0


def test_parts_joined_only_across_a_zone_are_not_connected() -> None:
    both_ways = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 1)]
    links = [(a, b, 10.0, 1.0) for a, b in both_ways] + [(b, a, 10.0, 1.0) for a, b in both_ways]
    network = network_of(links, n_nodes=6, zones=(2,))
    assert network.labels.tolist() == ["n0", "n1", "n2", "n5"]
    assert network.travel_times(np.arange(4)).max() == 2.0


def test_roads_that_lead_nowhere_and_back_are_refused() -> None:
    with pytest.raises(RoadDataError, match="no two nodes can be reached"):
        network_of([(0, 1, 10, 1)], n_nodes=2)
    with pytest.raises(RoadDataError, match="the network is empty"):
        network_of([(1, 1, 10, 1)], n_nodes=2)


def test_labels_and_pairs_that_do_not_exist_are_named() -> None:
    streets = grid(2, 2)
    assert streets.node(3) == streets.node("3") == 3
    with pytest.raises(RoadDataError, match="no node 'nowhere'"):
        streets.node("nowhere")
    with pytest.raises(RoadDataError, match="from node 0 to node 3"):
        streets.link_ids([(0, 1), (0, 3)])
    with pytest.raises(RoadDataError, match=r"targets hold \[4, -1\]; allowed: .* 0 to 3"):
        streets.travel_times([0], [4, -1])
    with pytest.raises(RoadDataError, match="float64"):
        streets.travel_times([0.5])
    with pytest.raises(RoadDataError, match="ids from 0 to 7"):
        streets.closed([8])
    with pytest.raises(RoadDataError, match="not finite"):
        streets.nearest_node(float("nan"), 0.0)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"rows": 0, "columns": 3}, "rows is 0"),
        ({"rows": 1, "columns": 1}, "two corners"),
        ({"rows": 2, "columns": 2, "spacing_m": 0.0}, "spacing_m is 0.0"),
        ({"rows": 2, "columns": 2, "speed_kph": -5.0}, "speed_kph is -5.0"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(arguments: dict[str, float], named: str) -> None:
    with pytest.raises(RoadDataError, match=named):
        grid(**arguments)


def test_the_content_hash_changes_with_whatever_travel_depends_on() -> None:
    streets = grid(3, 3)
    assert grid(3, 3).content_hash() == streets.content_hash()
    others = [streets.closed([0]), streets.closed([1]), streets.with_minutes(1.5), grid(3, 4)]
    hashes = {network.content_hash() for network in [streets, *others]}
    assert len(hashes) == 5


def test_a_network_survives_the_way_to_another_process() -> None:
    streets = grid(3, 3)
    streets.nearest_node(0.0, 0.0)
    closed = streets.closed([0])
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        there = pool.submit(RoadNetwork.content_hash, closed)
        metres = pool.submit(RoadNetwork.distances_m, closed, [0], [1])
        assert there.result() == closed.content_hash()
        assert metres.result().tolist() == closed.distances_m([0], [1]).tolist()


def test_what_a_process_shares_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        grid(2, 2).minutes[0] = 0.0
