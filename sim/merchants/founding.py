"""Merchants open their shops: sizes, strategies, honesty, capital, opening stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies import registry
from policies.arrays import IntArray
from sim.catalogue import Catalogue
from sim.columns import Listings, MerchantBooks
from sim.ledger import Owner, Purpose
from sim.merchants.agent import MISCONDUCT, Merchant
from sim.merchants.stocking import PLENTY, stock_goal
from sim.recency import EFFECTIVE_DAYS

if TYPE_CHECKING:
    from sim.market import Marketplace

SMALL, MEDIUM, LARGE = 0, 1, 2
SIZES = ("small", "medium", "large")


def found(market: Marketplace, catalogue: Catalogue) -> None:
    """Open the shops of a catalogue: books, listings, agents, capital and opening stock."""
    merchants = len(catalogue.merchant_names)
    market.merchants = []
    market.listings = new_listings(
        merchant=catalogue.merchant,
        category=catalogue.category,
        price=catalogue.price,
        unit_cost=catalogue.unit_cost,
        quality=catalogue.quality,
        appeal=catalogue.appeal,
        attributes=catalogue.attributes,
        image=catalogue.image,
        day=0,
    )
    sizes = _sizes(market, np.bincount(catalogue.merchant, minlength=merchants))
    rows = np.arange(merchants)
    market.books = new_books(sizes, pickup_places(market, rows), day=0)
    for row in rows.tolist():
        market.merchants.append(_agent(market, row, int(sizes[row])))
    give_capital(market, rows)
    _fill_shelves(market)


def new_listings(
    *,
    merchant: IntArray,
    category: IntArray,
    price: IntArray,
    unit_cost: IntArray,
    quality: NDArray[np.floating],
    appeal: NDArray[np.floating],
    attributes: NDArray[np.floating],
    image: NDArray[np.floating] | None,
    day: int,
) -> Listings:
    """Columns of listings that are offered for the first time. n rows."""
    n = len(merchant)
    return Listings(
        merchant=merchant.astype(np.int32),
        category=category.astype(np.int32),
        price=price.astype(np.int64),
        advertised=price.astype(np.int64),
        list_price=price.astype(np.int64),
        reference_price=price.astype(np.float64),
        unit_cost=unit_cost.astype(np.int64),
        genuine_cost=unit_cost.astype(np.int64),
        genuine_quality=quality.astype(np.float64),
        quality=quality.astype(np.float64),
        appeal=appeal.astype(np.float64),
        attributes=attributes.astype(np.float32),
        image=np.zeros((n, 0), dtype=np.float32) if image is None else image.astype(np.float32),
        counterfeit=np.zeros(n, dtype=np.bool_),
        stock=np.zeros(n, dtype=np.int64),
        in_delivery=np.zeros(n, dtype=np.int64),
        arrives=np.full(n, -1, dtype=np.int32),
        delisted_until=np.zeros(n, dtype=np.int32),
        listed_on=np.full(n, day, dtype=np.int32),
        units_sold=np.zeros(n, dtype=np.int64),
        rating_sum=np.zeros(n),
        rating_count=np.zeros(n, dtype=np.int64),
        complaints=np.zeros(n, dtype=np.int64),
        counterfeit_complaints=np.zeros(n, dtype=np.int64),
        sold_recently=np.zeros(n),
        shown_recently=np.zeros(n),
        complaints_recently=np.zeros(n),
        returns_recently=np.zeros(n),
    )


def new_books(size: IntArray, pickup: IntArray, day: int) -> MerchantBooks:
    """Books of merchants that open today. n rows."""
    n = len(size)

    def nothing() -> NDArray[np.int64]:
        return np.zeros(n, dtype=np.int64)

    return MerchantBooks(
        size=size.astype(np.int8),
        pickup=pickup.astype(np.int32),
        is_open=np.ones(n, dtype=np.bool_),
        opened_on=np.full(n, day, dtype=np.int32),
        closed_on=np.full(n, -1, dtype=np.int32),
        closed_until=np.zeros(n, dtype=np.int32),
        demoted_until=np.zeros(n, dtype=np.int32),
        demotion=np.zeros(n),
        revenue=nothing(),
        cost_of_sales=nothing(),
        other_cost=nothing(),
        units=nothing(),
        days_in_debt=np.zeros(n, dtype=np.int32),
        profit_recently=np.zeros(n),
        revenue_recently=np.zeros(n),
        sanction_level=np.zeros(n, dtype=np.int8),
        last_offence=np.full(n, -1, dtype=np.int32),
        refunded=nothing(),
        refunded_recently=np.zeros(n),
        delivery_minutes=np.full(n, np.nan),
    )


def hire_agents(market: Marketplace, rows: IntArray) -> None:
    """Make the agents of merchants that have books already."""
    for row in rows.tolist():
        market.merchants.append(_agent(market, row, int(market.books.size[row])))


def give_capital(market: Marketplace, rows: IntArray) -> None:
    """Start-up capital from outside: log-normal, in days of the shop's fixed cost.

    Unequal means keep shops that never sell from giving up all on one day. Who sells below cost, by
    its strategy or beside it, brings its war chest along. Source of the shape: Cabral & Mata
    (2003), American Economic Review 93(4), on the sizes of new firms.
    """
    settings = market.settings.merchants
    spread = np.exp(settings.capital_log_sd * market.streams.normal("capital", 0, rows))
    capital = np.rint(fixed_costs(market)[rows] * settings.capital_days * spread)
    ledger = market.ledger
    chest = market.conduct.war_chest[rows]
    ledger.transfer(
        market.day,
        ledger.account(Owner.OUTSIDE),
        ledger.account(Owner.MERCHANT, rows),
        capital.astype(np.int64) + chest,
        Purpose.CAPITAL,
    )


def fixed_costs(market: Marketplace) -> NDArray[np.int64]:
    """(M,) cents a day: rent and staff, by number of listings."""
    listings = np.bincount(market.listings.merchant, minlength=len(market.books))
    each = market.settings.merchants.fixed_cost_per_listing * 100
    cost: NDArray[np.int64] = np.rint(listings * each).astype(np.int64)
    return cost


def pickup_places(market: Marketplace, rows: IntArray) -> NDArray[np.int32]:
    """(n,) places of shops: denser towards the centre, an exponential fall with distance."""
    if market.settings.delivery.pickup == "hub":
        return np.full(len(rows), market.hub, dtype=np.int32)
    distance = market.distance_from_centre
    weight = np.exp(-distance / max(float(np.median(distance)), 1.0))
    cumulative = np.cumsum(weight / weight.sum())
    draw = market.streams.uniform("shop", 0, rows)
    place = np.minimum(np.searchsorted(cumulative, draw), len(cumulative) - 1)
    return place.astype(np.int32)


def _sizes(market: Marketplace, listings: IntArray) -> NDArray[np.int8]:
    """(M,) small, medium or large by rank of the number of listings; ties by row."""
    settings, count = market.settings.merchants, len(listings)
    rank = np.empty(count, dtype=np.int64)
    rank[np.lexsort((np.arange(count), listings))] = np.arange(count)
    share = (rank + 0.5) / count
    size = np.where(share < settings.small_share, SMALL, MEDIUM)
    return np.where(share > 1.0 - settings.large_share, LARGE, size).astype(np.int8)


def _agent(market: Marketplace, row: int, size: int) -> Merchant:
    """Draw a merchant's strategy and honesty; each kind of misconduct by its own draw."""
    settings, streams = market.settings.merchants, market.streams
    strategies = settings.strategies_of(SIZES[size])
    names = sorted(strategies)
    share = np.array([strategies[name] for name in names])
    cumulative = np.cumsum(share / share.sum())
    draw = float(streams.uniform("strategy", 0, row))
    strategy = names[min(int(np.searchsorted(cumulative, draw, side="right")), len(names) - 1)]
    misconduct = settings.misconduct
    chance = {
        "counterfeit": misconduct.counterfeit_share,
        "fake_list_price": misconduct.fake_list_price_share,
        "bait": misconduct.bait_share,
        "bought_reviews": misconduct.bought_review_share,
        "below_cost": misconduct.below_cost_share if size == LARGE else 0.0,
    }
    kinds = frozenset(
        kind
        for kind in MISCONDUCT
        if float(streams.uniform(f"honesty/{kind}", 0, row)) < chance[kind]
    )
    agent = Merchant(market, row, strategy, kinds, strategy_misconduct(strategy))
    if "below_cost" in agent.misconduct:
        agent.war_chest = market.cents(misconduct.war_chest)
    return agent


