"""Road networks from GraphML, as OSMnx and others write it."""

from pathlib import Path
from typing import Literal

import networkx as nx
import numpy as np
import pytest

from sim.roads import DEFAULT_SPEED_KPH, RoadDataError, RoadNetwork, osm_tags, read_graphml

CORNERS = {101: (11.50, 48.10), 102: (11.51, 48.10), 103: (11.51, 48.11)}


def osmnx_like(**changes: str) -> nx.MultiDiGraph:
    """Three corners in degrees, every attribute a text; `changes` go to the edge 101 -> 102."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in CORNERS.items():
        graph.add_node(node, x=str(x), y=str(y))
    graph.add_edge(101, 102, length="1000.0", highway="primary", oneway="True")
    graph.add_edge(102, 103, length="1000.0", highway="['residential', 'tertiary']")
    graph.add_edge(103, 101, length="1000.0", maxspeed="['30', '50']", highway="secondary")
    graph.edges[101, 102, 0].update(changes)
    return graph


def read(folder: Path, graph: nx.Graph, **options: str) -> RoadNetwork:
    nx.write_graphml(graph, folder / "made.graphml")
    return read_graphml(folder / "made.graphml", name="made", **options)


def minutes_of(network: RoadNetwork, tail: object, head: object) -> float:
    link = network.link_ids([(network.node(tail), network.node(head))])[0]
    return float(network.minutes[link])


def test_an_osmnx_file_is_read(tmp_path: Path) -> None:
    network = read(tmp_path, osmnx_like())
    assert network.labels.tolist() == [101, 102, 103]
    assert network.n_links == 3
    assert network.lon is not None
    assert network.lon.tolist() == [11.50, 11.51, 11.51]
    assert minutes_of(network, 101, 102) == pytest.approx(60 / DEFAULT_SPEED_KPH["primary"])
    assert minutes_of(network, 102, 103) == pytest.approx(60 / DEFAULT_SPEED_KPH["residential"])
    assert minutes_of(network, 103, 101) == pytest.approx(60 / 40)
    assert network.class_names == ("primary", "residential", "secondary")


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [
        ({"maxspeed": "30"}, 2.0),
        ({"maxspeed": "30 mph"}, 60 / 48.28032),
        ({"maxspeed": "20;40"}, 2.0),
        ({"maxspeed": "none"}, 60 / 65),
        ({"maxspeed": "DE:urban"}, 60 / 65),
        ({"speed_kph": "120", "maxspeed": "30"}, 0.5),
        ({"travel_time": "15", "speed_kph": "120"}, 0.25),
        ({"highway": "raceway"}, 60 / 25),
    ],
)
def test_the_surest_word_on_speed_counts(
    tmp_path: Path, changes: dict[str, str], minutes: float
) -> None:
    network = read(tmp_path, osmnx_like(**changes))
    assert minutes_of(network, 101, 102) == pytest.approx(minutes)


def test_of_parallel_edges_the_fastest_stays(tmp_path: Path) -> None:
    graph = osmnx_like()
    graph.add_edge(101, 102, length="400.0", highway="living_street")
    graph.add_edge(101, 102, length="1500.0", highway="motorway")
    network = read(tmp_path, graph)
    assert network.dropped.slower_parallels == 2
    assert minutes_of(network, 101, 102) == pytest.approx(60 / 65)


@pytest.mark.parametrize(
    ("oneway", "links"),
    [("True", 3), ("no", 4), ("False", 4), ("[True, False]", 3)],
)
def test_a_directed_edge_leads_back_only_where_oneway_says_no(
    tmp_path: Path, oneway: str, links: int
) -> None:
    assert read(tmp_path, osmnx_like(oneway=oneway)).n_links == links


def test_an_undirected_edge_leads_both_ways_unless_it_is_one_way(tmp_path: Path) -> None:
    graph = nx.Graph()
    for node, x in (("a", 0.0), ("b", 500.0), ("c", 900.0)):
        graph.add_node(node, x=x, y=0.0)
    graph.add_edge("a", "b", length=500.0, speed_kph=30.0)
    graph.add_edge("b", "c", length=400.0, speed_kph=30.0)
    graph.add_edge("c", "a", length=900.0, speed_kph=30.0, oneway="yes")
    network = read(tmp_path, graph)
    assert network.labels.tolist() == ["a", "b", "c"]
    assert network.n_links == 5
    assert network.crs == "metres"
    assert network.distances_m([0], [2])[0, 0] == 900.0


def test_lon_and_lat_are_coordinates_too(tmp_path: Path) -> None:
    graph = osmnx_like()
    for node, (x, y) in CORNERS.items():
        graph.nodes[node].clear()
        graph.nodes[node].update(lon=x, lat=y)
    assert read(tmp_path, graph).content_hash() == read(tmp_path, osmnx_like()).content_hash()


def test_projected_files_keep_their_metres_and_degrees(tmp_path: Path) -> None:
    graph = osmnx_like()
    graph.graph["crs"] = "EPSG:32632"
    for row, (node, (lon, lat)) in enumerate(CORNERS.items()):
        graph.nodes[node].update(x=str(690_000.0 + row), y="5330000.0", lon=str(lon), lat=str(lat))
    network = read(tmp_path, graph)
    assert network.x.tolist() == [690_000.0, 690_001.0, 690_002.0]
    assert network.lat is not None
    assert network.lat.tolist() == [48.10, 48.10, 48.11]
    assert network.crs == "EPSG:32632"


def test_coordinates_that_may_be_either_are_not_guessed(tmp_path: Path) -> None:
    graph = osmnx_like()
    del graph.graph["crs"]
    with pytest.raises(RoadDataError, match="may be degrees or metres"):
        read(tmp_path, graph)
    assert read(tmp_path, graph, coordinates="metres").x.tolist() == [11.50, 11.51, 11.51]
    assert read(tmp_path, graph, coordinates="lonlat").origin == pytest.approx((11.505, 48.105))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"length": "-1"}, "length of edge 101 -> 102 is -1; allowed: a finite number >= 0"),
        ({"length": "long"}, "length of edge 101 -> 102 is long"),
        ({"length": "nan"}, "length of edge 101 -> 102 is nan"),
        ({"maxspeed": "quick"}, "maxspeed of edge 101 -> 102 is 'quick'"),
        ({"maxspeed": "0"}, "maxspeed of edge 101 -> 102 is '0'"),
        ({"speed_kph": "0"}, "speed_kph of edge 101 -> 102 is 0; allowed: a finite number > 0"),
        ({"travel_time": "-2"}, "travel_time of edge 101 -> 102 is -2"),
        ({"oneway": "sometimes"}, "oneway of edge 101 -> 102 is 'sometimes'"),
        ({"highway": "['primary'"}, r"highway of edge 101 -> 102 is .*is no list"),
    ],
)
def test_a_broken_edge_is_refused_by_name(
    tmp_path: Path, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(RoadDataError, match=named):
        read(tmp_path, osmnx_like(**changes))


def test_a_node_without_coordinates_or_off_the_globe_is_refused(tmp_path: Path) -> None:
    graph = osmnx_like()
    del graph.nodes[102]["y"]
    with pytest.raises(RoadDataError, match="node 102 has no coordinates"):
        read(tmp_path, graph)
    graph.nodes[102]["y"] = "north"
    with pytest.raises(RoadDataError, match="y of node 102 is north"):
        read(tmp_path, graph)
    graph.nodes[102]["y"] = "98.0"
    with pytest.raises(RoadDataError, match=r"node 102 lies at 11\.51, 98\.0"):
        read(tmp_path, graph)


def test_an_edge_without_length_is_refused(tmp_path: Path) -> None:
    graph = osmnx_like()
    del graph.edges[102, 103, 0]["length"]
    with pytest.raises(RoadDataError, match="edge 102 -> 103 has no length"):
        read(tmp_path, graph)


@pytest.mark.parametrize("text", ["", "roads", "<html></html>", "<graphml><graph>"])
def test_what_is_no_graphml_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "made.graphml").write_text(text)
    with pytest.raises(
        RoadDataError, match=r"made\.graphml: (cannot be read|the network is empty)"
    ):
        read_graphml(tmp_path / "made.graphml", name="made")


def test_a_missing_or_empty_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RoadDataError, match="cannot be read"):
        read_graphml(tmp_path / "none.graphml", name="made")
    with pytest.raises(RoadDataError, match="the network is empty"):
        read(tmp_path, nx.DiGraph())
    graph = nx.DiGraph(crs="epsg:4326")
    graph.add_node("a", x=1.0, y=1.0)
    with pytest.raises(RoadDataError, match="the network is empty"):
        read(tmp_path, graph)


def test_unnumbered_speeds_leave_the_numbered_ones_alone() -> None:
    assert osm_tags.speed_kph("['none', '100']") == 100.0
    assert osm_tags.speed_kph("walk|30") == 30.0
    assert osm_tags.speed_kph("signals") is None


def test_maps_of_a_file_name_whom_it_names(tmp_path: Path) -> None:
    graph = osmnx_like()
    assert read(tmp_path, graph).attribution == ""
    graph.graph["created_with"] = "OSMnx 2.0.1"
    assert read(tmp_path, graph).attribution == osm_tags.ATTRIBUTION
    graph.graph["attribution"] = "© The Surveyors of Elsewhere"
    assert read(tmp_path, graph).attribution == "© The Surveyors of Elsewhere"
    assert read(tmp_path, graph, attribution="© Myself").attribution == "© Myself"


@pytest.mark.parametrize(
    ("coordinates", "metres"), [("lonlat", 2 * 6_371_008.8 * np.pi * 0.01 / 360), ("metres", 0.01)]
)
def test_a_file_without_any_length_gives_straight_lines(
    tmp_path: Path, coordinates: Literal["lonlat", "metres"], metres: float
) -> None:
    graph = nx.Graph()
    for node, y in (("a", 0.0), ("b", 0.01), ("c", 0.02)):
        graph.add_node(node, x=0.0, y=y)
    nx.add_path(graph, ["a", "b", "c"])
    nx.write_graphml(graph, tmp_path / "bare.graphml")
    network = read_graphml(tmp_path / "bare.graphml", name="bare", coordinates=coordinates)
    assert network.n_links == 4
    np.testing.assert_allclose(network.length_m, metres, rtol=2e-3)
    with pytest.raises(RoadDataError, match=r"roads\.coordinates"):
        read_graphml(tmp_path / "bare.graphml", name="bare")
