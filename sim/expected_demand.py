"""Expected demand under campaigns whose budgets run out: the fluid limit of buying in turn.

Sessions buy one after the other, each standing for many buyers. Where a budget ends within a
session, the part of its buyers who come before get the campaign's subsidy and the rest do not, so
that spending meets the budget as closely as whole buyers allow, and never exceeds it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.campaigns import Campaigns, funding, grants, platform_part
from sim.choice import Offers, Shoppers, Weights, expected_shares
from sim.personal_prices import extra_cents


class ExpectedOrders(NamedTuple):
    """n orders, in the order of their sessions."""

    session: NDArray[np.int64]  # (n,)
    column: NDArray[np.int64]  # (n,) of the session's alternatives
    units: NDArray[np.int64]  # (n,) one for each buyer
    goods: NDArray[np.int64]  # (C, n) cents a unit that each campaign pays
    off: NDArray[np.int64]  # (C, n) cents off each buyer's delivery fee


def expected_orders(
    shoppers: Shoppers,
    offers: Offers,
    weights: Weights,
    value: NDArray[np.float64],
    campaigns: Campaigns,
    fee: int,
    buyers: float,
) -> tuple[ExpectedOrders, NDArray[np.float64], NDArray[np.float64]]:
    """What all sessions buy in expectation; budgets are left as they are.

    Each pass lets all sessions buy under the campaigns that still pay, as far as the budgets go;
    those that a budget ended go on in the next pass without that campaign.

    Args:
        shoppers: S sessions, in the order in which they come.
        offers: what is on sale.
        weights: weights of the utility.
        value: (S, K) from `utilities`; -inf for what cannot be bought.
        campaigns: the day's.
        fee: delivery fee in cents.
        buyers: buyers for whom each session stands.

    Returns:
        The orders; (S,) surplus in logit units against outside option and rival; and (S,) the share
        of each session's buyers who buy.
    """
    sessions, width = shoppers.alternatives.shape
    surplus, bought, waiting = np.zeros(sessions), np.zeros(sessions), np.ones(sessions)
    running = campaigns._replace(eligible=campaigns.eligible.copy(), left=campaigns.left.copy())
    platform_left = int(campaigns.platform_left[0])
    row = np.repeat(np.arange(sessions), width)
    listing = shoppers.alternatives.ravel().astype(np.int64)
    price, due = offers.price[listing], np.full(sessions * width, fee)
    if len(shoppers.markup):
        price = price + extra_cents(price, shoppers.markup[row])
    parts: list[ExpectedOrders] = []
    while not parts or waiting.any():
        goods, off = grants(running, row, listing, price, due)
        bill = funding(running, goods, off)
        borne = platform_part(bill).reshape(sessions, width)
        share, gain = expected_shares(
            shoppers,
            offers,
            weights,
            value,
            bill.to_buyer.reshape(sessions, width),
            (due - bill.off_fee).reshape(sessions, width),
        )
        wanted = share * waiting[:, None] * buyers
        units = np.rint(wanted).astype(np.int64)
        each = (goods + off).reshape(len(goods), sessions, width)
        spent, carried = (each * units).sum(axis=2), (borne * units).sum(axis=1)
        ends = spent.cumsum(axis=1) > running.left[:, None]
        breaks = carried.cumsum() > platform_left
        stops = ends.any(axis=0) | breaks
        last = int(stops.argmax()) if stops.any() else sessions
        served = waiting.copy()
        served[last + 1 :] = 0.0
        if last < sessions:
            before = running.left - spent[:, :last].sum(axis=1)
            part = _part_served(
                np.append(before, platform_left - carried[:last].sum()),
                np.append(spent[:, last], carried[last]),
            )
            served[last] *= part
            units[last] = np.floor(wanted[last] * part).astype(np.int64)
            units[last + 1 :] = 0
        surplus += gain * served
        bought += share.sum(axis=1) * served
        waiting = waiting - served
        parts.append(_orders(units, goods, off))
        running.left[:] -= (each * units).sum(axis=(1, 2))
        platform_left -= int((borne * units).sum())
        if last < sessions:
            over = ends[:, last] | (breaks[last] & (running.merchant_share < 1.0))
            running.eligible[over] = False
    return _joined(parts), surplus, bought


def _part_served(left: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    """The part of a session's buyers whom all budgets can pay for."""
    short = wanted > left
    return float((np.maximum(left[short], 0) / wanted[short]).min())


def _orders(
    units: NDArray[np.int64], goods: NDArray[np.int64], off: NDArray[np.int64]
) -> ExpectedOrders:
    session, column = np.nonzero(units)
    cell = session * units.shape[1] + column
    return ExpectedOrders(session, column, units[session, column], goods[:, cell], off[:, cell])


def _joined(parts: list[ExpectedOrders]) -> ExpectedOrders:
    """The orders of all passes, by session: those who came first stand first."""
    session, column, units = (np.concatenate([part[place] for part in parts]) for place in range(3))
    goods, off = (np.concatenate([part[place] for part in parts], axis=1) for place in (3, 4))
    order = np.argsort(session, kind="stable")
    return ExpectedOrders(
        session[order], column[order], units[order], goods[:, order], off[:, order]
    )
