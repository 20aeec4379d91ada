"""The accelerator of tables gives what Dijkstra's algorithm gives, to the last bit."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scenarios import cities
from sim.roads import RoadNetwork, TravelTable, contraction, grid, many_to_many, search
from sim.roads.chains import Chains

INSTALLED = pytest.mark.skipif(
    importlib.util.find_spec("pyroutingkit") is None,
    reason="needs the extra `routing`: pip install 'weal[routing]'",
)


def shaken(network: RoadNetwork, seed: int) -> RoadNetwork:
    """The network with other minutes and lengths on every link."""
    rng = np.random.default_rng(seed)
    return replace(
        network.with_minutes(rng.uniform(0.3, 4.0, network.n_links)),
        length_m=rng.uniform(10.0, 900.0, network.n_links),
    )


def both_ways(network: RoadNetwork, places: np.ndarray) -> tuple[tuple, tuple]:
    graph = network.search_graph()
    found = contraction.minutes_and_metres(graph, network.x, network.y, places, places)
    assert found is not None, "the hierarchy was of no use"
    fast = many_to_many.minutes_and_metres(graph, network.x, network.y, places, places)
    return fast, search.fastest_minutes_and_metres(graph, places, places)


@INSTALLED
@given(st.integers(0, 100_000))
@hypothesis_settings(max_examples=25)
def test_tables_on_random_minutes_are_those_of_scipy(seed: int) -> None:
    network = shaken(grid(8, 9), seed)
    fast, plain = both_ways(network, np.arange(72, dtype=np.int32))
    np.testing.assert_array_equal(fast[0], plain[0])
    np.testing.assert_array_equal(fast[1], plain[1])


@INSTALLED
@given(st.integers(0, 100_000), st.floats(0.05, 0.5), st.booleans())
@hypothesis_settings(max_examples=25)
def test_tables_with_closed_links_and_zones_are_those_of_scipy(
    seed: int, closed: float, zones: bool
) -> None:
    rng = np.random.default_rng(seed)
    network = shaken(grid(8, 9), seed)
    if zones:
        network = replace(network, through=rng.random(72) > 0.1)
    network = network.closed(np.flatnonzero(rng.random(network.n_links) < closed))
    fast, plain = both_ways(network, rng.permutation(72).astype(np.int32))
    np.testing.assert_array_equal(fast[0], plain[0])
    np.testing.assert_array_equal(fast[1], plain[1])


@INSTALLED
@given(st.integers(0, 100_000), st.floats(0.2, 0.6))
@hypothesis_settings(max_examples=25)
def test_tables_between_a_few_places_on_winding_streets_are_those_of_scipy(
    seed: int, missing: float
) -> None:
    rng = np.random.default_rng(seed)
    network = shaken(grid(12, 12), seed)
    # Whole streets are missing, so that many crossings become bends and dead ends.
    key = np.minimum(network.tail, network.head) * 144 + np.maximum(network.tail, network.head)
    gone = rng.random(144 * 144)[key] < missing
    network = network.closed(np.flatnonzero(gone | (rng.random(network.n_links) < 0.05)))
    places = np.sort(rng.choice(144, 50, replace=False)).astype(np.int32)
    graph = network.search_graph()
    stay = len(Chains.of(graph, places).vertices)
    assert 50 <= stay < 144
    fast, plain = both_ways(network, places)
    np.testing.assert_array_equal(fast[0], plain[0])
    np.testing.assert_array_equal(fast[1], plain[1])


def test_a_chain_holds_its_links_in_the_order_of_driving() -> None:
    network = grid(1, 6, spacing_m=10.0)
    graph = network.search_graph()
    chains = Chains.of(graph, np.array([1, 4], dtype=np.int32))
    assert chains.vertices.tolist() == [1, 4]
    assert (chains.tail.tolist(), chains.head.tolist()) == ([1, 0], [0, 1])
    ends = [
        [(int(network.tail[link]), int(network.head[link])) for link in graph.link[entries]]
        for entries in np.split(chains.entries, chains.first[1:-1])
    ]
    assert ends == [[(4, 3), (3, 2), (2, 1)], [(1, 2), (2, 3), (3, 4)]]
    assert chains.added_up(np.arange(network.n_links)).sum() == sum(
        int(link) for link in chains.entries
    )


@INSTALLED
def test_a_city_has_the_same_table_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    city = cities.load("coquimbo")
    places = np.random.default_rng(2).choice(city.n_nodes, 300, replace=False)
    rain = city.with_minutes(np.random.default_rng(3).uniform(1.0, 2.0, city.n_links))
    graph = rain.search_graph()
    ends = np.sort(places).astype(np.int32)
    assert contraction.minutes_and_metres(graph, rain.x, rain.y, ends, ends) is not None
    fast = TravelTable.of(rain, places, remember=False)
    monkeypatch.setattr(contraction, "available", lambda: False)
    assert contraction.minutes_and_metres(graph, rain.x, rain.y, ends, ends) is None
    plain = TravelTable.of(rain, places, remember=False)
    np.testing.assert_array_equal(fast.minutes, plain.minutes)
    np.testing.assert_array_equal(fast.metres, plain.metres)


@INSTALLED
def test_the_contracted_network_serves_other_minutes() -> None:
    network = grid(8, 9, spacing_m=70.0)
    places = np.arange(72, dtype=np.int32)
    both_ways(network, places)
    before = contraction._contract.cache_info()
    for seed in range(3):
        fast, plain = both_ways(shaken(network, seed), places)
        np.testing.assert_array_equal(fast[0], plain[0])
    after = contraction._contract.cache_info()
    assert after.misses == before.misses
    assert after.hits > before.hits


def test_what_whole_numbers_cannot_order_is_left_to_dijkstra() -> None:
    network = grid(8, 9)
    places = np.arange(72, dtype=np.int32)
    for link_minutes in (0.0, 1e-9):
        odd = network.with_link_minutes(np.where(np.arange(network.n_links) == 7, link_minutes, 1))
        graph = odd.search_graph()
        found = contraction.minutes_and_metres(graph, odd.x, odd.y, places, places)
        assert found is None
        fast = many_to_many.minutes_and_metres(graph, odd.x, odd.y, places, places)
        np.testing.assert_array_equal(fast[0], odd.travel_times(places))
    unplaced = np.full(72, np.nan)
    assert (
        contraction.minutes_and_metres(network.search_graph(), unplaced, unplaced, places, places)
        is None
    )
    assert (
        contraction.minutes_and_metres(
            network.search_graph(), network.x, network.y, places[:5], places
        )
        is None
    )


def test_a_table_that_is_kept_is_not_that_of_other_minutes() -> None:
    network = grid(8, 9)
    places = np.arange(72)
    before = TravelTable.of(network, places)
    minutes = network.minutes.copy()
    minutes[network.link_ids([(0, 1)])] *= 5.0
    slower = TravelTable.of(network.with_link_minutes(minutes), places)
    assert slower.minutes[0, 1] > before.minutes[0, 1]
    assert TravelTable.of(network, places) is before
    closed = TravelTable.of(network.closed([(0, 1)]), places)
    assert closed.minutes[0, 1] == pytest.approx(3 * before.minutes[0, 1])
