"""Scenarios by name: those that ship, and files."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from scenarios.errors import Problem, ScenarioError

SHIPPED = Path(__file__).resolve().parent / "shipped"


def shipped_names() -> tuple[str, ...]:
    """The names of the scenarios that ship, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def is_file_name(name: str | Path) -> bool:
    """Whether a name means a TOML file, and not something that ships."""
    path = Path(name)
    return path.suffix == ".toml" or len(path.parts) > 1


def find_scenario(scenario: str | Path) -> Path:
    """The file of a scenario.

    Args:
        scenario: the name of one that ships, or the path of a TOML file.

    Raises:
        ScenarioError: if there is neither; the nearest name is suggested.
    """
    path = Path(scenario)
    if is_file_name(path):
        if path.is_file():
            return path
        what = "is a folder; name a TOML file" if path.is_dir() else "no such file"
        raise ScenarioError((Problem.of_file(str(path), what),))
    if str(scenario) in shipped_names():
        return SHIPPED / f"{scenario}.toml"
    known = shipped_names()
    near = get_close_matches(str(scenario), known, n=1, cutoff=0.5)
    message = f"no such scenario; known: {', '.join(known)}; or name a .toml file"
    message += f"; did you mean {near[0]}?" if near else ""
    raise ScenarioError((Problem.of_file(str(scenario), message),))
