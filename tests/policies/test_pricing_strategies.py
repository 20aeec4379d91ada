"""Undercutting, loss leaders, predation, fake list prices, gouging, surge: one morning a view."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import pricing_view

from policies.merchant_pricing.fake_list_price import FakeListPrice
from policies.merchant_pricing.gouging import Gouging
from policies.merchant_pricing.loss_leader import LossLeader
from policies.merchant_pricing.predation import PEACE, PREY, RECOUP, Predation
from policies.merchant_pricing.surge import Surge
from policies.merchant_pricing.undercutting import Undercutting
from policies.observations import PricingView, Quote

STRATEGIES = (Undercutting, LossLeader, Predation, FakeListPrice, Gouging, Surge)


def made(strategy, **params):
    return strategy(strategy.Params(name=strategy.name, **params))


def price_of(answer) -> np.ndarray:
    return answer.price if isinstance(answer, Quote) else answer


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(
    price=st.integers(1, 100_000),
    cost=st.integers(0, 100_000),
    commission=st.floats(0.0, 0.9),
    subsidy=st.integers(0, 1000),
    stock=st.integers(0, 3),
    sold=st.integers(0, 5),
    cheapest=st.integers(0, 100_000),
    deterred=st.booleans(),
    emergency=st.booleans(),
)
def test_prices_are_whole_cents_above_nothing_whatever_the_morning(
    strategy, price, cost, commission, subsidy, stock, sold, cheapest, deterred, emergency
) -> None:
    view = pricing_view(
        [price, price],
        cost,
        merchant=np.zeros(2, int),
        commission=np.full(2, commission),
        seller_subsidy=np.full(2, subsidy),
        stock=np.full(2, stock),
        units_history=np.full((28, 2), float(sold)),
        similar_lowest_price=np.full(2, cheapest),
        open_rivals=np.full(2, sold),
        war_chest=np.full(2, stock),
        deterred=np.full(2, deterred),
        emergency=np.full(2, emergency),
        price_before_emergency=np.full(2, price if emergency else 0),
    )
    asked = price_of(made(strategy).price(view))
    assert asked.shape == (2,)
    assert asked.dtype == np.int64
    assert (asked >= 1).all()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nobody_who_is_deterred_sells_below_cost_gouges_or_tells_a_false_discount(strategy) -> None:
    policy = made(strategy)
    for day in range(40):
        view = pricing_view(
            np.full(4, 1400),
            1000,
            day=day,
            merchant=np.zeros(4, int),
            war_chest=np.full(4, 10**6),
            deterred=np.ones(4, bool),
            emergency=np.ones(4, bool),
            price_before_emergency=np.full(4, 1400),
        )
        answer = policy.price(view)
        assert (price_of(answer) >= 1000).all()
        assert (price_of(answer) <= 1.1 * 1500).all()
        if isinstance(answer, Quote):
            assert (answer.list_price == 0).all()


@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(0.0, 0.4), st.floats(0.0, 2.0))
def test_undercutting_is_cheaper_than_the_cheapest_or_relents_but_never_below_its_floor(
    cost, cheapest, step, least_margin
) -> None:
    policy = made(Undercutting, step=step, least_margin=least_margin, markup=0.4)
    view = pricing_view([1000], cost, similar_lowest_price=np.array([cheapest]))
    asked = int(policy.price(view)[0])
    floor = np.ceil(cost * (1.0 + least_margin))
    ordinary = max(cost * 1.4, floor)
    assert asked >= min(floor, ordinary) - 0.5
    if min(cheapest * (1.0 - step), cheapest - 1) >= floor + 1:
        assert asked < cheapest
    else:
        assert asked >= floor - 0.5
    assert asked <= np.ceil(ordinary)


def test_two_who_undercut_each_other_go_round_in_an_edgeworth_cycle() -> None:
    policy = made(Undercutting, step=0.03, markup=0.4)
    price = np.array([1400, 1400])
    path = []
    for _ in range(60):
        price = policy.price(pricing_view(price, 1000, similar_lowest_price=price[::-1]))
        path.append(int(price[0]))
    steps = np.diff(path)
    assert path.count(1400) >= 3  # the war begins anew
    assert min(path) < 1040  # after it has come down to cost
    assert (steps[steps < 0] < -25).all()  # step by step
    assert (steps > 300).sum() == (steps > 0).sum()  # and up again at once


def test_with_nobody_to_undercut_the_ordinary_markup_is_asked() -> None:
    view = pricing_view([5000], 1000, similar_lowest_price=np.array([0]))
    assert made(Undercutting, markup=0.3).price(view).tolist() == [1300]


def test_undercutting_is_against_goods_of_its_class_or_against_the_whole_category() -> None:
    view = pricing_view(
        [5000],
        1000,
        similar_lowest_price=np.array([1300]),
        category_lowest_price=np.array([1200]),
    )
    assert made(Undercutting, step=0.1).price(view).tolist() == [1170]
    assert made(Undercutting, step=0.1, against="category").price(view).tolist() == [1080]


def test_the_best_seller_in_stock_leads_and_the_others_pay_for_it() -> None:
    view = pricing_view(
        np.full(7, 1500),
        1000,
        merchant=np.array([3, 3, 3, 3, 8, 8, 9]),
        sold_recently=np.array([1.0, 9.0, 5.0, 5.0, 2.0, 2.0, 50.0]),
        stock=np.array([5, 0, 5, 5, 5, 5, 5]),
        commission=np.full(7, 0.2),
    )
    asked = made(LossLeader, leaders=1, depth=0.2, markup=0.5).price(view)
    dear, cheap = 1875, 1000  # of 1250, which the commission makes of the unit cost
    assert asked.tolist() == [dear, dear, cheap, dear, cheap, dear, dear]
    two = made(LossLeader, leaders=2, depth=0.2, markup=0.5).price(view)
    assert two.tolist() == [dear, dear, cheap, cheap, dear, dear, dear]


def war(chest=10_000, rivals=8, day=5, deterred=False, n=2) -> PricingView:
    return pricing_view(
        np.full(n, 1400),
        1000,
        day=day,
        merchant=np.zeros(n, int),
        commission=np.full(n, 0.1),
        war_chest=np.full(n, chest),
        open_rivals=np.full(n, rivals),
        deterred=np.full(n, deterred),
    )


def test_a_predator_preys_until_enough_rivals_have_left_and_then_recoups() -> None:
    policy = made(Predation, depth=0.2, exit_share=0.5, recoup_markup=1.0, markup=0.4, begin=5)
    cost = 1000 / 0.9
    story = [
        (war(day=4), PEACE, 1.4),
        (war(day=5), PREY, 0.8),
        (war(rivals=5), PREY, 0.8),
        (war(rivals=4), RECOUP, 2.0),
        (war(rivals=4, chest=0), RECOUP, 2.0),
        (war(rivals=6), PREY, 0.8),  # somebody came back
        (war(rivals=6, chest=0), PEACE, 1.4),  # and the chest is empty: the war is lost
        (war(rivals=3, chest=0), PEACE, 1.4),
    ]
    for view, stage, factor in story:
        asked = policy.price(view)
        assert policy.stage.tolist() == [stage] * 2
        assert asked.tolist() == [round(cost * factor)] * 2
        if stage == PREY:
            assert (asked * 0.9 < 1000).all()  # below average variable cost, commission included


def test_a_predator_that_is_afraid_waits_and_preys_again() -> None:
    policy = made(Predation)
    assert policy.price(war()).max() < 1000
    assert policy.price(war(deterred=True)).min() > 1000
    assert policy.price(war()).max() < 1000


def test_a_predator_without_rivals_or_without_a_chest_has_no_war() -> None:
    for view in (war(rivals=0), war(chest=0)):
        policy = made(Predation)
        assert policy.price(view).min() > 1000
        assert policy.stage.tolist() == [PEACE] * 2


def test_stages_belong_to_a_merchant_in_a_category_whoever_is_shown_with_it() -> None:
    policy = made(Predation, exit_share=0.5)
    columns = {"merchant": np.array([0, 0, 7]), "category": np.array([0, 1, 0])}
    chest = np.array([500, 500, 500])
    policy.price(
        pricing_view(np.full(3, 10), 9, war_chest=chest, open_rivals=np.array([4, 4, 4]), **columns)
    )
    policy.price(
        pricing_view(np.full(3, 10), 9, war_chest=chest, open_rivals=np.array([2, 4, 4]), **columns)
    )
    assert policy.stage.tolist() == [RECOUP, PREY, PREY]
    later = pricing_view(
        [10, 10],
        9,
        listing=np.array([1, 5]),
        war_chest=np.array([0, 500]),
        open_rivals=np.array([4, 4]),
    )
    policy.price(later)  # listing 5 is new; 0 and 2 are not shown
    assert policy.stage.tolist() == [RECOUP, PEACE, PREY, PEACE, PEACE, PREY]


def test_a_fake_list_price_was_asked_but_only_to_be_announced() -> None:
    policy = made(FakeListPrice, raised_days=3, sale_days=7, rise=0.5, markup=0.4)
    story = [policy.price(pricing_view([1400], 1000, day=day)) for day in range(30)]
    asked = np.array([int(quote.price[0]) for quote in story])
    told = np.array([int(quote.list_price[0]) for quote in story])
    assert asked.tolist() == ([2100] * 3 + [1400] * 7) * 3
    assert told.tolist() == ([0] * 3 + [2100] * 7) * 3


def test_listings_begin_their_false_sales_on_days_of_their_own() -> None:
    policy = made(FakeListPrice, raised_days=3, sale_days=7)
    raised = policy.price(pricing_view(np.full(10, 1400), 1000, day=20)).price > 1400
    assert raised.sum() == 3


def test_no_sale_is_announced_from_a_price_that_was_never_asked() -> None:
    policy = made(FakeListPrice, raised_days=3, sale_days=7)
    assert policy.price(pricing_view([1400], 1000, day=5)).list_price.tolist() == [0]


def emergency_view(price, before, declared=True, cost=1000) -> PricingView:
    n = len(price)
    return pricing_view(
        price,
        cost,
        emergency=np.full(n, declared),
        price_before_emergency=np.full(n, before if declared else 0),
    )


def test_gouging_climbs_to_its_multiple_of_the_price_before_and_comes_down_after() -> None:
    policy = made(Gouging, multiple=2.5, speed=0.5, markup=0.4)
    price = np.array([1400])
    path = []
    for day in range(60):
        price = policy.price(emergency_view(price, 1200, declared=day < 30))
        path.append(int(price[0]))
    assert (np.diff(path[:30]) >= 0).all()
    assert path[0] == 2200
    assert max(path) == 3000
    assert path[29] == 3000
    assert (np.diff(path[30:]) <= 0).all()
    assert path[-1] == 1400


def test_what_is_new_in_an_emergency_is_gouged_from_its_ordinary_price() -> None:
    policy = made(Gouging, multiple=2.0, speed=1.0, markup=0.5)
    assert policy.price(emergency_view([1500], 0)).tolist() == [3000]


def test_in_ordinary_times_a_gouger_is_cost_plus() -> None:
    policy = made(Gouging, markup=0.5, speed=1.0)
    assert policy.price(emergency_view([9999], 0, declared=False)).tolist() == [1500]


def stocked(stock, sold, **given) -> PricingView:
    n = len(stock)
    return pricing_view(
        np.full(n, 1400), 1000, stock=np.array(stock), units_history=np.full((28, n), sold), **given
    )


def test_surge_prices_follow_demand_over_stock_within_their_limits() -> None:
    policy = made(
        Surge, cover_days=10, sensitivity=1.0, lowest=0.75, highest=2.0, markup=0.4, speed=1.0
    )
    stock = [0, 1, 16, 20, 25, 10_000]
    asked = policy.price(stocked(stock, 2.0))  # twenty units are expected to be sold
    assert asked.tolist() == [2800, 2800, 1750, 1400, 1120, 1050]


def test_surge_never_sells_below_cost_and_takes_its_time() -> None:
    policy = made(Surge, lowest=0.1, markup=0.0, speed=0.25)
    asked = policy.price(stocked([10_000], 0.0))
    assert asked.tolist() == [1300]
    for _ in range(60):
        asked = policy.price(pricing_view(asked, 1000, stock=np.array([10_000])))
    assert asked.tolist() == [1000]


def test_before_there_are_days_to_judge_by_surge_asks_the_ordinary_price() -> None:
    history = np.full((28, 1), 1400)
    history[:-6] = 0
    policy = made(Surge, window=7, speed=1.0, markup=0.4)
    view = stocked([1], 9.0, price_history=history)
    assert policy.price(view).tolist() == [1400]


def test_surge_averages_over_its_window_alone() -> None:
    units = np.zeros((28, 1))
    units[-7:] = 1.0
    view = pricing_view([1400], 1000, stock=np.array([7]), units_history=units)
    params = {"cover_days": 7.0, "sensitivity": 1.0, "lowest": 0.5, "highest": 9.0, "speed": 1.0}
    assert made(Surge, window=7, markup=0.4, **params).price(view).tolist() == [1400]
    assert made(Surge, window=14, markup=0.4, **params).price(view).tolist() == [1000]


def test_strategies_declare_the_misconduct_that_they_are_made_of() -> None:
    declared = {one.name: getattr(one, "misconduct", frozenset()) for one in STRATEGIES}
    assert declared == {
        "undercutting": frozenset(),
        "loss_leader": frozenset(),
        "predation": {"below_cost"},
        "fake_list_price": {"fake_list_price"},
        "gouging": {"gouging"},
        "surge": frozenset(),
    }
