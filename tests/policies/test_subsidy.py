"""Subsidies of the platform: how much, for whom, paid to whom."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies.observations import NOT_SHOWN, ListingsView, SessionsView, SubsidyObservation
from policies.subsidy.campaigns import SubsidyCampaigns
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


def at_hours(*hours: float) -> SubsidyObservation:
    seen = morning(orders_before=(0,) * len(hours))
    return replace(seen, sessions=replace(seen.sessions, minute=np.array(hours) * 60.0))


@pytest.mark.parametrize(
    ("begin", "end", "eligible"),
    [(0.0, 24.0, [1, 1, 1, 1]), (11.0, 14.0, [0, 1, 0, 0]), (22.0, 2.0, [1, 0, 0, 1])],
)
def test_a_campaign_pays_in_its_hours_also_over_midnight(begin, end, eligible) -> None:
    offer = flat(amount=1.0, from_hour=begin, until_hour=end).offer(at_hours(0.5, 11.0, 14.0, 23.0))
    np.testing.assert_array_equal(offer.eligible, np.array(eligible, dtype=bool))


@pytest.mark.parametrize(
    ("begin", "end", "runs"), [(0, None, True), (6, None, False), (0, 5, False), (5, 6, True)]
)
def test_a_campaign_pays_from_its_first_day_to_its_last(begin, end, runs) -> None:
    offer = flat(amount=1.0, from_day=begin, until_day=end).offer(morning())
    assert offer.eligible.any() == runs
    assert offer.notice.start == begin
    assert offer.notice.end == (NOT_SHOWN if end is None else end)


def test_amounts_are_handed_on_in_cents() -> None:
    offer = flat(
        off_fee=2.5, cap_per_order=4.0, merchant_share=0.3, total_budget=100.0, daily_budget=7.0
    ).offer(morning())
    assert (offer.off_fee, offer.cap_per_order, offer.funded, offer.budget) == (
        250,
        400,
        10_000,
        700,
    )
    assert offer.merchant_share == 0.3
    assert offer.campaign == "flat"


def test_the_page_of_a_campaign_tells_its_terms() -> None:
    notice = (
        targeted(
            amount=1.0,
            share=0.1,
            off_fee=2.0,
            cap_per_order=5.0,
            daily_budget=70.0,
            categories=("tea",),
            from_hour=11.0,
            until_hour=13.5,
            until_day=9,
            total_budget=500.0,
        )
        .offer(morning())
        .notice
    )
    assert notice.recipients == "accounts with fewer than 3 orders"
    assert (
        notice.method
        == "1.00 a unit and 10% of the price off the price; up to 2.00 off the delivery fee"
    )
    assert notice.conditions == (
        "on tea; from 11:00 to 13:30; at most 5.00 an order; until 70.00 are spent a day"
    )
    assert (notice.start, notice.end, notice.total) == (0, 9, 50_000)


def test_a_page_is_silent_on_what_it_leaves_out_and_announces_what_it_is_told_to() -> None:
    offer = flat(
        amount=1.0, total_budget=10.0, announced_total=99.0, undisclosed=("method", "start")
    ).offer(morning())
    assert (offer.notice.method, offer.notice.start) == ("", NOT_SHOWN)
    assert (offer.notice.total, offer.funded) == (9_900, 1_000)
    assert offer.notice.recipients == "everybody"


def test_campaigns_keep_their_order_and_their_own_recipients() -> None:
    params = SubsidyCampaigns.Params.model_validate(
        {
            "name": "campaigns",
            "stacking": "add",
            "campaigns": (
                {"title": "welcome", "amount": 1.0, "recipients": "newcomers"},
                {"title": "small shops", "share": 0.1, "recipients": "small_merchants"},
                {"title": "free delivery", "off_fee": 3.0},
            ),
        }
    )
    offered = SubsidyCampaigns(params).offer(morning())
    assert offered.stacking == "add"
    assert [one.campaign for one in offered.offers] == ["welcome", "small shops", "free delivery"]
    welcome, small, free = offered.offers
    np.testing.assert_array_equal(welcome.eligible, [True, True, True, False])
    np.testing.assert_array_equal(small.per_unit, [100, 0, 0])
    assert not free.per_unit.any()
    assert free.off_fee == 300


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"from_day": 5, "until_day": 5}, "must lie after from_day"),
        ({"from_hour": 5.0, "until_hour": 5.0}, "leaves no hour"),
        ({"to_seller": True, "merchant_share": 0.5}, "would pay themselves"),
    ],
)
def test_terms_under_which_nothing_could_be_paid_are_refused(terms, message) -> None:
    with pytest.raises(ValidationError, match=message):
        FlatSubsidy.Params(name="flat", **terms)


def test_two_campaigns_of_one_name_are_refused() -> None:
    twice = ({"title": "tea"}, {"title": "tea"})
    with pytest.raises(ValidationError, match="'tea'"):
        SubsidyCampaigns.Params.model_validate({"name": "campaigns", "campaigns": twice})
