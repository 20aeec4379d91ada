"""Merchants in a small market: stock, books, turnover, misconduct; and their pricing strategies."""

import numpy as np
import pytest
from quiet_markets import SELDOM
from records import pricing_view

from experiments.running import resolve
from policies.merchant_pricing.adaptive import Adaptive
from policies.merchant_pricing.best_response import BestResponse
from policies.merchant_pricing.cost_plus import CostPlus
from policies.observations import DemandKnowledge, PricingView
from scenarios.build import build
from sim.ledger import Owner, Purpose
from sim.market import Marketplace
from sim.merchants.stocking import order_stock, receive_stock
from sim.merchants.turnover import close_books


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=["events=[]", SELDOM, *overrides])
    return build(scenario, folder=folder)


def lived(days: int, *overrides: str) -> Marketplace:
    market = market_of(*overrides)
    for _ in range(days):
        market.step()
    return market


def only(kind: str, share: float = 1.0) -> list[str]:
    """Overrides under which merchants do one kind of misconduct alone."""
    kinds = ("counterfeit", "fake_list_price", "bait", "bought_review", "below_cost")
    return [f"merchants.misconduct.{one}_share={share if one == kind else 0.0}" for one in kinds]


def test_stock_that_runs_low_is_ordered_paid_and_arrives() -> None:
    market = market_of("merchants.capital_days=3000.0")
    market.step()
    listings = market.listings
    listings.stock[:5] = 0
    listings.in_delivery[:5] = 0
    listings.sold_recently[:5] = 20.7
    before = market.ledger.balance_of(Owner.SUPPLIERS)[0]
    order_stock(market)
    ordered = listings.in_delivery[:5].copy()
    assert (ordered > 0).all()
    assert market.ledger.balance_of(Owner.SUPPLIERS)[0] > before
    market.day = int(listings.arrives[:5].max())
    receive_stock(market)
    np.testing.assert_array_equal(listings.stock[:5], ordered)
    assert (listings.in_delivery[:5] == 0).all()


def test_nobody_orders_beyond_its_money() -> None:
    market = market_of()
    market.step()
    ledger = market.ledger
    account = ledger.account(Owner.MERCHANT, np.arange(len(market.books)))
    outside = ledger.account(Owner.OUTSIDE)
    ledger.transfer(1, account, outside, np.maximum(ledger.balance[account], 0), Purpose.CLOSURE)
    market.listings.stock[:] = 0
    owed = ledger.balance[account].copy()
    order_stock(market)
    np.testing.assert_array_equal(ledger.balance[account], owed)


def test_books_are_closed_with_the_profit_of_the_day() -> None:
    market = market_of()
    market.step()
    books = market.books
    books.profit_recently[:] = 0.0
    books.revenue[0], books.cost_of_sales[0], books.other_cost[0] = 10_000, 4_000, 500
    market.day = 1
    close_books(market)
    listings = int((market.listings.merchant == 0).sum())
    fixed = round(listings * market.settings.merchants.fixed_cost_per_listing * 100)
    assert books.profit_recently[0] == pytest.approx(10_000 - 4_000 - 500 - fixed)
    assert books.revenue[0] == 0


def test_merchants_in_debt_give_up_and_their_debt_is_written_off() -> None:
    market = lived(
        12,
        "merchants.fixed_cost_per_listing=200.0",
        "merchants.capital_days=2.0",
        "merchants.grace_days=2",
        *only("none"),
    )
    closed = ~market.books.is_open
    assert closed.sum() > 10
    assert market.ledger.total() == 0
    assert not np.isin(
        market.orders["merchant"][market.orders["day"] == 11], closed.nonzero()
    ).any()
    assert (market.turnover["entered"] == 0).sum() == closed.sum()


def test_entrants_bring_complete_listings() -> None:
    market = lived(20, "merchants.entry_rate=0.05")
    entered = market.turnover["merchant"][market.turnover["entered"]]
    assert len(entered) > 0
    count = len(market.listings)
    assert len(market.titles) == len(market.descriptions) == count
    assert market.price_history.shape[1] == market.units_history.shape[1] == count
    assert len(market.merchants) == len(market.books) == len(market.merchant_names)
    assert len(set(market.merchant_names)) == len(market.merchant_names)
    assert np.isin(entered, market.listings.merchant).all()


def test_a_bait_advertises_below_what_checkout_asks() -> None:
    listings = lived(3, *only("bait")).listings
    assert (listings.advertised < listings.price).all()


