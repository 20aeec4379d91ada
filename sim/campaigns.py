"""What the day's subsidy campaigns pay on one order: caps, budgets, stacking, the legal limit.

A campaign pays on the goods, to the buyer or to the merchant, and off the delivery fee; a merchant
may bear a share of what buyers get. On one order

1. each campaign offers its amount a unit and its part of the fee, within its cap an order;
2. all campaigns together never exceed the price and the fee;
3. what the platform bears of it never exceeds the regulator's limit on the order, nor what it may
   still pay today: a campaign that would is cut to what is left;
4. a campaign whose budget does not cover the order pays nothing on it.

Stacked campaigns pay in the platform's order: all of them ("add"), the first that pays anything, or
the one that pays most, whoever receives it ("best").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

NO_LIMIT = int(np.iinfo(np.int64).max // 4)
"""Cents that stand for no limit: more than any market pays, and safe to add to."""

BEST, ADD, FIRST = 0, 1, 2
STACKING = {"best": BEST, "add": ADD, "first": FIRST}
"""Numbers of the rules by which campaigns stack."""

CENT = 1e-9
"""Slack that keeps whole cents whole where a product of floats misses them."""


class Campaigns(NamedTuple):
    """The day's campaigns. C campaigns, L listings, S sessions; money in cents."""

    per_unit: NDArray[np.int64]  # (C, L) a unit
    eligible: NDArray[np.bool_]  # (C, S)
    to_seller: NDArray[np.bool_]  # (C,) paid to the merchant
    off_fee: NDArray[np.int64]  # (C, L) off the delivery fee of an order of the listing
    cap: NDArray[np.int64]  # (C,) an order
    merchant_share: NDArray[np.float64]  # (C,) of the bill that the merchant bears
    left: NDArray[np.int64]  # (C,) that each may still pay today; kernels draw it down
    stacking: int
    limit: NDArray[np.int64]  # (L,) that the platform may pay on an order
    platform_left: NDArray[np.int64]  # (1,) that the platform may still pay today; drawn down


def no_campaigns(listings: int, sessions: int) -> Campaigns:
    """A day without subsidies."""
    return Campaigns(
        per_unit=np.zeros((0, listings), np.int64),
        eligible=np.zeros((0, sessions), np.bool_),
        to_seller=np.zeros(0, np.bool_),
        off_fee=np.zeros((0, listings), np.int64),
        cap=np.zeros(0, np.int64),
        merchant_share=np.zeros(0),
        left=np.zeros(0, np.int64),
        stacking=BEST,
        limit=np.full(listings, NO_LIMIT),
        platform_left=np.full(1, NO_LIMIT),
    )


@njit(cache=True)
def borne_by_merchant(amount, share):  # type: ignore[no-untyped-def]
    """Cents of an amount that the merchant bears, rounded up to whole cents."""
    if share == 0.0:
        return 0
    return int(np.ceil(share * amount - CENT))


@njit(cache=True)
def pays(per_unit, off_fee, cap, share, left, room, price, due):  # type: ignore[no-untyped-def]
    """What one campaign pays on an order of one unit.

    Args:
        per_unit: cents a unit that it offers on the listing.
        off_fee: cents that it offers off the fee.
        cap: cents that it pays an order at most.
        share: of the bill that the merchant bears.
        left: cents that it may still pay today.
        room: cents that the platform may still bear on the order.
        price: cents of the price that no other campaign pays.
        due: cents of the delivery fee that no other campaign pays.

    Returns:
        Cents a unit, and cents off the fee.
    """
    goods = min(per_unit, price, cap)
    off = min(off_fee, due, cap - goods)
    if goods + off > room and share < 1.0:
        most = room
        if share > 0.0:
            most = int(np.floor(min(room / (1.0 - share) + CENT, goods + off)))
        goods = min(goods, most)
        off = min(off, most - goods)
    if goods + off > left:
        return 0, 0
    return goods, off


@njit(cache=True)
def grant(campaigns, session, listing, price, due, goods, off):  # type: ignore[no-untyped-def]
    """What each campaign pays on one order of one unit, written into `goods` and `off`.

    Args:
        campaigns: a `Campaigns`.
        session: row of the session.
        listing: row of the listing.
        price: cents at checkout.
        due: cents of delivery fee that the order would pay.
        goods: (C,) cents a unit; overwritten.
        off: (C,) cents off the fee; overwritten.

    Returns:
        Cents a unit that the buyer gets, and cents off the fee.
    """
    to_buyer = 0
    off_fee = 0
    price_left = price
    due_left = due
    room = min(campaigns.limit[listing], campaigns.platform_left[0])
    taken = -1
    for c in range(campaigns.off_fee.shape[0]):
        goods[c] = 0
        off[c] = 0
        if not campaigns.eligible[c, session] or (campaigns.stacking == FIRST and taken >= 0):
            continue
        share = campaigns.merchant_share[c]
        g, f = pays(
            campaigns.per_unit[c, listing],
            campaigns.off_fee[c, listing],
            campaigns.cap[c],
            share,
            campaigns.left[c],
            room,
            price_left,
            due_left,
        )
        if g + f == 0:
            continue
        if campaigns.stacking == ADD:
            price_left -= g
            due_left -= f
            room -= g + f - borne_by_merchant(g, share) - borne_by_merchant(f, share)
        elif taken >= 0:
            if g + f <= goods[taken] + off[taken]:
                continue
            goods[taken] = 0
            off[taken] = 0
        taken = c
        goods[c] = g
        off[c] = f
    for c in range(campaigns.off_fee.shape[0]):
        off_fee += off[c]
        if not campaigns.to_seller[c]:
            to_buyer += goods[c]
    return to_buyer, off_fee


