"""What an importer hands on: the shop's items and purchases as typed columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ItemRecords:
    """The shop's items; L items."""

    item_id: tuple[str, ...]  # (L,)
    title: tuple[str, ...]  # (L,)
    description: tuple[str, ...]  # (L,)
    category: IntArray  # (L,) int32
    category_names: tuple[str, ...]
    merchant: IntArray  # (L,) int32
    merchant_names: tuple[str, ...]
    price: IntArray  # (L,) cents, > 0
    unit_cost: IntArray  # (L,) cents, -1 where unknown
    image: FloatArray | None  # (L, V)


@dataclass(frozen=True, slots=True)
class PurchaseRecords:
    """Lines of what was bought; P purchases of N users, in any order."""

    user: IntArray  # (P,) int32
    users: int  # N; each has a purchase
    item: IntArray  # (P,) int32
    second: IntArray  # (P,) int64 seconds since 1970 on the shop's clock
    quantity: IntArray  # (P,) units, >= 1
    paid: IntArray  # (P,) cents a unit, -1 where unknown
    rating: FloatArray  # (P,) in [0, 1], nan where none was given
    group: IntArray  # (N,) int8
    group_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reviews:
    """Texts that buyers wrote; T reviews."""

    listing: IntArray  # (T,) int32
    rating: FloatArray  # (T,) in [0, 1], nan where none was given
    text: tuple[str, ...]  # (T,)


def enumerate_names(names: Iterable[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Number names in the order in which they first appear.

    Args:
        names: any number of names.

    Returns:
        The number of each entry, and the distinct names by number.
    """
    number: dict[str, int] = {}
    codes = np.fromiter((number.setdefault(name, len(number)) for name in names), dtype=np.int32)
    return codes, tuple(number)


def take_items(items: ItemRecords, keep: BoolArray) -> ItemRecords:
    """The items that are kept, in order; categories and merchants without items go.

    Args:
        items: L items.
        keep: (L,) which to keep.

    Returns:
        The kept items, categories and merchants renumbered in their old order.
    """
    rows = np.flatnonzero(keep)
    category, category_names = _renumber(items.category[rows], items.category_names)
    merchant, merchant_names = _renumber(items.merchant[rows], items.merchant_names)
    return ItemRecords(
        item_id=tuple(items.item_id[row] for row in rows),
        title=tuple(items.title[row] for row in rows),
        description=tuple(items.description[row] for row in rows),
        category=category,
        category_names=category_names,
        merchant=merchant,
        merchant_names=merchant_names,
        price=items.price[rows],
        unit_cost=items.unit_cost[rows],
        image=None if items.image is None else items.image[rows],
    )


def _renumber(code: IntArray, names: tuple[str, ...]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    used, renumbered = np.unique(code, return_inverse=True)
    return renumbered.astype(np.int32), tuple(names[c] for c in used)
