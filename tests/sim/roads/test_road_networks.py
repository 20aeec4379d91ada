import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.roads import (
    RoadDataError,
    RoadNetwork,
    TravelTable,
    UnreachableError,
    grid,
    read_graphml,
    read_tntp,
)


@pytest.fixture
def streets() -> RoadNetwork:
    return grid(5, 6, spacing_m=100.0, speed_kph=30.0)


def test_distances_on_a_grid_are_those_of_manhattan(streets: RoadNetwork) -> None:
    minutes, metres = streets.minutes_and_metres([0], [29, 5, 24])
    np.testing.assert_allclose(metres[0], [900.0, 500.0, 400.0], rtol=1e-5)
    np.testing.assert_allclose(minutes[0], metres[0] / 500.0, rtol=1e-5)


def test_travel_times_equal_those_of_networkx(streets: RoadNetwork) -> None:
    rng = np.random.default_rng(3)
    slowed = streets.with_minutes(rng.uniform(1.0, 4.0, streets.n_links))
    ours = slowed.travel_times(np.arange(slowed.n_nodes))
    graph = nx.DiGraph()
    for tail, head, minutes in zip(slowed.tail, slowed.head, slowed.minutes, strict=True):
        graph.add_edge(int(tail), int(head), weight=float(minutes))
    for source in (0, 7, 29):
        theirs = nx.single_source_dijkstra_path_length(graph, source)
        np.testing.assert_allclose(ours[source], [theirs[n] for n in range(30)], rtol=1e-5)


@given(st.integers(0, 10_000))
def test_a_detour_is_never_faster(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = grid(3, 4)
    network = base.with_minutes(rng.uniform(0.5, 5.0, base.n_links))
    t = network.travel_times(np.arange(12)).astype(float)
    assert (t[:, None, :] <= t[:, :, None] + t[None, :, :] + 1e-4).all()


@given(st.integers(0, 10_000))
def test_closing_a_street_shortens_no_trip(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = grid(3, 3)
    closed = network.with_minutes(np.where(rng.random(network.n_links) < 0.3, 50.0, 1.0))
    before = network.travel_times(np.arange(9))
    assert (closed.travel_times(np.arange(9)) >= before - 1e-5).all()


def test_metres_are_those_of_the_fastest_path(streets: RoadNetwork) -> None:
    rng = np.random.default_rng(8)
    network = streets.with_minutes(rng.uniform(1.0, 3.0, streets.n_links))
    _, metres = network.minutes_and_metres([3], [26])
    nodes = network.path(3, 26)
    assert nodes[0] == 3
    assert nodes[-1] == 26
    links = network.link_ids(list(zip(nodes[:-1].tolist(), nodes[1:].tolist(), strict=True)))
    assert metres[0, 0] == pytest.approx(network.length_m[links].sum(), rel=1e-5)


def test_a_point_snaps_to_its_nearest_node(streets: RoadNetwork) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-50, 600, 40), rng.uniform(-50, 500, 40)
    nearest = streets.nearest_node(x, y)
    distance = np.hypot(x[:, None] - streets.x, y[:, None] - streets.y)
    np.testing.assert_allclose(distance[np.arange(40), nearest], distance.min(axis=1), rtol=1e-9)


def test_unreachable_pairs_are_named(streets: RoadNetwork) -> None:
    into_the_corner = np.flatnonzero(streets.head == 0)
    cut_off = streets.closed(into_the_corner)
    with pytest.raises(UnreachableError, match=r"29"):
        cut_off.travel_times([29], [0])


def test_a_table_holds_what_the_network_says_and_is_kept(streets: RoadNetwork) -> None:
    table = TravelTable.of(streets, [29, 3, 3, 10])
    assert table.places.tolist() == [3, 10, 29]
    np.testing.assert_allclose(
        table.minutes, streets.travel_times([3, 10, 29], [3, 10, 29]), rtol=1e-5
    )
    assert TravelTable.of(streets, [3, 10, 29]) is table
    assert not table.minutes.flags.writeable
    assert table.place_at(np.array([29])).tolist() == [2]


def test_a_node_that_is_no_place_is_refused(streets: RoadNetwork) -> None:
    with pytest.raises(RoadDataError, match="not among its 1 places"):
        TravelTable.of(streets, [4]).place_at(np.array([5]))


GRAPHML = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="x" for="node" attr.name="x" attr.type="double"/>
<key id="y" for="node" attr.name="y" attr.type="double"/>
<key id="length" for="edge" attr.name="length" attr.type="double"/>
<key id="maxspeed" for="edge" attr.name="maxspeed" attr.type="string"/>
<graph edgedefault="directed">
<node id="a"><data key="x">0</data><data key="y">0</data></node>
<node id="b"><data key="x">1000</data><data key="y">0</data></node>
<edge source="a" target="b"><data key="length">1000</data><data key="maxspeed">60</data></edge>
<edge source="b" target="a"><data key="length">{length}</data><data key="maxspeed">30</data></edge>
</graph></graphml>"""


def test_graphml_is_read_with_its_speeds(tmp_path) -> None:
    path = tmp_path / "two.graphml"
    path.write_text(GRAPHML.format(length=1000))
    network = read_graphml(path, name="two", coordinates="metres")
    times = network.travel_times([network.node("a"), network.node("b")])
    there, back = times[0, network.node("b")], times[1, network.node("a")]
    assert there == pytest.approx(1.0)
    assert back == pytest.approx(2.0)


def test_a_negative_length_is_refused_with_file_and_value(tmp_path) -> None:
    path = tmp_path / "bad.graphml"
    path.write_text(GRAPHML.format(length=-5))
    with pytest.raises(RoadDataError, match=r"bad\.graphml.*-5"):
        read_graphml(path, name="bad", coordinates="metres")


def test_what_is_not_graphml_is_refused(tmp_path) -> None:
    path = tmp_path / "text.graphml"
    path.write_text("no xml at all")
    with pytest.raises(RoadDataError, match=r"text\.graphml"):
        read_graphml(path, name="text")


@pytest.mark.real_data
def test_sioux_falls_is_read_as_published(shared_data) -> None:
    network = read_tntp(shared_data / "tntp/SiouxFalls/SiouxFalls_net.tntp", name="Sioux Falls")
    assert (network.n_nodes, network.n_links) == (24, 76)
    assert network.travel_times([network.node(1)], [network.node(2)])[0, 0] == pytest.approx(6.0)


@pytest.mark.real_data
def test_zones_of_anaheim_are_not_driven_through(shared_data) -> None:
    network = read_tntp(
        shared_data / "tntp/Anaheim/Anaheim_net.tntp", name="Anaheim", strongly_connected=False
    )
    zones = {network.node(label) for label in range(1, 39)}
    for target in (5, 20, 38):
        inner = network.path(network.node(1), network.node(target))[1:-1]
        assert not zones & set(inner.tolist())


def test_a_tntp_file_without_its_header_is_refused(tmp_path) -> None:
    path = tmp_path / "bad_net.tntp"
    path.write_text("1 2 3\n")
    with pytest.raises(RoadDataError, match=r"bad_net\.tntp"):
        read_tntp(path, name="bad")