def test_honest_discounts_are_announced_against_the_lowest_price_of_thirty_days() -> None:
    market = lived(10, *only("none"))
    listings = market.listings
    asked = market.price_history[-31:-1]
    lowest = np.where(asked > 0, asked, np.iinfo(np.int64).max).min(axis=0)
    discount = listings.list_price > listings.price
    assert (listings.list_price[discount] <= lowest[discount]).all()


def test_a_fake_list_price_stands_above_the_price() -> None:
    listings = lived(3, *only("fake_list_price")).listings
    assert (listings.list_price > 1.3 * listings.price).all()


def test_selling_below_cost_ends_with_the_war_chest() -> None:
    market = market_of(*only("below_cost"), "merchants.misconduct.war_chest=30.0")
    market.step()
    predators = [one for one in market.merchants if "below_cost" in one.misconduct]
    assert predators
    rows = np.isin(market.listings.merchant, [one.row for one in predators])
    assert (market.listings.price[rows] < market.listings.unit_cost[rows]).all()
    for _ in range(20):
        market.step()
    spent = [one.row for one in predators if one.war_chest == 0]
    rows = np.isin(market.listings.merchant, spent)
    assert (market.listings.price[rows] > 0.8 * market.listings.unit_cost[rows]).all()


def test_bought_reviews_are_paid_and_flatter() -> None:
    market = lived(6, *only("bought_review"), "merchants.misconduct.bought_reviews_per_day=3.0")
    bought = market.reviews["bought"]
    assert bought.sum() > 20
    assert (market.reviews["stars"][bought] == 5).all()
    paid = market.ledger.transfers["purpose"] == Purpose.BOUGHT_REVIEW
    assert market.ledger.transfers["amount"][paid].sum() == 500 * bought.sum()


def test_counterfeits_are_cheap_and_bad() -> None:
    listings = lived(2, *only("counterfeit")).listings
    assert listings.counterfeit.all()
    np.testing.assert_allclose(listings.unit_cost, listings.genuine_cost * 0.3, atol=1)
    assert (listings.quality == 0.1).all()


def view(price: np.ndarray, cost: np.ndarray, **changes) -> PricingView:
    ordinary = {
        "day": 1,
        "commission": np.full(len(price), 0.1),
        "units_history": np.ones((28, len(price))),
        "draw": np.full(len(price), 0.7),
    }
    return pricing_view(price, cost, **(ordinary | changes))


def test_cost_plus_settles_at_cost_and_markup_after_commission() -> None:
    policy = CostPlus(CostPlus.Params(name="cost_plus", markup=0.5))
    price = np.array([100, 5000])
    for _ in range(200):
        price = policy.price(view(price, np.array([900, 900])))
    np.testing.assert_array_equal(price, [1500, 1500])


def test_the_adaptive_strategy_finds_the_monopoly_price() -> None:
    policy = Adaptive(Adaptive.Params(name="adaptive", period=1, step=0.02))
    n, cost = 40, 1000
    rng = np.random.default_rng(1)
    price = rng.integers(1100, 3500, n)
    prices, units = np.tile(price, (28, 1)), np.zeros((28, n))

    def demand(p: np.ndarray) -> np.ndarray:
        return np.maximum(4000.0 - p, 0.0)  # best price with 10 % commission: 2555.6

    for day in range(300):
        price = policy.price(
            view(
                price,
                np.full(n, cost),
                day=day,
                price_history=prices,
                units_history=units,
                draw=rng.random(n),
            )
        )
        prices = np.concatenate([prices[1:], price[None]])
        units = np.concatenate([units[1:], demand(price)[None]])
    assert np.median(np.abs(prices[-50:].mean(axis=0) / 2555.6 - 1.0)) < 0.08


def test_a_best_response_meets_its_first_order_condition() -> None:
    cost, value = np.array([900, 1100, 800]), np.array([2000.0, 2300.0, 1900.0])
    scale, others = np.full(3, 250.0), np.full(3, 40.0)
    knowledge = DemandKnowledge(value, scale, others)
    policy = BestResponse(BestResponse.Params(name="best_response"))
    both = view(np.full(3, 1500), cost, merchant=np.array([0, 0, 1]), demand=knowledge)
    price = policy.price(both)
    effective = cost / 0.9
    weight = np.exp((value - price) / scale)
    for firm in (np.array([0, 1]), np.array([2])):
        share = weight[firm].sum() / (weight[firm].sum() + 40.0)
        np.testing.assert_allclose(price[firm] - effective[firm], 250.0 / (1 - share), atol=1.0)
