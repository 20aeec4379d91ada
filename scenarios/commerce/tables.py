"""Import a shop's own tables: items and interactions as CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from policies.arrays import BoolArray
from scenarios.atomic import write_file_atomically
from scenarios.commerce import interaction_table, item_table, store
from scenarios.commerce.cells import Rejecter
from scenarios.commerce.csv_file import CsvTable, nearest, read_csv
from scenarios.commerce.faults import (
    BadRow,
    CommerceError,
    RejectedRowsError,
    count_reasons,
    rejected_csv,
)
from scenarios.commerce.learn import Assumptions, learn
from scenarios.commerce.library import check_free
from scenarios.commerce.records import ItemRecords, Reviews, take_items
from scenarios.commerce.summary import ImportSummary, summarise

_TABLES = {
    "items": (*item_table.REQUIRED, *item_table.OPTIONAL),
    "interactions": (*interaction_table.REQUIRED, *interaction_table.OPTIONAL),
}


def import_tables(
    items_csv: Path | str,
    interactions_csv: Path | str,
    out_dir: Path | str,
    columns: Mapping[str, str] | None = None,
    *,
    on_bad_row: Literal["refuse", "skip"] = "refuse",
    overwrite: bool = False,
    assumptions: Assumptions | None = None,
) -> ImportSummary:
    """Import a shop's tables of items and interactions.

    Items: `item_id`, `title`, `category`, `price` (currency units), `merchant_id`, and optionally
    `description`, `cost`, `image` (a vector in one cell, or columns `image_0`, `image_1`, ...).
    Interactions: `user_id`, `item_id`, `timestamp` (ISO 8601, Unix seconds or milliseconds), and
    optionally `rating` (0 to 1) or `stars` (1 to 5), `quantity`, `price_paid` (a unit), `text`.

    Args:
        items_csv: the table of items.
        interactions_csv: the table of interactions.
        out_dir: folder that the import is written to.
        columns: standard name to name in the files, where they differ; `items.item_id` and
            `interactions.item_id` if the two tables name a column differently.
        on_bad_row: "refuse" imports nothing if a row is bad; "skip" leaves bad rows out and lists
            them in `rejected.csv` of the import.
        overwrite: whether an earlier import may be replaced.
        assumptions: what the data do not say; None: the defaults.

    Returns:
        The summary.

    Raises:
        RejectedRowsError: if rows are bad and `on_bad_row` is "refuse"; all of them are then listed
            in the file `NAME.rejected.csv` beside `out_dir`.
        CommerceError: if a file as a whole cannot be imported, or `out_dir` cannot be written.
    """
    out = Path(out_dir)
    assumptions = assumptions or Assumptions()
    check_free(out, overwrite=overwrite)
    item_file, interaction_file = _read_both(Path(items_csv), Path(interactions_csv), columns or {})
    records, good_items, item_faults = item_table.read_items(item_file)
    _require_rows(item_faults, good_items, out)
    numbers = _item_numbers(records, good_items)
    purchases, reviews, good_purchases, purchase_faults = interaction_table.read_interactions(
        interaction_file, numbers, reject_orphans=on_bad_row == "skip"
    )
    _require_rows(purchase_faults, good_purchases, out)
    rejected = [*item_faults.in_file_order(), *purchase_faults.in_file_order()]
    if rejected and on_bad_row == "refuse":
        raise RejectedRowsError(rejected, _listed_beside(out, rejected))
    learned = learn(take_items(records, good_items), purchases, assumptions)
    files = (item_file, interaction_file)
    read = {
        file.file: int(good.sum())
        for file, good in zip(files, (good_items, good_purchases), strict=True)
    }
    summary = summarise(
        learned,
        assumptions,
        source=f"{item_file.file} and {interaction_file.file}",
        rows_read=read,
        rows_rejected={file.file: _rows_in(rejected, file.file) for file in files},
        reasons=count_reasons(rejected),
        notes=_notes(files, records, good_items, reviews),
    )
    row = learned.item_row[reviews.listing]
    store.write(
        out,
        learned,
        summary,
        assumptions,
        sources=[
            {"name": file.file, "sha256": file.sha256, "rows": read[file.file]} for file in files
        ],
        reviews=_kept_reviews(reviews, row),
        rejected=rejected,
        overwrite=overwrite,
    )
    return summary


def _read_both(
    items_csv: Path, interactions_csv: Path, columns: Mapping[str, str]
) -> tuple[CsvTable, CsvTable]:
    """Read both files, and tell the faults of both at once."""
    if items_csv.name == interactions_csv.name:
        raise CommerceError(
            f"{items_csv} and {interactions_csv}: give the two files different names, so that bad "
            "rows can be told apart"
        )
    mapped = {table: _columns_of(table, columns) for table in _TABLES}
    faults: list[str] = []
    files: list[CsvTable] = []
    for path, module, table in (
        (items_csv, item_table, "items"),
        (interactions_csv, interaction_table, "interactions"),
    ):
        try:
            files.append(
                read_csv(
                    path,
                    required=module.REQUIRED,
                    optional=module.OPTIONAL,
                    numbered=item_table.NUMBERED if module is item_table else None,
                    columns=mapped[table],
                )
            )
        except CommerceError as fault:
            faults.append(str(fault))
    if faults:
        raise CommerceError("\n".join(faults))
    return files[0], files[1]


def _columns_of(table: str, columns: Mapping[str, str]) -> dict[str, str]:
    """The mapping for one table: its own entries, and those for both."""
    mapped: dict[str, str] = {}
    for name, label in columns.items():
        prefix, dot, own = name.partition(".")
        known = _TABLES.get(prefix, ()) if dot else tuple(dict.fromkeys(sum(_TABLES.values(), ())))
        if (own if dot else name) not in known:
            names = [*dict.fromkeys(sum(_TABLES.values(), ()))]
            raise CommerceError(f"--column {name}={label}: no such column; {nearest(name, names)}")
        if dot and prefix == table:
            mapped[own] = label
        elif not dot and name in _TABLES[table]:
            mapped.setdefault(name, label)
    return mapped


def _listed_beside(out: Path, rejected: list[BadRow]) -> str:
    """List the bad rows in `NAME.rejected.csv` beside the folder that is not written."""
    beside = out.with_name(f"{out.name}.rejected.csv")
    beside.parent.mkdir(parents=True, exist_ok=True)
    write_file_atomically(beside, rejected_csv(rejected))
    return str(beside)


def _require_rows(rejecter: Rejecter, good: BoolArray, out: Path) -> None:
    """Refuse a table without any good row; skipping bad rows would leave nothing."""
    if good.any():
        return
    table = rejecter.table
    if not rejecter.rows:
        raise CommerceError(f"{table.file}: no rows below the header")
    told = f"{table.file}: none of its rows can be imported"
    if all(row.reason == "is no item of the table of items" for row in rejecter.rows):
        told = (
            f"{table.file}: no row names an item of the table of items; are these the interactions "
            "of the same shop, and is item_id the right column?"
        )
    rejected = rejecter.in_file_order()
    raise RejectedRowsError(rejected, _listed_beside(out, rejected), told)


def _item_numbers(records: ItemRecords, good: BoolArray) -> dict[str, int]:
    """item_id to the number among the good items; of two rows with one id the first counts."""
    number = np.where(good, np.cumsum(good) - 1, interaction_table.REJECTED_ITEM)
    numbers: dict[str, int] = {}
    for row, name in enumerate(records.item_id):
        numbers.setdefault(name, int(number[row]))
    return numbers


def _rows_in(rejected: list[BadRow], file: str) -> int:
    return len({row.line for row in rejected if row.file == file})


def _kept_reviews(reviews: Reviews, row: np.ndarray) -> Reviews:
    kept = np.flatnonzero(row >= 0)
    return Reviews(
        listing=row[kept],
        rating=reviews.rating[kept],
        text=tuple(reviews.text[r] for r in kept),
    )


def _notes(
    files: tuple[CsvTable, CsvTable], records: ItemRecords, good: BoolArray, reviews: Reviews
) -> list[str]:
    notes = [
        f"{file.file}: columns not used: {', '.join(file.unused)}" for file in files if file.unused
    ]
    fine = sum(
        len(cell.partition(".")[2]) > 2
        for cell, is_good in zip(files[0].cells["price"], good, strict=True)
        if is_good
    )
    if fine:
        notes.append(f"{fine:,} prices have more than two decimals and were rounded to cents")
    if records.image is not None:
        without = int((~records.image[good].any(axis=1)).sum())
        notes.append(
            f"image vectors of {records.image.shape[1]} numbers"
            + (f"; {without:,} items have none and get zeros" if without else "")
        )
    if reviews.text:
        notes.append(f"{len(reviews.text):,} review texts")
    return notes
