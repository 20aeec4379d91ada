"""Buyers who overpaid get it back; a demoted shop loses its share of places."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.demotion import without_demoted
from sim.event_tables import OrderStatus
from sim.ledger import Owner
from sim.restitution import pay_restitution, shared_out
from sim.sanctioning import Measure, overturn
from sim.settlement import cancel, take_payment

Make = Callable[..., SimpleNamespace]
Deliver = Callable[..., Any]


@given(weight=st.lists(st.integers(0, 10**9), min_size=1, max_size=40), part=st.floats(0.0, 1.0))
def test_an_amount_is_shared_out_to_the_cent(weight: list[int], part: float) -> None:
    whole = sum(weight)
    amount = min(int(whole * part), whole)
    given_out = shared_out(amount, np.array(weight))
    assert given_out.sum() == amount
    assert (given_out >= 0).all()
    assert (given_out <= weight).all()
    fair = np.array(weight) * (amount / whole) if whole else np.zeros(len(weight))
    assert np.abs(given_out - fair).max() <= 1.01


def test_buyers_get_back_what_they_overpaid_in_proportion(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    deliver(market, [0, 1], [1, 1], quantity=[1, 3])
    deliver(market, [2], [4])
    before = market.ledger.balance_of(Owner.CONSUMER)
    assert pay_restitution(market, 1, 1, 400) == 400
    gained = market.ledger.balance_of(Owner.CONSUMER) - before
    assert gained[:3].tolist() == [100, 300, 0]
    assert market.books.other_cost.tolist() == [0, 400, 0]
    assert market.orders["refunded"].tolist() == [100, 300, 0]
    assert market.ledger.total() == 0


def test_nobody_gets_back_more_than_was_paid_and_refunded_orders_nothing(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    deliver(market, [0, 1], [1, 1], refunded=[300, 0])
    assert pay_restitution(market, 1, 1, 10**9) == 1700
    assert market.orders["refunded"].tolist() == [1000, 1000]
    assert pay_restitution(market, 1, 1, 10**9) == 0
    assert pay_restitution(market, 0, 0, 500) == 0


def test_old_purchases_and_those_before_the_last_restitution_are_left_out(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    market.day = 60
    deliver(market, [0, 1, 2], [1, 1, 1], day=[25, 40, 55])
    nothing = dict.fromkeys(market.sanctions.schema, 0)
    before = {"day": 50, "merchant": 1, "listing": 1, "restitution": 5}
    assert pay_restitution(market, 1, 1, 400) == 400
    assert market.orders["refunded"].tolist() == [0, 200, 200]
    market.sanctions.append(**(nothing | before))
    assert pay_restitution(market, 1, 1, 400) == 400
    assert market.orders["refunded"].tolist() == [0, 200, 600]


def test_on_appeal_the_state_makes_up_for_restitution_and_buyers_keep_it(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    deliver(market, [0], [1])
    merchant, consumer = (market.ledger.balance_of(one) for one in (Owner.MERCHANT, Owner.CONSUMER))
    given_back = pay_restitution(market, 1, 1, 400)
    nothing = dict.fromkeys(market.sanctions.schema, 0)
    row = market.sanctions.append(
        **(
            nothing
            | {"day": 10, "merchant": 1, "listing": 1, "restitution": given_back}
            | {"kind": Measure.RESTITUTION, "level": 1}
        )
    )
    overturn(market, row)
    assert (market.ledger.balance_of(Owner.MERCHANT) == merchant).all()
    assert (market.ledger.balance_of(Owner.CONSUMER) - consumer)[0] == 400
    assert market.books.other_cost.tolist() == [0, 0, 0]
    assert market.ledger.total() == 0


def crowded(make: Make, cut: float, until: int = 20) -> tuple[SimpleNamespace, np.ndarray]:
    """2000 sessions that are all shown the six offers, two of them of merchant 1."""
    market = make(consumers=2000)
    market.today.session_consumer = np.arange(2000)
    market.today.session_line = np.zeros(2000, np.int64)
    market.books.demoted_until[1], market.books.demotion = until, np.array([0.0, cut, 0.0])
    return market, np.tile(np.arange(6, dtype=np.int32), (2000, 1))


def test_a_demoted_shop_loses_its_share_of_places_and_others_move_up(
    market_stand_in: Make,
) -> None:
    market, slate = crowded(market_stand_in, 0.3)
    left = without_demoted(market, slate)
    shown = np.array([(left == listing).sum() for listing in range(6)])
    assert (shown[[0, 2, 3, 5]] == 2000).all()
    assert shown[[1, 4]] / 2000 == pytest.approx([0.7, 0.7], abs=0.035)
    assert (np.diff((left < 0).astype(int), axis=1) >= 0).all()
    kept = left[(left != 1).all(axis=1) & (left == 4).any(axis=1)]
    assert (kept == [0, 2, 3, 4, 5, -1]).all()
    assert (without_demoted(market, slate) == left).all()


def test_a_deeper_demotion_takes_the_same_places_and_more(market_stand_in: Make) -> None:
    market, slate = crowded(market_stand_in, 0.2)
    mild = without_demoted(market, slate)
    market.books.demotion[1] = 0.6
    deep = without_demoted(market, slate)
    for listing in (1, 4):
        assert set(np.flatnonzero((deep == listing).any(axis=1))) < set(
            np.flatnonzero((mild == listing).any(axis=1))
        )


@pytest.mark.parametrize(("cut", "until"), [(0.3, 10), (0.0, 20)])
def test_who_is_not_demoted_today_keeps_every_place(
    market_stand_in: Make, cut: float, until: int
) -> None:
    market, slate = crowded(market_stand_in, cut, until)
    assert without_demoted(market, slate) is slate


def test_who_paid_no_more_than_the_lawful_price_gets_nothing_and_nobody_is_paid_twice(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    deliver(market, [0, 1], [1, 1], quantity=[1, 2], unit_price=[1000, 1000])
    deliver(market, [2], [1], unit_price=[700])
    assert pay_restitution(market, 1, 1, 900, lawful_price=700) == 900
    assert market.orders["refunded"].tolist() == [300, 600, 0]
    assert pay_restitution(market, 1, 1, 900, lawful_price=700) == 0
    deliver(market, [3], [1], unit_price=[1000])
    assert pay_restitution(market, 1, 1, 1200, lawful_price=700) == 300
    assert market.orders["refunded"].tolist() == [300, 600, 0, 300]


def test_a_share_of_what_was_overpaid_stays_that_share_when_it_is_found_again(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    deliver(market, [0], [1], unit_price=[1000])
    assert pay_restitution(market, 1, 1, 100, lawful_price=800) == 100
    deliver(market, [1], [1], unit_price=[1000])
    assert pay_restitution(market, 1, 1, 200, lawful_price=800) == 100
    assert market.orders["refunded"].tolist() == [100, 100]


def test_what_is_still_on_its_way_is_made_good_and_a_cancelled_order_is_not_paid_back_twice(
    market_stand_in: Make,
) -> None:
    market = market_stand_in()
    line = dict.fromkeys(market.orders.schema, 0) | {
        "day": market.day, "consumer": [0], "listing": 1, "merchant": 1, "quantity": 1,
        "unit_price": 1000, "delivery_fee": 200, "status": OrderStatus.OPEN,
    }  # fmt: skip
    before = market.ledger.balance.copy()
    order = market.orders.append(**line)
    take_payment(market, order)
    assert pay_restitution(market, 1, 1, 300, lawful_price=700) == 300
    cancel(market, order)
    np.testing.assert_array_equal(market.ledger.balance, before)
    assert market.books.other_cost.tolist() == [0, 0, 0]
    assert market.orders["refunded"].tolist() == [1200]
