"""Pricing strategies at work in small markets, and which merchants use which."""

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import resolve
from scenarios.build import build
from sim.ledger import Owner
from sim.market import Marketplace
from sim.merchants.market_position import lowest_price_of_similar_goods
from sim.merchants.pricing import set_prices
from sim.wrongdoing import is_wrongful

PLAIN = (
    SELDOM,
    "events=[]",
    "policies.rules={}",
    'policies.subsidy={name = "none"}',
    *(
        f"merchants.misconduct.{kind}_share=0.0"
        for kind in ("counterfeit", "fake_list_price", "bait", "bought_review", "below_cost")
    ),
)


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[*PLAIN, *overrides])
    return build(scenario, folder=folder)


def lived(days: int, *overrides: str) -> Marketplace:
    market = market_of(*overrides)
    for _ in range(days):
        market.step()
    return market


def everybody(strategy: str) -> str:
    return f"merchants.strategies={{{strategy} = 1.0}}"


def giants(strategy: str) -> str:
    return f"merchants.strategies_by_size.large={{{strategy} = 1.0}}"


def users(market: Marketplace, strategy: str) -> np.ndarray:
    """(L,) whether a listing's merchant uses a strategy."""
    uses = np.array([merchant.strategy == strategy for merchant in market.merchants])
    return uses[market.listings.merchant]


def test_merchants_of_one_size_use_the_strategies_of_that_size() -> None:
    market = market_of(
        "merchants.strategies={cost_plus = 0.5, adaptive = 0.5}",
        giants("surge"),
        "merchants.strategies_by_size.small={undercutting = 0.5, fixed = 0.5}",
        "merchants.large_share=0.2",
        "merchants.small_share=0.5",
    )
    used = [set(), set(), set()]
    for merchant in market.merchants:
        used[market.books.size[merchant.row]].add(merchant.strategy)
    assert used == [{"undercutting", "fixed"}, {"cost_plus", "adaptive"}, {"surge"}]


def test_a_table_for_one_size_leaves_the_others_strategies_alone() -> None:
    before, after = market_of(), market_of(giants("surge"))
    for first, second in zip(before.merchants, after.merchants, strict=True):
        if before.books.size[first.row] < 2:
            assert first.strategy == second.strategy


def test_entrants_are_small_and_use_what_small_merchants_use() -> None:
    small = "merchants.strategies_by_size.small={undercutting = 1.0}"
    market = lived(4, small, everybody("fixed"), "merchants.entry_rate=0.5")
    entrants = [one for one in market.merchants if market.books.opened_on[one.row] > 0]
    assert len(entrants) > 5
    assert {one.strategy for one in entrants} == {"undercutting"}


def test_undercutters_are_the_cheapest_where_their_cost_allows_it_and_bring_prices_down() -> None:
    half = "merchants.strategies={undercutting = 0.5, fixed = 0.5}"
    market = lived(6, half)
    cheapest = lowest_price_of_similar_goods(market)
    set_prices(market)
    mine, listings = users(market, "undercutting"), market.listings
    cost = listings.unit_cost / (1.0 - market.fees.commission)
    can = mine & (cheapest * 0.99 - 1 > cost) & market.books.is_open[listings.merchant]
    assert can.sum() > 3
    assert (listings.price[can] < cheapest[can]).all()
    assert (listings.price[mine] >= np.floor(cost[mine])).all()
    # With a floor at its ordinary price nobody can undercut.
    calm = lived(6, half, "policies.merchant_pricing={undercutting = {least_margin = 0.4}}")
    ratio = market.listings.price[mine] / calm.listings.price[mine]
    assert ratio.max() == 1.0
    assert ratio.min() < 0.9


LEADING = (
    giants("loss_leader"),
    everybody("cost_plus"),
    "merchants.large_share=0.05",
    "policies.merchant_pricing={loss_leader = {depth = 0.5}}",
    "commerce.generated.merchant_focus=0.0",
    "commerce.population.lines_per_visit=4.0",
    "commerce.population.visits_per_day=0.6",
    "commerce.population.income_median=500.0",
    "consumers.choice.show_all=true",
    "merchants.unlimited_stock=true",
    "couriers.count=0",
    "rival.present=false",
)


NO_LEADERS = "policies.merchant_pricing.loss_leader.leaders=1000"  # no shop has as many goods


def with_leaders_and_without(one_stop: float, *more: str) -> tuple[Marketplace, Marketplace]:
    world = (*LEADING, f"consumers.choice.one_stop_utility={one_stop}", *more)
    return lived(8, *world), lived(8, *world, NO_LEADERS)


