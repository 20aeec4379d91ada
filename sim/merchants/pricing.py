"""Prices of the day: what strategies ask, and what misconduct makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray, read_only
from policies.observations import PricingView, Quote
from sim.demand import demand_knowledge
from sim.ledger import Owner
from sim.merchants.market_position import category_share, lowest_price_of_others, open_rivals
from sim.platform_prices import impose, retract
from sim.rivalry import rival_price_level

if TYPE_CHECKING:
    from sim.market import Marketplace

OWN_HISTORY = 28
"""Days of its own prices and sales that a merchant remembers."""

DISCOUNT_DAYS = 30
"""Days whose lowest price an honest discount is announced against."""

REFERENCE_MEMORY = 0.9
"""Weight of yesterday's reference price; Greenleaf (1995), Marketing Science 14(1), about .93."""

LIST_PRICE_PULL = 0.3
"""Weight of the announced list price in what a shopper takes a listing to be worth: Urbany, Bearden
& Weilbaker (1988), Journal of Consumer Research 15(1), find that exaggerated ones work too."""


class PricingError(ValueError):
    """A pricing strategy answered with something that is no price."""


def set_prices(market: Marketplace) -> None:
    """Let every strategy price its merchants' listings, all at once."""
    listings = market.listings
    yesterday, median = listings.price.copy(), _category_median(market)
    strategy = np.array([merchant.strategy for merchant in market.merchants])
    open_ = market.books.is_open[listings.merchant]
    position = _positions(market)
    claimed = np.zeros(len(listings), dtype=np.int64)
    retract(market)
    asked = listings.price.copy()
    for name, policy in market.policies.merchant_pricing.items():
        rows = np.flatnonzero(open_ & (strategy == name)[listings.merchant])
        if len(rows):
            view = _view(market, name, policy, rows, median, position)
            asked[rows], claimed[rows] = _checked(name, policy.price(view), len(rows))
    listings.price[:] = asked
    _sell_below_cost(market, yesterday)
    impose(market)
    _announce(market, claimed)


@dataclass(frozen=True, slots=True)
class _Positions:
    """Where listings stand in their categories this morning. L listings."""

    share: NDArray[np.float64]  # (L,)
    rivals: NDArray[np.int64]  # (L,)
    lowest: NDArray[np.int64]  # (L,) cents
    rival_price: NDArray[np.int64]  # (L,) cents


def _positions(market: Marketplace) -> _Positions:
    listings, present = market.listings, market.rival_books.present
    level = rival_price_level(market) if present else 0.0
    at_rival = np.rint(market.reference_price * level).astype(np.int64)
    return _Positions(
        share=category_share(market, listings.sold_recently),
        rivals=open_rivals(market),
        lowest=lowest_price_of_others(market),
        rival_price=at_rival[listings.category],
    )


def _view(
    market: Marketplace,
    name: str,
    policy: Any,
    rows: IntArray,
    median: IntArray,
    position: _Positions,
) -> PricingView:
    """What the merchants of one strategy know of their listings `rows`."""
    listings, offer = market.listings, market.standing_offer
    subsidy = np.zeros(len(rows), dtype=np.int64)
    if offer is not None and offer.to_seller:
        known = rows < len(offer.per_unit)
        subsidy[known] = offer.per_unit[rows[known]]
    unit_cost = _cost_to_price_on(market)
    merchant = listings.merchant[rows]
    agents = market.merchants
    emergencies = market.emergencies
    return PricingView(
        day=market.day,
        listing=read_only(rows),
        merchant=read_only(merchant),
        category=read_only(listings.category[rows]),
        price=read_only(listings.price[rows]),
        list_price=read_only(listings.list_price[rows]),
        unit_cost=read_only(unit_cost[rows]),
        commission=read_only(market.fees.commission[rows]),
        seller_subsidy=read_only(subsidy),
        stock=read_only(listings.stock[rows]),
        units_yesterday=read_only(market.units_history[-1, rows].astype(np.float64)),
        sold_recently=read_only(listings.sold_recently[rows]),
        price_history=read_only(market.checkout_history[-OWN_HISTORY:, rows]),
        units_history=read_only(market.units_history[-OWN_HISTORY:, rows].astype(np.float64)),
        category_median_price=read_only(median[listings.category[rows]]),
        category_lowest_price=read_only(position.lowest[rows]),
        category_share=read_only(position.share[rows]),
        open_rivals=read_only(position.rivals[rows]),
        rival_price=read_only(position.rival_price[rows]),
        capital=read_only(market.ledger.balance_of(Owner.MERCHANT)[merchant]),
        war_chest=read_only(np.array([one.war_chest for one in agents], np.int64)[merchant]),
        deterred=read_only(np.array([one.is_deterred for one in agents], np.bool_)[merchant]),
        emergency=read_only(emergencies.since[listings.category[rows]] >= 0),
        price_before_emergency=read_only(emergencies.price_before[rows]),
        draw=read_only(market.streams.uniform(f"pricing/{name}", market.day, rows)),
        demand=demand_knowledge(market, rows) if policy.knows_demand else None,
    )


