"""Read a CSV file into columns, keeping the line of the file on which each row begins."""

from __future__ import annotations

import codecs
import csv
import difflib
import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.commerce.faults import BadRow, CommerceError

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = (",", ";", "\t", "|")
_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@dataclass(slots=True)
class CsvTable:
    """The rows of a CSV file that have as many cells as the header; R rows."""

    file: str  # name without folder
    sha256: str
    cells: dict[str, list[str]]  # standard name to (R,) cells without surrounding blanks
    column: dict[str, str]  # standard name to name in the file
    line: list[int]  # (R,) line on which the row begins, from 1
    unused: tuple[str, ...]  # columns of the file that nothing asks for
    malformed: list[BadRow] = field(default_factory=list)  # rows that are not in `cells`

    def __len__(self) -> int:
        """Number of rows in `cells`."""
        return len(self.line)


def read_csv(
    path: Path,
    *,
    required: Collection[str],
    optional: Collection[str],
    numbered: str | None,
    columns: Mapping[str, str],
    advice: str = "Name the column with --column {name}=NAME",
) -> CsvTable:
    """Read the columns that are asked for; an empty line is no row.

    Args:
        path: the file: UTF-8, with or without byte order mark; delimited by comma, semicolon,
            tab or bar, which the header shows.
        required: standard names of columns that must be there.
        optional: standard names of columns that may be there.
        numbered: standard name of columns that may be there as `name_0`, `name_1`, ...; or None
        columns: standard name to name in the file, where they differ.
        advice: what to do where column {name} is missing.

    Returns:
        The table; rows with more or fewer cells than the header are in `malformed`.

    Raises:
        CommerceError: if the file cannot be read, is empty or not UTF-8, a column is missing or
            occurs twice, or a quote is never closed.
    """
    raw = _read(path)
    text = _decode(path, raw)
    wanted = {name: columns.get(name, name) for name in [*required, *optional]}
    delimiter, header = _header(path, text, set(wanted.values()))
    _check_header(path, header, required, wanted, columns, advice)
    position = {name: header.index(label) for name, label in wanted.items() if label in header}
    count = 0
    while numbered is not None and f"{numbered}_{count}" in header:
        position[f"{numbered}_{count}"] = header.index(f"{numbered}_{count}")
        count += 1
    rows, lines, malformed = _rows(path, text, delimiter, len(header))
    used = set(position.values())
    return CsvTable(
        file=path.name,
        sha256=hashlib.sha256(raw).hexdigest(),
        cells={name: [row[place].strip() for row in rows] for name, place in position.items()},
        column={name: header[place] for name, place in position.items()},
        line=lines,
        unused=tuple(name for place, name in enumerate(header) if place not in used and name),
        malformed=malformed,
    )


def nearest(name: str, known: Collection[str]) -> str:
    """A sentence that names what was probably meant, or lists what there is."""
    by_lower = {label.lower(): label for label in known}
    close = difflib.get_close_matches(name.lower(), sorted(by_lower), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    return f"there are {', '.join(sorted(known))}."


def _read(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CommerceError(f"{path}: cannot be read: {error.strerror}") from error
    if not raw.strip():
        raise CommerceError(f"{path}: the file is empty; its first line must name the columns")
    return raw


def _decode(path: Path, raw: bytes) -> str:
    for mark, encoding in _OTHER_ENCODINGS:
        if raw.startswith(mark):
            raise CommerceError(f"{path}: the file is {encoding}; save it as UTF-8")
    skipped = len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0
    try:
        return raw[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        byte = error.start + skipped
        line = raw.count(b"\n", 0, byte) + 1
        raise CommerceError(
            f"{path}: not UTF-8: byte {raw[byte]:#04x} at byte position {byte} (line {line}); "
            "save the file as UTF-8"
        ) from error


def _reader(text: str, delimiter: str) -> Reader:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _header(path: Path, text: str, wanted: Collection[str]) -> tuple[str, list[str]]:
    """The delimiter under which most wanted columns appear, and the header it gives."""
    best: tuple[tuple[int, int], str, list[str]] | None = None
    for delimiter in _DELIMITERS:
        try:
            first = next((row for row in _reader(text, delimiter) if row), [])
        except csv.Error:
            continue
        header = [label.strip() for label in first]
        score = (sum(label in wanted for label in header), len(header))
        if best is None or score > best[0]:
            best = (score, delimiter, header)
    if best is None:
        raise CommerceError(f"{path}: the header cannot be read; is a quote left open in it?")
    return best[1], best[2]


def _check_header(
    path: Path,
    header: list[str],
    required: Collection[str],
    wanted: Mapping[str, str],
    columns: Mapping[str, str],
    advice: str,
) -> None:
    faults = [
        f"{path}: column {label!r} occurs {header.count(label)} times in the header; "
        "rename or remove all but one"
        for label in dict.fromkeys(header)
        if label and header.count(label) > 1
    ]
    for name, label in wanted.items():
        if label in header or (name not in required and name not in columns):
            continue
        what = f"{path}: column {label!r}" + (f" (mapped to {name})" if label != name else "")
        offered = nearest(label, [entry for entry in header if entry])
        faults.append(f"{what} is missing: {offered} {advice.format(name=name)}")
    if faults:
        raise CommerceError("\n".join(faults))


def _rows(
    path: Path, text: str, delimiter: str, width: int
) -> tuple[list[list[str]], list[int], list[BadRow]]:
    rows: list[list[str]] = []
    lines: list[int] = []
    malformed: list[BadRow] = []
    reader = _reader(text, delimiter)
    header_seen = False
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return rows, lines, malformed
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise CommerceError(
                    f"{path}: the row that begins on line {line} opens a quote that is never "
                    "closed; close it, or write a quote within quotes twice"
                ) from error
            malformed.append(BadRow(path.name, line, "", "", "wrong use of quotes", str(error)))
            continue
        if not row:
            continue
        if not header_seen:
            header_seen = True
        elif len(row) != width:
            malformed.append(
                BadRow(
                    path.name,
                    line,
                    "",
                    delimiter.join(row),
                    "wrong number of cells",
                    f"{len(row)}; the header has {width}",
                )
            )
        else:
            rows.append(row)
            lines.append(line)
