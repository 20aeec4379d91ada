"""What names a run: its resolved scenario, its replication, and the version of the model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from scenarios.schema import Scenario
from scenarios.writing import content_hash

MODEL = ("models", "policies", "sim", "scenarios")
"""Packages on which a run's numbers depend, code and data; their analysis is another thing."""

LEFT_OUT = {"__pycache__", "shipped"}
"""Folders of what is compiled from the source, and of scenarios: a run is named by its own."""

WITHOUT = {"seed": 0, "name": "", "title": "", "description": ""}
"""Fields of a scenario on which no number depends, or which a replication sets."""

DIGITS = 12
"""Hexadecimal digits of a digest that a model version shows: enough to tell versions apart."""


def model_version(plugins: Sequence[Path] = ()) -> str:
    """The version of the model: Weal's, and a digest of its source and of plug-ins' files.

    Two runs with one version and one resolved scenario have the same content; a changed line of
    code gives another version.

    Args:
        plugins: Python files with policies of the user's own, in any order.

    Raises:
        OSError: if a file cannot be read.
    """
    digest = hashlib.sha256(_source_digest())
    for content in sorted(hashlib.sha256(path.read_bytes()).digest() for path in plugins):
        digest.update(content)
    return f"{version('weal')}+{digest.hexdigest()[:DIGITS]}"


def point_hash(scenario: Scenario, inputs: str = "") -> str:
    """SHA-256 of what a resolved scenario's numbers depend on, apart from its seed.

    A replication sets the seed; what the scenario is called, and how it is described, is left out.

    Args:
        scenario: a resolved scenario.
        inputs: digest of the files that it names, as `input_digest` gives it.
    """
    told = content_hash(scenario.model_copy(update=WITHOUT))
    return told if not inputs else hashlib.sha256(f"{told}/{inputs}".encode()).hexdigest()


def run_id(point: str, seed: int, replication: int, model: str) -> str:
    """The name of a run: 32 hexadecimal digits of a SHA-256.

    Args:
        point: `point_hash` of its scenario.
        seed: its seed.
        replication: its number among the runs of its point.
        model: `model_version`.
    """
    return hashlib.sha256(f"{point}/{seed}/{replication}/{model}".encode()).hexdigest()[:32]


def input_digest(scenario: Scenario, folder: Path | None) -> str:
    """SHA-256 of the files that a scenario names: streets, trips, a catalogue; "" without any.

    Args:
        scenario: a resolved scenario.
        folder: where its relative paths start from.
    """
    from scenarios import cities
    from scenarios.commerce import library
    from scenarios.inputs import GRID

    found: list[Path] = []
    if scenario.roads.network not in {*cities.names(), GRID}:
        streets = (folder or Path.cwd()) / scenario.roads.network
        nodes = streets.with_name(streets.name.replace("_net.", "_node."))
        found += [path for path in dict.fromkeys((streets, nodes)) if path.is_file()]
    if scenario.roads.traffic.trips:
        found.append((folder or Path.cwd()) / scenario.roads.traffic.trips)
    if scenario.commerce.source == "imported":
        shop = library.find(scenario.commerce.imported, folder)
        found += sorted(path for path in shop.rglob("*") if path.is_file())
    if not found:
        return ""
    digest = hashlib.sha256()
    for path in found:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def _source_digest() -> bytes:
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for package in MODEL:
        for path in sorted((root / package).rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and LEFT_OUT.isdisjoint(inside.parts):
                name = inside.as_posix().encode()
                digest.update(name + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()
