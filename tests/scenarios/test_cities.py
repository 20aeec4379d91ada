import numpy as np
import pytest

from scenarios import cities
from sim.roads import RoadDataError


def test_coquimbo_has_the_nodes_of_its_largest_connected_part() -> None:
    network = cities.load("coquimbo")
    assert network.n_nodes == 15_492
    assert np.isfinite(network.minutes).all()
    assert (network.minutes > 0).all()


def test_the_centre_of_munich_can_be_driven_from_end_to_end() -> None:
    network = cities.load("munich_centre")
    minutes = network.travel_times([0], [network.n_nodes - 1])
    assert 0 < minutes[0, 0] < 60


def test_what_ships_carries_its_notice() -> None:
    for name in cities.names():
        assert "OpenStreetMap contributors" in cities.load(name).attribution


def test_an_unknown_city_is_refused_with_those_known() -> None:
    with pytest.raises(RoadDataError, match="coquimbo, munich_centre"):
        cities.load("atlantis")
