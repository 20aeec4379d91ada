"""What consumers experienced with the parcels of one day: facts, before anybody judges them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sim.market import Marketplace


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Orders delivered on one day. n orders, ascending."""

    order: IntArray  # (n,) ids
    consumer: IntArray  # (n,)
    line: IntArray  # (n,) 0, 1, ... among the consumer's deliveries of the day
    listing: IntArray  # (n,)
    merchant: IntArray  # (n,)
    expected_quality: FloatArray  # (n,) in [0, 1], when it was ordered
    true_quality: FloatArray  # (n,) in [0, 1]
    counterfeit: BoolArray  # (n,)
    hours_late: FloatArray  # (n,) >= 0, after the promised minute
    overcharge: FloatArray  # (n,) in [0, 1], checkout price over the advertised one, relative
    exaggeration: FloatArray  # (n,) in [0, 1], price before discount over any price ever asked

    def __len__(self) -> int:
        """Number of orders."""
        return len(self.order)


def delivered_today(market: Marketplace) -> Deliveries:
    """Collect today's deliveries and what was promised about them."""
    order = np.sort(market.today.delivered)
    orders = market.orders
    consumer, listing = orders["consumer"][order], orders["listing"][order]
    late = (orders["closed"][order] - orders["due"][order]) / 60.0
    paid = orders["unit_price"][order]
    return Deliveries(
        order=order,
        consumer=consumer,
        line=occurrence(consumer),
        listing=listing,
        merchant=orders["merchant"][order],
        expected_quality=orders["expected_quality"][order].astype(np.float64),
        true_quality=orders["true_quality"][order].astype(np.float64),
        counterfeit=orders["counterfeit"][order],
        hours_late=np.maximum(np.nan_to_num(late, nan=0.0), 0.0),
        overcharge=relative_excess(paid, orders["advertised"][order]),
        exaggeration=exaggerated_discount(
            orders["list_price"][order], paid, highest_price(market.price_history, listing)
        ),
    )


def occurrence(values: IntArray) -> NDArray[np.int64]:
    """How often each value stood before: the line of an order within its consumer's day.

    Args:
        values: (n,) integers.

    Returns:
        (n,) number of equal values further in front.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    position = np.arange(len(values), dtype=np.int64)
    starts = np.ones(len(values), dtype=np.bool_)
    starts[1:] = ordered[1:] != ordered[:-1]
    count = np.empty(len(values), dtype=np.int64)
    count[order] = position - np.maximum.accumulate(np.where(starts, position, 0))
    return count


def highest_price(history: IntArray, listing: IntArray) -> NDArray[np.int64]:
    """(n,) highest price that each listing was advertised at in (H, L) `history`; 0 if new."""
    distinct, back = np.unique(listing, return_inverse=True)
    highest: NDArray[np.int64] = history[:, distinct].max(axis=0, initial=0)[back]
    return highest


def relative_excess(price: IntArray, base: IntArray) -> FloatArray:
    """(n,) how far `price` lies above `base`, relative to it, within [0, 1]; 0 without a base."""
    excess = np.zeros(len(price))
    np.divide(price - base, base, out=excess, where=base > 0)
    return np.clip(excess, 0.0, 1.0)


def exaggerated_discount(list_price: IntArray, paid: IntArray, highest: IntArray) -> FloatArray:
    """How far an announced price before discount lies above every price that was ever asked.

    Args:
        list_price: (n,) cents announced as the price before discount.
        paid: (n,) cents at checkout.
        highest: (n,) cents, the highest advertised price on record; 0 if there is none.

    Returns:
        (n,) in [0, 1], relative; 0 where no discount is announced.
    """
    excess = relative_excess(list_price, np.maximum(highest, paid))
    return np.where(list_price > paid, excess, 0.0)
