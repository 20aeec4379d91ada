"""Demotion: a demoted shop loses a share of its places in slates and search results.

A sanction may demote a shop for some days, and so may the platform, while a merchant refuses its
campaigns. Whatever policy fills them, each of the shop's listings is left out of all lists of a
session with the chance that each of the two says, by a draw of its own, and what stands below moves
up. So its places, and with them its exposure, fall by that share on average. Who wants an item
again finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from sim.arrivals import LINES
from sim.platform_prices import retaliation

if TYPE_CHECKING:
    from sim.market import Marketplace


def without_demoted(market: Marketplace, slate: NDArray[np.int32]) -> NDArray[np.int32]:
    """(S, K) slates without the places that demoted shops lose today, filled up from below."""
    lost = places_lost(market, slate)
    if lost is None:
        return slate
    left = np.where(lost, np.int32(-1), slate)
    rows = np.flatnonzero(lost.any(axis=1))
    order = np.argsort(left[rows] < 0, axis=1, kind="stable")
    left[rows] = np.take_along_axis(left[rows], order, axis=1)
    return left


def places_lost(market: Marketplace, slate: NDArray[np.int32]) -> BoolArray | None:
    """(S, K) places that demoted shops lose today; None where nobody is demoted."""
    books, today = market.books, market.today
    shares = {
        "demotion": np.where(market.day < books.demoted_until, books.demotion, 0.0),
        "places": retaliation(market),
    }
    if not any(share.any() for share in shares.values()):
        return None
    session = today.session_consumer.astype(np.int64) * LINES + today.session_line
    lost = np.zeros(slate.shape, dtype=np.bool_)
    for stream, share in shares.items():
        chance = np.where(slate >= 0, share[market.listings.merchant[slate]], 0.0)
        row, column = np.nonzero(chance)
        draw = market.streams.uniform(stream, market.day, session[row], slate[row, column])
        lost[row, column] |= draw < chance[row, column]
    return lost
