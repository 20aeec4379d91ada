"""The cities that ship."""

import json
import subprocess
import sys
import time
from importlib.resources import files

import networkx as nx
import numpy as np
import pytest

from scenarios import cities
from sim.roads import RoadDataError


def test_coquimbo_has_the_nodes_of_its_largest_strongly_connected_part() -> None:
    coquimbo = cities.load("coquimbo")
    assert coquimbo.n_nodes == 15_492
    assert coquimbo.dropped.nodes == 232
    assert nx.is_strongly_connected(coquimbo.graph)
    assert set(coquimbo.class_names) >= {"motorway", "residential", "living_street"}


def test_munich_is_read_in_metres_with_its_stop_only_nodes() -> None:
    munich = cities.load("munich_centre")
    assert munich.crs == "EPSG:32632"
    assert munich.n_nodes + munich.dropped.nodes == 7_617
    assert munich.n_nodes == 7_143
    assert (~munich.through).sum() == 3
    assert 2_000 < np.ptp(munich.x) < 3_000


@pytest.mark.parametrize("name", cities.names())
def test_every_trip_in_a_city_can_be_driven_at_a_believable_speed(name: str) -> None:
    city = cities.load(name)
    rng = np.random.default_rng(7)
    sources = rng.choice(city.n_nodes, 20, replace=False)
    minutes, metres = city.minutes_and_metres(sources)
    away = minutes > 0
    kph = metres[away] / minutes[away] * 0.06
    assert 3.0 < kph.min() <= kph.max() <= 120.0
    crow = np.hypot(city.x[sources, None] - city.x, city.y[sources, None] - city.y)
    # Lengths come from the data and positions from a projection: they agree within 1 %.
    assert np.all(metres >= 0.99 * crow - 30.0)


@pytest.mark.parametrize("name", cities.names())
def test_times_in_a_city_equal_those_of_networkx(name: str) -> None:
    city = cities.load(name)
    source = city.n_nodes // 3
    if not city.through.all():
        city = city.closed(
            np.flatnonzero(~city.through[city.tail])
        )  # networkx knows nothing of stop-only nodes
    expected = nx.single_source_dijkstra_path_length(city.graph, source, weight="minutes")
    targets = np.arange(0, city.n_nodes, 11)
    times = city.travel_times([source], targets)[0]
    assert np.allclose(times, [expected[int(target)] for target in targets], rtol=1e-12)


def test_a_city_is_read_once_and_quickly() -> None:
    for name in cities.names():
        cities.load.cache_clear()
        start = time.perf_counter()
        first = cities.load(name)
        assert time.perf_counter() - start < 1.0
        assert cities.load(name) is first


def test_reading_a_city_needs_neither_torch_nor_matplotlib() -> None:
    script = (
        "import sys, json; from scenarios import cities; cities.load('coquimbo');"
        "print(json.dumps([m for m in ('torch', 'matplotlib', 'mesa') if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_the_licence_of_the_streets_ships_with_them() -> None:
    notice = (files("scenarios.cities") / "NOTICE.md").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in notice
    assert "Open Database License" in notice
    for name in cities.names():
        assert f"`{name}/`" in notice
        assert "© OpenStreetMap contributors" in cities.load(name).attribution


def test_an_unknown_city_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RoadDataError, match="no city 'atlantis'; allowed: coquimbo, munich_centre"):
        cities.load("atlantis")
