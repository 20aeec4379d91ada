"""Carriers: whose couriers are whose, and which carrier a merchant calls for a parcel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import IntArray
from sim.settings.couriers import CourierSettings
from sim.streams import Streams

if TYPE_CHECKING:
    from sim.market import Marketplace


def carriers_of_couriers(settings: CourierSettings, streams: Streams) -> IntArray:
    """(K,) the carrier of each courier: as many as each one's share, drawn by lot."""
    draw = streams.uniform("carrier", 0, np.arange(settings.count))
    rank = np.empty(settings.count, dtype=np.int64)
    rank[np.argsort(draw, kind="stable")] = np.arange(settings.count)
    return _by_share((rank + 0.5) / max(settings.count, 1), settings)


def carriers_of_parcels(market: Marketplace, merchant: IntArray, consumer: IntArray) -> IntArray:
    """The carriers that merchants call for parcels of today.

    A merchant has a contract with one carrier, drawn by its row; one that works with all of them
    draws for each parcel.

    Args:
        market: the market.
        merchant: (n,) rows.
        consumer: (n,) rows.

    Returns:
        (n,) carriers.
    """
    settings, streams = market.settings.couriers, market.streams
    contract = streams.uniform("contract", 0, merchant)
    lot = streams.uniform("carrier_of_parcel", market.day, consumer, merchant)
    with_all = streams.uniform("works_with_all", 0, merchant) < settings.multi_carrier_share
    return _by_share(np.where(with_all, lot, contract), settings)


def _by_share(draw: np.ndarray, settings: CourierSettings) -> IntArray:
    """The carrier in whose share of [0, 1) each draw lies."""
    share = np.array(settings.carrier_shares or (1.0,) * settings.carriers)
    bound = np.cumsum(share / share.sum())[:-1]
    return np.searchsorted(bound, draw, side="right").astype(np.int64)
