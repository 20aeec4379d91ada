"""Columns of a CSV file, each value checked, each error with its line."""

import zlib
from dataclasses import dataclass
from gzip import BadGzipFile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.roads.arrays import BoolArray, FloatArray, IntArray
from sim.roads.errors import RoadDataError


@dataclass(frozen=True, slots=True)
class CsvColumns:
    """One file. Blank lines are skipped, and lines are counted as an editor counts them."""

    path: Path
    frame: pd.DataFrame  # its index is the place of a row below the header, from 0

    @classmethod
    def read(cls, path: Path, required: tuple[str, ...]) -> "CsvColumns":
        """Read a comma-separated file with a header, gzipped where its name ends in .gz.

        Raises:
            RoadDataError: The file is missing, is no such table, or lacks a required column.
        """
        try:
            frame = pd.read_csv(path, skip_blank_lines=False)
        except (
            OSError,
            BadGzipFile,
            EOFError,
            UnicodeDecodeError,
            zlib.error,
            pd.errors.ParserError,
            pd.errors.EmptyDataError,
        ) as error:
            raise RoadDataError.at(
                path, f"cannot be read ({error})", "a CSV file with a header, plain or as .gz"
            ) from error
        missing = [column for column in required if column not in frame.columns]
        if missing:
            raise RoadDataError.at(
                path,
                f"column(s) {', '.join(missing)} are missing; it has {', '.join(frame.columns)}",
                f"a header with {', '.join(required)}",
                line=1,
            )
        frame = frame[frame.notna().any(axis="columns")]
        if frame.empty:
            raise RoadDataError.at(path, "it has no rows", "at least one row below the header")
        return cls(path, frame)

    def __len__(self) -> int:
        """Rows of data."""
        return len(self.frame)

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self.frame.columns

    def numbers(self, column: str, allowed: str, minimum: float = -np.inf) -> FloatArray:
        """A column of finite numbers, none below `minimum`.

        Raises:
            RoadDataError: A value is missing, no number, not finite, or too small.
        """
        values = self._as_numbers(column, allowed)
        self.require(column, np.isfinite(values) & (values >= minimum), allowed)
        return values

    def speeds(self, column: str) -> FloatArray:
        """A column of speeds in km/h, NaN where empty.

        Raises:
            RoadDataError: A value is no number, or not positive.
        """
        allowed = "a speed in km/h, finite and > 0, or nothing"
        values = self._as_numbers(column, allowed)
        self.require(column, np.isnan(values) | (np.isfinite(values) & (values > 0)), allowed)
        return values

    def integers(self, column: str, allowed: str) -> npt.NDArray[np.int64]:
        """A column of whole numbers.

        Raises:
            RoadDataError: A value is missing or not whole.
        """
        values = self.numbers(column, allowed)
        self.require(column, (values == np.floor(values)) & (np.abs(values) < 2**53), allowed)
        return values.astype(np.int64)

    def flags(self, column: str) -> BoolArray:
        """A column of True and False (or 1 and 0).

        Raises:
            RoadDataError: A value is neither.
        """
        text = self.frame[column].astype(str).str.strip().str.lower()
        yes = text.isin(("true", "1")).to_numpy(dtype=np.bool_)
        no = text.isin(("false", "0")).to_numpy(dtype=np.bool_)
        self.require(column, yes | no, "True or False")
        return yes

    def texts(self, column: str, missing: str) -> list[str]:
        """A column of texts, `missing` where empty."""
        return [str(value) for value in self.frame[column].fillna(missing)]

    def labels(self, column: str) -> npt.NDArray[np.int64]:
        """A column of node numbers, each different.

        Raises:
            RoadDataError: A value is not whole, or occurs twice.
        """
        allowed = "a whole number that no other node has"
        values = self.integers(column, allowed)
        repeated = pd.Series(values).duplicated().to_numpy(dtype=np.bool_)
        self.require(column, ~repeated, allowed)
        return values

    def node_rows(self, column: str, labels: npt.NDArray[np.int64], nodes_file: Path) -> IntArray:
        """The rows of the nodes that a column of a links file names.

        Raises:
            RoadDataError: A link names a node that the file of nodes does not have.
        """
        allowed = f"a node of {nodes_file.name}"
        rows = pd.Index(labels).get_indexer(pd.Index(self.integers(column, allowed)))
        self.require(column, rows >= 0, allowed)
        return rows.astype(np.int32)

    def require(self, column: str, right: BoolArray, allowed: str) -> None:
        """Name the first row where `right` (rows,) is false.

        Raises:
            RoadDataError: There is one.
        """
        wrong = np.flatnonzero(~right)
        if len(wrong):
            value = self.frame[column].iloc[wrong[0]]
            shown = "empty" if pd.isna(value) else f"{value}"
            # The header is line 1, so that row 0 below it is line 2.
            line = int(self.frame.index[wrong[0]]) + 2
            more = f" (and {len(wrong) - 1} more rows)" if len(wrong) > 1 else ""
            raise RoadDataError.at(self.path, f"{column} is {shown}{more}", allowed, line=line)

    def _as_numbers(self, column: str, allowed: str) -> FloatArray:
        given = self.frame[column]
        values = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
        self.require(column, ~np.isnan(values) | given.isna().to_numpy(dtype=np.bool_), allowed)
        return values