def units_beside_the_leaders(one_stop: float) -> tuple[int, int]:
    """Units that the giant sells in categories without a leader: with leaders and without."""
    leading, honest = with_leaders_and_without(one_stop)
    listings, giant = leading.listings, users(leading, "loss_leader")
    leads = giant & (listings.price < listings.unit_cost)
    assert leads.sum() == (leading.books.size == 2).sum() == 1
    beside = giant & (listings.category != listings.category[leads])
    counts = [int(beside[market.orders["listing"]].sum()) for market in (leading, honest)]
    return counts[0], counts[1]


def test_a_loss_leader_sells_more_of_the_rest_if_shoppers_stay_where_they_bought() -> None:
    with_leaders, without = units_beside_the_leaders(one_stop=3.0)
    assert with_leaders > 1.25 * without
    with_leaders, without = units_beside_the_leaders(one_stop=0.0)
    assert with_leaders == pytest.approx(without, rel=0.1)


def giants_profit(market: Marketplace) -> int:
    orders = market.orders
    own = users(market, "loss_leader")[orders["listing"]]
    return int((orders["unit_price"] - orders["unit_cost"] - orders["commission"])[own].sum())


def test_loss_leaders_pay_only_if_shoppers_stay_where_they_bought() -> None:
    shallow = "policies.merchant_pricing.loss_leader.depth=0.05"
    leading, honest = with_leaders_and_without(3.0, shallow)
    assert giants_profit(leading) > giants_profit(honest)
    leading, honest = with_leaders_and_without(0.0, shallow)
    assert giants_profit(leading) < giants_profit(honest)


def test_shoppers_who_save_a_trip_buy_more_at_the_shop_where_they_bought() -> None:
    def again(one_stop: float) -> float:
        market = lived(3, *LEADING, f"consumers.choice.one_stop_utility={one_stop}")
        orders = market.orders
        key = orders["day"].astype(np.int64) * 10_000 + orders["consumer"]
        order = np.argsort(key, kind="stable")
        same_visit = key[order][1:] == key[order][:-1]
        merchant = orders["merchant"][order]
        return float((merchant[1:] == merchant[:-1])[same_visit].mean())

    assert again(2.0) > again(0.0) + 0.1


POOR = (
    "commerce.generated.merchants=12",
    "commerce.generated.listings=60",
    "commerce.generated.categories=1",
    "merchants.small_share=0.7",
    "merchants.large_share=0.1",
    "merchants.capital_days=4.0",
    "merchants.capital_log_sd=0.1",
    "merchants.fixed_cost_per_listing=1.5",
    "merchants.entry_rate=0.0",
    "merchants.unlimited_stock=true",
    "merchants.misconduct.war_chest=100000.0",
    "consumers.choice.show_all=true",
    "commerce.population.visits_per_day=0.5",
    "couriers.count=0",
    everybody("cost_plus"),
)
PREY = "policies.merchant_pricing={predation = {depth = 0.5, exit_share = 0.3}}"


def test_a_predator_drives_rivals_out_and_then_recoups() -> None:
    peace = lived(60, *POOR)
    war = market_of(*POOR, giants("predation"), PREY)
    predator = next(one for one in war.merchants if one.strategy == "predation")
    rows = war.listings.merchant == predator.row
    cost = war.listings.unit_cost[rows] / (1.0 - war.settings.platform.commission)
    chest = predator.war_chest
    assert chest == 100_000_00
    assert predator.capital > chest
    factor, open_ = [], []
    for _ in range(60):
        war.step()
        factor.append(float((war.listings.price[rows] / cost).mean()))
        open_.append(int(war.books.is_open.sum()))
    assert factor[0] == pytest.approx(0.5, abs=0.01)
    assert factor[-1] == pytest.approx(2.0, abs=0.01)
    turned = next(day for day, value in enumerate(factor) if value > 1.0)
    enough = np.floor((len(war.merchants) - 1) * 0.7)
    assert open_[turned] - 1 <= enough < open_[turned - 1] - 1
    assert war.books.is_open.sum() < peace.books.is_open.sum()
    assert 0 < predator.war_chest < chest
    assert war.ledger.total() == 0


