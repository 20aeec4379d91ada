"""Trip tables and known flows as files."""

from pathlib import Path

import numpy as np
import pytest

from sim.roads import RoadDataError, RoadNetwork, grid, read_flows, read_tntp, read_trips

TRIPS = """<NUMBER OF ZONES> 3
<TOTAL OD FLOW> 30.0
<END OF METADATA>

Origin 1
    1 : 0.0;  2 : 10.0;
    3 : 5.0;
Origin 2
    3 : 15.0;
"""


@pytest.fixture
def roads() -> RoadNetwork:
    return grid(2, 2)


def written(folder: Path, text: str, name: str = "small_trips.tntp") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tntp_table_is_read(tmp_path: Path, roads: RoadNetwork) -> None:
    trips = read_trips(written(tmp_path, TRIPS), roads)
    ends = zip(trips.origin.tolist(), trips.destination.tolist(), strict=True)
    assert dict(zip(ends, trips.trips.tolist(), strict=True)) == {
        (1, 2): 10.0,
        (1, 3): 5.0,
        (2, 3): 15.0,
    }


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("10.0;", "-1;", r"line 6: trips to 2 is '-1'; allowed: a finite number >= 0"),
        ("10.0;", "ten;", r"line 6: trips to 2 is 'ten'"),
        ("3 : 15.0", "9 : 15.0", r"line 9: zone is '9'; allowed: a zone from 1 to 3"),
        ("3 : 15.0", "3 15.0", r"line 9: '3 15.0'; allowed: destination : trips;"),
        ("Origin 1\n", "", r"line 5: .*allowed: a line `Origin 1` first"),
        ("30.0", "70.0", r"its trips add up to 30; allowed: 70, as its TOTAL OD FLOW says"),
        ("<NUMBER OF ZONES> 3\n", "", r"its metadata lack NUMBER OF ZONES"),
        ("<END OF METADATA>\n", "", r"stands before <END OF METADATA>"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, roads: RoadNetwork, old: str, new: str, told: str
) -> None:
    with pytest.raises(RoadDataError, match=told):
        read_trips(written(tmp_path, TRIPS.replace(old, new)), roads)


def test_a_csv_table_is_read_and_pairs_add_up(tmp_path: Path, roads: RoadNetwork) -> None:
    text = "origin,destination,trips\n0,3,4\n0,3,2.5\n2,2,9\n"
    trips = read_trips(written(tmp_path, text, "trips.csv"), roads)
    assert (trips.origin.tolist(), trips.destination.tolist()) == ([0], [3])
    assert trips.total == 6.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("origin,destination\n0,3\n", r"column\(s\) trips are missing"),
        ("origin,destination,trips\n0,77,1\n", r"line 2: destination is 77; allowed: a node of"),
        ("origin,destination,trips\n0,3,1\n0,2,-4\n", r"line 3: trips is -4"),
    ],
)
def test_a_wrong_csv_table_is_refused(
    tmp_path: Path, roads: RoadNetwork, text: str, told: str
) -> None:
    with pytest.raises(RoadDataError, match=told):
        read_trips(written(tmp_path, text, "trips.csv"), roads)


def test_a_file_of_another_kind_is_refused(tmp_path: Path, roads: RoadNetwork) -> None:
    with pytest.raises(RoadDataError, match=r"ends in \.tntp or \.csv"):
        read_trips(tmp_path / "trips.xlsx", roads)


@pytest.mark.real_data
def test_published_tables_are_whole(shared_data: Path) -> None:
    for name, pairs, total in (("SiouxFalls", 528, 360_600.0), ("Anaheim", 1406, 104_694.4)):
        folder = shared_data / "tntp" / name
        network = read_tntp(folder / f"{name}_net.tntp", name=name)
        trips = read_trips(folder / f"{name}_trips.tntp", network)
        assert len(trips) == pairs
        assert trips.total == pytest.approx(total)
        assert np.isfinite(read_flows(folder / f"{name}_flow.tntp", network)).all()


@pytest.mark.real_data
def test_flows_that_lack_a_link_are_refused(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "tntp/SiouxFalls"
    network = read_tntp(folder / "SiouxFalls_net.tntp", name="Sioux Falls")
    lines = (folder / "SiouxFalls_flow.tntp").read_text(encoding="utf-8").splitlines()
    short = written(tmp_path, "\n".join(line for line in lines if not line.startswith("2 ")))
    with pytest.raises(RoadDataError, match="no flow from 2 to 1"):
        read_flows(short, network)
