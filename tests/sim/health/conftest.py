"""The stand-in of the market with all that the indicators look at."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.event_tables import (
    CONSUMER_GROUPS,
    DELIVERIES,
    LEGS,
    MERCHANT_SIZES,
    ORDERS,
    SHIFTS,
    OrderStatus,
    Source,
)
from sim.health.panel import Panel
from sim.settings.couriers import DeliverySettings
from sim.settings.health import HealthSettings
from sim.tables import Table

Make = Callable[..., SimpleNamespace]


@pytest.fixture
def market(market_stand_in: Make) -> SimpleNamespace:
    """Day 10 of 40 consumers, 6 listings at 10.00 and 3 merchants, on which nothing happened."""
    made = market_stand_in()
    made.settings.health = HealthSettings()
    made.settings.delivery = DeliverySettings()
    made.deliveries, made.shifts = Table(DELIVERIES), Table(SHIFTS)
    made.legs = Table(LEGS)
    made.driving = None
    made.initial_price = made.listings.price.copy()
    made.listings.appeal = np.zeros(6)
    made.listings.attributes = np.tile([1.0, 0.0], (6, 1))
    made.crowd.taste = np.tile([1.0, 0.0], (40, 1))
    made.crowd.price_sensitivity = np.ones(40)
    made.panel = Panel(40, 2, np.arange(40.0))
    made.books.revenue_recently = np.zeros(3)
    made.books.profit_recently = np.zeros(3)
    made.group_names = ("everybody",)
    made.subsidy_eve = None
    made.consumer_groups, made.merchant_sizes = Table(CONSUMER_GROUPS), Table(MERCHANT_SIZES)
    return made


@pytest.fixture
def order() -> Callable[..., Any]:
    """Writes orders of today into the table: listing by listing, one consumer each."""

    def place(market: SimpleNamespace, listing: list[int], **given: Any) -> Any:
        rows = np.asarray(listing)
        line = dict.fromkeys(ORDERS, 0) | {
            "day": market.day,
            "consumer": np.arange(len(rows)),
            "listing": rows,
            "merchant": market.listings.merchant[rows],
            "quantity": 1,
            "unit_price": market.listings.price[rows],
            "unit_cost": market.listings.unit_cost[rows],
            "reference_price": 1000,
            "commission": 120,
            "job": -1,
            "due": np.nan,
            "closed": np.nan,
            "status": OrderStatus.OPEN,
            "source": Source.SLATE,
        }
        market.today.orders = market.orders.append(**(line | given))
        return market.today.orders

    return place
