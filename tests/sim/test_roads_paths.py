"""Fastest paths of many pairs: they can be driven, and none is faster."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.roads import RoadNetwork, UnreachableError, grid
from sim.roads.assembly import Links, Nodes, assemble
from sim.roads.paths import fastest_paths


def minutes_of(network: RoadNetwork, path: np.ndarray, minutes: np.ndarray) -> float:
    if len(path) < 2:
        return 0.0
    return float(minutes[network.link_ids(np.stack([path[:-1], path[1:]], axis=1))].sum())


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([None, 0.0, 0.5, 100.0]))
def test_paths_take_as_long_as_the_fastest(seed: int, slow: bool, guess: float | None) -> None:
    rng = np.random.default_rng(seed)
    network = grid(4, 5).with_minutes(rng.uniform(0.5, 2.0, 62))
    minutes = network.minutes * rng.uniform(1.0, 9.0, 62) if slow else network.minutes
    origins, destinations = rng.integers(0, 20, (2, 12)).astype(np.int32)
    paths = fastest_paths(
        network,
        origins,
        destinations,
        minutes=minutes if slow else None,
        near=None if guess is None else np.full(12, guess),
    )
    fastest = network.travel_times(np.arange(20), minutes=minutes)
    for path, origin, destination in zip(paths, origins, destinations, strict=True):
        assert (path[0], path[-1]) == (origin, destination)
        assert minutes_of(network, path, minutes) == pytest.approx(fastest[origin, destination])


def test_zones_are_not_crossed() -> None:
    # 0 - 1 - 2 is the short way, but paths may only start and end at 1.
    pairs = np.array([(0, 1), (1, 0), (1, 2), (2, 1), (0, 3), (3, 0), (3, 2), (2, 3)])
    minutes = np.array([1.0, 1.0, 1.0, 1.0, 5.0, 5.0, 5.0, 5.0])
    network = assemble(
        "zones",
        Nodes(
            labels=np.arange(4),
            x=np.arange(4.0),
            y=np.zeros(4),
            crs="metres",
            through=np.array([True, False, True, True]),
        ),
        Links(
            tail=pairs[:, 0].astype(np.int32),
            head=pairs[:, 1].astype(np.int32),
            length_m=minutes,
            minutes=minutes,
            road_class=np.zeros(8, dtype=np.int16),
            class_names=("road",),
        ),
    )
    ends = np.array([0, 1, 1], dtype=np.int32), np.array([2, 2, 1], dtype=np.int32)
    paths = [path.tolist() for path in fastest_paths(network, *ends)]
    assert paths == [[0, 3, 2], [1, 2], [1]]


def test_a_pair_without_a_road_is_named() -> None:
    network = grid(1, 3).closed([(1, 2)])
    with pytest.raises(UnreachableError, match="0 -> 2"):
        fastest_paths(network, np.array([0, 0], np.int32), np.array([1, 2], np.int32))


def test_no_pairs_have_no_paths() -> None:
    nobody = np.empty(0, dtype=np.int32)
    assert fastest_paths(grid(2, 2), nobody, nobody) == []
