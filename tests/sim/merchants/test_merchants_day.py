"""What merchants do in a day, one part at a time, in a market that is otherwise at rest."""

from typing import Any

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import resolve
from scenarios.build import build
from sim.day import DayRecord
from sim.ledger import Owner, Purpose
from sim.market import Marketplace
from sim.merchants import OWN_HISTORY, act
from sim.merchants.misconduct import buy_reviews
from sim.merchants.pricing import PricingError, set_prices
from sim.merchants.stocking import order_stock
from sim.merchants.turnover import enter, give_up, settle_closed

HONEST = tuple(
    f"merchants.misconduct.{kind}_share=0.0"
    for kind in ("counterfeit", "fake_list_price", "bait", "bought_review", "below_cost")
)


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=["events=[]", SELDOM, *HONEST, *overrides])
    return build(scenario, folder=folder)


def lived(days: int, *overrides: str) -> Marketplace:
    market = market_of(*overrides)
    for _ in range(days):
        market.step()
    return market


def set_balance(market: Marketplace, row: int, cents: int) -> None:
    ledger = market.ledger
    account, outside = ledger.account(Owner.MERCHANT, row), ledger.account(Owner.OUTSIDE)
    gap = cents - int(ledger.balance[account])
    payer, payee = (outside, account) if gap > 0 else (account, outside)
    ledger.transfer(market.day, payer, payee, abs(gap), Purpose.CAPITAL)


def balance(market: Marketplace, row: int) -> int:
    return int(market.ledger.balance[market.ledger.account(Owner.MERCHANT, row)])


class Answering:
    """A pricing strategy that answers what the test says."""

    knows_demand = False

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.seen: list[Any] = []

    def price(self, view: Any) -> Any:
        self.seen.append(view)
        return self.answer(view)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (lambda view: view.price * 1.0, "integer cents"),
        (lambda view: view.price[:-1], "shape"),
        (lambda view: view.price * 0, "> 0 cents"),
    ],
)
def test_a_strategy_that_answers_no_price_is_named(answer, complaint) -> None:
    market = market_of()
    market.policies.merchant_pricing["adaptive"] = Answering(answer)
    with pytest.raises(PricingError, match=f"'adaptive'.*{complaint}"):
        set_prices(market)


def test_strategies_price_at_the_same_time_on_yesterdays_market() -> None:
    market = lived(1)
    first, second = Answering(lambda view: view.price * 3), Answering(lambda view: view.price)
    market.policies.merchant_pricing = {"adaptive": first, "cost_plus": second}
    before = market.listings.price.copy()
    set_prices(market)
    view = second.seen[0]
    for c in np.unique(view.category):
        prices = before[market.listings.category == c]
        told = np.unique(view.category_median_price[view.category == c])
        assert len(told) == 1
        assert (prices <= told[0]).mean() >= 0.5
        assert (prices >= told[0]).mean() >= 0.5 - 1 / len(prices)


def test_a_merchant_that_baits_remembers_what_checkout_asked() -> None:
    market = lived(4, "merchants.misconduct.bait_share=1.0")
    strategy = Answering(lambda view: view.price)
    market.policies.merchant_pricing = dict.fromkeys(("adaptive", "cost_plus"), strategy)
    set_prices(market)
    for view in strategy.seen:
        assert view.price_history.shape == (OWN_HISTORY, len(view.listing))
        np.testing.assert_array_equal(view.price_history[-1], view.price)
        assert (view.price_history[:-4] == 0).all()
    assert (market.price_history[-1] < market.checkout_history[-1]).all()


