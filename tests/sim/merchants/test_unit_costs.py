"""What a unit costs, by the books: refunds, fixed costs, an index of unit costs, deeds."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from experiments.running import resolve
from policies.observations import FeeSchedule, InspectionObservation
from scenarios.build import build
from sim.ledger import Owner
from sim.market import Marketplace
from sim.merchants.turnover import close_books
from sim.merchants.unit_costs import (
    CREDIBLE_UNITS,
    CostIndex,
    average_total_cost,
    average_variable_cost,
    net_price,
    refund_rate,
)
from sim.recency import EFFECTIVE_DAYS
from sim.regulation_records import inspection_observation
from sim.settlement import refund
from sim.wrongdoing import DEEDS, Deeds, is_wrongful

Make = Callable[..., SimpleNamespace]


@pytest.fixture
def market(market_stand_in: Make) -> SimpleNamespace:
    """Three merchants with two offers each at 10.00, which cost 6.00; commission 20 %."""
    market = market_stand_in()
    market.fees = FeeSchedule(np.full(6, 0.2), 150)
    market.books.revenue_recently = np.full(3, 8000.0)
    market.books.refunded_recently = np.zeros(3)
    market.listings.sold_recently = np.full(6, 10.0)
    return market


def test_variable_cost_is_unit_cost_commission_and_refunds(market: SimpleNamespace) -> None:
    assert average_variable_cost(market).tolist() == [800.0] * 6
    market.books.refunded_recently = np.full(3, 2000.0)
    assert average_variable_cost(market) == pytest.approx(600 + 200 + 0.2 * 800)


def test_one_merchants_refunds_count_the_more_the_more_it_sells(market: SimpleNamespace) -> None:
    market.books.refunded_recently = np.array([8000.0, 0.0, 0.0])
    little = refund_rate(market)
    of_all = 8000 / 32000
    weight = 20 / (20 + CREDIBLE_UNITS)
    assert little == pytest.approx(
        weight * np.array([0.5, 0.0, 0.0]) + (1 - weight) * of_all * np.ones(3)
    )
    market.listings.sold_recently = np.full(6, 1e9)
    assert refund_rate(market) == pytest.approx([0.5, 0.0, 0.0], abs=1e-6)


def test_without_sales_there_are_no_refunds(market: SimpleNamespace) -> None:
    market.books.revenue_recently = np.zeros(3)
    market.listings.sold_recently = np.zeros(6)
    assert refund_rate(market).tolist() == [0.0, 0.0, 0.0]
    total = average_total_cost(market, average_variable_cost(market))
    assert np.isinf(total).all()


def test_total_cost_has_the_fixed_cost_of_a_unit_sold(market: SimpleNamespace) -> None:
    total = average_total_cost(market, np.full(6, 800.0))
    each = market.settings.merchants.fixed_cost_per_listing * 100
    assert total == pytest.approx(800 + 2 * each / (20 / EFFECTIVE_DAYS))


def test_the_net_price_has_what_the_platform_adds_and_not_what_the_seller_bears() -> None:
    campaigns = "policies.subsidy={name = 'flat', amount = 1.0, %s}"
    prices = {}
    for terms in ("to_seller = true", "merchant_share = 0.5", "merchant_share = 0.0"):
        market = small(campaigns % terms, 'policies.price_regulation.name="none"')
        market.step()
        market.step()
        prices[terms] = np.unique(net_price(market) - market.listings.price).tolist()
    assert prices == {
        "to_seller = true": [100.0],
        "merchant_share = 0.5": [-50.0],
        "merchant_share = 0.0": [0.0],
    }


def test_only_refunds_of_goods_that_buyers_keep_are_costs(
    market: SimpleNamespace, deliver: Callable[..., Any]
) -> None:
    order = deliver(market, [0, 1, 2], [0, 0, 1])
    market.ledger.transfer(
        0,
        market.ledger.account(Owner.OUTSIDE),
        market.ledger.account(Owner.PLATFORM),
        10_000,
        0,
    )
    refund(market, order, np.array([0.5, 1.0, 1.0]), restock=np.array([False, True, False]))
    assert market.books.refunded.tolist() == [440, 880, 0]


def test_books_remember_refunds_as_they_do_revenue(market: SimpleNamespace) -> None:
    market.books.refunded = np.array([100, 0, 0])
    for column in ("refunded_recently", "profit_recently", "revenue_recently"):
        setattr(market.books, column, np.zeros(3))
    market.day = 1
    close_books(market)
    assert market.books.refunded_recently.tolist() == [100.0, 0.0, 0.0]
    assert market.books.refunded.tolist() == [0, 0, 0]


def test_the_index_of_costs_chains_the_mean_change_of_a_category() -> None:
    listings = SimpleNamespace(unit_cost=np.array([100, 400, 300]), category=np.array([0, 0, 1]))
    index = CostIndex(4, 2, listings.unit_cost)
    index.update(listings)  # type: ignore[arg-type]
    listings.unit_cost = np.array([200, 400, 300])
    index.update(listings)  # type: ignore[arg-type]
    listings.unit_cost = np.array([200, 400, 300, 9])
    listings.category = np.array([0, 0, 1, 1])
    index.update(listings)  # type: ignore[arg-type]
    listings.unit_cost = np.array([100, 400, 300, 18])
    index.update(listings)  # type: ignore[arg-type]
    root = np.sqrt(2.0)
    assert index.past.days == pytest.approx(
        np.array([[1.0, 1.0], [root, 1.0], [root, 1.0], [1.0, root]])
    )


def records(market: Marketplace) -> InspectionObservation:
    """What rules are shown of all offers."""
    nothing = np.zeros(0, dtype=np.int64)
    return inspection_observation(market, np.arange(len(market.listings)), nothing)


def small(*overrides: str) -> Marketplace:
    world = (
        "commerce.generated.listings=60",
        "commerce.generated.merchants=12",
        "consumers.count=150",
        "couriers.count=0",
        "events=[]",
    )
    scenario, folder = resolve("tiny", overrides=(*world, *overrides))
    return build(scenario, folder=folder)


def test_the_past_and_the_rule_have_the_same_cost() -> None:
    market = small("merchants.strategies={cost_plus = 1.0}")
    for _ in range(6):
        market.step()
        below = net_price(market) < average_variable_cost(market)
        assert (market.below_cost_history[-1] == below).all()
    books = records(market).books
    assert (books.average_variable_cost == average_variable_cost(market)).all()
    assert (books.was_below_cost[-1] <= books.was_below_total_cost[-1]).all()


def test_shares_of_the_past_are_those_of_the_founding_at_first() -> None:
    market = small("merchants.entry_rate=0.0")
    day_0 = records(market).shares
    assert day_0.category_share_before == pytest.approx(day_0.category_share)
    assert day_0.category_share_before.max() > 0
    market.day = 100
    market.units_past.days[:-90] = 0
    market.units_past.days[:-90, 0] = 10**9
    then = records(market).shares.category_share_before
    assert then[0] > 0.99
    market.day = 200
    market.units_past.days[:-90, 0] = 0
    market.units_past.days[:-90, 1] = 1
    then = records(market).shares.category_share_before
    same = market.listings.category == market.listings.category[1]
    same &= market.listings.merchant == market.listings.merchant[1]
    assert then[same].tolist() == [1.0] * same.sum()


def test_pages_print_reductions_in_whole_per_cent() -> None:
    market = small()
    market.listings.advertised[:3] = [1000, 665, 995]
    market.listings.list_price[:3] = [1000, 1000, 1000]
    told = records(market).announced
    assert told.was[:3].tolist() == [1000, 1000, 1000]
    assert told.share[:3] == pytest.approx([0.0, 0.34, 0.01])


def test_goods_that_are_bought_when_sold_are_never_overstocked() -> None:
    market = small("merchants.unlimited_stock=true")
    books = records(market).books
    assert (books.stock_cover_days == 0).all()


def test_a_deed_is_of_one_offer_and_is_forgotten(market: SimpleNamespace) -> None:
    market.deeds = Deeds(6)
    market.merchants[1].misconduct = frozenset(DEEDS)
    market.deeds.last[DEEDS.index("bait"), 4] = 10
    assert not is_wrongful(market, 1, "bait_price", 4)
    assert not is_wrongful(market, 1, "bait_price")
    assert is_wrongful(market, 1, "bait_price", 1)
    assert is_wrongful(market, 1, "below_cost", 4)
    market.day = 130
    assert is_wrongful(market, 1, "bait_price", 4)


def test_gouging_needs_no_intent_and_dumping_does(market: SimpleNamespace) -> None:
    assert not is_wrongful(market, 0, "gouging", 0)
    assert is_wrongful(market, 0, "below_cost", 0)
    assert is_wrongful(market, 0, "collusion")
    market.merchants[0].misconduct = frozenset({"below_cost", "collusion"})
    assert not is_wrongful(market, 0, "below_cost", 0)
    assert not is_wrongful(market, 0, "collusion")


def test_honest_shops_do_no_deeds_and_crooks_do() -> None:
    honest = small(
        *(
            f"merchants.misconduct.{kind}_share=0.0"
            for kind in ("fake_list_price", "bait", "below_cost")
        )
    )
    crooks = small(
        "merchants.misconduct.fake_list_price_share=0.5",
        "merchants.misconduct.bait_share=0.5",
        "merchants.misconduct.below_cost_share=1.0",
        "merchants.misconduct.war_chest=1e6",
        "merchants.large_share=0.5",
    )
    for market in (honest, crooks):
        for _ in range(3):
            market.step()
    assert (honest.deeds.last == -1).all()
    for kind in ("fake_list_price", "bait", "below_cost"):
        done = crooks.deeds.done(kind, crooks.day)
        guilty = np.array([kind in one.misconduct for one in crooks.merchants])
        assert done.any()
        assert guilty[crooks.listings.merchant[done]].all()