def test_a_war_chest_pays_what_the_platform_does_not() -> None:
    """What is lost is cost less payout: the chest falls by just that, and ends the war."""
    war = market_of(*POOR, giants("predation"), PREY, "merchants.misconduct.war_chest=2000.0")
    predator = next(one for one in war.merchants if one.strategy == "predation")
    rows = np.flatnonzero(war.listings.merchant == predator.row)
    war.step()
    orders = war.orders
    own = orders["merchant"] == predator.row
    sold = (orders["unit_price"] * orders["quantity"])[own]
    cost = (orders["unit_cost"] * orders["quantity"])[own]
    lost = int((cost - sold + orders["commission"][own]).sum())
    assert lost > 0
    war.step()
    assert predator.war_chest == 2000_00 - lost
    for _ in range(30):
        war.step()
    assert predator.war_chest == 0
    assert (war.listings.price[rows] > war.listings.unit_cost[rows]).all()


def test_a_deterred_predator_sells_above_cost() -> None:
    war = lived(2, *POOR, giants("predation"), PREY)
    predator = next(one for one in war.merchants if one.strategy == "predation")
    rows = war.listings.merchant == predator.row
    assert (war.listings.price[rows] < war.listings.unit_cost[rows]).all()
    predator.deterred_until = 4
    war.step()
    assert (war.listings.price[rows] > war.listings.unit_cost[rows]).all()
    war.step()
    war.step()
    assert (war.listings.price[rows] < war.listings.unit_cost[rows]).all()


def test_what_a_strategy_declares_is_the_hidden_truth_and_no_habit_comes_on_top() -> None:
    market = lived(
        2, everybody("fake_list_price"), "policies.merchant_pricing.fake_list_price.rise=0.3"
    )
    assert {one.misconduct for one in market.merchants} == {frozenset({"fake_list_price"})}
    listings = market.listings
    told = listings.list_price > listings.price
    liar = int(listings.merchant[told][0])
    assert not is_wrongful(market, liar, "false_discount")
    assert is_wrongful(market, liar, "below_cost")
    # The habit of the same name would tell all of them half as much again.
    assert 0 < told.mean() < 1
    assert (listings.list_price[told] / listings.price[told]).max() < 1.31


def test_false_discounts_are_found_by_the_rule_against_them() -> None:
    rules = "policies.rules={false_discount = {}}"
    market = lived(12, everybody("fake_list_price"), rules)
    assert not market.sanctions["wrongful"].any()
    honest = lived(12, everybody("cost_plus"), rules)
    assert len(market.sanctions["day"]) > 5 * len(honest.sanctions["day"])


def test_a_false_discount_makes_shoppers_take_a_listing_to_be_worth_more() -> None:
    liar, honest = (lived(12, everybody(one)) for one in ("fake_list_price", "cost_plus"))
    first = liar.health.frame()["price_to_reference"].iloc[6:].mean()
    assert first < honest.health.frame()["price_to_reference"].iloc[6:].mean()


EMERGENCY = 'events=[{kind = "emergency", day = 3, until = 8}]'


def test_gougers_climb_in_an_emergency_and_come_back_after_it() -> None:
    market = market_of(everybody("gouging"), EMERGENCY)
    prices = []
    for _ in range(14):
        market.step()
        prices.append(market.listings.price.copy())
    before = prices[2]
    assert (prices[7] > 2.0 * before).all()
    assert (prices[7] <= np.maximum(3 * before, prices[2] + 1)).all()
    assert (prices[13] < 1.2 * prices[2]).all()
    assert not is_wrongful(market, 0, "gouging")
    calm = lived(8, everybody("gouging"))
    assert (calm.listings.price < 1.2 * before).all()


def test_surge_prices_rise_with_demand() -> None:
    rush = 'events=[{kind = "demand_surge", day = 3, factor = 5.0}]'
    params = "policies.merchant_pricing={surge = {window = 3, sensitivity = 1.0}}"
    short = ("merchants.lead_time_days=6.0",)
    calm, busy = (lived(8, everybody("surge"), params, *short, *events) for events in ((), (rush,)))
    ratio = busy.listings.price / calm.listings.price
    assert ratio.mean() > 1.05
    ordinary = busy.listings.unit_cost / (1.0 - busy.fees.commission) * 1.4
    assert (busy.listings.price <= np.maximum(1.5 * ordinary, busy.initial_price) + 1).all()


@pytest.mark.parametrize(
    "strategy", ["undercutting", "loss_leader", "predation", "fake_list_price", "gouging", "surge"]
)
def test_money_is_conserved_and_the_same_seed_gives_the_same_prices(strategy) -> None:
    world = (everybody(strategy), EMERGENCY, "merchants.entry_rate=0.05")
    first, second = lived(8, *world), lived(8, *world)
    np.testing.assert_array_equal(first.listings.price, second.listings.price)
    np.testing.assert_array_equal(first.health.values(), second.health.values())
    assert first.ledger.total() == 0
    assert first.ledger.balance_of(Owner.CONSUMER).min() >= 0
