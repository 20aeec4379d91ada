"""The streets, shops and categories that a scenario names: whether they are there."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from scenarios import cities
from sim.settings.market import MarketSettings
from sim.settings.named_categories import unknown_categories
from sim.settings.roads import RoadSettings
from sim.vocabulary import categories_of

GRID = "grid"
"""The network that is made instead of read."""

ROAD_FILES = (".tntp", ".graphml", ".xml")
"""Endings of the files of streets that can be read."""

TRIP_FILES = (".tntp", ".csv", ".csv.gz")
"""Endings of the trip tables that can be read."""


def missing_inputs(
    settings: MarketSettings, folder: Path | None, *, look_inside: bool = False
) -> Iterator[str]:
    """What is wrong with the names of inputs, each beginning with its key.

    Args:
        settings: a scenario.
        folder: where its relative paths start from; None: the working folder.
        look_inside: also tell of files of streets and trips that cannot be read, and of classes
            that no road has.
    """
    wrong = [
        *_faults_of_network(settings.roads, folder, look_inside=look_inside),
        *_missing_trips(settings.roads.traffic.trips, folder),
    ]
    yield from wrong
    if look_inside and not wrong:
        from scenarios.street_files import faults_of_traffic

        yield from faults_of_traffic(settings, folder)
    if settings.commerce.source == "generated":
        words = categories_of(settings.commerce.generated.categories)
        yield from unknown_categories(settings, tuple(one.name for one in words))
    if settings.commerce.source == "imported":
        from scenarios.commerce.faults import CommerceError
        from scenarios.commerce.library import find

        try:
            find(settings.commerce.imported, folder)
        except CommerceError as error:
            told = str(error).partition(": ")[2]
            yield f"commerce.imported = {settings.commerce.imported!r}: {told}"


def _faults_of_network(
    settings: RoadSettings, folder: Path | None, *, look_inside: bool
) -> Iterator[str]:
    """What is wrong with the name of the streets, or with their file."""
    network = settings.network
    if network in (*cities.names(), GRID):
        return
    path = (folder or Path.cwd()) / network
    if path.suffix not in ROAD_FILES:
        yield unknown_network(network)
    elif not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        yield f"roads.network = {network!r}: {what} (looked at {path})"
    elif look_inside:
        from scenarios.street_files import fault_of_streets

        told = fault_of_streets(path, settings)
        if told:
            yield f"roads.network = {network!r}: {path}: {told}"


def _missing_trips(name: str, folder: Path | None) -> Iterator[str]:
    """What is wrong with the name of a trip table."""
    if not name:
        return
    path = (folder or Path.cwd()) / name
    if not name.endswith(TRIP_FILES):
        yield f"roads.traffic.trips = {name!r}: must be a file that ends in {', '.join(TRIP_FILES)}"
    elif not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        yield f"roads.traffic.trips = {name!r}: {what} (looked at {path})"


def unknown_network(name: str) -> str:
    """What to tell of a network that is neither a city that ships nor a file."""
    known = (*cities.names(), GRID)
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return (
        f"roads.network = {name!r}: must be {', '.join(known)}, or a file that ends in "
        f".tntp or .graphml{hint}"
    )
