"""The map of deliveries: what it shows is what the tables of the run say."""

import dataclasses
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from experiments import run
from experiments.map_tables import roads_of, streets_of
from experiments.reporting import driven as driven_module
from experiments.reporting.day_map import FULL_COLOURS, FULLNESS, day_map, load_bounds, loads_of
from experiments.reporting.driven import Driven, driven
from experiments.reporting.late_parcels import FEWEST_PARCELS, late_parcels
from experiments.reporting.map_points import Frame, Streets
from experiments.reporting.page import render
from experiments.run_folder import RunData, RunFolderError, read_run
from scenarios.loading import override
from sim.event_tables import OrderStatus

DAYS = 8


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    folder = tmp_path_factory.mktemp("map") / "run"
    run("tiny", days=DAYS, out=folder)
    return read_run(folder)


@pytest.fixture(scope="module")
def found(data: RunData) -> Driven:
    return driven(data)


def changed(data: RunData, **tables: pd.DataFrame) -> RunData:
    return dataclasses.replace(data, tables={**data.tables, **tables})


def moves(data: RunData, day: int) -> pd.DataFrame:
    """The trips of a day, from the table alone."""
    legs = data.tables["legs"]
    legs = legs[(legs["start"] // 1440 == day) & (legs["origin"] != legs["destination"])]
    return legs.assign(hour=(legs["start"] % 1440 // 60).astype(int))


def test_the_busiest_the_last_and_the_latest_day_are_kept(data: RunData, found: Driven) -> None:
    legs = data.tables["legs"]
    legs = legs[legs["origin"] != legs["destination"]]
    late = data.tables["deliveries"].query("status == 1 and delivered > due")
    wanted = {
        int((legs["start"] // 1440).value_counts().idxmax()),
        DAYS - 1,
        int((late["delivered"] // 1440).value_counts().idxmax()),
    }
    assert {day.day for day in found.days} == wanted
    assert found.left_out == ""


def test_every_trip_of_a_kept_day_is_there(data: RunData, found: Driven) -> None:
    for day in found.days:
        legs = moves(data, day.day)
        assert len(day.trips) == len(legs)
        for hour, trips in legs.groupby("hour"):
            shown = day.trips[day.trips["hour"] == hour]
            assert len(shown) == len(trips)
            assert set(shown["courier"]) == set(trips["courier"])
            assert shown["parcels"].sum() == trips["parcels"].sum()
        assert day.trips["start"].between(0, 1440, inclusive="left").all()


def test_paths_are_the_fastest_ones_between_the_stops(data: RunData, found: Driven) -> None:
    network = roads_of(data.tables, "streets")
    node = data.tables["places"]["node"].to_numpy()
    fastest = network.travel_times(node, node)
    for day in found.days:
        legs = moves(data, day.day).sort_values(["start", "courier"], kind="stable")
        ends = legs[["origin", "destination"]].to_numpy()
        for path, (origin, destination) in zip(day.trips["path"], ends, strict=True):
            nodes = found.paths[path]
            assert (nodes[0], nodes[-1]) == (node[origin], node[destination])
            links = network.link_ids(np.stack([nodes[:-1], nodes[1:]], axis=1))
            assert network.minutes[links].sum() == pytest.approx(fastest[origin, destination])


def test_drawn_routes_are_as_long_as_those_that_couriers_drove(
    data: RunData, found: Driven
) -> None:
    network = roads_of(data.tables, "streets")
    for day in found.days:
        nodes = [found.paths[path] for path in day.trips["path"]]
        links = [network.link_ids(np.stack([one[:-1], one[1:]], axis=1)) for one in nodes]
        drawn = sum(network.length_m[one].sum() for one in links)
        shifts = data.tables["shifts"]
        assert drawn == pytest.approx(shifts.loc[shifts["day"] == day.day, "metres"].sum(), 1e-4)
        assert day.note == ""


def test_loads_are_trips_a_street_and_hour(data: RunData, found: Driven) -> None:
    x, y = (data.tables["nodes"][axis].to_numpy(np.float64) for axis in ("x", "y"))
    cells = Frame.around(x, y).cells(x, y)
    node_at = {tuple(cell): node for node, cell in enumerate(cells.tolist())}
    streets = Streets([cells[path] for path in found.paths])
    for day in found.days:
        passed = pd.DataFrame(
            [
                (hour, *sorted(pair))
                for hour, path in zip(day.trips["hour"], day.trips["path"], strict=True)
                for pair in zip(found.paths[path][:-1], found.paths[path][1:], strict=True)
            ],
            columns=["hour", "one", "other"],
        )
        wanted = passed.groupby(["hour", "one", "other"]).size().to_dict()
        loads = {
            (hour, *sorted(node_at[streets.points[end]] for end in street)): count
            for hour, counts in loads_of(streets, day).items()
            for street, count in counts.items()
        }
        assert loads == wanted


def test_late_parcels_are_those_that_arrived_after_their_minute(
    data: RunData, found: Driven
) -> None:
    jobs = data.tables["deliveries"]
    jobs = jobs[(jobs["status"] == OrderStatus.DELIVERED) & (jobs["delivered"] > jobs["due"])]
    for day in found.days:
        late = jobs[jobs["delivered"] // 1440 == day.day].sort_values("delivered", kind="stable")
        late = late[(late["delivered"] % 1440 // 60).isin(day.hours)]
        assert len(late) > 0
        assert day.late["by"].to_numpy() == pytest.approx(late["delivered"] - late["due"])
        assert (day.late["merchant"].to_numpy() == late["merchant"]).all()
        assert (day.late["door"].to_numpy() == late["dropoff"]).all()
        assert (day.late["courier"].to_numpy() == late["courier"]).all()
        assert day.late["picked_up"].to_numpy() == pytest.approx(
            late["picked_up"] - day.day * 1440.0
        )
        assert (day.late["hour"].to_numpy() == late["delivered"] % 1440 // 60).all()


def test_the_picture_shows_the_hour_with_the_most_trips(data: RunData, found: Driven) -> None:
    hour = day_map(data).hour
    assert hour is not None
    trips = {day.day: moves(data, day.day)["hour"].value_counts() for day in found.days}
    assert hour.trips == max(counts.max() for counts in trips.values())
    assert trips[hour.day][hour.hour] == hour.trips
    assert hour.told in render(data)


def test_classes_of_streets_begin_at_one_trip_and_rise() -> None:
    for most in (0, 1, 2, 5, 40, 3000):
        bounds = load_bounds(most)
        assert bounds[0] == 1
        assert bounds == sorted(set(bounds))
        assert bounds[-1] <= max(most, 1)


def test_words_about_late_parcels_are_counted_from_the_table(data: RunData) -> None:
    jobs = data.tables["deliveries"]
    done = jobs[jobs["status"] == OrderStatus.DELIVERED]
    late = done["delivered"] > done["due"]
    hour = (done["delivered"] % 1440 // 60).astype(int)
    told = late_parcels(data.tables)
    assert [row.hour for row in told.hours] == sorted(hour.unique())
    assert [row.late for row in told.hours] == late.groupby(hour).sum().tolist()
    assert [row.delivered for row in told.hours] == hour.value_counts().sort_index().tolist()
    most = late.groupby(hour).sum().idxmax()
    assert f"{late.sum():,} (" in told.told
    assert f"arrived between {most:02d}:00 and {most + 1:02d}:00" in told.told
    waits = (done["picked_up"] - done["ready"]).clip(lower=0.0).groupby(done["merchant"])
    means = waits.mean()[waits.size() >= FEWEST_PARCELS].sort_values(ascending=False)
    names = data.tables["merchants"]["name"]
    assert [row.name for row in told.shops] == [names[one] for one in means.index[:5]]
    assert [row.waits for row in told.shops] == pytest.approx(means.tolist()[:5])


def test_a_run_in_which_nothing_was_late_says_so(data: RunData) -> None:
    jobs = data.tables["deliveries"]
    told = late_parcels({**data.tables, "deliveries": jobs.assign(due=np.inf)})
    assert told.told.startswith("All ")
    nothing = late_parcels({**data.tables, "deliveries": jobs.iloc[:0]})
    assert (nothing.hours, nothing.shops) == ((), ())


def test_a_day_of_too_many_trips_keeps_its_busiest_hours(
    data: RunData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driven_module, "MOST_TRIPS", 40)
    found = driven(data)
    (day,) = found.days
    legs = moves(data, day.day)
    by_hour = legs["hour"].value_counts()
    assert len(day.trips) <= 40
    assert min(by_hour[day.hours]) >= max(by_hour.drop(day.hours))
    assert f"of day {day.day} all but its {len(day.hours)} busiest hours" in found.left_out
    monkeypatch.setattr(driven_module, "MOST_TRIPS", 1)
    assert len(driven(data).days[0].hours) >= 1


def test_a_run_by_post_says_why_it_has_no_map(tmp_path: Path) -> None:
    run("tiny", days=1, overrides=["events=[]", "couriers.count=0"], out=tmp_path / "run")
    text = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "parcels went by post: no couriers drove" in text
    assert "day-map-data" not in text
    assert "script-src" not in text


def test_without_trips_or_coordinates_there_is_no_map(data: RunData) -> None:
    nobody = changed(data, legs=data.tables["legs"].iloc[:0])
    assert "No courier drove anywhere" in day_map(nobody).nothing
    nowhere = changed(data, nodes=data.tables["nodes"].assign(x=np.nan, y=np.nan))
    assert "names no coordinates" in day_map(nowhere).nothing


def test_other_ways_than_those_drawn_are_told(data: RunData) -> None:
    shifts = data.tables["shifts"]
    longer = changed(data, shifts=shifts.assign(metres=shifts["metres"] * 1.25))
    notes = [day.note for day in driven(longer).days]
    assert all("80% as long as those driven" in note for note in notes)
    assert notes[0] in render(longer)


def test_traffic_moves_routes_and_fills_streets(data: RunData, found: Driven) -> None:
    links, day = data.tables["links"], found.days[0]
    path = found.paths[day.trips["path"].iloc[0]]
    network = roads_of(data.tables, "streets")
    blocked = int(network.link_ids(np.array([path[:2]]))[0])
    hour = int(day.trips["hour"].iloc[0])
    periods = [(0, hour, False), (hour, hour + 1, True), (hour + 1, 24, False)]
    traffic = pd.concat(
        pd.DataFrame(
            {
                "day": day.day,
                "hour": first,
                "until": until,
                "link": np.arange(len(links)),
                "minutes": links["minutes"] + np.where(links.index == blocked, 99.0 * jam, 0.0),
                "volume": np.where(links.index == blocked, 60.0 + 90.0 * jam, 60.0),
                "capacity": 100.0,
            }
        )
        for first, until, jam in periods
    )
    with_traffic = changed(data, traffic=traffic)
    again = driven(with_traffic)
    pairs = {
        pair
        for row in np.flatnonzero(again.days[0].trips["hour"] == hour)
        for pair in _pairs(again.paths[again.days[0].trips["path"].iloc[row]])
    }
    assert tuple(path[:2]) not in pairs
    drawn = day_map(with_traffic)
    assert [name for _, name in drawn.fullness] == [name for _, name in FULLNESS]
    assert drawn.data is not None
    shown: dict[str, Any] = drawn.data["days"][0]["full"]
    assert [int(one) for one in shown] == day.hours
    # All streets are at 60%, class 1, but the blocked one, class 3, which other hours drive.
    for one, text in shown.items():
        assert set(text) == ({"a", "c"} if int(one) == hour else {"a"})
    assert drawn.data["days"][-1]["full"] is None
    assert "volume over capacity" in render(with_traffic)
    assert day_map(data).fullness == ()


def test_classes_of_full_streets_differ_in_lightness_too() -> None:
    def luminance(colour: str) -> float:
        parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255.0
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    # Source: WCAG 2.2, contrast ratio.
    light = [luminance(colour) + 0.05 for colour in FULL_COLOURS]
    assert all(one / other >= 1.5 for one, other in pairwise(light))


@pytest.fixture(scope="module")
def congested(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    folder = tmp_path_factory.mktemp("congested") / "run"
    closure = "events=[{kind='road_closure',day=1,until=3,share=0.3,closed=true}]"
    traffic = ["roads.traffic.on=true", "roads.traffic.demand_factor=1.5"]
    run("tiny", days=4, overrides=[closure, *traffic], out=folder)
    return read_run(folder)


def test_routes_of_a_day_with_traffic_are_those_that_were_driven(congested: RunData) -> None:
    table = congested.tables["traffic"]
    assert set(table["day"]) == {3}
    by_period = table.groupby("hour")["minutes"].sum()
    assert by_period.max() > by_period.min()
    assert (table["minutes"] >= congested.tables["links"]["minutes"].iloc[0]).all()
    days = {day.day: day for day in driven(congested).days}
    assert days[3].note == ""
    assert days[3].volumes is not None
    assert all(day.volumes is None for one, day in days.items() if one != 3)


def test_routes_of_a_day_of_closures_go_round_them(tmp_path: Path) -> None:
    closure = "events=[{kind='road_closure',day=0,share=0.35,closed=true}]"
    run("tiny", days=1, overrides=[closure], out=tmp_path / "run")
    data = read_run(tmp_path / "run")
    (day,) = driven(data).days
    assert day.note == ""
    opened = dataclasses.replace(data, scenario=override(data.scenario, ["events=[]"]))
    assert "as long as those driven" in driven(opened).days[0].note


def _pairs(path: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(path[:-1].tolist(), path[1:].tolist(), strict=True))


def test_the_same_run_gives_the_same_bytes(data: RunData) -> None:
    written = (data.folder / "report.html").read_text("utf-8")
    assert render(read_run(data.folder)) == written


def test_a_hostile_name_of_a_shop_is_data(data: RunData) -> None:
    hostile = "</script><script>hit()</script><b>&amp;"
    merchants = data.tables["merchants"]
    text = render(changed(data, merchants=merchants.assign(name=hostile)))
    assert "<script>hit()" not in text
    assert "<b>&amp;" not in text
    found = re.search(r'id="day-map-data">(.*?)</script>', text, flags=re.DOTALL)
    assert found is not None
    assert set(json.loads(found[1])["shops"]) == {hostile}


def test_maps_of_a_graphml_file_name_whom_it_owes(tmp_path: Path) -> None:
    graph = nx.grid_2d_graph(4, 4, create_using=nx.DiGraph)
    streets = nx.convert_node_labels_to_integers(graph, label_attribute="at")
    for _, node in streets.nodes(data=True):
        row, column = node.pop("at")
        node.update(x=-71.3 + 0.002 * column, y=-29.9 + 0.002 * row)
    for _, _, street in streets.edges(data=True):
        street.update(length=200.0, highway="residential")
    streets.graph.update(crs="EPSG:4326", created_with="OSMnx 2.0.0")
    nx.write_graphml(streets, tmp_path / "city.graphml")
    network = f'roads.network="{tmp_path / "city.graphml"}"'
    run("tiny", days=1, overrides=["events=[]", network], out=tmp_path / "run")
    text = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert '<span class="credit">© OpenStreetMap contributors' in text
    assert "Streets: © OpenStreetMap contributors" in text


def test_streets_are_the_lines_between_corners(data: RunData) -> None:
    streets = streets_of(data.tables["nodes"], data.tables["links"])
    lines = {frozenset([(row.x0, row.y0), (row.x1, row.y1)]) for row in streets.itertuples()}
    assert len(lines) == len(streets) == len(data.tables["links"]) // 2


def test_a_folder_without_its_roads_is_refused(data: RunData, tmp_path: Path) -> None:
    for path in data.folder.iterdir():
        if path.name != "links.parquet":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(RunFolderError, match=r"missing: links\.parquet"):
        read_run(tmp_path)
