"""The streets that a scenario names, and the trips of others on them: read or made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scenarios import cities
from scenarios.inputs import GRID, unknown_network
from sim.roads import RoadNetwork, grid, read_graphml, read_tntp, read_trips
from sim.roads.background import Demand
from sim.settings.roads import METRES, RoadSettings

TNTP = ".tntp"
"""Ending of files of networks in that format."""


def load_roads(settings: RoadSettings, folder: Path | None = None) -> RoadNetwork:
    """The streets that a scenario names, with all whom their maps must name.

    Args:
        settings: of the city.
        folder: where relative paths start from; None: the working folder.

    Raises:
        sim.roads.RoadDataError: if they cannot be read.
    """
    network = _network(settings, folder)
    if not settings.attribution:
        return network
    owed = filter(None, (network.attribution, settings.attribution))
    return replace(network, attribution="; ".join(owed))


def read_demand(settings: RoadSettings, roads: RoadNetwork, folder: Path | None) -> Demand | None:
    """The trip table that a scenario names, if it names one.

    Args:
        settings: of the city.
        roads: its streets, as `load_roads` gives them.
        folder: where relative paths start from; None: the working folder.

    Raises:
        sim.roads.RoadDataError: if it cannot be read, or does not fit the streets.
    """
    if not settings.traffic.trips:
        return None
    place = folder or Path.cwd()
    whole = roads
    if settings.network.endswith(TNTP):
        whole = _read_tntp(place / settings.network, settings, strongly_connected=False)
    return Demand.of(whole, read_trips(place / settings.traffic.trips, whole), roads)


def _network(settings: RoadSettings, folder: Path | None) -> RoadNetwork:
    """A city that ships, a grid, or a file."""
    if settings.network in cities.names():
        return cities.load(settings.network)
    if settings.network == GRID:
        return grid(
            settings.rows,
            settings.columns,
            spacing_m=settings.spacing_m,
            speed_kph=settings.speed_kph,
        )
    return read_streets((folder or Path.cwd()) / settings.network, settings)


def read_streets(path: Path, settings: RoadSettings) -> RoadNetwork:
    """The streets in a file of the user's.

    Args:
        path: the file.
        settings: how it is to be read.

    Raises:
        sim.roads.RoadDataError: if it cannot be read.
        ValueError: if its name ends in nothing that is known.
    """
    if path.suffix == TNTP:
        return _read_tntp(path, settings, strongly_connected=True)
    if path.suffix in {".graphml", ".xml"}:
        return read_graphml(path, name=path.stem, coordinates=settings.coordinates)
    raise ValueError(unknown_network(str(path)))


def _read_tntp(path: Path, settings: RoadSettings, *, strongly_connected: bool) -> RoadNetwork:
    nodes = path.with_name(path.name.replace("_net.", "_node."))
    return read_tntp(
        path,
        name=path.stem,
        node_file=nodes if nodes != path and nodes.is_file() else None,
        metres_per_unit=METRES[settings.length_unit],
        strongly_connected=strongly_connected,
    )
