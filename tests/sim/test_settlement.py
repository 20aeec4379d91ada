"""Where an order's money goes: to the merchant on delivery, back to the buyer otherwise."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.event_tables import ORDERS, OrderStatus
from sim.ledger import Owner
from sim.settings.merchants import MerchantSettings
from sim.settlement import cancel, pay_out, refund, take_payment

Make = Callable[..., SimpleNamespace]
Deliver = Callable[..., Any]


def place(market: SimpleNamespace, consumer: list[int], **given_: Any) -> np.ndarray:
    """Orders that are paid and open: two units at 10.00 with 1.00 off each and a fee of 3.00."""
    line = dict.fromkeys(ORDERS, 0) | {
        "consumer": np.asarray(consumer),
        "quantity": 2,
        "unit_price": 1000,
        "unit_subsidy": 100,
        "delivery_fee": 300,
        "commission": 240,
        "unit_cost": 600,
        "status": OrderStatus.OPEN,
    }
    orders = market.orders.append(**(line | given_))
    take_payment(market, orders)
    return orders


def balances(market: SimpleNamespace) -> dict[Owner, int]:
    """Cents by kind of owner."""
    kinds = (Owner.CONSUMER, Owner.MERCHANT, Owner.PLATFORM)
    return {kind: int(market.ledger.balance_of(kind).sum()) for kind in kinds}


def gained(before: dict[Owner, int], after: dict[Owner, int]) -> list[int]:
    """What consumers, merchants and the platform have more than before."""
    return [after[kind] - before[kind] for kind in before]


@pytest.mark.parametrize("to_seller", [False, True])
def test_a_subsidy_costs_the_platform_the_same_whoever_gets_it(
    market_stand_in: Make, to_seller: bool
) -> None:
    market = market_stand_in()
    before = balances(market)
    orders = place(market, [4], subsidy_to_seller=to_seller)
    pay_out(market, orders)
    consumer, merchant, platform = gained(before, balances(market))
    assert platform == 240 + 300 - 200
    assert consumer == (-2300 if to_seller else -2100)
    assert merchant == (2000 - 240 + 200 if to_seller else 2000 - 240)
    assert market.orders["status"][orders].tolist() == [OrderStatus.DELIVERED]
    assert market.ledger.total() == 0


@pytest.mark.parametrize("to_seller", [False, True])
def test_a_cancelled_order_leaves_everybody_as_before(
    market_stand_in: Make, to_seller: bool
) -> None:
    market = market_stand_in()
    before, stock = balances(market), market.listings.stock.copy()
    orders = place(market, [4, 5], subsidy_to_seller=to_seller)
    market.listings.stock[0] -= 4
    cancel(market, orders)
    assert gained(before, balances(market)) == [0, 0, 0]
    np.testing.assert_array_equal(market.listings.stock, stock)
    assert (market.orders["status"][orders] == OrderStatus.CANCELLED).all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5), st.booleans())
def test_nobody_gets_back_more_than_was_paid(
    market_stand_in: Make, shares: list[float], to_seller: bool
) -> None:
    market = market_stand_in()
    orders = place(market, [4, 5], subsidy_to_seller=to_seller)
    pay_out(market, orders)
    before = balances(market)
    given_back = sum(refund(market, orders, np.full(2, share)) for share in shares)
    paid = 2000 if to_seller else 1800
    assert max(given_back) <= paid
    assert gained(before, balances(market))[0] == given_back.sum()
    assert -gained(before, balances(market))[1] <= 2 * (2000 - 240 + 200 * to_seller) + len(shares)
    assert market.ledger.total() == 0


def test_a_full_refund_undoes_the_merchants_sale(market_stand_in: Make, deliver: Deliver) -> None:
    market = market_stand_in()
    merchants = market.ledger.balance_of(Owner.MERCHANT).copy()
    orders = deliver(market, [1, 2], [0, 1])
    stock = market.listings.stock[:2].copy()
    refund(market, orders, np.ones(2), np.array([True, False]))
    np.testing.assert_array_equal(market.ledger.balance_of(Owner.MERCHANT), merchants)
    assert (market.listings.stock[:2] - stock).tolist() == [1, 0]
    assert (market.books.revenue == 0).all()
    assert market.books.cost_of_sales[:2].tolist() == [0, 600]
    assert market.books.units[:2].tolist() == [0, 1]
    assert (market.orders["status"][orders] == OrderStatus.REFUNDED).all()


def test_goods_that_a_subsidy_paid_for_are_made_good_to_the_platform(
    market_stand_in: Make,
) -> None:
    market = market_stand_in()
    before = balances(market)
    orders = place(market, [4], unit_subsidy=1000)
    pay_out(market, orders)
    for _ in range(2):
        assert refund(market, orders, np.ones(1), np.ones(1, dtype=np.bool_)).tolist() == [0]
    consumer, merchant, platform = gained(before, balances(market))
    assert (consumer, merchant, platform) == (-300, 0, 300)
    assert market.orders["status"][orders].tolist() == [OrderStatus.REFUNDED]


def test_a_return_leaves_a_merchant_without_stock_of_its_own_as_before(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    market.settings.merchants = MerchantSettings(unlimited_stock=True)
    before = market.ledger.balance_of(Owner.MERCHANT).copy()
    orders = deliver(market, [1, 2], [0, 1])
    refund(market, orders, np.ones(2), np.array([True, False]))
    gain = market.ledger.balance_of(Owner.MERCHANT) - before
    assert gain[:2].tolist() == [0, -600]


def test_a_refund_of_nothing_leaves_an_order_delivered(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    orders = deliver(market, [1], [0])
    assert refund(market, orders, np.zeros(1)).tolist() == [0]
    assert market.orders["status"][orders].tolist() == [OrderStatus.DELIVERED]
