"""Networks in the TNTP format: the published ones, and broken ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import dijkstra

from sim.roads import RoadDataError, RoadNetwork, read_tntp

HEADER = (
    "<NUMBER OF ZONES> 1\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 2\n<NUMBER OF LINKS> 4\n"
    "<ORIGINAL HEADER>~ Init Term ;\n<END OF METADATA>\n\n~ init term capacity ;\n"
)
LINKS = (
    "1 2 100 5 1 0.15 4 0 0 1 ;\n2 1 100 5 1 0.15 4 0 0 1;\n"
    "2 3 100 5 2 0.15 4 0 0 2 ;\n3 2 100 5 2 0.15 4 0 0 2 ;\n"
)
FOOT_M = 0.3048


def read(folder: Path, text: str, nodes: str | None = None) -> RoadNetwork:
    (folder / "made_net.tntp").write_text(text)
    node_file = None
    if nodes is not None:
        node_file = folder / "made_node.tntp"
        node_file.write_text(nodes)
    return read_tntp(folder / "made_net.tntp", name="made", node_file=node_file)


@pytest.fixture(scope="module")
def sioux_falls(shared_data: Path) -> RoadNetwork:
    folder = shared_data / "tntp" / "SiouxFalls"
    return read_tntp(
        folder / "SiouxFalls_net.tntp",
        name="Sioux Falls",
        node_file=folder / "SiouxFalls_node.tntp",
    )


@pytest.fixture(scope="module")
def anaheim(shared_data: Path) -> RoadNetwork:
    return read_tntp(
        shared_data / "tntp" / "Anaheim" / "Anaheim_net.tntp",
        name="Anaheim",
        metres_per_unit=FOOT_M,
    )


def equilibrium(network: RoadNetwork, flow_file: Path) -> pd.DataFrame:
    """The best-known link flows, in the order of the network's links."""
    flows = pd.read_csv(flow_file, sep=r"\s+")
    flows.columns = [str(column).strip().lower() for column in flows.columns]
    pairs = [
        (network.node(tail), network.node(head))
        for tail, head in zip(flows["from"], flows["to"], strict=True)
    ]
    flows.index = pd.Index(network.link_ids(pairs))
    return flows.sort_index()


@pytest.mark.real_data
def test_sioux_falls_is_read_whole(sioux_falls: RoadNetwork) -> None:
    assert (sioux_falls.n_nodes, sioux_falls.n_links) == (24, 76)
    assert sioux_falls.through.all()
    assert sioux_falls.dropped.nodes == sioux_falls.dropped.links == 0
    link = sioux_falls.link_ids([(sioux_falls.node(2), sioux_falls.node(6))])[0]
    assert sioux_falls.minutes[link] == 5.0
    assert sioux_falls.bpr is not None
    assert sioux_falls.bpr.capacity[link] == 4958.180928
    assert (sioux_falls.bpr.b[link], sioux_falls.bpr.power[link]) == (0.15, 4.0)
    assert sioux_falls.nearest_node(sioux_falls.x, sioux_falls.y).tolist() == list(range(24))


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "total"), [("SiouxFalls", 7_480_225.3), ("Anaheim", 1_419_913.85)]
)
def test_bpr_times_at_the_published_equilibrium_give_the_published_total(
    shared_data: Path, request: pytest.FixtureRequest, name: str, total: float
) -> None:
    fixture = {"SiouxFalls": "sioux_falls", "Anaheim": "anaheim"}[name]
    network: RoadNetwork = request.getfixturevalue(fixture)
    flows = equilibrium(network, shared_data / "tntp" / name / f"{name}_flow.tntp")
    volume = flows["volume"].to_numpy()
    assert network.bpr is not None
    minutes = network.bpr.minutes(network.free_flow_minutes, volume)
    assert np.allclose(minutes, flows["cost"], rtol=1e-9)
    assert float(minutes @ volume) == pytest.approx(total, rel=1e-7)


@pytest.mark.real_data
def test_zones_of_anaheim_are_not_driven_through(anaheim: RoadNetwork) -> None:
    assert (anaheim.n_nodes, anaheim.n_links) == (416, 914)
    zones = np.flatnonzero(~anaheim.through)
    assert [int(label) for label in anaheim.labels[zones]] == list(range(1, 39))
    bound = anaheim.travel_times(zones, zones)
    free = dijkstra(anaheim.csr, indices=zones)[:, zones]
    assert np.all(bound >= free)
    assert np.any(bound > free + 1e-9)  # crossing a zone would pay, were it allowed
    for source in zones:
        for target in zones[::7]:
            assert anaheim.through[anaheim.path(int(source), int(target))[1:-1]].all()


