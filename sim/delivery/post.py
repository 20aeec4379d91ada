"""Parcels that go by post: delivered at noon after the days that the post takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.event_tables import OrderStatus
from sim.ledger import Owner, Purpose
from sim.settlement import pay_out

if TYPE_CHECKING:
    from sim.market import Marketplace


def post(market: Marketplace) -> None:
    """Hand today's orders to the post, and settle those that it has brought."""
    orders, settings, ledger = market.orders, market.settings.delivery, market.ledger
    today = market.today.orders
    noon = (market.day + settings.postal_days) * 1440.0 + 720.0
    placed = market.day * 1440.0 + orders["minute"][today].astype(np.float64)
    orders["due"][today] = np.maximum(noon, placed)
    postage = market.cents(settings.postage) * len(np.unique(orders["consumer"][today]))
    ledger.transfer(
        market.day,
        ledger.account(Owner.PLATFORM),
        ledger.account(Owner.OUTSIDE),
        postage,
        Purpose.POSTAGE,
    )
    first = market.first_open_order
    open_ = first + np.flatnonzero(orders["status"][first:] == OrderStatus.OPEN)
    arrived = open_[orders["due"][open_] < (market.day + 1) * 1440.0]
    orders["closed"][arrived] = orders["due"][arrived]
    pay_out(market, arrived)
    market.today.delivered = arrived
    still = orders["status"][first:] == OrderStatus.OPEN
    market.first_open_order = first + int(np.argmax(still)) if still.any() else len(orders)
