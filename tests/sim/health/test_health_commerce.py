"""Indicators of consumers, merchants, prices and the platform in a small world."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.health import find
from sim.homing import RIVALS
from sim.ledger import Owner, Purpose
from sim.settings.merchants import MerchantSettings
from sim.settings.platform import RivalSettings

Order = Callable[..., Any]


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def visit(market: SimpleNamespace, surplus: list[float], choice: list[int]) -> None:
    """One session a visitor, consumer by consumer."""
    today, count = market.today, len(surplus)
    today.visitors = np.arange(count)
    today.session_consumer = np.arange(count)
    today.session_line = np.zeros(count, dtype=int)
    today.session_category = np.zeros(count, dtype=int)
    today.session_surplus = np.array(surplus)
    today.session_choice = np.array(choice)
    today.session_lost = np.zeros(count, dtype=bool)
    today.bait_abandoned = np.zeros(count, dtype=bool)


def test_surplus_is_counted_a_visit_not_a_session(market: SimpleNamespace) -> None:
    visit(market, [100.0, 300.0, 200.0], [0, -1, -2])
    market.today.visitors = np.arange(2)
    assert value(market, "surplus_per_visit") == pytest.approx(3.0)


def test_surplus_of_the_whole_market_holds_what_the_rival_is_worth(
    market: SimpleNamespace,
) -> None:
    visit(market, [100.0, 300.0], [0, -2])
    market.today.session_surplus_elsewhere = np.array([50.0, 250.0])
    assert value(market, "surplus_per_visit") == pytest.approx(2.0)
    assert value(market, "market_surplus_per_visit") == pytest.approx(3.5)


def test_surplus_against_what_is_spent(market: SimpleNamespace, order: Order) -> None:
    visit(market, [900.0, 600.0], [0, -1])
    order(market, [0])
    assert value(market, "surplus_to_sales") == pytest.approx(1.5)  # 15.00 over 10.00


def test_conversion_counts_neither_the_rival_nor_nothing(market: SimpleNamespace) -> None:
    visit(market, [0.0] * 4, [0, -1, -2, 5])
    assert value(market, "conversion") == 0.5


def test_the_rivals_share_is_one_of_units_and_its_profit_what_subsidies_leave(
    market: SimpleNamespace, order: Order
) -> None:
    assert math.isnan(value(market, "rival_share"))
    order(market, [0, 5], quantity=[3, 1])
    market.today.rival_units, market.today.rival_sales = 2.0, 50.0
    market.settings.rival = RivalSettings(commission=0.1)
    assert value(market, "rival_share") == pytest.approx(1 / 3)
    assert value(market, "rival_subsidy") == 0.0
    assert value(market, "rival_profit") == pytest.approx(5.0)
    market.rival_books.discount = 0.3
    assert value(market, "rival_subsidy") == pytest.approx(15.0)
    assert value(market, "rival_profit") == pytest.approx(-10.0)


def test_the_platforms_losses_are_those_of_both_and_no_profit_offsets_them(
    market: SimpleNamespace,
) -> None:
    platform, outside = (market.ledger.account(one) for one in (Owner.PLATFORM, Owner.OUTSIDE))
    market.today.rival_sales, market.settings.rival = 50.0, RivalSettings(commission=0.1)
    assert value(market, "platform_losses") == 0.0
    market.rival_books.discount = 0.3
    assert value(market, "platform_losses") == pytest.approx(10.0)
    market.ledger.transfer(market.day, platform, outside, 700, Purpose.OPERATION)
    assert value(market, "platform_losses") == pytest.approx(17.0)
    market.ledger.transfer(market.day, outside, platform, 5000, Purpose.OPERATION)
    assert value(market, "platform_losses") == pytest.approx(10.0)


def test_who_shops_at_the_rival_alone_has_not_left_our_platform(market: SimpleNamespace) -> None:
    market.crowd.home[:20] = RIVALS
    market.crowd.active[20:25] = False
    assert value(market, "active_share") == 0.75
    market.rival_books.present = False
    assert value(market, "active_share") == pytest.approx(35 / 40)


def test_lost_sessions_and_baits_are_shares_of_sessions(market: SimpleNamespace) -> None:
    visit(market, [0.0] * 4, [0, -1, -1, -1])
    market.today.session_lost[1] = True
    market.today.bait_abandoned[2:] = True
    assert value(market, "sold_out_share") == 0.25
    assert value(market, "bait_share") == 0.5


def test_the_gap_between_groups_of_surplus(market: SimpleNamespace) -> None:
    visit(market, [100.0, 300.0, 500.0], [-1] * 3)
    market.crowd.group[:3] = [0, 0, 1]
    assert value(market, "group_gap") == pytest.approx((500 - 200) / 300)


def test_subsidies_to_buyers_lower_the_price_paid_and_those_to_sellers_do_not(
    market: SimpleNamespace, order: Order
) -> None:
    order(market, [0, 1], quantity=2, unit_subsidy=200, reference_price=800)
    assert value(market, "price_to_reference") == pytest.approx(1.0)
    order(market, [0, 1], quantity=2, seller_subsidy=200, reference_price=800)
    assert value(market, "price_to_reference") == pytest.approx(1.25)


def test_churned_consumers_are_not_active(market: SimpleNamespace) -> None:
    market.crowd.active[:10] = False
    assert value(market, "active_share") == 0.75


def test_survival_looks_at_the_small_merchants_of_the_first_day(market: SimpleNamespace) -> None:
    books = market.books
    books.size[:] = [0, 0, 2]
    books.opened_on[:] = [0, 0, 0]
    assert value(market, "small_merchant_survival") == 1.0
    books.is_open[:] = [True, False, False]
    assert value(market, "small_merchant_survival") == 0.5
    books.opened_on[0] = 4  # an entrant is no founder
    assert value(market, "small_merchant_survival") == 0.0


def test_concentration_is_that_of_open_merchants(market: SimpleNamespace) -> None:
    market.books.revenue_recently[:] = [50.0, 30.0, 20.0]
    assert value(market, "hhi") == pytest.approx(3800)
    assert value(market, "revenue_gini") == pytest.approx(0.2)
    market.books.is_open[0] = False
    assert value(market, "hhi") == pytest.approx(100 * (60**2 + 40**2) / 100)


def test_margin_and_profitable_share(market: SimpleNamespace) -> None:
    market.books.revenue_recently[:] = [100.0, 100.0, 200.0]
    market.books.profit_recently[:] = [10.0, -20.0, 50.0]
    assert value(market, "margin") == pytest.approx(0.1)
    assert value(market, "profitable_share") == pytest.approx(2 / 3)


def test_small_merchants_part_of_sales_is_by_value(market: SimpleNamespace, order: Order) -> None:
    market.books.size[:] = [0, 1, 2]
    order(market, [0, 1], quantity=[3, 1])  # listing j belongs to merchant j
    assert value(market, "small_merchant_sales") == 0.75


def test_empty_shelves_of_closed_shops_do_not_count(market: SimpleNamespace) -> None:
    market.listings.stock[[0, 1]] = 0
    market.books.is_open[1] = False  # listings 1 and 4
    assert value(market, "stock_out_share") == 0.25


def test_stock_is_valued_at_what_it_cost_by_listing_of_open_shops(market: SimpleNamespace) -> None:
    market.listings.stock[:] = [4, 9, 0, 1, 9, 3]
    market.listings.unit_cost[:] = [500, 900, 700, 100, 900, 1000]
    market.books.is_open[1] = False  # listings 1 and 4
    assert value(market, "stock_value") == pytest.approx((20 + 0 + 1 + 30) / 4)
    market.settings.merchants = MerchantSettings(unlimited_stock=True)
    assert np.isnan(value(market, "stock_value"))


def test_the_price_index_follows_the_listings_of_the_first_day(market: SimpleNamespace) -> None:
    market.listings.price[:] = [1100, 1100, 1100, 1100, 1100, 9000]
    market.listings.listed_on[5] = 3
    assert value(market, "price_index") == pytest.approx(1.1)


def test_volatility_includes_todays_prices(market: SimpleNamespace) -> None:
    assert value(market, "price_volatility") == 0.0
    market.listings.advertised[0] = 1200
    assert value(market, "price_volatility") > 0.0


def test_dispersion_within_the_category(market: SimpleNamespace) -> None:
    market.listings.category[:] = [0, 0, 1, 1, 2, 2]
    market.listings.price[:] = [900, 1100, 500, 500, 70, 70]
    assert value(market, "price_dispersion") == pytest.approx(math.sqrt(20_000) / 1000 / 3)


def test_margins_and_sales_below_cost(market: SimpleNamespace, order: Order) -> None:
    order(market, [0, 1], quantity=[1, 3], unit_price=[1000, 500], unit_cost=[600, 600])
    assert value(market, "lerner_index") == pytest.approx((2500 - 2400) / 2500)
    assert value(market, "sold_below_cost") == 0.75


def test_subsidies_as_shares_of_sales(market: SimpleNamespace, order: Order) -> None:
    order(market, [0, 1], quantity=[1, 3], unit_subsidy=[200, 0])
    market.today.subsidy_paid = 200
    assert value(market, "subsidy_share") == pytest.approx(0.05)
    assert value(market, "subsidised_share") == pytest.approx(0.25)
    assert value(market, "subsidy_spend") == 2.0


def test_a_discount_is_false_if_nobody_was_ever_asked_the_earlier_price(
    market: SimpleNamespace,
) -> None:
    listings = market.listings
    listings.list_price[:3] = [1500, 1200, 1200]
    market.price_history[-5, 1] = 1200  # asked five days ago: true
    market.price_history[-31, 2] = 1200  # asked too long ago: false
    assert value(market, "false_discount_share") == pytest.approx(2 / 3)
    market.price_history[:, 0] = 0  # a new listing has no history to judge by
    assert value(market, "false_discount_share") == pytest.approx(1 / 2)


def test_gmv_fees_and_take_rate(market: SimpleNamespace, order: Order) -> None:
    order(market, [0, 1], quantity=[1, 2], commission=[120, 240], delivery_fee=[150, 0])
    assert value(market, "orders") == 2.0
    assert value(market, "gmv") == pytest.approx(30.0)
    assert value(market, "fee_revenue") == pytest.approx(5.10)
    assert value(market, "take_rate") == pytest.approx(0.17)


def test_profit_is_todays_flow_of_money_without_capital(
    market: SimpleNamespace, order: Order
) -> None:
    ledger = market.ledger
    platform, outside = ledger.account(Owner.PLATFORM), ledger.account(Owner.OUTSIDE)
    ledger.transfer(9, outside, platform, 7_777, Purpose.PAYMENT)
    ledger.transfer(10, outside, platform, 50_000, Purpose.CAPITAL)
    ledger.transfer(10, ledger.account(Owner.CONSUMER, 0), platform, 1_000, Purpose.PAYMENT)
    ledger.transfer(10, platform, ledger.account(Owner.MERCHANT, 0), 880, Purpose.PAYOUT)
    ledger.transfer(10, platform, outside, 20, Purpose.OPERATION)
    order(market, [0], unit_price=1_000)
    market.today.delivered = market.today.orders
    assert value(market, "profit") == pytest.approx(1.0)
    assert value(market, "profit_share_of_gmv") == pytest.approx(0.1)


def test_what_is_held_for_an_open_order_is_no_profit_until_it_arrives(
    market: SimpleNamespace, order: Order
) -> None:
    ledger = market.ledger
    platform = ledger.account(Owner.PLATFORM)
    ledger.transfer(10, ledger.account(Owner.CONSUMER, 0), platform, 1_300, Purpose.PAYMENT)
    order(market, [0], unit_price=1_000, delivery_fee=[300])
    waiting = market.today.orders
    assert value(market, "profit") == 0.0
    market.day, market.today.orders = 11, waiting[:0]
    ledger.transfer(11, platform, ledger.account(Owner.MERCHANT, 0), 900, Purpose.PAYOUT)
    market.today.delivered = waiting
    assert value(market, "profit") == pytest.approx(4.0)
    market.today.delivered, market.today.closed = waiting[:0], waiting
    ledger.transfer(11, platform, ledger.account(Owner.CONSUMER, 0), 400, Purpose.REFUND)
    assert value(market, "profit") == pytest.approx(0.0)


def test_fines_that_were_paid_back_are_taken_off(market: SimpleNamespace) -> None:
    ledger = market.ledger
    treasury = ledger.account(Owner.TREASURY)
    ledger.transfer(9, ledger.account(Owner.MERCHANT, 0), treasury, 5_000, Purpose.FINE)
    ledger.transfer(10, ledger.account(Owner.MERCHANT, 1), treasury, 3_000, Purpose.FINE)
    ledger.transfer(10, treasury, ledger.account(Owner.MERCHANT, 0), 2_000, Purpose.FINE)
    assert value(market, "fines") == pytest.approx(10.0)