@pytest.mark.real_data
def test_braess_keeps_all_its_nodes_although_no_road_leads_back(shared_data: Path) -> None:
    net_file = shared_data / "tntp" / "Braess-Example" / "Braess_net.tntp"
    with pytest.raises(RoadDataError, match="strongly_connected=False"):
        read_tntp(net_file, name="Braess", strongly_connected=True)
    braess = read_tntp(net_file, name="Braess")
    assert (braess.n_nodes, braess.n_links) == (4, 5)
    assert braess.path(braess.node(1), braess.node(2)).tolist() == [0, 2, 3, 1]


def test_units_are_converted(tmp_path: Path) -> None:
    (tmp_path / "net.tntp").write_text(HEADER + LINKS)
    network = read_tntp(
        tmp_path / "net.tntp", name="made", metres_per_unit=FOOT_M, minutes_per_unit=0.6
    )
    assert network.length_m.tolist() == pytest.approx([5 * FOOT_M] * 4)
    assert network.minutes.tolist() == pytest.approx([0.6, 0.6, 1.2, 1.2])
    assert network.class_names == ("type 1", "type 2")
    with pytest.raises(RoadDataError, match="metres_per_unit is 0"):
        read_tntp(tmp_path / "net.tntp", name="made", metres_per_unit=0.0)


def test_without_a_node_file_nothing_can_be_snapped(tmp_path: Path) -> None:
    with pytest.raises(RoadDataError, match="no coordinates"):
        read(tmp_path, HEADER + LINKS).nearest_node(0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (HEADER.replace("<FIRST THRU NODE> 2\n", "") + LINKS, "lack FIRST THRU NODE"),
        (HEADER.replace("NODES> 3", "NODES> three") + LINKS, "line 2: NUMBER OF NODES is 'three'"),
        (HEADER.replace("<END OF METADATA>", "") + LINKS, "line 9: '1 2 100"),
        (HEADER.partition("<END")[0], "no <END OF METADATA>"),
        (HEADER.replace("LINKS> 4", "LINKS> 5") + LINKS, "it has 4 links; allowed: 5"),
        (HEADER + LINKS.replace("2 3 100", "2 9 100"), "line 11: term_node is 9"),
        (HEADER + LINKS.replace("2 3 100 5", "2 3 100 -5"), "line 11: length is -5"),
        (HEADER + LINKS.replace("2 3 100", "2 3 0"), "line 11: capacity is 0; .* > 0"),
        (HEADER + LINKS.replace("2 3 100", "2 3 much"), "line 11: capacity is much"),
        (HEADER + LINKS.replace("2 3 100 5", "2 3 100"), "line 11: 9 values; allowed: 10"),
        (HEADER + LINKS.replace("2 3 100", "1 2 100"), "line 11: a second link .* line 9"),
        (HEADER, "it has 0 links"),
    ],
)
def test_a_broken_net_file_is_refused_with_its_line(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RoadDataError, match=named):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("nodes", "named"),
    [
        ("Node X Y ;\n1 0 0 ;\n2 0 1 ;\n", "node 3 has no coordinates"),
        ("Node X Y ;\n1 0 0 ;\n2 0 1 ;\n3 a 1 ;\n", "line 4: '3 a 1 ;'; allowed: node, X, Y"),
        ("Node X Y ;\n1 0 0 ;\n2 0 1 ;\n4 0 1 ;\n", "line 4: node is 4"),
        ("Node X Y ;\n1 0 0 ;\n2 0 1 ;\n3 0 91 ;\n", "line 4: X, Y are 0.0, 91.0"),
    ],
)
def test_a_broken_node_file_is_refused_with_its_line(
    tmp_path: Path, nodes: str, named: str
) -> None:
    with pytest.raises(RoadDataError, match=named):
        read(tmp_path, HEADER + LINKS, nodes)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RoadDataError, match="cannot be read"):
        read_tntp(tmp_path / "none.tntp", name="made")
