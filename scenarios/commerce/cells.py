"""Turn the cells of a CSV file into typed columns, rejecting each row that does not fit.

Every function looks at all rows, so that one pass finds all faults; a cell that is rejected leaves
a filler in the column, and the row is dropped in the end.
"""

from __future__ import annotations

import calendar
import json
import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from scenarios.commerce.csv_file import CsvTable
from scenarios.commerce.faults import BadRow

LARGEST_AMOUNT = 1e9
"""Largest price, cost or quantity, in the shop's currency units or pieces."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_UNIX = re.compile(r"\d+(\.\d*)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}([,. '’\u00a0\u202f]\d{3})+([.,]\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_CURRENCY = re.compile(r"([A-Z]{3}\s?[\d.,]+|[\d.,]+\s?[A-Z]{3})")

# Unix times from here on are milliseconds: as seconds they would lie after the year 5000.
_MILLISECONDS_FROM = 1e11
_FIRST_SECOND = calendar.timegm((1990, 1, 1, 0, 0, 0))
_END_SECOND = calendar.timegm((2100, 1, 1, 0, 0, 0))


class Rejecter:
    """Collects what is wrong with the rows of one table."""

    def __init__(self, table: CsvTable) -> None:
        self.table = table
        self.bad: NDArray[np.bool_] = np.zeros(len(table), dtype=np.bool_)  # (R,) rows to drop
        self.rows: list[BadRow] = list(table.malformed)

    def reject(self, row: int, name: str, reason: str, hint: str = "") -> None:
        """Mark a row as bad because of its cell in the column with this standard name."""
        self.bad[row] = True
        table = self.table
        value = table.cells[name][row]
        self.rows.append(
            BadRow(table.file, table.line[row], table.column[name], value, reason, hint)
        )

    def in_file_order(self) -> list[BadRow]:
        """All bad rows as they stand in the file."""
        return sorted(self.rows, key=lambda row: row.line)


def texts(rejecter: Rejecter, name: str) -> list[str]:
    """A column of texts, none of which may be empty."""
    cells = rejecter.table.cells[name]
    for row, cell in enumerate(cells):
        if not cell:
            rejecter.reject(row, name, "is missing")
    return cells


def numbers(
    rejecter: Rejecter,
    name: str,
    *,
    least: float,
    most: float = LARGEST_AMOUNT,
    empty: float | None = None,
    above: bool = False,
    whole: bool = False,
    if_too_large: str = "",
) -> NDArray[np.float64]:
    """A column of numbers.

    Args:
        rejecter: the table, and where bad rows go.
        name: standard name of the column.
        least: smallest number allowed.
        most: largest number allowed.
        empty: what an empty cell stands for; None: it is rejected.
        above: the number must be above `least`.
        whole: the number must be whole.
        if_too_large: what to do where a number is above `most`.

    Returns:
        (R,) numbers; `least` where the row is rejected.
    """
    column = np.full(len(rejecter.table), least)
    for row, cell in enumerate(rejecter.table.cells[name]):
        if not cell and empty is not None:
            column[row] = empty
            continue
        if not _NUMBER.fullmatch(cell):
            rejecter.reject(row, name, *_why_not_a_number(cell))
            continue
        value = float(cell)
        if not math.isfinite(value):
            rejecter.reject(row, name, "is not a finite number")
        elif value < least or (above and value == least):
            rejecter.reject(row, name, f"must be {'above' if above else 'at least'} {least:g}")
        elif value > most:
            rejecter.reject(row, name, f"must be at most {most:,.15g}", if_too_large)
        elif whole and value != int(value):
            rejecter.reject(row, name, "must be a whole number")
        else:
            column[row] = value
    return column


def cents(
    rejecter: Rejecter, name: str, *, positive: bool, optional: bool = False
) -> NDArray[np.int64]:
    """A column of money.

    Args:
        rejecter: the table, and where bad rows go.
        name: standard name of the column, in currency units.
        positive: amounts must come to at least one cent.
        optional: a cell may be empty.

    Returns:
        (R,) cents, rounded; -1 where the cell is empty.
    """
    empty = -1.0 if optional else None
    units = numbers(rejecter, name, least=0.0, empty=empty, above=positive)
    amount = np.where(units < 0, -1.0, np.rint(units * 100.0)).astype(np.int64)
    if positive:
        for row in np.flatnonzero((amount == 0) & ~rejecter.bad).tolist():
            rejecter.reject(row, name, "is below one cent")
    return amount


def _why_not_a_number(cell: str) -> tuple[str, str]:
    if not cell:
        return "is missing", ""
    if cell.lstrip("+-").lower() in {"nan", "inf", "infinity"}:
        return "is not a finite number", ""
    if any(unicodedata.category(sign) == "Sc" for sign in cell) or _CURRENCY.fullmatch(cell):
        return "has a currency sign", "write the bare number, like 1234.50"
    if _GROUPED.fullmatch(cell) or _COMMA.fullmatch(cell):
        return "has a thousands separator or a decimal comma", "write digits and a point: 1234.50"
    return "is not a number", ""


def seconds(rejecter: Rejecter, name: str) -> NDArray[np.int64]:
    """A column of times as seconds since 1970, read as the shop's own clock.

    ISO 8601 keeps the time of day as written, whatever its offset from UTC, for it says when in
    the day people shop; Unix seconds and milliseconds are UTC.

    Args:
        rejecter: the table, and where bad rows go.
        name: standard name of the column.

    Returns:
        (R,) seconds; 0 where the row is rejected.
    """
    column = np.zeros(len(rejecter.table), dtype=np.int64)
    for row, cell in enumerate(rejecter.table.cells[name]):
        if not cell:
            rejecter.reject(row, name, "is missing")
            continue
        second = _second(cell)
        if second is None:
            rejecter.reject(
                row,
                name,
                "is no time",
                "write ISO 8601 (2024-05-17T14:30:00) or Unix seconds or milliseconds",
            )
        elif not _FIRST_SECOND <= second < _END_SECOND:
            rejecter.reject(row, name, "lies outside the years 1990 to 2099")
        else:
            column[row] = second
    return column


def _second(cell: str) -> int | None:
    # Eight digits that make a date are one (ISO 8601 basic format): as a number of seconds they
    # would lie in 1970, before any time that is accepted.
    if _UNIX.fullmatch(cell) and len(cell) != 8:
        value = float(cell)
        if value >= _MILLISECONDS_FROM:
            value /= 1000.0
        return int(min(value, float(_END_SECOND)))
    try:
        return calendar.timegm(datetime.fromisoformat(cell).timetuple())
    except ValueError:
        return None


def vectors(rejecter: Rejecter, name: str) -> NDArray[np.float32] | None:
    """A column of vectors in one cell each: numbers apart by blank, comma, semicolon, or a list.

    The first vector that can be read sets the length of all. An empty cell is a row without
    vector.

    Args:
        rejecter: the table, and where bad rows go.
        name: standard name of the column.

    Returns:
        (R, V) vectors, zeros where the cell is empty or the row rejected; None if all are empty.
    """
    table = rejecter.table
    parsed: list[list[float] | None] = []
    first: tuple[int, int] | None = None
    for row, cell in enumerate(table.cells[name]):
        vector = _vector(cell) if cell else None
        if cell and vector is None:
            rejecter.reject(row, name, "is no vector of finite numbers")
        elif vector is not None and first is None:
            first = (len(vector), table.line[row])
        elif vector is not None and first is not None and len(vector) != first[0]:
            rejecter.reject(
                row,
                name,
                "is a vector of another length",
                f"{len(vector)} numbers; line {first[1]} has {first[0]}",
            )
            vector = None
        parsed.append(vector)
    if first is None:
        return None
    matrix = np.zeros((len(table), first[0]), dtype=np.float32)
    for row, vector in enumerate(parsed):
        if vector is not None:
            matrix[row] = vector
    return matrix


def _vector(cell: str) -> list[float] | None:
    try:
        parts: Sequence[object] = (
            json.loads(cell)
            if cell.startswith("[")
            else [part for part in re.split(r"[\s,;]+", cell) if part]
        )
        vector = [float(part) for part in parts if isinstance(part, int | float | str)]
    except (ValueError, OverflowError):
        return None
    if not vector or len(vector) != len(parts) or not all(map(math.isfinite, vector)):
        return None
    return vector
