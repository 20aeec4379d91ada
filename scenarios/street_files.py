"""Whether a file of streets that a scenario names can be read: told before a run, not in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from sim.settings.roads import Coordinates

READ_WHOLE = 200_000
"""Bytes up to which a file is read as a run reads it; of a larger one only the form is checked, so
that a check stays quick."""


def fault_of_streets(path: Path, coordinates: Coordinates) -> str:
    """What is wrong with a file of streets, in one line; "" where nothing is found.

    Args:
        path: a file that is there: TNTP, or GraphML.
        coordinates: what x and y of a GraphML file are.
    """
    try:
        if path.suffix != ".tntp":
            told = _fault_of_form(path)
            if told or path.stat().st_size > READ_WHOLE:
                return told
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    from scenarios.build import read_streets
    from sim.roads.errors import RoadDataError

    try:
        read_streets(path, coordinates)
    except RoadDataError as error:
        return str(error).removeprefix(str(path)).lstrip(":, ")
    return ""


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
