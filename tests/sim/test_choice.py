"""The kernels of choice against plain versions, and against the logit's formulas."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from policies.repeats import drop_repeats
from sim.campaigns import NO_LIMIT, Campaigns, no_campaigns
from sim.choice import (
    Offers,
    Shoppers,
    Weights,
    after_checkout,
    choose_in_turn,
    expected_shares,
    utilities,
)
from sim.choice_plainly import choose_in_turn_plainly
from sim.streams import Streams

WEIGHTS = Weights(
    base=2.0,
    appeal=1.0,
    quality=2.0,
    taste=1.2,
    reference=0.3,
    loyalty=1.0,
    trust=2.0,
    one_stop=1.5,
)


def world(seed: int, sessions: int = 25, listings: int = 12, width: int = 6):
    rng = np.random.default_rng(seed)
    price = rng.integers(300, 3000, listings)
    bait = rng.random(listings) < 0.3
    offers = Offers(
        advertised=np.where(bait, price * 7 // 10, price).astype(np.int64),
        price=price.astype(np.int64),
        reference_price=price * rng.uniform(0.9, 1.4, listings),
        appeal=rng.normal(size=listings),
        expected_quality=rng.random(listings),
        true_quality=rng.random(listings),
        attributes=rng.normal(size=(listings, 3)).astype(np.float32),
        merchant=rng.integers(0, 3, listings).astype(np.int32),
    )
    consumers = 8
    alternatives = rng.integers(-1, listings, (sessions, width)).astype(np.int32)
    drop_repeats(alternatives)
    consumer = rng.integers(0, consumers, sessions).astype(np.int32)
    line = np.array([(consumer[:s] == consumer[s]).sum() for s in range(sessions)], np.int32)
    shoppers = Shoppers(
        consumer=consumer,
        line=line,
        alternatives=alternatives,
        slope=rng.uniform(1.0, 5.0, sessions) / 1000,
        outside=np.zeros(sessions),
        rival=np.where(rng.random(sessions) < 0.7, rng.normal(size=sessions), -np.inf),
        taste=rng.normal(size=(consumers, 3)).astype(np.float32),
        trust=rng.random(consumers).astype(np.float32),
        memory=rng.integers(-1, listings, (consumers, 4)).astype(np.int32),
    )
    stock = rng.integers(0, 4, listings).astype(np.int64)
    purse = rng.integers(0, 9000, consumers).astype(np.int64)
    return shoppers, offers, stock, purse


def with_personal_prices(shoppers: Shoppers, seed: int) -> Shoppers:
    markup = np.random.default_rng(seed + 1).uniform(-0.9, 0.6, len(shoppers.consumer))
    return shoppers._replace(markup=markup)


def campaigns(seed: int, count: int, listings: int, sessions: int) -> Campaigns:
    """Campaigns of all kinds, some with caps, budgets and shares that merchants bear."""
    rng = np.random.default_rng(seed + 1)

    def some(low: int, high: int, size: int, chance: float) -> NDArray[np.int64]:
        return np.where(rng.random(size) < chance, rng.integers(low, high, size), NO_LIMIT)

    to_seller = rng.random(count) < 0.3
    share = np.where(rng.random(count) < 0.5, rng.random(count).round(2), 0.0)
    return Campaigns(
        per_unit=rng.integers(0, 400, (count, listings)),
        eligible=rng.random((count, sessions)) < 0.7,
        to_seller=to_seller,
        off_fee=rng.integers(0, 200, (count, listings)) * (rng.random((count, 1)) < 0.5),
        cap=some(50, 500, count, 0.5),
        merchant_share=np.where(to_seller, 0.0, np.where(rng.random(count) < 0.2, 1.0, share)),
        left=some(0, 1500, count, 0.6),
        stacking=int(rng.integers(3)),
        limit=some(0, 500, listings, 0.5),
        platform_left=some(0, 2000, 1, 0.5),
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 4), st.sampled_from([0, 150]), st.booleans())
def test_the_kernel_chooses_as_the_plain_version_does(
    seed: int, count: int, fee: int, personal: bool
) -> None:
    shoppers, offers, stock, purse = world(seed)
    if personal:
        shoppers = with_personal_prices(shoppers, seed)
    day = campaigns(seed, count, len(offers.price), len(shoppers.consumer))
    value = utilities(shoppers, offers, WEIGHTS)
    key = Streams(seed).key("taste", 1)
    results = []
    for choose in (choose_in_turn, choose_in_turn_plainly):
        shelf, money = stock.copy(), purse.copy()
        budgets = day._replace(left=day.left.copy(), platform_left=day.platform_left.copy())
        chosen = choose(
            shoppers, offers, WEIGHTS, value, shelf, money, budgets, fee, key, 16, False
        )
        assert shelf.min() >= 0
        assert money.min() >= 0
        assert budgets.left.min(initial=0) >= 0
        assert budgets.platform_left.min() >= 0
        results.append((chosen, shelf, money, budgets.left, budgets.platform_left))
    (fast, *left), (plain, *plain_left) = results
    for mine, other in zip(left, plain_left, strict=True):
        np.testing.assert_array_equal(mine, other)
    for name in (
        "listing", "column", "subsidy", "seller_subsidy", "fee", "fee_subsidy", "by_merchant",
        "fee_by_merchant", "lost", "abandoned",
    ):  # fmt: skip
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name), err_msg=name)
    np.testing.assert_allclose(fast.surplus, plain.surplus, rtol=1e-9, atol=1e-12)
    bought = np.flatnonzero(fast.listing >= 0)
    total = sum(
        column[bought].sum() for column in (fast.subsidy, fast.seller_subsidy, fast.fee_subsidy)
    )
    assert total == (day.left - left[2]).sum()
    borne = total - fast.by_merchant.sum() - fast.fee_by_merchant.sum()
    assert borne == day.platform_left[0] - left[3][0]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_nobody_takes_twice_in_a_visit_what_is_wanted_once(seed: int) -> None:
    shoppers, offers, stock, purse = world(seed)
    visits = shoppers._replace(consumer=np.sort(shoppers.consumer), line=np.arange(25, dtype="i4"))
    value = utilities(visits, offers, WEIGHTS)
    key = Streams(seed).key("taste", 1)
    none = no_campaigns(len(stock), len(visits.consumer))
    fast, plain = (
        choose(visits, offers, WEIGHTS, value, stock + 9, purse + 9000, none, 0, key, 32, True)
        for choose in (choose_in_turn, choose_in_turn_plainly)
    )
    for name in ("listing", "column", "lost", "abandoned"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name), err_msg=name)
    bought = fast.listing >= 0
    pairs = np.stack([visits.consumer[bought], fast.listing[bought]])
    assert pairs.shape[1] == np.unique(pairs, axis=1).shape[1]


def test_utility_is_the_documented_sum() -> None:
    shoppers, offers, _, _ = world(3)
    value = utilities(shoppers, offers, WEIGHTS)
    s, k = np.argwhere(np.isfinite(value))[0]
    i, j = shoppers.consumer[s], shoppers.alternatives[s, k]
    a, pay = shoppers.slope[s], offers.advertised[j]
    by_hand = (
        2.0
        + 2.0 * (float(shoppers.trust[i]) - 0.5)
        + offers.appeal[j]
        + 1.2 * float(shoppers.taste[i].astype(float) @ offers.attributes[j].astype(float))
        + 2.0 * (offers.expected_quality[j] - 0.5)
        - a * pay
        + 0.3 * a * (offers.reference_price[j] - pay)
        + (1.0 if j in shoppers.memory[i] else 0.0)
    )
    assert value[s, k] == pytest.approx(by_hand, rel=1e-5)


def test_a_personal_markup_counts_as_price() -> None:
    shoppers, offers, _, _ = world(3)
    dearer = shoppers._replace(markup=np.full(len(shoppers.consumer), 0.25))
    value, asked_more = (utilities(one, offers, WEIGHTS) for one in (shoppers, dearer))
    seen = np.isfinite(value)
    extra = np.rint(offers.price * 0.25)[shoppers.alternatives]
    np.testing.assert_allclose(
        value[seen] - asked_more[seen], (shoppers.slope[:, None] * 1.3 * extra)[seen]
    )


def test_a_subsidy_pays_no_more_than_the_personal_price() -> None:
    shoppers, offers, stock, purse = world(4)
    whole = no_campaigns(len(stock), 25)._replace(
        per_unit=offers.price[None].copy(),
        eligible=np.ones((1, 25), np.bool_),
        to_seller=np.zeros(1, np.bool_),
        off_fee=np.zeros((1, len(stock)), np.int64),
        cap=np.full(1, NO_LIMIT),
        merchant_share=np.zeros(1),
        left=np.full(1, NO_LIMIT),
    )
    shoppers = with_personal_prices(shoppers, 4)
    value = utilities(shoppers, offers, WEIGHTS)
    key, many = Streams(4).key("taste", 1), np.full_like(stock, 99)
    chosen = choose_in_turn(
        shoppers, offers, WEIGHTS, value, many, purse.copy(), whole, 0, key, 16, False
    )
    bought = chosen.listing >= 0
    price = offers.price[chosen.listing]
    asked = price + np.rint(price * shoppers.markup)
    cheaper = bought & (asked < price)
    assert cheaper.any()
    np.testing.assert_array_equal(chosen.subsidy[cheaper], asked[cheaper])


def test_a_listing_that_is_seen_twice_counts_once() -> None:
    seen = np.array([[3, 7, 3, -1, 7, 3], [-1, -1, 2, 5, 2, 4]], dtype=np.int32)
    drop_repeats(seen)
    assert seen.tolist() == [[3, 7, -1, -1, -1, -1], [-1, -1, 2, 5, -1, 4]]


def test_expected_shares_are_those_of_the_logit() -> None:
    shoppers, offers, _, _ = world(7)
    offers = offers._replace(price=offers.advertised)
    value = utilities(shoppers, offers, WEIGHTS)
    subsidy = np.random.default_rng(7).integers(0, 200, value.shape)
    fee = np.full_like(subsidy, 120)
    share, surplus = expected_shares(shoppers, offers, WEIGHTS, value, subsidy, fee)
    weight = np.exp(value + shoppers.slope[:, None] * (1.3 * subsidy - 120))
    alone = 1.0 + np.exp(shoppers.rival)
    np.testing.assert_allclose(share, weight / (alone + weight.sum(axis=1))[:, None])
    same = offers._replace(true_quality=offers.expected_quality)
    _, plain = expected_shares(shoppers, same, WEIGHTS, value, subsidy, fee)
    np.testing.assert_allclose(plain, np.log((alone + weight.sum(axis=1)) / alone))
    assert not np.allclose(surplus, plain)


def test_surplus_is_what_shoppers_are_left_with_when_checkout_asks_more() -> None:
    utility, outside, tricks = np.array([0.6, -0.2]), np.array([0.0, 0.3]), np.array([0.8, 0.0])
    gap = np.array([-0.5, 0.4])
    rng = np.random.default_rng(1)
    draws = rng.gumbel(size=(400_000, 4))
    chosen = (utility + draws[:, :2]).argmax(axis=1)
    best = (utility + draws[:, :2]).max(axis=1)
    fallback = (outside + draws[:, 2:]).max(axis=1)
    buys = (best > fallback) & (best - tricks[chosen] >= fallback)
    worth = np.where(buys, best - tricks[chosen] + gap[chosen], fallback).mean() - fallback.mean()
    weight, alone = np.exp(utility)[None], np.exp(outside).sum(keepdims=True)
    share, regret = after_checkout(weight, alone, np.exp(-tricks)[None])
    surplus = np.log(1.0 + weight.sum() / alone[0]) - regret[0] + (share[0] * gap).sum()
    assert worth == pytest.approx(surplus, abs=0.005)
    bought = [(buys & (chosen == j)).mean() for j in range(2)]
    np.testing.assert_allclose(share[0], bought, atol=0.003)


def test_a_bait_is_worth_less_than_what_it_advertises() -> None:
    shoppers, offers, _, _ = world(7)
    offers = offers._replace(true_quality=offers.expected_quality)
    fair = offers._replace(price=offers.advertised)
    value = utilities(shoppers, offers, WEIGHTS)
    nothing = np.zeros(value.shape, dtype=np.int64)
    sold, surplus = expected_shares(shoppers, offers, WEIGHTS, value, nothing, nothing)
    more_sold, more = expected_shares(shoppers, fair, WEIGHTS, value, nothing, nothing)
    baited = (offers.price > offers.advertised)[shoppers.alternatives] & ~np.isneginf(value)
    assert (sold[baited] < more_sold[baited]).all()
    assert (surplus[baited.any(axis=1)] < more[baited.any(axis=1)]).all()
    np.testing.assert_array_equal(sold[~baited], more_sold[~baited])


def test_sampled_choices_have_the_expected_shares() -> None:
    shoppers, offers, _, _ = world(11, sessions=1)
    many = 20_000
    shoppers = shoppers._replace(
        consumer=np.arange(many, dtype=np.int32),
        line=np.zeros(many, np.int32),
        alternatives=np.repeat(shoppers.alternatives, many, axis=0),
        slope=np.repeat(shoppers.slope, many),
        outside=np.zeros(many),
        rival=np.full(many, 0.3),
        taste=np.repeat(shoppers.taste[:1], many, axis=0),
        trust=np.repeat(shoppers.trust[:1], many),
        memory=np.repeat(shoppers.memory[:1], many, axis=0),
    )
    offers = offers._replace(advertised=offers.price)
    value = utilities(shoppers, offers, WEIGHTS)
    chosen = choose_in_turn(
        shoppers, offers, WEIGHTS, value, np.full(12, 10**6), np.full(many, 10**6),
        no_campaigns(12, many), 0, Streams(2).key("taste", 1), 16, False,
    )  # fmt: skip
    nothing = np.zeros(value.shape, dtype=np.int64)
    share, _ = expected_shares(shoppers, offers, WEIGHTS, value, nothing, nothing)
    for k in range(value.shape[1]):
        taken = float((chosen.column == k).mean())
        assert taken == pytest.approx(share[0, k], abs=0.015)


@pytest.mark.parametrize("choose", [choose_in_turn, choose_in_turn_plainly])
def test_only_what_a_shopper_can_pay_for_is_missed_when_it_is_sold_out(choose: Any) -> None:
    shoppers, offers, stock, purse = world(5)
    value = np.where(shoppers.alternatives >= 0, 30.0, -np.inf)
    key = Streams(5).key("taste", 1)

    def missed(units: int, money: int) -> NDArray[np.bool_]:
        shelf, purses = np.full_like(stock, units), np.full_like(purse, money)
        none = no_campaigns(len(stock), len(shoppers.consumer))
        chosen = choose(shoppers, offers, WEIGHTS, value, shelf, purses, none, 0, key, 16, False)
        assert (chosen.listing < 0).all()
        return chosen.lost

    assert missed(units=0, money=10**9).sum() == np.isfinite(value).any(axis=1).sum()
    assert not missed(units=0, money=0).any()
    assert not missed(units=10**6, money=0).any()
