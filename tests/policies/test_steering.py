"""Steering: which offers are shown in each category, and which come first."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import listings_view

from policies.merchant_pricing.rehearsal import _keeps_place
from policies.observations import SteeringObservation
from policies.steering.dynamic_prominence import DynamicProminence
from policies.steering.k_cheapest import KCheapest
from policies.steering.none import NoSteering
from policies.steering.price_directed_prominence import PriceDirectedProminence
from policies.steering.self_preferencing import SelfPreferencing


def morning(price: list[int], seed: int = 1, day: int = 5, **given: Any) -> SteeringObservation:
    own = np.asarray(given.pop("own_brand", np.zeros(len(price), bool)))
    listings = listings_view(len(price), price=np.array(price), **given)
    return SteeringObservation(day, listings, own, seed)


def k_cheapest(k: int) -> KCheapest:
    return KCheapest(KCheapest.Params(name="k_cheapest", k=k))


def shown(policy: Any, *args: Any, **given: Any) -> list[int]:
    return np.flatnonzero(policy.steer(morning(*args, **given)).shown).tolist()


def dynamic(tolerance: float = 0.1) -> DynamicProminence:
    return DynamicProminence(
        DynamicProminence.Params(name="dynamic_prominence", tolerance=tolerance)
    )


def test_without_steering_everything_is_shown_and_nothing_comes_first() -> None:
    steering = NoSteering(NoSteering.Params(name="none")).steer(morning([5, 4, 3]))
    assert steering.shown.all()
    assert not steering.first.any()


def test_the_cheapest_of_each_category_are_shown() -> None:
    category = np.array([0, 0, 0, 1, 1, 1])
    names = ("tea", "rice")
    assert shown(k_cheapest(2), [9, 7, 8, 3, 1, 2], category=category, category_names=names) == [
        1,
        2,
        4,
        5,
    ]


def test_what_is_not_on_sale_takes_no_place() -> None:
    on_sale = np.array([True, False, True])
    assert shown(k_cheapest(1), [9, 1, 7], on_sale=on_sale) == [2]
    assert shown(k_cheapest(5), [9, 1, 7], on_sale=on_sale) == [0, 2]


def test_what_checkout_asks_decides_so_that_bait_wins_no_place() -> None:
    price = [600, 900]
    assert shown(k_cheapest(1), price, checkout_price=np.array([1000, 900])) == [1]


def test_chance_decides_between_equals_and_differs_by_day() -> None:
    policy = PriceDirectedProminence(
        PriceDirectedProminence.Params(name="price_directed_prominence")
    )
    winners = [shown(policy, [7, 7, 9, 7], seed=seed) for seed in range(300)]
    counts = np.bincount(np.concatenate(winners), minlength=4)
    assert all(len(one) == 1 for one in winners)
    assert counts[2] == 0
    assert counts[[0, 1, 3]].min() > 70
    assert winners[3] == shown(policy, [7, 7, 9, 7], seed=3)


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=12), st.integers(1, 5), st.integers(0, 2**63)
)
def test_no_offer_that_is_not_shown_is_cheaper_than_one_that_is(price, k, seed) -> None:
    rows = shown(k_cheapest(k), price, seed=seed)
    rest = sorted(set(range(len(price))) - set(rows))
    assert len(rows) == min(k, len(price))
    assert not rest or max(price[row] for row in rows) <= min(price[row] for row in rest)


def test_a_place_is_kept_while_the_price_does_not_rise_and_nobody_undercuts_it_far() -> None:
    policy = dynamic(tolerance=0.1)
    assert shown(policy, [1000, 1100]) == [0]
    assert shown(policy, [1000, 950]) == [0]  # undercut, by less than the tolerance
    assert shown(policy, [990, 891]) == [0]  # by exactly as much
    assert shown(policy, [990, 890]) == [1]  # by more
    assert shown(policy, [800, 880]) == [1]  # the former holder must undercut as well
    assert shown(policy, [700, 880]) == [0]


def test_who_raises_its_price_loses_the_place_to_the_cheapest() -> None:
    policy = dynamic(tolerance=0.1)
    assert shown(policy, [1000, 1100, 1050]) == [0]
    assert shown(policy, [1001, 1000, 990]) == [2]


def test_who_raises_its_price_and_is_still_cheapest_has_the_place() -> None:
    policy = dynamic()
    assert shown(policy, [1000, 1100]) == [0]
    assert shown(policy, [1050, 1100]) == [0]


def test_a_holder_that_is_sold_out_loses_its_place() -> None:
    policy = dynamic()
    assert shown(policy, [1000, 1050]) == [0]
    assert shown(policy, [1000, 1050], on_sale=np.array([False, True])) == [1]
    assert shown(policy, [1000, 1050]) == [1]


def test_a_category_without_offers_shows_none_until_there_are() -> None:
    policy = dynamic()
    nothing = np.zeros(2, dtype=bool)
    assert shown(policy, [1000, 900], on_sale=nothing) == []
    assert shown(policy, [1000, 900]) == [1]


def test_the_own_brand_comes_first_and_all_else_is_shown_too() -> None:
    policy = SelfPreferencing(SelfPreferencing.Params(name="self_preferencing"))
    own = np.array([False, True, False])
    steering = policy.steer(morning([1, 2, 3], own_brand=own))
    assert steering.shown.all()
    np.testing.assert_array_equal(steering.first, own)


@pytest.mark.parametrize(
    ("policy", "shown_", "keeps"),
    [
        (k_cheapest(4), 4, False),
        (PriceDirectedProminence(PriceDirectedProminence.Params()), 1, False),
        (dynamic(0.2), 1, True),
    ],
)
def test_sellers_are_told_the_rule(policy, shown_, keeps) -> None:
    rule = policy.prominence()
    assert (rule.shown, rule.keeps) == (shown_, keeps)
    assert rule.tolerance == (0.2 if keeps else 0.0)


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=12))
def test_sellers_rehearse_under_the_rule_that_the_platform_applies(days) -> None:
    grid = np.tile(1000 + 40 * np.arange(6), (3, 1))
    policy, holder, before = dynamic(tolerance=0.05), -1, np.zeros(3, dtype=int)
    for day, action in enumerate(days):
        now = np.array(action)
        price = grid[0][now]
        (latest,) = shown(policy, price.tolist(), seed=day)
        if holder >= 0 and _keeps_place(grid, holder, before[holder], now, 0.05):
            assert latest == holder
        else:
            assert price[latest] == price.min()
        holder, before = latest, now
