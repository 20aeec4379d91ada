"""How long a shop's parcels take from order to door, as its platform remembers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.recency import RECENT

if TYPE_CHECKING:
    from sim.market import Marketplace


def remember_delivery_times(market: Marketplace) -> None:
    """Let what arrived today count in its shop's mean; a shop's first day counts alone."""
    orders, books, arrived = market.orders, market.books, market.today.delivered
    placed = orders["day"][arrived] * 1440.0 + orders["minute"][arrived]
    shop = orders["merchant"][arrived]
    minutes = np.bincount(shop, orders["closed"][arrived] - placed, minlength=len(books))
    parcels = np.bincount(shop, minlength=len(books))
    rows = np.flatnonzero(parcels)
    today, before = minutes[rows] / parcels[rows], books.delivery_minutes[rows]
    books.delivery_minutes[rows] = np.where(
        np.isnan(before), today, before + RECENT * (today - before)
    )
