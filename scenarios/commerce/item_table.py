"""A shop's table of items: what each column must hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from scenarios.commerce.cells import Rejecter, cents, numbers, texts, vectors
from scenarios.commerce.csv_file import CsvTable
from scenarios.commerce.records import ItemRecords, enumerate_names

REQUIRED = ("item_id", "title", "category", "price", "merchant_id")
OPTIONAL = ("description", "cost", "image")
NUMBERED = "image"


def read_items(table: CsvTable) -> tuple[ItemRecords, BoolArray, Rejecter]:
    """Check all rows of the table of items.

    Args:
        table: R rows.

    Returns:
        All R rows as records (fillers where rejected), which of them are good, and what is wrong
        with the others.
    """
    rejecter = Rejecter(table)
    item_id = texts(rejecter, "item_id")
    _reject_duplicates(rejecter, item_id)
    title = texts(rejecter, "title")
    category, category_names = enumerate_names(texts(rejecter, "category"))
    merchant, merchant_names = enumerate_names(texts(rejecter, "merchant_id"))
    price = cents(rejecter, "price", positive=True)
    cost = np.full(len(table), -1, dtype=np.int64)
    if "cost" in table.cells:
        cost = cents(rejecter, "cost", positive=False, optional=True)
    image = _images(rejecter)
    records = ItemRecords(
        item_id=tuple(item_id),
        title=tuple(title),
        description=tuple(table.cells.get("description", [""] * len(table))),
        category=category,
        category_names=category_names,
        merchant=merchant,
        merchant_names=merchant_names,
        price=price,
        unit_cost=cost,
        image=image,
    )
    return records, ~rejecter.bad, rejecter


def _reject_duplicates(rejecter: Rejecter, item_id: list[str]) -> None:
    first: dict[str, int] = {}
    for row, name in enumerate(item_id):
        earlier = first.setdefault(name, row)
        if name and earlier != row:
            line = rejecter.table.line[earlier]
            rejecter.reject(row, "item_id", "occurs twice", f"first on line {line}")


def _images(rejecter: Rejecter) -> NDArray[np.float32] | None:
    table = rejecter.table
    if "image" in table.cells:
        return vectors(rejecter, "image")
    names = [name for name in table.cells if name.startswith(f"{NUMBERED}_")]
    if not names:
        return None
    limit = float(np.finfo(np.float32).max)
    columns = [numbers(rejecter, name, least=-limit, most=limit) for name in names]
    return np.stack(columns, axis=1).astype(np.float32)
