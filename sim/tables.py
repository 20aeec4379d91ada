"""Growing tables of columns: orders, deliveries, reviews and the like, one row an event.

A table's schema names each column with its type, unit and meaning; the documents and the Parquet
files that a run leaves are made from the same schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    dtype: DTypeLike
    unit: str
    meaning: str
    hidden: bool = False  # truth that no policy may see


_SCALAR = (int, float, np.generic)


class Table:
    """Rows that are appended in turn; values of a row may change, and the oldest may be dropped."""

    def __init__(self, schema: Mapping[str, Column], capacity: int = 1024) -> None:
        """Make an empty table.

        Args:
            schema: name to column; one-dimensional columns only.
            capacity: rows to make room for at first; it doubles when full.
        """
        self.schema = dict(schema)
        self._length = 0
        self._columns: dict[str, NDArray[Any]] = {
            name: np.zeros(capacity, dtype=column.dtype) for name, column in self.schema.items()
        }

    def __len__(self) -> int:
        """Number of rows."""
        return self._length

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The filled part of one column: a view, through which values may be changed."""
        return self._columns[name][: self._length]

    def first_since(self, day: int) -> int:
        """The first row of a day, or of later ones, in a table whose rows come day by day."""
        days = self["day"]
        # A number of another type would have the whole column converted to it first.
        return int(np.searchsorted(days, days.dtype.type(day)))

    def append(self, **values: ArrayLike) -> NDArray[np.int64]:
        """Append rows.

        Args:
            values: one entry for every column: arrays of one length, or scalars that are repeated.

        Returns:
            The new rows' numbers.

        Raises:
            ValueError: if a column is missing or unknown, or lengths differ.
        """
        if values.keys() != self._columns.keys():
            missing = sorted(self._columns.keys() - values.keys())
            unknown = sorted(values.keys() - self._columns.keys())
            raise ValueError(f"columns missing: {missing}; unknown: {unknown}")
        if all(isinstance(value, _SCALAR) for value in values.values()):
            return self._append_one(values)
        arrays = {name: np.asarray(value) for name, value in values.items()}
        lengths = {len(array) for array in arrays.values() if array.ndim == 1}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        count = lengths.pop() if lengths else 1
        self._make_room(self._length + count)
        rows = slice(self._length, self._length + count)
        for name, array in arrays.items():
            self._columns[name][rows] = array
        self._length += count
        return np.arange(rows.start, rows.stop, dtype=np.int64)

    def _append_one(self, values: Mapping[str, ArrayLike]) -> NDArray[np.int64]:
        """One row of scalars, without the arrays that cost more than they hold."""
        row = self._length
        self._make_room(row + 1)
        for name, value in values.items():
            self._columns[name][row] = value
        self._length += 1
        return np.array([row], dtype=np.int64)

    def _make_room(self, length: int) -> None:
        capacity = len(next(iter(self._columns.values())))
        if length <= capacity:
            return
        capacity = max(length, 2 * capacity)
        for name, old in self._columns.items():
            grown = np.zeros(capacity, dtype=old.dtype)
            grown[: self._length] = old[: self._length]
            self._columns[name] = grown

    def drop_before(self, row: int) -> None:
        """Delete all rows before `row`: those left are moved into memory of their own."""
        self._length -= row
        for name, old in self._columns.items():
            self._columns[name] = old[row:].copy()

    def to_dict(self) -> dict[str, NDArray[Any]]:
        """All columns, copied, by name."""
        return {name: self[name].copy() for name in self.schema}
