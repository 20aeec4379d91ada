"""Restitution: buyers who overpaid get it back from the merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from sim.event_tables import OrderStatus
from sim.ledger import Owner, Purpose
from sim.settlement import paid_for_goods

if TYPE_CHECKING:
    from sim.market import Marketplace


def pay_restitution(market: Marketplace, merchant: int, listing: int, amount: int) -> int:
    """Share an amount out among recent buyers of a listing, by what each paid for it.

    Recent are purchases of the last `regulator.restitution_days` that were delivered and for which
    there was no restitution yet. Nobody gets more back than was paid; what is left over stays with
    the merchant.

    Args:
        market: the market.
        merchant: who pays, into debt if need be.
        listing: what was bought.
        amount: cents that buyers paid too much, at most.

    Returns:
        Cents that went back to buyers.
    """
    orders = _recent_orders(market, listing)
    paid = paid_for_goods(market, orders)
    left = np.maximum(paid - market.orders["refunded"][orders], 0)
    given = shared_out(min(amount, int(left.sum())), left)
    ledger = market.ledger
    ledger.transfer(
        market.day,
        ledger.account(Owner.MERCHANT, merchant),
        ledger.account(Owner.CONSUMER, market.orders["consumer"][orders]),
        given,
        Purpose.RESTITUTION,
        orders,
    )
    market.orders["refunded"][orders] += given
    total = int(given.sum())
    market.books.other_cost[merchant] += total
    return total


def shared_out(amount: int, weight: IntArray) -> NDArray[np.int64]:
    """Whole cents in proportion to weights, which add up to the amount.

    Args:
        amount: cents, >= 0 and at most the sum of the weights.
        weight: (n,) >= 0.

    Returns:
        (n,) cents, none above its weight.
    """
    total = int(weight.sum())
    if total == 0:
        return np.zeros(len(weight), dtype=np.int64)
    # Differences of rounded-down running totals: each is its share, rounded up or down.
    running = np.array([amount * int(part) // total for part in np.cumsum(weight)], dtype=np.int64)
    return np.diff(running, prepend=0)


def _recent_orders(market: Marketplace, listing: int) -> NDArray[np.int64]:
    """(n,) delivered orders of a listing that are recent and after its last restitution."""
    table, sanctions = market.orders, market.sanctions
    since = market.day - market.settings.regulator.restitution_days
    earlier = (sanctions["restitution"] > 0) & (sanctions["listing"] == listing)
    since = max(since, int(sanctions["day"][earlier].max(initial=since)))
    first = table.first_since(since)
    own = (table["listing"][first:] == listing) & (table["status"][first:] == OrderStatus.DELIVERED)
    return np.flatnonzero(own) + first