def test_the_last_order_of_stock_takes_what_money_is_left() -> None:
    market = lived(1)
    listings = market.listings
    row = int(np.argmax(np.bincount(listings.merchant)))
    own = np.flatnonzero(listings.merchant == row)[:2]
    listings.stock[listings.merchant == row] = 10**6
    listings.stock[own] = 0
    listings.in_delivery[own] = 0
    listings.sold_recently[own] = 0.0
    minimum = market.settings.merchants.stock_minimum
    cost = listings.unit_cost[own]
    set_balance(market, row, int(minimum * cost[0] + 2 * cost[1] + cost[1] // 2))
    order_stock(market)
    np.testing.assert_array_equal(listings.in_delivery[own], [minimum, 2])
    assert balance(market, row) == cost[1] // 2
    assert market.ledger.total() == 0


def test_orders_of_stock_never_put_a_merchant_into_debt() -> None:
    market = lived(1)
    rng = np.random.default_rng(3)
    for row in range(len(market.books)):
        set_balance(market, row, int(rng.integers(0, 30_000)))
    market.listings.stock[:] = 0
    market.listings.in_delivery[:] = 0
    market.listings.sold_recently[:] = rng.exponential(100.0, len(market.listings))
    order_stock(market)
    assert (market.listings.in_delivery > 0).any()
    assert market.ledger.balance_of(Owner.MERCHANT).min() >= 0


def test_a_closed_shop_passes_late_payouts_on_and_ends_at_nothing() -> None:
    market = lived(2)
    market.today = DayRecord()
    market.books.days_in_debt[0] = market.settings.merchants.grace_days + 1
    give_up(market)
    assert market.today.exited.tolist() == [0]
    assert not market.merchants[0].is_open
    settle_closed(market)
    assert balance(market, 0) == 0
    set_balance(market, 0, 777)
    settle_closed(market)
    assert balance(market, 0) == 0
    set_balance(market, 0, -55)
    settle_closed(market)
    assert balance(market, 0) == 0
    assert market.ledger.total() == 0


def test_orders_open_at_a_closure_are_still_delivered() -> None:
    market = lived(2, "merchants.grace_days=0")
    rows = np.arange(len(market.books))
    shop = int(np.bincount(market.orders["merchant"]).argmax())
    others = rows[rows != shop]
    market.step()
    sold = np.flatnonzero((market.orders["merchant"] == shop) & (market.orders["day"] == 2))
    assert len(sold) > 0
    set_balance(market, shop, -1_000_000_000)
    for _ in range(6):
        market.step()
    assert not market.books.is_open[shop]
    assert market.books.is_open[others].any()
    assert (market.orders["status"][sold] != 0).all()
    later = market.orders["merchant"][market.orders["day"] > market.books.closed_on[shop]]
    assert shop not in later
    assert market.ledger.total() == 0


def entries(margin: float, days: int = 40) -> int:
    """Entries in a market whose merchants keep earning one margin."""
    market = lived(1, "merchants.entry_rate=0.02", "merchants.entry_elasticity=4.0")
    incumbents = len(market.books)
    for day in range(1, days):
        market.day, market.today = day, DayRecord()
        market.books.revenue_recently[:] = 1_000.0
        market.books.profit_recently[:] = 1_000.0 * margin
        enter(market)
    return len(market.books) - incumbents


def test_profits_attract_entrants_and_losses_keep_them_away() -> None:
    assert entries(0.3) > entries(0.0) > entries(-0.5) >= 0
    assert entries(0.0) > 5


def test_entrants_are_small_solvent_and_offer_variations_of_what_their_category_sells() -> None:
    market = lived(1, "merchants.entry_rate=0.5")
    old = len(market.listings)
    before = market.ledger.total()
    market.today = DayRecord()
    enter(market)
    rows, listings, books = market.today.entered, market.listings, market.books
    assert len(rows) > 3
    assert (books.size[rows] == 0).all()
    assert (market.ledger.balance_of(Owner.MERCHANT)[rows] > 0).all()
    assert market.ledger.total() == before
    new = np.arange(old, len(listings))
    assert (listings.price[new] > listings.unit_cost[new]).all()
    np.testing.assert_allclose(np.linalg.norm(listings.attributes[new], axis=1), 1.0, atol=1e-5)
    assert listings.listed_on[new].tolist() == [market.day] * len(new)
    for row in rows.tolist():
        assert market.merchants[row].row == row
        assert len(np.unique(listings.category[listings.merchant == row])) == 1
    for array in (market.price_history, market.units_history, market.checkout_history):
        assert array.shape[1] == len(listings)


def test_what_an_entrant_offers_does_not_depend_on_who_else_enters() -> None:
    offered = []
    for rate in (0.2, 0.5):
        market = lived(1, f"merchants.entry_rate={rate}")
        market.today = DayRecord()
        enter(market)
        first = int(market.today.entered[0])
        rows = np.flatnonzero(market.listings.merchant == first)
        offered.append((len(market.today.entered), market.listings.price[rows].tolist()))
    assert offered[0][0] < offered[1][0]
    assert offered[0][1] == offered[1][1]


def test_entrants_describe_their_goods_in_words_of_their_own() -> None:
    market = lived(4, "merchants.entry_rate=0.5")
    new = np.flatnonzero(market.listings.listed_on > 0)
    assert len(new) > 5
    old_titles = set(market.titles[: new[0]])
    fresh = [market.titles[row] for row in new.tolist()]
    assert sum(title in old_titles for title in fresh) < len(fresh) / 10
    for row in new.tolist():
        brand = market.merchant_names[market.listings.merchant[row]].split()[0]
        assert brand in market.titles[row]
        assert brand in market.descriptions[row]


def test_shops_that_never_sell_do_not_all_give_up_on_one_day() -> None:
    market = market_of("merchants.capital_days=6.0", "merchants.grace_days=0")
    capital = market.ledger.balance_of(Owner.MERCHANT)
    offered = np.bincount(market.listings.merchant)
    days = capital / (offered * market.settings.merchants.fixed_cost_per_listing * 100)
    assert np.median(days) == pytest.approx(6.0, rel=0.5)
    assert np.quantile(days, 0.9) > 2 * np.quantile(days, 0.1)


def test_without_spread_capital_is_what_the_scenario_says() -> None:
    market = market_of("merchants.capital_days=6.0", "merchants.capital_log_sd=0.0")
    offered = np.bincount(market.listings.merchant)
    fixed = np.rint(offered * market.settings.merchants.fixed_cost_per_listing * 100)
    np.testing.assert_array_equal(market.ledger.balance_of(Owner.MERCHANT), np.rint(6 * fixed))


def test_a_war_chest_shrinks_by_the_losses_of_below_cost_sales_and_by_nothing_else() -> None:
    market = market_of("merchants.misconduct.below_cost_share=1.0")
    predator = next(one for one in market.merchants if "below_cost" in one.misconduct)
    rows = np.flatnonzero(market.listings.merchant == predator.row)
    full = predator.war_chest
    market.units_history[-1, rows] = 2
    set_prices(market)
    assert predator.war_chest == full  # yesterday was sold at the old price, above cost
    price = market.listings.price[rows]
    paid_out = price - np.rint(price * market.fees.commission[rows]).astype(np.int64)
    loss = market.listings.unit_cost[rows] - paid_out
    assert (loss > 0).all()
    set_prices(market)
    assert predator.war_chest == full - 2 * int(loss.sum())
    predator.war_chest = 1
    set_prices(market)
    assert predator.war_chest == 0
    assert (market.listings.price[rows] > 0.8 * market.listings.unit_cost[rows] + 1).all()


def test_a_deterred_merchant_is_honest_until_the_day_it_dares_again() -> None:
    market = lived(3, "merchants.misconduct.bait_share=1.0")
    for merchant in market.merchants:
        merchant.deterred_until = 5
    market.day = 4
    set_prices(market)
    np.testing.assert_array_equal(market.listings.advertised, market.listings.price)
    market.day = 5
    set_prices(market)
    assert (market.listings.advertised < market.listings.price).all()


def test_a_false_list_price_pulls_the_remembered_price_up() -> None:
    honest = lived(12, "merchants.strategies={fixed=1.0}")
    false = lived(
        12, "merchants.strategies={fixed=1.0}", "merchants.misconduct.fake_list_price_share=1.0"
    )
    np.testing.assert_array_equal(honest.listings.price, false.listings.price)
    np.testing.assert_allclose(honest.listings.reference_price, honest.listings.price)
    ratio = false.listings.reference_price / false.listings.price
    assert (ratio > 1.05).all()
    assert (ratio < 1.5).all()


def test_counterfeits_of_a_wave_are_costed_and_end_with_it() -> None:
    market = lived(1)
    genuine = market.listings.unit_cost.copy(), market.listings.quality.copy()
    market.counterfeit_wave_share = 0.4
    market.today = DayRecord()
    act(market)
    fakes = market.listings.counterfeit
    by_merchant = [np.unique(fakes[market.listings.merchant == m.row]) for m in market.merchants]
    assert all(len(kinds) == 1 for kinds in by_merchant)
    assert 0 < fakes.sum() < len(fakes)
    assert (market.listings.unit_cost[fakes] < genuine[0][fakes]).all()
    market.counterfeit_wave_share = 0.0
    market.today = DayRecord()
    act(market)
    np.testing.assert_array_equal(market.listings.unit_cost[: len(genuine[0])], genuine[0])
    np.testing.assert_array_equal(market.listings.quality[: len(genuine[1])], genuine[1])


def test_a_counterfeit_is_priced_as_what_it_pretends_to_be() -> None:
    def prices(counterfeit: float, cut: float) -> np.ndarray:
        share = f"merchants.misconduct.counterfeit_share={counterfeit}"
        cheaper = f"merchants.misconduct.counterfeit_price_cut={cut}"
        rule = "merchants.strategies={cost_plus=1.0}"
        market = lived(1, rule, share, cheaper, "policies.merchant_pricing.cost_plus.adjustment=1")
        return market.listings.price

    honest = prices(0.0, 0.2)
    np.testing.assert_allclose(prices(1.0, 0.0), honest, atol=1)
    np.testing.assert_allclose(prices(1.0, 0.2), 0.8 * honest, atol=2)


def test_which_listing_gets_a_bought_review_does_not_depend_on_other_buyers() -> None:
    def reviewed(others: bool) -> list[int]:
        market = lived(2, "merchants.misconduct.bought_reviews_per_day=2.0")
        for merchant in market.merchants:
            if merchant.row == 5 or others:
                merchant.misconduct = frozenset({"bought_reviews"})
        for day in range(2, 8):
            market.day = day
            buy_reviews(market)
        bought = market.reviews["listing"][market.reviews["bought"]]
        return bought[market.listings.merchant[bought] == 5].tolist()

    alone = reviewed(others=False)
    assert len(alone) > 3
    assert alone == reviewed(others=True)


def test_a_merchants_character_does_not_depend_on_what_others_do() -> None:
    few, many = lived(25, "merchants.entry_rate=0.02"), lived(25, "merchants.entry_rate=0.08")
    both = min(len(few.merchants), len(many.merchants))
    assert both > len(market_of().merchants)
    assert len(many.merchants) > len(few.merchants)
    for one, other in zip(few.merchants[:both], many.merchants[:both], strict=True):
        assert (one.strategy, one.misconduct) == (other.strategy, other.misconduct)


def test_every_part_of_a_merchants_day_conserves_money() -> None:
    market = lived(
        1,
        "merchants.entry_rate=0.1",
        "merchants.capital_days=1.0",
        "merchants.grace_days=1",
        "merchants.misconduct.bought_review_share=0.5",
        "merchants.misconduct.below_cost_share=1.0",
    )
    for day in range(1, 30):
        market.day, market.today = day, DayRecord()
        act(market)
        assert market.ledger.total() == 0
        assert market.listings.stock.min() >= 0
    assert (~market.books.is_open).any()
    assert market.turnover["entered"].any()


def test_lead_times_are_spread_around_the_mean_of_the_scenario() -> None:
    market = lived(1, "merchants.lead_time_days=6.0", "merchants.capital_days=3000.0")
    listings = market.listings
    lead: list[float] = []
    for day in range(1, 12):
        market.day, market.today = day, DayRecord()
        listings.stock[:], listings.in_delivery[:], listings.arrives[:] = 0, 0, -1
        order_stock(market)
        lead += (listings.arrives[listings.in_delivery > 0] - day).tolist()
    assert len(lead) > 300
    assert min(lead) == 1
    assert max(lead) <= 4 * 6 + 1
    assert np.mean(lead) == pytest.approx(6.0, rel=0.15)
    assert np.std(lead) == pytest.approx(6.0, rel=0.25)
