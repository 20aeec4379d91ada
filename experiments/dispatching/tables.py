"""Tab-separated tables and lines of numbers, with errors that name the place."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
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

    @classmethod
    def read(cls, path: Path, columns: Sequence[str]) -> TextTable:
        """Read a table with a header.

        Raises:
            InstanceError: The file or a column is missing, or a row has too few fields.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise InstanceError(f"{path}: no such file") from error
        except UnicodeDecodeError as error:
            raise InstanceError(f"{path}: is no text in UTF-8") from error
        lines = [line for line in csv.reader(text.splitlines(), delimiter="\t") if line]
        if not lines:
            raise InstanceError(f"{path}: is empty; expected the columns {', '.join(columns)}")
        header = tuple(name.strip() for name in lines[0])
        missing = [name for name in columns if name not in header]
        if missing:
            raise InstanceError(
                f"{path}:1: no column {', '.join(map(repr, missing))}; it has {', '.join(header)}"
            )
        for number, line in enumerate(lines[1:], start=2):
            if len(line) != len(header):
                raise InstanceError(
                    f"{path}:{number}: {len(line)} fields, but {len(header)} columns"
                )
        return cls(path, header, tuple(map(tuple, lines[1:])))

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
        for number, name in enumerate(found, start=2):
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
        for number, text in enumerate(self.texts(column), start=2):
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
