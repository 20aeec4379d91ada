"""The cities that ship: real streets by name.

The data are OpenStreetMap's under the ODbL 1.0; NOTICE.md beside them says what that asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # to know the names of cities takes none of what reads them
    from sim.roads import RoadNetwork


def _coquimbo(folder: Path) -> RoadNetwork:
    from sim.roads import read_aequilibrae
    from sim.roads.osm_tags import ATTRIBUTION

    return read_aequilibrae(
        folder / "nodes.csv.gz",
        folder / "links.csv.gz",
        name="coquimbo",
        attribution=f"{ATTRIBUTION}, via AequilibraE",
    )


def _munich_centre(folder: Path) -> RoadNetwork:
    from sim.roads import read_fleetpy
    from sim.roads.osm_tags import ATTRIBUTION

    return read_fleetpy(
        folder / "nodes.csv.gz",
        folder / "edges.csv.gz",
        folder / "crs.info",
        name="munich_centre",
        attribution=f"{ATTRIBUTION}, via FleetPy",
    )


_READERS: dict[str, Callable[[Path], RoadNetwork]] = {
    "coquimbo": _coquimbo,
    "munich_centre": _munich_centre,
}


def names() -> tuple[str, ...]:
    """The names that `load` knows, in alphabetical order."""
    return tuple(sorted(_READERS))


@cache
def load(name: str) -> RoadNetwork:
    """The streets of a city; read once in a process.

    Args:
        name: One of `names()`.

    Raises:
        RoadDataError: No city of that name ships.
    """
    if name not in _READERS:
        from sim.roads import RoadDataError

        raise RoadDataError.at("cities", f"there is no city {name!r}", ", ".join(names()))
    with as_file(files("scenarios.cities") / name) as folder:
        return _READERS[name](folder)
