"""A shop's table of interactions (purchases): what each column must hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from scenarios.commerce.cells import Rejecter, cents, numbers, seconds, texts
from scenarios.commerce.csv_file import CsvTable, nearest
from scenarios.commerce.records import PurchaseRecords, Reviews, enumerate_names

REQUIRED = ("user_id", "item_id", "timestamp")
OPTIONAL = ("rating", "stars", "quantity", "price_paid", "text")

REJECTED_ITEM = -1
"""In the map of known items: the item's own row was rejected."""

_MOST_SUGGESTIONS = 20  # looking for the nearest of many item ids takes its time


def read_interactions(
    table: CsvTable, items: Mapping[str, int], *, reject_orphans: bool
) -> tuple[PurchaseRecords, Reviews, BoolArray, Rejecter]:
    """Check all rows of the table of interactions.

    Args:
        table: R rows.
        items: item_id to its number, or to `REJECTED_ITEM`.
        reject_orphans: also reject a row for the sole reason that its item's row was rejected.

    Returns:
        The good rows as purchases, their reviews, which of the R rows are good, and what is wrong
        with the others.
    """
    rejecter = Rejecter(table)
    user_id = texts(rejecter, "user_id")
    item = _items(rejecter, items, reject_orphans)
    second = seconds(rejecter, "timestamp")
    quantity = np.ones(len(table))
    if "quantity" in table.cells:
        quantity = numbers(rejecter, "quantity", least=1.0, empty=1.0, whole=True)
    paid = np.full(len(table), -1, dtype=np.int64)
    if "price_paid" in table.cells:
        paid = cents(rejecter, "price_paid", positive=False, optional=True)
    rating = _ratings(rejecter)
    good = ~rejecter.bad
    rows = np.flatnonzero(good & (item >= 0))
    user, names = enumerate_names(user_id[row] for row in rows)
    purchases = PurchaseRecords(
        user=user,
        users=len(names),
        item=item[rows],
        second=second[rows],
        quantity=quantity[rows].astype(np.int64),
        paid=paid[rows],
        rating=rating[rows],
        group=np.zeros(len(names), dtype=np.int8),
        group_names=("all",),
    )
    return purchases, _reviews(table, rows, item, rating), good, rejecter


def _items(rejecter: Rejecter, items: Mapping[str, int], reject_orphans: bool) -> NDArray[np.int32]:
    column = np.full(len(rejecter.table), REJECTED_ITEM, dtype=np.int32)
    suggested = 0
    for row, name in enumerate(texts(rejecter, "item_id")):
        number = items.get(name)
        if number is None and name:
            suggested += 1
            hint = nearest(name, items) if suggested <= _MOST_SUGGESTIONS else ""
            # With many items a list of them all would be no help.
            hint = hint if hint.startswith("did you mean") else ""
            rejecter.reject(row, "item_id", "is no item of the table of items", hint)
        elif number == REJECTED_ITEM and reject_orphans:
            rejecter.reject(row, "item_id", "names an item whose own row was rejected")
        elif number is not None:
            column[row] = number
    return column


_IF_STARS = "if these are stars 1 to 5, call the column stars: --column stars=NAME"


def _ratings(rejecter: Rejecter) -> NDArray[np.float64]:
    """(R,) the rating in [0, 1], else the stars on that scale, else nan."""
    rating = np.full(len(rejecter.table), np.nan)
    if "stars" in rejecter.table.cells:
        stars = numbers(rejecter, "stars", least=1.0, most=5.0, empty=np.nan)
        rating = (stars - 1.0) / 4.0
    if "rating" in rejecter.table.cells:
        given = numbers(
            rejecter,
            "rating",
            least=0.0,
            most=1.0,
            empty=np.nan,
            if_too_large=_IF_STARS,
        )
        fits = ~rejecter.bad
        too_large = [row for row in rejecter.rows if row.hint == _IF_STARS]
        if too_large and not (given[fits] < 1.0).any():
            # One star, the worst, must not be read as the best rating when the others are left out.
            for row in np.flatnonzero(fits & (given == 1.0)).tolist():
                rejecter.reject(row, "rating", "is the least of all, others are larger", _IF_STARS)
        rating = np.where(np.isnan(given), rating, given)
    return rating


def _reviews(
    table: CsvTable,
    rows: NDArray[np.int64],
    item: NDArray[np.int32],
    rating: NDArray[np.float64],
) -> Reviews:
    texts_given = table.cells.get("text", [""] * len(table))
    written = np.array([row for row in rows.tolist() if texts_given[row]], dtype=np.int64)
    return Reviews(
        listing=item[written],
        rating=rating[written],
        text=tuple(texts_given[row] for row in written),
    )