def strategy_misconduct(strategy: str) -> frozenset[str]:
    """The kinds of misconduct that a pricing strategy is made of; none for most."""
    declared: frozenset[str] = getattr(
        registry.find("merchant_pricing", strategy), "misconduct", frozenset()
    )
    return declared


def _fill_shelves(market: Marketplace) -> None:
    """The market has a past: recent sales by appeal, and opening stock that covers them.

    Without it the first day's chance sales would decide for good what a popularity list shows.
    """
    listings, settings = market.listings, market.settings.merchants
    expected = _sales_of_the_past(market)
    listings.sold_recently[:] = expected * EFFECTIVE_DAYS
    if settings.unlimited_stock:
        listings.stock[:] = PLENTY
        return
    listings.stock[:] = stock_goal(market, expected, np.arange(len(listings)), 0.0)
    ledger = market.ledger
    cost = np.bincount(
        listings.merchant, listings.stock * listings.unit_cost, minlength=len(market.books)
    ).astype(np.int64)
    account = ledger.account(Owner.MERCHANT, np.arange(len(market.books)))
    ledger.transfer(0, ledger.account(Owner.OUTSIDE), account, cost, Purpose.CAPITAL)
    ledger.transfer(0, account, ledger.account(Owner.SUPPLIERS), cost, Purpose.STOCK)


def _sales_of_the_past(market: Marketplace) -> NDArray[np.float64]:
    """(L,) units a day before day 0: each category's needs, shared out by exp(appeal).

    Half of the needs are taken to be met on the platform.
    """
    listings, crowd = market.listings, market.crowd
    needs = crowd.visits_per_day * crowd.lines_per_visit
    share = np.diff(crowd.category_cumulative, axis=1, prepend=np.float32(0.0))
    of_category = 0.5 * (needs @ share)
    weight = np.exp(listings.appeal)
    total = np.bincount(listings.category, weight, minlength=len(of_category))
    past: NDArray[np.float64] = (of_category / np.maximum(total, 1e-12))[listings.category] * weight
    return past
