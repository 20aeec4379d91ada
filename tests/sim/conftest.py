"""A stand-in of the market for tests of single phases: real columns, tables and ledger."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from policies.observations import FeeSchedule
from sim.campaign_records import CampaignRegister
from sim.columns import MEMORY, Consumers, Listings, MerchantBooks
from sim.day import DayRecord
from sim.event_tables import (
    CASES,
    COMPLAINTS,
    FINDINGS,
    LEARNING,
    ORDERS,
    RETURNS,
    REVIEWS,
    SANCTIONS,
    OrderStatus,
)
from sim.ledger import Ledger, Owner, Purpose
from sim.merchants.conduct import Character, Conduct
from sim.merchants.deterrence import Deterrence
from sim.platform_log import PlatformLog
from sim.platform_prices import PlatformPrices
from sim.price_watch import PriceWatch
from sim.response import found_social_graph
from sim.rivalry import RivalBooks
from sim.settings.consumers import ConsumerSettings, ResponseSettings
from sim.settings.merchants import MerchantSettings
from sim.settings.platform import PlatformSettings, RegulatorSettings, RivalSettings
from sim.settlement import pay_out, take_payment
from sim.streams import Streams
from sim.tables import Table
from sim.wrongdoing import Deeds


def columns_of(record: type, count: int, **given: Any) -> Any:
    """A record of columns that are zero but for those given (scalars are repeated)."""
    columns = {name: np.zeros(count, dtype=np.int64) for name in record.__slots__}
    for name, value in given.items():
        value = np.asarray(value)
        columns[name] = value if value.ndim else np.full(count, value)
    return record(**columns)


def _all_deeds_done(listings: int) -> Deeds:
    """Every offer was used today for whatever its merchant is up to."""
    deeds = Deeds(listings)
    deeds.last[:] = 10
    return deeds


def stand_in(
    consumers: int = 40,
    listings: int = 6,
    merchants: int = 3,
    seed: int = 1,
    response: ResponseSettings | None = None,
    platform: PlatformSettings | None = None,
    regulator: RegulatorSettings | None = None,
) -> SimpleNamespace:
    """A market without agents' behaviour; listing j belongs to merchant j mod M and costs 10.00."""
    settings = SimpleNamespace(
        consumers=ConsumerSettings(response=response or ResponseSettings()),
        platform=platform or PlatformSettings(),
        regulator=regulator or RegulatorSettings(),
        merchants=MerchantSettings(),
        rival=RivalSettings(),
    )
    streams, conduct = Streams(seed), Conduct()
    crowd = columns_of(
        Consumers,
        consumers,
        trust=np.full(consumers, 0.7, np.float32),
        satisfaction=np.zeros(consumers, np.float32),
        active=True,
        last_order=-1,
        memory=np.full((consumers, MEMORY), -1),
    )
    price = np.full(listings, 1000)
    offers = columns_of(
        Listings,
        listings,
        merchant=np.arange(listings) % merchants,
        price=price.copy(),
        advertised=price.copy(),
        list_price=price.copy(),
        reference_price=price.astype(float),
        unit_cost=600,
        quality=0.7,
        genuine_quality=0.7,
        counterfeit=False,
        stock=100,
        rating_sum=0.0,
        sold_recently=0.0,
        complaints_recently=0.0,
        returns_recently=0.0,
        image=np.empty((listings, 0), np.float32),
    )
    market = SimpleNamespace(
        day=10,
        settings=settings,
        streams=streams,
        ledger=Ledger(consumers, merchants, 0),
        crowd=crowd,
        listings=offers,
        books=columns_of(MerchantBooks, merchants, is_open=True, closed_on=-1, last_offence=-1),
        conduct=conduct,
        merchants=[Character.of(conduct, conduct.enter("fixed")) for _ in range(merchants)],
        orders=Table(ORDERS),
        reviews=Table(REVIEWS),
        complaints=Table(COMPLAINTS),
        returns=Table(RETURNS),
        learning=Table(LEARNING),
        learning_metrics=[],
        sanctions=Table(SANCTIONS),
        cases=Table(CASES),
        deterrence=Deterrence(),
        regulator=SimpleNamespace(platform_level=0, platform_last_offence=-1),
        fees=FeeSchedule(np.full(listings, 0.12), 150),
        findings=Table(FINDINGS),
        evidence=[],
        texts=[],
        rules=[],
        log=PlatformLog(),
        today=DayRecord(),
        rival_books=RivalBooks(discount=0.0, present=True),
        friends=found_social_graph(consumers, settings.consumers.response, streams),
        price_history=np.full((60, listings), 1000),
        below_cost_history=np.zeros((60, listings), bool),
        deeds=_all_deeds_done(listings),
        category_names=("goods",),
        reference_price=np.array([1000]),
        gmv_recently=100_000.0,
        subsidy_recently=0.0,
        revenue_recently=0.0,
        subsidy_so_far=0,
        subsidy_at_ruling=0,
        campaign_register=CampaignRegister(listings),
        platform_prices=PlatformPrices.none(listings, merchants),
        policies=SimpleNamespace(rules={}),
        price_watch=PriceWatch(listings),
        title_texts=lambda: tuple(f"offer {j}" for j in range(listings)),
        description_texts=lambda: ("",) * listings,
        cents=lambda amount: round(amount * 100),
    )
    market.deterrence.grow(market)
    market.ledger.transfer(
        0,
        market.ledger.account(Owner.OUTSIDE),
        market.ledger.account(Owner.CONSUMER, np.arange(consumers)),
        1_000_000,
        Purpose.INCOME,
    )
    return market


def deliver_orders(market: SimpleNamespace, consumer: Any, listing: Any, **given: Any) -> Any:
    """Place, pay, deliver and pay out one order a consumer; ordered two days ago, on time."""
    consumer, listing = np.asarray(consumer), np.asarray(listing)
    line = dict.fromkeys(ORDERS, 0)
    line |= {
        "day": market.day - 2,
        "consumer": consumer,
        "listing": listing,
        "merchant": market.listings.merchant[listing],
        "quantity": 1,
        "unit_price": market.listings.price[listing],
        "commission": 120,
        "unit_cost": market.listings.unit_cost[listing],
        "due": market.day * 1440.0,
        "closed": market.day * 1440.0,
        "status": OrderStatus.OPEN,
        "expected_quality": 0.7,
        "true_quality": market.listings.quality[listing],
        "counterfeit": market.listings.counterfeit[listing],
    }
    order = market.orders.append(**(line | given))
    take_payment(market, order)
    pay_out(market, order)
    market.today.delivered = order
    np.add.at(market.listings.units_sold, listing, 1)
    return order


@pytest.fixture
def market_stand_in() -> Callable[..., SimpleNamespace]:
    """Makes stand-ins of the market."""
    return stand_in


@pytest.fixture
def deliver() -> Callable[..., Any]:
    """Delivers orders in a stand-in."""
    return deliver_orders
