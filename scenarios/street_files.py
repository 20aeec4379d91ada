"""Whether the streets and the traffic that a scenario names can be read: told before a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from sim.settings.events import Change

if TYPE_CHECKING:
    from sim.roads import RoadNetwork
    from sim.settings.market import MarketSettings
    from sim.settings.roads import RoadSettings

READ_WHOLE = 200_000
"""Bytes up to which a file is read as a run reads it; of a larger one only the form is checked, so
that a check stays quick. Where traffic names classes or nodes of it, it is read all the same."""

TABLES = ("capacity", "volume_to_capacity")
"""Settings of traffic whose keys are classes of roads."""

PLAUSIBLE_KPH = (1.0, 150.0)
"""Between these lies half of any city's streets' free speeds, and its median with them."""


def fault_of_streets(path: Path, settings: RoadSettings) -> str:
    """What is wrong with a file of streets, in one line; "" where nothing is found.

    Args:
        path: a file that is there: TNTP, or GraphML.
        settings: how it is to be read.
    """
    try:
        if path.suffix != ".tntp":
            told = _fault_of_form(path)
            if told or path.stat().st_size > READ_WHOLE:
                return told
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    from scenarios.streets import read_streets
    from sim.roads.errors import RoadDataError

    try:
        read_streets(path, settings)
    except RoadDataError as error:
        return _without_file(error, path)
    return ""


def faults_of_traffic(settings: MarketSettings, folder: Path | None) -> Iterator[str]:
    """What a run would refuse of traffic: classes that no road has, trips that cannot be read.

    Args:
        settings: a scenario whose files of streets and trips are there.
        folder: where relative paths start from; None: the working folder.

    Yields:
        A line each, which begins with its key.
    """
    traffic = settings.roads.traffic
    named = list(_named_classes(settings))
    if not named and not traffic.trips:
        return
    from scenarios.streets import load_roads, read_demand
    from sim.roads.capacity import CAPACITY, PEAK_RATIO, unknown_classes
    from sim.roads.errors import RoadDataError

    try:
        roads = load_roads(settings.roads, folder)
    except RoadDataError as error:
        yield f"roads.network = {settings.roads.network!r}: {error}"
        return
    for table, key, classes in named:
        known = CAPACITY if table == "capacity" else PEAK_RATIO
        for name, told in unknown_classes(roads, classes, known).items():
            yield f"{key.format(name)}: {told}"
    try:
        read_demand(settings.roads, roads, folder)
    except RoadDataError as error:
        path = (folder or Path.cwd()) / traffic.trips
        yield f"roads.traffic.trips = {traffic.trips!r}: {path}: {_without_file(error, path)}"


def note_on_lengths(settings: RoadSettings, folder: Path | None) -> tuple[str, ...]:
    """What lengths and free-flow times of a TNTP file say of its unit, where that is absurd.

    Args:
        settings: of the city, with streets that can be read.
        folder: where relative paths start from; None: the working folder.

    Returns:
        A note, or none where the median of the links' speeds is one of streets, or not known.
    """
    if not settings.network.endswith(".tntp"):
        return ()
    from scenarios.streets import load_roads

    speed = _median_kph(load_roads(settings, folder))
    slowest, fastest = PLAUSIBLE_KPH
    if speed is None or slowest <= speed <= fastest:
        return ()
    from sim.settings.roads import METRES

    others = {
        unit: speed * metres / METRES[settings.length_unit] for unit, metres in METRES.items()
    }
    fitting = [
        f'"{unit}" ({kph:.3g} km/h)' for unit, kph in others.items() if slowest <= kph <= fastest
    ]
    hint = (
        f"roads.length_unit = {' or '.join(fitting)} would make sense"
        if fitting
        else "with no other roads.length_unit are they those of streets"
    )
    told = (
        f'roads.length_unit = "{settings.length_unit}": with the lengths and free-flow times of '
        f"{settings.network}, half of the links are driven at {speed:.3g} km/h or less; {hint}"
    )
    return (told,)


def _median_kph(roads: RoadNetwork) -> float | None:
    """The median of the links' free speeds; of links without length or time nothing is known."""
    import numpy as np

    known = (roads.length_m > 0) & (roads.free_flow_minutes > 0)
    if not known.any():
        return None
    return float(np.median(roads.length_m[known] * 0.06 / roads.free_flow_minutes[known]))


def _named_classes(settings: MarketSettings) -> Iterator[tuple[str, str, list[str]]]:
    """Table, key with a gap for the class, and classes that traffic or a change of it names.

    Without traffic a run never looks at them, and with a trip table not at the volumes.
    """
    changes = [(n, one) for n, one in enumerate(settings.events) if isinstance(one, Change)]
    on = settings.roads.traffic.on or any(
        change.key == "roads.traffic.on" and change.value is True for _, change in changes
    )
    if not on:
        return
    for table in TABLES[:1] if settings.roads.traffic.trips else TABLES:
        key = f"roads.traffic.{table}"
        given: Mapping[str, Any] = getattr(settings.roads.traffic, table)
        if given:
            yield table, f"{key}.{{}}", list(given)
        for number, change in changes:
            if change.key == key and isinstance(change.value, Mapping):
                yield table, f"events.{number}.value", list(change.value)


def _without_file(error: Exception, path: Path) -> str:
    return str(error).removeprefix(str(path)).lstrip(":, ")


def _fault_of_form(path: Path) -> str:
    """What is wrong with the form of a GraphML file; the parser runs through it without a graph."""
    names: list[str] = []  # of the root, and of the first node

    def begins(name: str, _attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        if not names or (len(names) == 1 and plain == "node"):
            names.append(plain)

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        return f"line {error.lineno}: no whole GraphML file ({what}); is it cut off?"
    if names[0] != "graphml":
        return f"is XML of <{names[0]}>; must be GraphML"
    return "" if len(names) == 2 else "has no nodes; must have nodes with coordinates, and edges"
