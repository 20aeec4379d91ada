"""What can be wrong with imported data, told so that it can be mended."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

PRINTED_ROWS = 20
"""How many bad rows an error message lists; the file of rejected rows has them all."""

_PRINTED_VALUE = 60


@dataclass(frozen=True, slots=True)
class BadRow:
    """One cell (or the whole row, if `column` is empty) that cannot be imported."""

    file: str
    line: int  # line of the file on which the row begins, from 1
    column: str  # name of the column in the file
    value: str
    reason: str  # the same words for the same fault
    hint: str = ""  # what is particular to this row

    def __str__(self) -> str:
        value = self.value
        if len(value) > _PRINTED_VALUE:
            value = value[: _PRINTED_VALUE - 1] + "…"
        where = f"{self.file}, line {self.line}"
        what = f"{self.column} = {value!r}" if self.column else f"row {value!r}"
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {what}: {self.reason}{hint}"


class CommerceError(ValueError):
    """Data that cannot be imported; the message says what to do, one fault a line."""


class RejectedRowsError(CommerceError):
    """Rows that cannot be imported, where they may not be left out or leave nothing.

    Args:
        rows: all of them.
        listed_in: the file that lists them.
        all_of_them: what to say where no good row is left; empty: some are.
    """

    def __init__(self, rows: Sequence[BadRow], listed_in: str, all_of_them: str = "") -> None:
        self.rows = tuple(rows)
        self.listed_in = listed_in
        count = len({(row.file, row.line) for row in rows})
        lines = [all_of_them or f"{count} row{'s' if count != 1 else ''} cannot be imported:"]
        lines += [f"  {row}" for row in self.rows[:PRINTED_ROWS]]
        if len(self.rows) > PRINTED_ROWS:
            lines.append(f"  ... and {len(self.rows) - PRINTED_ROWS} more")
        lines.append(f"All of them are listed in {listed_in}.")
        leave_out = "" if all_of_them else ", or leave them out with --skip-bad-rows"
        lines.append(f"Mend them{leave_out}.")
        super().__init__("\n".join(lines))


def count_reasons(rows: Sequence[BadRow]) -> dict[str, int]:
    """How often each fault occurs, by "file: column: reason", the most frequent first."""
    count = Counter(
        ": ".join(part for part in (row.file, row.column, row.reason) if part) for row in rows
    )
    return dict(sorted(count.items(), key=lambda entry: (-entry[1], entry[0])))


def rejected_csv(rows: Sequence[BadRow]) -> str:
    """The bad rows as the text of a CSV file with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "line", "column", "value", "reason", "hint"])
    writer.writerows(
        [row.file, row.line, row.column, row.value, row.reason, row.hint] for row in rows
    )
    return text.getvalue()
