"""Tab-separated tables and lines of numbers, with errors that name the place."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.dispatching.instance import InstanceError


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table as it stands in its file."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # number of each row's line in the file

    @classmethod
    def read(cls, path: Path, columns: Sequence[str]) -> TextTable:
        """Read a table with a header.

        Raises:
            InstanceError: The file or a column is missing, or a row has too few fields.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise InstanceError(f"{path}: no such file") from error
        except UnicodeDecodeError as error:
            raise InstanceError(f"{path}: is no text in UTF-8") from error
        reader = csv.reader(text.splitlines(), delimiter="\t")
        lines = [(reader.line_num, tuple(line)) for line in reader if "".join(line).strip()]
        if not lines:
            raise InstanceError(f"{path}: is empty; expected the columns {', '.join(columns)}")
        at, first = lines[0]
        header = tuple(name.strip() for name in first)
        _refuse_missing(f"{path}:{at}", header, columns)
        for number, line in lines[1:]:
            if len(line) != len(header):
                raise InstanceError(
                    f"{path}:{number}: {len(line)} fields, but {len(header)} columns"
                    f"{_other_separator(line, len(header))}"
                )
        numbers = tuple(number for number, _ in lines[1:])
        return cls(path, header, tuple(line for _, line in lines[1:]), numbers)

    def texts(self, column: str) -> tuple[str, ...]:
        """A column as it stands."""
        at = self.columns.index(column)
        return tuple(row[at].strip() for row in self.rows)

    def names(self, column: str) -> tuple[str, ...]:
        """A column of names, each of which stands once.

        Raises:
            InstanceError: One stands twice.
        """
        found = self.texts(column)
        seen: dict[str, int] = {}
        for number, name in zip(self.lines, found, strict=True):
            if name in seen:
                raise InstanceError(
                    f"{self.path}:{number}: {column} = {name!r} stands in line {seen[name]} already"
                )
            seen[name] = number
        return found

    def numbers(self, column: str, *, at_least: float = -math.inf) -> NDArray[np.float64]:
        """A column of finite numbers.

        Raises:
            InstanceError: One is none, or smaller than allowed.
        """
        values = []
        for number, text in zip(self.lines, self.texts(column), strict=True):
            value = number_in(text, f"{self.path}:{number}: {column}")
            if value < at_least:
                raise InstanceError(
                    f"{self.path}:{number}: {column} = {text}: must be {at_least:g} or more"
                )
            values.append(value)
        return np.array(values, dtype=np.float64)


def number_in(text: str, place: str) -> float:
    """A finite number.

    Raises:
        InstanceError: It is none.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise InstanceError(f"{place} = {text!r}: is no number") from error
    if not math.isfinite(value):
        raise InstanceError(f"{place} = {text!r}: must be finite")
    return value


def whole_number_in(text: str, place: str) -> float:
    """A whole number.

    Raises:
        InstanceError: It is none.
    """
    value = number_in(text, place)
    if value != int(value):
        raise InstanceError(f"{place} = {text!r}: must be a whole number")
    return value


def _refuse_missing(place: str, header: tuple[str, ...], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    if not missing:
        return
    separator = _other_separator(header, len(columns))
    if separator:
        raise InstanceError(f"{place}: one column {header[0]!r}{separator}")
    near = {name: nearest(name, header) for name in missing}
    hints = [f"{name!r} is written {found!r}" for name, found in near.items() if found]
    raise InstanceError(
        f"{place}: no column {', '.join(map(repr, missing))}; it has {', '.join(header)}"
        + (f"; perhaps {', '.join(hints)}" if hints else "")
    )


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most like a name, letters' case aside; None: none is."""
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), list(by_lower), n=1)
    return by_lower[near[0]] if near else None


SEPARATORS = {"commas": ",", "semicolons": ";", "bars": "|", "spaces": " "}


def _other_separator(fields: tuple[str, ...], expected: int) -> str:
    """What to say of a line that something other than tabs seems to divide; empty: nothing."""
    if len(fields) != 1 or expected == 1:
        return ""
    most = max(SEPARATORS, key=lambda name: fields[0].count(SEPARATORS[name]))
    found = f"has {most}" if SEPARATORS[most] in fields[0] else "has none"
    return f"; columns are separated by tabs, but this line {found}"
