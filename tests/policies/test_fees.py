"""Fee policies: tables of commissions, surge, personal prices."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from records import listings_view

from policies.fees.by_category import FeesByCategory
from policies.fees.by_size import FeesBySize
from policies.fees.flat import FlatFees
from policies.fees.personal import willingness
from policies.fees.surge import SurgeFees
from policies.observations import FeesObservation, PersonalPriceObservation, SessionsView
from policies.protocols import PersonalPricer

GOODS = listings_view(
    4,
    category=np.array([0, 1, 1, 0]),
    category_names=("tea", "cups"),
    category_reference_price=np.array([1000, 1000]),
    merchant_size=np.array([0, 1, 2, 2]),
)


def morning(**given: Any) -> FeesObservation:
    """Ten couriers, 200 orders a day."""
    ordinary: dict[str, Any] = {
        "day": 20,
        "listings": GOODS,
        "commission": 0.12,
        "delivery_fee": 200,
        "orders_recently": 200.0,
        "orders_yesterday": 200,
        "couriers_expected": 10.0,
    }
    return FeesObservation(**(ordinary | given))


def test_a_table_by_category_leaves_the_others_at_the_scenarios_commission() -> None:
    policy = FeesByCategory(FeesByCategory.Params(name="by_category", commissions={"cups": 0.05}))
    schedule = policy.schedule(morning())
    np.testing.assert_allclose(schedule.commission, [0.12, 0.05, 0.05, 0.12])
    assert schedule.delivery_fee == 200


def test_a_table_by_size_looks_at_the_merchants_size() -> None:
    params = FeesBySize.Params(name="by_size", small=0.01, medium=0.02, large=0.3)
    np.testing.assert_allclose(
        FeesBySize(params).schedule(morning()).commission, [0.01, 0.02, 0.3, 0.3]
    )


def surge(**params: Any) -> SurgeFees:
    return SurgeFees(SurgeFees.Params(name="surge", orders_per_courier=20.0, **params))


@pytest.mark.parametrize(
    ("orders", "fee"), [(200, 200), (300, 300), (100, 100), (4000, 400), (0, 100)]
)
def test_the_delivery_fee_follows_the_load_between_floor_and_ceiling(orders: int, fee: int) -> None:
    load = {"orders_yesterday": orders, "orders_recently": float(orders)}
    assert surge().schedule(morning(**load)).delivery_fee == fee
    np.testing.assert_allclose(surge().schedule(morning(**load)).commission, 0.12)


def test_a_commission_may_follow_the_load_too_and_never_takes_all() -> None:
    busy = morning(orders_yesterday=400, orders_recently=400.0)
    both = surge(commission_response=0.5, ceiling=20.0)
    np.testing.assert_allclose(both.schedule(busy).commission, 0.12 * 2**0.5)
    greedy = surge(commission_response=5.0, ceiling=20.0)
    np.testing.assert_allclose(greedy.schedule(busy).commission, 0.9)


def test_surge_remembers_recent_weeks_as_much_as_it_is_told() -> None:
    yesterday = morning(orders_yesterday=400)
    assert surge(memory=0.0).schedule(yesterday).delivery_fee == 400
    assert surge(memory=0.5).schedule(yesterday).delivery_fee == 300
    assert surge(memory=1.0).schedule(yesterday).delivery_fee == 200


@pytest.mark.parametrize("given", [{"couriers_expected": 0.0}, {"day": 0, "orders_recently": 0.0}])
def test_without_couriers_or_a_yesterday_fees_are_the_ordinary_ones(given: dict[str, Any]) -> None:
    assert surge().schedule(morning(**given)).delivery_fee == 200


def test_surge_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="no fee follows"):
        surge(fee_response=0.0)


def visit(visitor: list[int], buyer: list[int], bought: list[int]) -> PersonalPriceObservation:
    n = len(visitor)
    return PersonalPriceObservation(
        day=20,
        sessions=SessionsView(
            visitor=np.array(visitor),
            category=np.zeros(n, int),
            minute=np.zeros(n),
            orders_before=np.zeros(n, int),
            query=np.full(n, -1),
            queries=(),
        ),
        listings=replace(GOODS, price=np.array([500, 1000, 2000, 4000])),
        buyer=np.array(buyer, dtype=np.int64),
        bought=np.array(bought, dtype=np.int64),
    )


def personal(**params: Any) -> FlatFees:
    return FlatFees(FlatFees.Params(name="flat", personal=0.2, **params))


def test_who_bought_dear_goods_is_asked_more_and_strangers_the_posted_price() -> None:
    past = visit([7, 8, 9, 1234], buyer=[7, 7, 8, 9], bought=[3, 3, 0, 1])
    prices = personal().quote(past)
    np.testing.assert_allclose(prices.markup, [0.2, -0.2, 0.0, 0.0], atol=1e-12)
    assert not prices.disclosed


def test_personal_prices_may_be_disclosed() -> None:
    prices = personal(personal_disclosed=True).quote(visit([7, 8], [7, 8], [3, 0]))
    np.testing.assert_allclose(prices.markup, [0.2, -0.2])
    assert prices.disclosed


def test_a_guess_is_bolder_the_more_purchases_it_rests_on() -> None:
    goods = replace(GOODS, price=np.array([500, 1000, 2000, 4000]))
    account, guess = willingness(np.array([1, 2, 2, 2]), np.array([2, 2, 2, 2]), goods)
    assert account.tolist() == [1, 2]
    np.testing.assert_allclose(guess, np.log(2.0) * np.array([1 / 3, 3 / 5]))


@pytest.mark.parametrize(
    "past", [visit([1, 2], [], []), visit([1, 2], [1], [3]), visit([], [1, 2], [0, 1])]
)
def test_too_little_is_known_for_personal_prices(past: PersonalPriceObservation) -> None:
    assert (personal().quote(past).markup == 0.0).all()


def test_fee_policies_quote_personal_prices_only_where_they_are_told_to() -> None:
    for policy in (surge(), FlatFees(FlatFees.Params(name="flat"))):
        assert isinstance(policy, PersonalPricer)
        assert not policy.quotes_personally
    assert personal().quotes_personally
