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


def pay_restitution(
    market: Marketplace, merchant: int, listing: int, amount: int, lawful_price: int | None = None
) -> int:
    """Share an amount out among recent buyers of a listing, by what each overpaid.

    Recent are purchases of the last `regulator.restitution_days`. Where the lawful price is known,
    each buyer overpaid what was asked above it, and what she got back already counts: a second
    finding of the same gain brings nothing more. Else the amount goes by what each paid, to those
    who have their goods and for whom there was no restitution yet. Nobody gets more back than was
    paid; what is left over stays with the merchant.

    Args:
        market: the market.
        merchant: who pays, into debt if need be.
        listing: what was bought.
        amount: cents that buyers paid too much, at most.
        lawful_price: cents a unit above which they overpaid; None: not known.

    Returns:
        Cents that went back to buyers.
    """
    orders = _recent_orders(market, listing, again=lawful_price is not None)
    refunded = market.orders["refunded"][orders]
    paid = paid_for_goods(market, orders)
    if lawful_price is None:
        left = np.maximum(paid - refunded, 0)
        given = shared_out(min(amount, int(left.sum())), left)
    else:
        above = np.maximum(market.orders["unit_price"][orders] - lawful_price, 0)
        overpaid = np.minimum(above * market.orders["quantity"][orders], paid)
        due = shared_out(min(amount, int(overpaid.sum())), overpaid)
        given = np.maximum(due - refunded, 0)
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


def _recent_orders(market: Marketplace, listing: int, again: bool) -> NDArray[np.int64]:
    """(n,) recent orders of a listing that were neither cancelled nor given back.

    Args:
        market: the market.
        listing: what was bought.
        again: whether those before its last restitution, and those on their way, count as well.
    """
    table, sanctions = market.orders, market.sanctions
    since = market.day - market.settings.regulator.restitution_days
    if not again:
        earlier = (sanctions["restitution"] > 0) & (sanctions["listing"] == listing)
        since = max(since, int(sanctions["day"][earlier].max(initial=since)))
    first = table.first_since(since)
    stands = [OrderStatus.DELIVERED, OrderStatus.OPEN] if again else [OrderStatus.DELIVERED]
    own = (table["listing"][first:] == listing) & np.isin(table["status"][first:], stands)
    return np.flatnonzero(own) + first
