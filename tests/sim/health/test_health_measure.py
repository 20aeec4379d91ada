"""A day's measurement: empty days, carried values, and that nothing is changed by measuring."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.day import DayRecord
from sim.health import INDICATORS, DailyIndicators, find, measure

ALWAYS_KNOWN = {
    "trust",
    "consumer_surplus",
    "merchant_profit",
    "small_merchant_profit",
    "larger_merchant_profit",
    "courier_pay",
    "active_share",
    "open_merchants",
    "small_merchant_survival",
    "profitable_share",
    "entries",
    "exits",
    "unseen_exits",
    "stock_out_share",
    "stock_value",
    "price_index",
    "price_volatility",
    "price_dispersion",
    "coverage",
    "tail_coverage",
    "fraud_loss",
    "complaint_backlog",
    "sanctions",
    "findings_against_platform",
    "false_findings_against_platform",
    "records_held",
    "records_exposed",
    "orders",
    "gmv",
    "fee_revenue",
    "subsidy_spend",
    "profit",
    "rival_subsidy",
    "rival_profit",
    "platform_losses",
    "fines",
    "inspections",
    "cheating_share",
    "wrongful_sanctions",
    "wrongful_bans",
    "wrongful_lost_sales",
    "wrongful_lost_margin",
    "fines_paid_back",
    "restitution",
}
"""What has a value even on a day on which nothing happens."""


@pytest.mark.filterwarnings("error")
def test_an_empty_day_has_nothing_to_measure(market: SimpleNamespace) -> None:
    for indicator in INDICATORS:
        value = indicator.measure(market)
        assert math.isnan(value) == (indicator.name not in ALWAYS_KNOWN), indicator.name


@pytest.mark.filterwarnings("error")
def test_a_market_in_which_all_shops_have_closed_can_be_measured(market: SimpleNamespace) -> None:
    market.books.is_open[:] = False
    for indicator in INDICATORS:
        assert isinstance(float(indicator.measure(market)), float)


def test_costly_indicators_are_carried_between_their_days(
    market: SimpleNamespace, order: Callable[..., Any]
) -> None:
    market.health = DailyIndicators()
    market.day = 14
    market.price_history[-1] = 1000
    market.price_history[-2] = 900
    measure(market)
    first = market.health.latest()
    market.day, market.today = 15, DayRecord()
    market.price_history[:] = 1000
    order(market, [0, 1])
    measure(market)
    assert first["price_volatility"] > 0
    assert market.health.latest()["price_volatility"] == first["price_volatility"]
    assert market.health.latest()["orders"] == 2
    market.day = 21
    measure(market)
    assert market.health.latest()["price_volatility"] == 0


def test_days_become_rows_of_a_frame(market: SimpleNamespace) -> None:
    market.health = DailyIndicators()
    assert market.health.latest() == {}
    assert market.health.values().shape == (0, len(INDICATORS))
    for day in range(3):
        market.day = day
        measure(market)
    frame = market.health.frame()
    assert frame.shape == (3, len(INDICATORS))
    assert list(frame.columns) == [one.name for one in INDICATORS]
    assert frame.index.name == "day"
    assert frame["open_merchants"].tolist() == [3, 3, 3]


def test_measuring_changes_nothing_and_gives_the_same_again(
    market: SimpleNamespace, order: Callable[..., Any]
) -> None:
    order(market, [0, 1, 2, 0])
    columns = [
        getattr(record, name)
        for record in (market.listings, market.books, market.crowd)
        for name in record.__slots__
    ]
    before = [column.copy() for column in columns]
    twice = [[one.measure(market) for one in INDICATORS] for _ in range(2)]
    np.testing.assert_array_equal(twice[0], twice[1])
    for was, column in zip(before, columns, strict=True):
        np.testing.assert_array_equal(was, column)


def test_values_are_plain_floats(market: SimpleNamespace, order: Callable[..., Any]) -> None:
    order(market, [0, 1])
    market.health = DailyIndicators()
    measure(market)
    assert all(type(value) is float for value in market.health.latest().values())
    assert market.health.latest()["gmv"] == find("gmv").measure(market)
