"""Road networks from CSV tables, good ones and broken ones."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from sim.roads import DEFAULT_SPEED_KPH, RoadDataError, RoadNetwork, read_aequilibrae, read_fleetpy

NODES = "node,lon,lat\n10,-71.30,-29.90\n20,-71.29,-29.90\n30,-71.29,-29.91\n"
LINKS = (
    "a,b,dir,length_m,speed_ab,speed_ba,type\n"
    "10,20,0,1000,60,30,primary\n"
    "20,30,0,1000,40,,secondary\n"
    "10,30,1,500,,,living_street\n"
    "30,20,-1,2000,,120,motorway\n"
)


def read(folder: Path, nodes: str = NODES, links: str = LINKS) -> RoadNetwork:
    (folder / "nodes.csv").write_text(nodes)
    (folder / "links.csv").write_text(links)
    return read_aequilibrae(folder / "nodes.csv", folder / "links.csv", name="made")


def test_directions_and_speeds_are_read_as_the_table_says(tmp_path: Path) -> None:
    network = read(tmp_path)
    minutes = {
        (int(network.labels[tail]), int(network.labels[head])): float(time)
        for tail, head, time in zip(network.tail, network.head, network.minutes, strict=True)
    }
    assert minutes == pytest.approx(
        {
            (10, 20): 1.0,
            (20, 10): 2.0,
            (20, 30): 1.0,  # -1 of the last row leads from b to a, and is as fast at 120 km/h
            (30, 20): 1.5,  # the speed of the other direction
            (10, 30): 0.5 / DEFAULT_SPEED_KPH["living_street"] * 60.0,
        }
    )
    assert network.dropped.slower_parallels == 1
    assert set(network.class_names) == {"primary", "secondary", "living_street", "motorway"}


def test_degrees_become_metres_around_the_centre(tmp_path: Path) -> None:
    network = read(tmp_path)
    # A hundredth of a degree of latitude is 1112 m; of longitude, its cosine's share.
    assert network.y[0] - network.y[2] == pytest.approx(1111.95, abs=0.1)
    assert network.x[1] - network.x[0] == pytest.approx(
        1111.95 * np.cos(np.radians(29.905)), abs=0.1
    )
    x, y = network.project(network.lon, network.lat)
    assert network.nearest_node(x, y).tolist() == [0, 1, 2]


def test_gzipped_tables_read_the_same(tmp_path: Path) -> None:
    plain = read(tmp_path)
    for name in ("nodes", "links"):
        text = (tmp_path / f"{name}.csv").read_bytes()
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(text))
    packed = read_aequilibrae(tmp_path / "nodes.csv.gz", tmp_path / "links.csv.gz", name="made")
    assert packed.content_hash() == plain.content_hash()


def test_blank_lines_do_not_shift_the_line_that_an_error_names(tmp_path: Path) -> None:
    broken = LINKS.replace("20,30,0,1000", "\n20,30,0,-3")
    with pytest.raises(RoadDataError, match=r"links\.csv, line 4: length_m is -3"):
        read(tmp_path, links=broken)


@pytest.mark.parametrize(
    ("nodes", "links", "named"),
    [
        (NODES, LINKS.replace("length_m", "len"), r"links\.csv, line 1: column\(s\) length_m are"),
        (NODES.replace("lat", "north"), LINKS, r"nodes\.csv, line 1: column\(s\) lat are missing"),
        (NODES, LINKS.replace("10,30,1,500", "10,30,1,-500"), r"line 4: length_m is -500"),
        (NODES, LINKS.replace("10,30,1,500", "10,30,1,"), r"line 4: length_m is empty"),
        (NODES, LINKS.replace("10,30,1,500", "10,30,1,far"), r"line 4: length_m is far"),
        (NODES, LINKS.replace("10,30,1,500", "10,30,1,inf"), r"line 4: length_m is inf"),
        (NODES, LINKS.replace("10,30,1", "10,30,2"), r"line 4: dir is 2; allowed: 0 \(both"),
        (NODES, LINKS.replace("10,30,1", "10,31,1"), r"line 4: b is 31; allowed: a node of nodes"),
        (NODES, LINKS.replace("10,30,1", "10,30.5,1"), r"line 4: b is 30\.5"),
        (NODES, LINKS.replace("1000,60", "1000,0"), r"line 2: speed_ab is 0"),
        (NODES, LINKS.replace("1000,60", "1000,fast"), r"line 2: speed_ab is fast"),
        (NODES.replace("20,-71.29", "10,-71.29"), LINKS, r"nodes\.csv, line 3: node is 10"),
        (NODES.replace("-29.91", "-129.91"), LINKS, r"line 4: lat is -129\.91; allowed: degrees"),
        (NODES.replace("20,-71.29", "20,"), LINKS, r"line 3: lon is empty"),
        (NODES, LINKS.splitlines()[0] + "\n", r"links\.csv: it has no rows"),
        ("", LINKS, r"nodes\.csv: cannot be read"),
        (NODES, LINKS + "1,2,3,4,5,6,7,8,9\n", r"links\.csv: cannot be read"),
        (NODES, "\n".join([*LINKS.splitlines()[:1], LINKS.splitlines()[3]]), "no two nodes"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(
    tmp_path: Path, nodes: str, links: str, named: str
) -> None:
    with pytest.raises(RoadDataError, match=named):
        read(tmp_path, nodes, links)


def test_a_missing_file_and_one_that_is_not_gzipped_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RoadDataError, match=r"nodes\.csv: cannot be read"):
        read_aequilibrae(tmp_path / "nodes.csv", tmp_path / "links.csv", name="made")
    (tmp_path / "nodes.csv.gz").write_text(NODES)
    with pytest.raises(RoadDataError, match=r"nodes\.csv\.gz: cannot be read"):
        read_aequilibrae(tmp_path / "nodes.csv.gz", tmp_path / "links.csv", name="made")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(NODES.encode())[:-12])
    with pytest.raises(RoadDataError, match=r"cut\.csv\.gz: cannot be read"):
        read_aequilibrae(tmp_path / "cut.csv.gz", tmp_path / "links.csv", name="made")


FLEET_NODES = "node_index,is_stop_only,pos_x,pos_y\n0,False,0,0\n1,True,50,0\n2,False,100,0\n"
FLEET_EDGES = (
    "from_node,to_node,distance,travel_time\n"
    "0,1,50,6\n1,2,50,6\n2,1,50,6\n1,0,50,6\n0,2,400,60\n2,0,400,60\n"
)


def read_fleet(
    folder: Path, nodes: str = FLEET_NODES, edges: str = FLEET_EDGES, crs: str = "EPSG:32632"
) -> RoadNetwork:
    (folder / "nodes.csv").write_text(nodes)
    (folder / "edges.csv").write_text(edges)
    (folder / "crs.info").write_text(crs)
    return read_fleetpy(
        folder / "nodes.csv", folder / "edges.csv", folder / "crs.info", name="made"
    )


def test_a_stop_only_node_is_stopped_at_but_not_driven_through(tmp_path: Path) -> None:
    network = read_fleet(tmp_path)
    assert network.travel_times([0], [0, 1, 2]).tolist() == [[0.0, 0.1, 1.0]]
    assert network.travel_times([1], [0, 1, 2]).tolist() == [[0.1, 0.0, 0.1]]
    assert network.path(0, 2).tolist() == [0, 2]
    assert network.crs == "EPSG:32632"
    with pytest.raises(RoadDataError, match="EPSG:32632"):
        network.project(np.array([11.5]), np.array([48.1]))


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"edges": FLEET_EDGES.replace("0,1,50,6", "0,1,50,-6")}, "line 2: travel_time is -6"),
        ({"edges": FLEET_EDGES.replace("0,1,50,6", "0,7,50,6")}, "line 2: to_node is 7"),
        ({"nodes": FLEET_NODES.replace("True", "maybe")}, "line 3: is_stop_only is maybe"),
        ({"nodes": FLEET_NODES.replace("pos_y", "y")}, "line 1: column.s. pos_y are missing"),
        ({"crs": "EPSG:4326"}, r"crs\.info: names 'EPSG:4326'; allowed: a projection in metres"),
        ({"crs": ""}, "names 'nothing'"),
    ],
)
def test_a_broken_fleetpy_table_is_refused(
    tmp_path: Path, broken: dict[str, str], named: str
) -> None:
    with pytest.raises(RoadDataError, match=named):
        read_fleet(tmp_path, **broken)
