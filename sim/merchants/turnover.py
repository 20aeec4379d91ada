"""Books are closed every day; who stays in debt gives up, and profits attract newcomers.

Entries are Poisson with mean `rate * open merchants * exp(elasticity * margin)`, margin being the
market's recent profit over revenue: entry responds to profits (Bresnahan & Reiss 1991; Geroski
1995, International Journal of Industrial Organization 13(4), stylised facts of entry). With
`entry_forecast` they come one at a time, and only where they expect to cover their fixed cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from sim.catalogue_generator import listing_text, unit_rows
from sim.columns import NEVER, Listings
from sim.fee_notices import leaving
from sim.ledger import Owner, Purpose
from sim.merchants.entry_forecast import expected_profit
from sim.merchants.founding import (
    SMALL,
    fixed_costs,
    give_capital,
    hire_agents,
    new_books,
    new_listings,
    pickup_places,
)
from sim.recency import RECENT
from sim.streams import poisson_from_uniform
from sim.vocabulary import CATEGORY_WORDS, MERCHANT_NAME_LIMIT, merchant_brand, merchant_name

if TYPE_CHECKING:
    from sim.market import Marketplace

PICTURES_COMPARED = 10_000
"""Listings from which newcomers take how pictures go with attributes, at most."""


def profit_of_the_day(market: Marketplace) -> IntArray:
    """(M,) cents: revenue less the costs of goods, fixed and other costs of one day."""
    books = market.books
    profit: IntArray = (
        books.revenue - books.cost_of_sales - books.other_cost - _fixed_costs_due(market)
    )
    return profit


def _fixed_costs_due(market: Marketplace) -> IntArray:
    due: IntArray = np.where(market.books.is_open, fixed_costs(market), 0)
    return due


def close_books(market: Marketplace) -> None:
    """Pay fixed costs and settle yesterday's profit; the day's counters start anew."""
    books, ledger = market.books, market.ledger
    rows = np.arange(len(books))
    account = ledger.account(Owner.MERCHANT, rows)
    outside = ledger.account(Owner.OUTSIDE)
    ledger.transfer(market.day, account, outside, _fixed_costs_due(market), Purpose.FIXED_COST)
    profit = profit_of_the_day(market)
    if market.day > 0:
        # A plain mean at first: on the first day many costs are paid and few orders have arrived.
        weight = max(RECENT, 1.0 / market.day)
        books.profit_recently += weight * (profit - books.profit_recently)
        books.revenue_recently += weight * (books.revenue - books.revenue_recently)
        books.refunded_recently += weight * (books.refunded - books.refunded_recently)
    for column in (
        books.revenue,
        books.cost_of_sales,
        books.other_cost,
        books.units,
        books.refunded,
    ):
        column[:] = 0
    in_debt = ledger.balance[account] < 0
    books.days_in_debt = np.where(in_debt & books.is_open, books.days_in_debt + 1, 0)


def give_up(market: Marketplace) -> None:
    """Merchants close that are in debt for too long, or that a rise of fees would ruin.

    So do those barred for ever who may not appeal now. What they owe is written off.
    """
    books = market.books
    grace = market.settings.merchants.grace_days
    appealed = market.day - books.last_offence > market.settings.regulator.appeal_days
    barred = (books.closed_until == NEVER) & appealed
    ruined = (books.days_in_debt > grace) | leaving(market)
    rows = np.flatnonzero(books.is_open & (ruined | barred))
    market.today.exited = rows
    if len(rows) == 0:
        return
    books.is_open[rows] = False
    books.closed_on[rows] = market.day
    market.turnover.append(day=market.day, merchant=rows, size=books.size[rows], entered=False)


def settle_closed(market: Marketplace) -> None:
    """Owners of closed shops take out what is left, or leave the debt to their lenders."""
    closed = np.flatnonzero(~market.books.is_open)
    ledger, outside = market.ledger, market.ledger.account(Owner.OUTSIDE)
    account = ledger.account(Owner.MERCHANT, closed)
    balance = ledger.balance[account]
    ledger.transfer(market.day, account, outside, np.maximum(balance, 0), Purpose.CLOSURE)
    ledger.transfer(market.day, outside, account, np.maximum(-balance, 0), Purpose.CLOSURE)


def enter(market: Marketplace) -> None:
    """New small shops open, the more the better the market pays."""
    books, settings = market.books, market.settings.merchants
    open_ = int(books.is_open.sum())
    revenue = float(books.revenue_recently[books.is_open].sum())
    profit = float(books.profit_recently[books.is_open].sum())
    margin = np.clip(profit / revenue, -1.0, 1.0) if revenue > 0 else 0.0
    mean = settings.entry_rate * open_ * np.exp(settings.entry_elasticity * margin)
    draw = market.streams.uniform("entry", market.day, np.array([0]))
    count = int(poisson_from_uniform(draw, np.array([mean]))[0])
    count = min(count, MERCHANT_NAME_LIMIT - len(books))
    if count <= 0 or market.day == 0:
        return
    if settings.entry_forecast:
        count = 1  # each expects to be the only one, so no two come on one day
    rows = np.arange(len(books), len(books) + count)
    goods = [_planned(market, row) for row in rows.tolist()]
    if settings.entry_forecast and not _pays(market, goods[0].listings):
        return
    market.merchant_names.extend(_new_name(market, row) for row in rows.tolist())
    market.ledger.open_accounts(Owner.MERCHANT, count)
    books.extend(new_books(np.full(count, SMALL), pickup_places(market, rows), market.day))
    for one in goods:
        _list(market, one)
    hire_agents(market, rows)
    give_capital(market, rows)
    market.today.entered = rows
    market.turnover.append(day=market.day, merchant=rows, size=books.size[rows], entered=True)


def _new_name(market: Marketplace, row: int) -> str:
    """A name from the generator; imported names may already use it."""
    name = merchant_name(row)
    return name if name not in market.merchant_names else f"{name} ({row})"


@dataclass(frozen=True, slots=True)
class _Goods:
    """What a newcomer plans to offer. n listings."""

    listings: Listings
    model: IntArray  # (n,) listing that each is a variation of
    words: list[list[float]]  # (n, 3) draws for titles and descriptions


def _pays(market: Marketplace, planned: Listings) -> bool:
    """Whether a newcomer expects its profit to cover its fixed cost."""
    fixed = len(planned) * market.settings.merchants.fixed_cost_per_listing * 100.0
    return expected_profit(market, planned) >= fixed


def _planned(market: Marketplace, row: int) -> _Goods:
    """An entrant offers variations of what its category already sells, at about its prices.

    It draws from a stream of its own: what the n-th entrant of a run offers does not depend on who
    else enters that day.
    """
    old, settings = market.listings, market.settings.merchants
    varied = settings.entrant_variation
    rng = market.streams.generator(f"entrant/{row}")
    count = 1 + rng.poisson(settings.entrant_listings - 1)
    merchant = np.full(count, row)
    home = old.category[rng.choice(len(old))]
    model = rng.choice(np.flatnonzero(old.category == home), size=count)
    cost = old.genuine_cost[model] * np.exp(varied * rng.standard_normal(len(model)))
    dimensions = old.attributes.shape[1]
    noise = 5.0 * varied / np.sqrt(dimensions) * rng.standard_normal((len(model), dimensions))
    ratio = old.price[model] / np.maximum(old.genuine_cost[model], 1)
    price = np.maximum(np.rint(cost * np.clip(ratio, 1.05, 3.0)), 1)
    quality = old.genuine_quality[model] + varied * rng.standard_normal(len(model))
    attributes = unit_rows(old.attributes[model] + noise)
    listings = new_listings(
        merchant=merchant,
        category=old.category[model],
        price=price.astype(np.int64),
        unit_cost=np.rint(cost).astype(np.int64),
        quality=np.clip(quality, 0, 1),
        appeal=rng.choice(old.appeal, size=len(model)),
        attributes=attributes,
        image=_pictures(old, model, attributes),
        day=market.day,
    )
    return _Goods(listings, model, rng.random((len(model), 3)).tolist())


def _pictures(
    old: Listings, model: IntArray, attributes: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(n, V) the models' pictures, moved as far as the attributes differ from the models'.

    How pictures move with attributes is what a regression on those on sale says, so that imported
    pictures serve as well.
    """
    rows = slice(PICTURES_COMPARED)
    moves = np.linalg.lstsq(
        old.attributes[rows].astype(np.float64), old.image[rows].astype(np.float64), rcond=None
    )[0]
    pictures: NDArray[np.float64] = old.image[model] + (attributes - old.attributes[model]) @ moves
    return pictures


def _list(market: Marketplace, goods: _Goods) -> None:
    """Put the goods of a newcomer on sale."""
    market.listings.extend(goods.listings)
    _describe(market, goods.listings.merchant, goods.model, goods.words)
    market.grow_history()


def _describe(
    market: Marketplace, merchant: IntArray, model: IntArray, draws: list[list[float]]
) -> None:
    """Titles and descriptions in the category's words; of an imported one, the model's."""
    words = {entry.name: entry for entry in CATEGORY_WORDS}
    for seller, one, three in zip(merchant.tolist(), model.tolist(), draws, strict=True):
        entry = words.get(market.category_names[int(market.listings.category[one])])
        if entry is None:
            name = market.merchant_names[seller]
            title, description = f"{market.titles[one]} by {name}", market.descriptions[one]
        else:
            title, description = listing_text(entry, merchant_brand(seller), three)
        market.titles.append(title)
        market.descriptions.append(description)
