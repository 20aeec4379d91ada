"""Lines and metadata of files in the TNTP format."""

from collections.abc import Iterator
from pathlib import Path

from sim.roads.errors import RoadDataError

Lines = Iterator[tuple[int, str]]
"""Lines with their numbers, from 1."""


def lines_of(path: Path) -> Lines:
    """Lines with their numbers, without blank ones and comments."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RoadDataError.at(path, f"cannot be read ({error})", "a text file") from error
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("~"):
            yield number, stripped


def read_metadata(path: Path, lines: Lines, wanted: tuple[str, ...]) -> dict[str, int]:
    """The whole numbers that a file's head gives, by key; lines are read up to its end.

    Raises:
        RoadDataError: The head is no head, never ends, or lacks a key.
    """
    found: dict[str, int] = {}
    for number, line in lines:
        key, bracket, value = line.removeprefix("<").partition(">")
        if not line.startswith("<") or not bracket:
            raise RoadDataError.at(
                path, f"{line[:60]!r} stands before <END OF METADATA>", "<KEY> value", line=number
            )
        key = key.strip().upper()
        if key == "END OF METADATA":
            missing = [one for one in wanted if one not in found]
            if missing:
                raise RoadDataError.at(
                    path, f"its metadata lack {', '.join(missing)}", ", ".join(wanted)
                )
            return found
        if key in wanted:
            count = value.partition("~")[0].strip()
            if not count.isdecimal():
                raise RoadDataError.at(
                    path, f"{key} is {count!r}", "a whole number >= 0", line=number
                )
            found[key] = int(count)
    raise RoadDataError.at(path, "it has no <END OF METADATA>", "a file in the TNTP format")