def _checked(name: str, answer: Any, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) prices and (n,) announced prices before discount (0: the honest one), in cents."""
    quote = answer if isinstance(answer, Quote) else Quote(price=answer)
    who = f"merchant_pricing policy {name!r}"
    price = np.asarray(quote.price)
    claimed = (
        np.zeros(count, np.int64) if quote.list_price is None else np.asarray(quote.list_price)
    )
    for what, array in (("integer cents", price), ("list prices in integer cents", claimed)):
        if array.shape != (count,) or array.dtype.kind not in "iu":
            raise PricingError(
                f"{who} must return {what} of shape {(count,)}, not {array.dtype} of shape "
                f"{array.shape}"
            )
    if price.min() < 1:
        raise PricingError(f"{who} must return prices > 0 cents, not {price.min()}")
    if claimed.min() < 0:
        raise PricingError(f"{who} must return list prices >= 0 cents, not {claimed.min()}")
    return price.astype(np.int64), claimed.astype(np.int64)


def _cost_to_price_on(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents; the unit costs on which prices are based.

    A counterfeit is passed off as the genuine article, so that its price follows what that costs,
    cut a little to sell: the price does not give the fake away.

    Source: deceptive counterfeiting, Grossman & Shapiro (1988), American Economic Review 78(1).
    """
    listings = market.listings
    share = 1.0 - market.settings.merchants.misconduct.counterfeit_price_cut
    genuine = listings.genuine_cost * market.supply_factor[listings.category]
    passed_off = np.rint(genuine * share).astype(np.int64)
    cost: NDArray[np.int64] = np.where(listings.counterfeit, passed_off, listings.unit_cost)
    return cost


def _category_median(market: Marketplace) -> NDArray[np.int64]:
    """(C,) cents asked yesterday by open shops; the reference price where there are none."""
    listings = market.listings
    open_ = np.flatnonzero(market.books.is_open[listings.merchant])
    if len(open_) == 0:
        return market.reference_price.astype(np.int64)
    order = open_[np.lexsort((listings.price[open_], listings.category[open_]))]
    category = listings.category[order]
    first = np.searchsorted(category, np.arange(len(market.category_names)))
    end = np.searchsorted(category, np.arange(len(market.category_names)), side="right")
    middle = np.minimum((first + end) // 2, len(order) - 1)
    return np.where(end > first, listings.price[order[middle]], market.reference_price)


def _sell_below_cost(market: Marketplace, yesterday: IntArray) -> None:
    """Merchants with a war chest undercut their own cost while it lasts.

    What they lost on yesterday's sales, at yesterday's prices, comes out of the chest first.
    """
    listings = market.listings
    depth = market.settings.merchants.misconduct.below_cost_depth
    for merchant in market.merchants:
        if merchant.war_chest == 0 or not merchant.is_open:
            continue
        rows = np.flatnonzero(listings.merchant == merchant.row)
        cost = listings.unit_cost[rows]
        loss = np.maximum(cost - yesterday[rows], 0) * market.units_history[-1, rows]
        merchant.war_chest = max(merchant.war_chest - int(loss.sum()), 0)
        if merchant.war_chest > 0 and merchant.cheats("below_cost"):
            price = np.rint(cost * (1.0 - depth)).astype(np.int64)
            listings.price[rows] = np.maximum(price, 1)


def _announce(market: Marketplace, claimed: IntArray) -> None:
    """Advertised, list and reference prices follow from the prices asked.

    An honest discount is announced against the lowest price of the last 30 days, as the EU's Price
    Indication Directive (Art. 6a) asks.

    Args:
        market: the market.
        claimed: (L,) cents that strategies announce instead; 0: the honest price before discount.
    """
    listings, misconduct = market.listings, market.settings.merchants.misconduct
    asked = market.price_history[-DISCOUNT_DAYS:]
    lowest = np.where(asked > 0, asked, np.iinfo(np.int64).max).min(axis=0)
    known = (asked > 0).any(axis=0)
    listings.list_price = np.where(known & (lowest > listings.price), lowest, listings.price)
    listings.list_price = np.where(
        claimed > 0, np.maximum(claimed, listings.price), listings.list_price
    )
    fake = cheating_listings(market, "fake_list_price") & (claimed == 0)
    markup = np.rint(listings.price * (1.0 + misconduct.fake_list_price_markup))
    listings.list_price[fake] = markup[fake].astype(np.int64)
    listings.advertised = listings.price.copy()
    bait = cheating_listings(market, "bait")
    lure = np.maximum(np.rint(listings.price * (1.0 - misconduct.bait_discount)), 1)
    listings.advertised[bait] = lure[bait].astype(np.int64)
    # A bait lures with a low price, not with a discount: it announces none of its own.
    listings.list_price[bait & ~fake] = listings.advertised[bait & ~fake]
    seen = listings.advertised + LIST_PRICE_PULL * (listings.list_price - listings.advertised)
    listings.reference_price = (
        REFERENCE_MEMORY * listings.reference_price + (1.0 - REFERENCE_MEMORY) * seen
    )


def cheating_listings(market: Marketplace, kind: str) -> BoolArray:
    """(L,) whose merchants do one kind of misconduct today."""
    cheats = np.array([merchant.cheats(kind) for merchant in market.merchants], dtype=np.bool_)
    rows: BoolArray = cheats[market.listings.merchant]
    return rows