def grants(
    campaigns: Campaigns,
    session: NDArray[np.int64],
    listing: NDArray[np.int64],
    price: NDArray[np.int64],
    due: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`grant` for many orders at once, none of which draws a budget down, written with NumPy.

    Args:
        campaigns: the day's.
        session: (n,) rows of sessions.
        listing: (n,) rows of listings.
        price: (n,) cents at checkout.
        due: (n,) cents of delivery fee.

    Returns:
        (C, n) cents a unit, and (C, n) cents off the fee.
    """
    count, n = len(campaigns.off_fee), len(session)
    goods, off = np.zeros((count, n), np.int64), np.zeros((count, n), np.int64)
    price_left, due_left = price.astype(np.int64), due.astype(np.int64)
    room = np.minimum(campaigns.limit[listing], campaigns.platform_left[0])
    most = np.zeros(n, np.int64)
    for c in range(count):
        share, cap = campaigns.merchant_share[c], campaigns.cap[c]
        g = np.minimum(np.minimum(campaigns.per_unit[c, listing], price_left), cap)
        f = np.minimum(np.minimum(campaigns.off_fee[c, listing], due_left), cap - g)
        if share < 1.0:
            within = np.minimum(room / (1.0 - share) + CENT, g + f) if share > 0.0 else room
            whole = np.floor(within).astype(np.int64)
            g = np.minimum(g, whole)
            f = np.minimum(f, whole - g)
        pays = campaigns.eligible[c, session] & (g + f > 0) & (g + f <= campaigns.left[c])
        if campaigns.stacking == FIRST:
            pays &= most == 0
        elif campaigns.stacking == BEST:
            pays &= g + f > most
            goods[:, pays], off[:, pays] = 0, 0
        g, f = np.where(pays, g, 0), np.where(pays, f, 0)
        goods[c, pays], off[c, pays] = g[pays], f[pays]
        most = np.where(pays, g + f, most)
        if campaigns.stacking == ADD:
            price_left, due_left = price_left - g, due_left - f
            room = room - (g + f - merchant_part(g, share) - merchant_part(f, share))
    return goods, off


def without_budgets(campaigns: Campaigns) -> Campaigns:
    """The same campaigns as if none of their budgets could run out."""
    return campaigns._replace(
        left=np.full(len(campaigns.left), NO_LIMIT), platform_left=np.full(1, NO_LIMIT)
    )


def share_served(
    campaigns: Campaigns,
    paid: NDArray[np.int64],
    session: NDArray[np.int64],
    listing: NDArray[np.int64],
    price: NDArray[np.int64],
    due: NDArray[np.int64],
    units: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How far budgets went: what campaigns paid over what they would have paid without them.

    Args:
        campaigns: the day's.
        paid: (C,) cents that each paid on the day's orders.
        session: (n,) rows of the sessions that ordered.
        listing: (n,) what they ordered.
        price: (n,) cents at checkout.
        due: (n,) cents of delivery fee a unit.
        units: (n,) how many.

    Returns:
        (C,) in [0, 1]; 1 where a campaign would have paid nothing.
    """
    goods, off = grants(without_budgets(campaigns), session, listing, price, due)
    wanted = ((goods + off) * units).sum(axis=1)
    share = np.ones(len(wanted))
    np.divide(paid, wanted, out=share, where=wanted > 0)
    return np.minimum(share, 1.0)


def merchant_part(amount: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """(n,) cents of amounts that the merchant bears, rounded up to whole cents."""
    return np.ceil(share * amount - CENT).astype(np.int64) if share > 0.0 else np.zeros_like(amount)


class Funding(NamedTuple):
    """Who got what on n orders of one unit, and which part of it merchants bore. All (n,) cents."""

    to_buyer: NDArray[np.int64]  # off the price
    to_seller: NDArray[np.int64]  # on top of it
    off_fee: NDArray[np.int64]
    by_merchant: NDArray[np.int64]  # of what is off the price
    fee_by_merchant: NDArray[np.int64]  # of what is off the fee


def funding(campaigns: Campaigns, goods: NDArray[np.int64], off: NDArray[np.int64]) -> Funding:
    """Sum what campaigns pay on n orders.

    Args:
        campaigns: the day's.
        goods: (C, n) cents a unit.
        off: (C, n) cents off the fee.
    """
    n = goods.shape[1]
    by_merchant, fee_by_merchant = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for c, share in enumerate(campaigns.merchant_share):
        by_merchant += merchant_part(goods[c], float(share))
        fee_by_merchant += merchant_part(off[c], float(share))
    return Funding(
        to_buyer=goods[~campaigns.to_seller].sum(axis=0),
        to_seller=goods[campaigns.to_seller].sum(axis=0),
        off_fee=off.sum(axis=0),
        by_merchant=by_merchant,
        fee_by_merchant=fee_by_merchant,
    )


def platform_part(bill: Funding) -> NDArray[np.int64]:
    """(n,) cents that the platform bears of orders of one unit."""
    total: NDArray[np.int64] = bill.to_buyer + bill.to_seller + bill.off_fee
    return total - bill.by_merchant - bill.fee_by_merchant
