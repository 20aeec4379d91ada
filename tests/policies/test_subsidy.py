"""Subsidies of the platform: how much, for whom, paid to whom."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies.observations import ListingsView, SessionsView, SubsidyObservation
from policies.subsidy.flat import FlatSubsidy
from policies.subsidy.none import NoSubsidy
from policies.subsidy.targeted import TargetedSubsidy


def morning(price=(1000, 250, 40), size=(0, 1, 2), orders_before=(0, 1, 2, 50)):
    price, size = np.asarray(price), np.asarray(size)
    n, s = len(price), len(orders_before)
    listings = ListingsView(
        title=("x",) * n,
        description=("",) * n,
        merchant=np.arange(n),
        merchant_size=size,
        category=np.zeros(n, dtype=np.int64),
        category_names=("tea",),
        category_reference_price=np.array([250]),
        price=price,
        checkout_price=price,
        list_price=price,
        on_sale=np.ones(n, dtype=bool),
        rating_mean=np.full(n, np.nan),
        rating_count=np.zeros(n, dtype=np.int64),
        sold_recently=np.zeros(n),
        complaints_recently=np.zeros(n),
        returns_recently=np.zeros(n),
        age_days=np.zeros(n, dtype=np.int64),
    )
    sessions = SessionsView(
        visitor=np.arange(s),
        category=np.zeros(s, dtype=np.int64),
        minute=np.zeros(s),
        orders_before=np.asarray(orders_before),
        query=np.full(s, -1),
        queries=(),
    )
    return SubsidyObservation(
        day=5,
        sessions=sessions,
        listings=listings,
        platform_balance=10**9,
        gmv_recently=1e6,
        subsidy_recently=0.0,
    )


def flat(**params) -> FlatSubsidy:
    return FlatSubsidy(FlatSubsidy.Params(name="flat", **params))


def targeted(**params) -> TargetedSubsidy:
    return TargetedSubsidy(TargetedSubsidy.Params(name="targeted", **params))


def test_no_subsidy_pays_nothing_to_nobody() -> None:
    offer = NoSubsidy(NoSubsidy.Params(name="none")).offer(morning())
    assert not offer.per_unit.any()
    assert not offer.eligible.any()


def test_a_flat_amount_is_the_same_on_all_dear_enough_listings() -> None:
    offer = flat(amount=1.5).offer(morning())
    np.testing.assert_array_equal(offer.per_unit, [150, 150, 40])
    assert offer.eligible.all()
    assert offer.budget is None


def test_amount_and_share_add_up() -> None:
    np.testing.assert_array_equal(
        flat(amount=0.2, share=0.1).offer(morning()).per_unit, [120, 45, 24]
    )


def test_only_the_categories_that_are_named_are_subsidised() -> None:
    observation = morning()
    kinds = replace(
        observation.listings,
        category=np.array([1, 0, 2]),
        category_names=("tea", "cups", "spoons"),
        category_reference_price=np.array([250, 250, 250]),
    )
    seen = replace(observation, listings=kinds)
    assert (flat(amount=0.3).offer(seen).per_unit > 0).all()
    some = flat(amount=0.3, categories=("tea", "spoons")).offer(seen)
    np.testing.assert_array_equal(some.per_unit, [0, 30, 30])
    newcomers = targeted(amount=0.3, categories=("cups",)).offer(seen)
    np.testing.assert_array_equal(newcomers.per_unit, [30, 0, 0])


def test_the_daily_budget_is_in_currency_units() -> None:
    assert flat(amount=1.0, daily_budget=12.34).offer(morning()).budget == 1234
    assert flat(amount=1.0, daily_budget=0.0).offer(morning()).budget == 0


@pytest.mark.parametrize("policy", [flat, targeted])
@pytest.mark.parametrize("to_seller", [True, False])
def test_who_is_paid_is_the_scenarios_choice(policy, to_seller) -> None:
    assert policy(amount=1.0, to_seller=to_seller).offer(morning()).to_seller is to_seller


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=20),
    st.floats(0.0, 1e5),
    st.floats(0.0, 1.0),
)
def test_a_subsidy_is_never_more_than_the_price(prices, amount, share) -> None:
    sizes = [0] * len(prices)
    offer = flat(amount=amount, share=share).offer(morning(prices, sizes))
    assert offer.per_unit.dtype.kind == "i"
    assert (offer.per_unit >= 0).all()
    assert (offer.per_unit <= np.array(prices)).all()


def test_a_bait_is_not_subsidised_below_zero() -> None:
    observation = morning()
    lure = replace(observation.listings, price=np.array([300, 250, 40]))
    offer = flat(amount=100.0).offer(replace(observation, listings=lure))
    np.testing.assert_array_equal(offer.per_unit, [300, 250, 40])


def test_newcomers_are_those_with_few_orders() -> None:
    offer = targeted(amount=1.0, recipients="newcomers", newcomer_orders=2).offer(morning())
    np.testing.assert_array_equal(offer.eligible, [True, True, False, False])
    np.testing.assert_array_equal(offer.per_unit, [100, 100, 40])


def test_small_merchants_sales_are_subsidised_for_every_buyer() -> None:
    offer = targeted(amount=1.0, recipients="small_merchants").offer(morning())
    assert offer.eligible.all()
    np.testing.assert_array_equal(offer.per_unit, [100, 0, 0])


def test_an_intervention_changes_the_very_next_offer() -> None:
    policy = flat(amount=1.0)
    policy.params = policy.params.model_copy(update={"amount": 2.0})
    assert policy.offer(morning()).per_unit[0] == 200


@pytest.mark.parametrize(
    "params", [{"amount": -1.0}, {"share": 1.1}, {"daily_budget": -5.0}, {"amuont": 1.0}]
)
def test_parameters_out_of_range_or_unknown_are_refused(params) -> None:
    with pytest.raises(ValidationError):
        FlatSubsidy.Params(name="flat", **params)


def test_recipients_are_one_of_two() -> None:
    with pytest.raises(ValidationError, match="small_merchants"):
        TargetedSubsidy.Params(name="targeted", recipients="friends")
