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
from sim.settlement import borne_by_platform, cancel, pay_out, refund, take_payment

Make = Callable[..., SimpleNamespace]
Deliver = Callable[..., Any]


def place(market: SimpleNamespace, consumer: list[int], **given_: Any) -> np.ndarray:
    """Orders that are paid and open: two units at 10.00 and a fee of 3.00."""
    line = dict.fromkeys(ORDERS, 0) | {
        "consumer": np.asarray(consumer),
        "quantity": 2,
        "unit_price": 1000,
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


SPLITS: dict[str, tuple[dict[str, int], list[int]]] = {
    "to the buyer": ({"unit_subsidy": 100}, [-2100, 1760, 340]),
    "to the merchant": ({"seller_subsidy": 100}, [-2300, 1960, 340]),
    "off the fee": ({"fee_subsidy": 200}, [-2100, 1760, 340]),
    "borne by the merchant": (
        {"unit_subsidy": 100, "merchant_funded": 200},
        [-2100, 1560, 540],
    ),
    "shared": (
        {
            "unit_subsidy": 100,
            "seller_subsidy": 50,
            "fee_subsidy": 120,
            "merchant_funded": 80,
            "merchant_funded_fee": 40,
        },
        [-1980, 1740, 240],
    ),
    "more than the sale brings in": (
        {"unit_subsidy": 1000, "merchant_funded": 2000},
        [-300, -240, 540],
    ),
}
"""Who got which subsidy and bore it, and what consumer, merchant and platform gain by the order."""

each_split = pytest.mark.parametrize(("split", "gains"), SPLITS.values(), ids=SPLITS)


@each_split
def test_a_subsidy_is_paid_by_whom_it_is_said_to_be(
    market_stand_in: Make, split: dict[str, int], gains: list[int]
) -> None:
    market = market_stand_in()
    before = balances(market)
    orders = place(market, [4], **split)
    pay_out(market, orders)
    assert gained(before, balances(market)) == gains
    assert market.books.revenue.sum() == gains[1]
    assert market.orders["status"][orders].tolist() == [OrderStatus.DELIVERED]
    assert market.ledger.total() == 0
    goods, fee = borne_by_platform(market, orders)
    assert goods.sum() + fee.sum() == 540 - gains[2]


@each_split
def test_a_cancelled_order_leaves_everybody_as_before(
    market_stand_in: Make, split: dict[str, int], gains: list[int]
) -> None:
    market = market_stand_in()
    before, stock = balances(market), market.listings.stock.copy()
    orders = place(market, [4, 5], **split)
    market.listings.stock[0] -= 4
    cancel(market, orders)
    assert gained(before, balances(market)) == [0, 0, 0]
    np.testing.assert_array_equal(market.listings.stock, stock)
    assert (market.orders["status"][orders] == OrderStatus.CANCELLED).all()
    assert market.today.subsidy_returned == 2 * (540 - gains[2])


@each_split
def test_a_full_refund_gives_each_its_part_back_but_the_fees(
    market_stand_in: Make, split: dict[str, int], gains: list[int]
) -> None:
    market = market_stand_in()
    before = balances(market)
    orders = place(market, [4], **split)
    pay_out(market, orders)
    refund(market, orders, np.ones(1))
    consumer, merchant, platform = gained(before, balances(market))
    fee, by_merchant = split.get("fee_subsidy", 0), split.get("merchant_funded_fee", 0)
    assert [consumer, merchant] == [fee - 300, -by_merchant]
    assert platform == 300 - fee + by_merchant
    assert market.books.revenue.sum() == -by_merchant
    goods, _ = borne_by_platform(market, orders)
    assert market.today.subsidy_returned == goods.sum()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5),
    st.integers(0, 1000),
    st.integers(0, 500),
    st.integers(0, 300),
    st.floats(0.0, 1.0),
)
def test_nobody_gets_back_more_than_was_paid(
    market_stand_in: Make, shares: list[float], buyer: int, seller: int, fee: int, part: float
) -> None:
    market = market_stand_in()
    orders = place(
        market,
        [4, 5],
        unit_subsidy=buyer,
        seller_subsidy=seller,
        fee_subsidy=fee,
        merchant_funded=int(part * 2 * buyer),
        merchant_funded_fee=int(part * fee),
    )
    pay_out(market, orders)
    before = balances(market)
    given_back = sum(refund(market, orders, np.full(2, share)) for share in shares)
    assert max(given_back) <= 2 * (1000 - buyer)
    consumer, merchant, _ = gained(before, balances(market))
    assert consumer == given_back.sum()
    assert -merchant <= 2 * (2000 - 240 + 2 * seller - int(part * 2 * buyer)) + 2 * len(shares) or (
        -merchant <= 0
    )
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
