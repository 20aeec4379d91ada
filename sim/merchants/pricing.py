"""Prices of the day: what strategies ask, and what misconduct and the platform make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray, read_only
from policies.observations import DemandKnowledge, PricingView, Quote
from sim.demand import demand_system, of_listings
from sim.ledger import Owner
from sim.merchants.market_position import (
    category_share,
    lowest_price_of_others,
    lowest_price_of_similar_goods,
    mean_price_of_others,
    median_price,
    open_rivals,
)
from sim.platform_prices import impose, retract
from sim.rivalry import rival_price_level
from sim.standing_subsidies import net_seller_subsidy

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

_NEVER = np.iinfo(np.int64).max


class PricingError(ValueError):
    """A pricing strategy answered with something that is no price."""


def set_prices(market: Marketplace) -> None:
    """Let every strategy price its merchants' listings, all at once."""
    listings = market.listings
    subsidy = net_seller_subsidy(market)
    _charge_war_chests(market, subsidy)
    open_ = market.books.is_open[listings.merchant]
    morning = _morning(market, subsidy)
    claimed = np.zeros(len(listings), dtype=np.int64)
    retract(market)
    asked = listings.price.copy()
    policies = market.policies.merchant_pricing
    of_each = [
        np.flatnonzero(open_ & market.conduct.uses(name)[listings.merchant]) for name in policies
    ]
    for (name, policy), rows in zip(policies.items(), of_each, strict=True):
        if len(rows):
            view = _view(market, name, policy, rows, morning)
            asked[rows], claimed[rows] = _checked(name, policy.price(view), len(rows))
    listings.price[:] = asked
    _sell_below_cost(market)
    impose(market)
    _announce(market, claimed)


@dataclass(frozen=True, slots=True)
class _Morning:
    """What is worked out once for all strategies this morning. L listings, M merchants."""

    unit_cost: NDArray[np.int64]  # (L,) cents, on which prices are based
    seller_subsidy: NDArray[np.int64]  # (L,) cents a unit, less what campaigns cost it
    median: NDArray[np.int64]  # (C,) cents
    share: NDArray[np.float64]  # (L,)
    rivals: NDArray[np.int64]  # (L,)
    lowest: NDArray[np.int64]  # (L,) cents
    similar: NDArray[np.int64]  # (L,) cents
    mean: NDArray[np.int64]  # (L,) cents
    rival_price: NDArray[np.int64]  # (L,) cents
    capital: NDArray[np.int64]  # (M,) cents
    war_chest: NDArray[np.int64]  # (M,) cents
    deterred: NDArray[np.bool_]  # (M,)
    shown: BoolArray  # (L,) which buyers could come across yesterday
    demand: Callable[[], DemandKnowledge]  # of all listings; worked out when first asked for


def _morning(market: Marketplace, seller_subsidy: NDArray[np.int64]) -> _Morning:
    listings, present = market.listings, market.rival_books.present
    level = rival_price_level(market) if present else 0.0
    at_rival = np.rint(market.reference_price * level).astype(np.int64)
    return _Morning(
        unit_cost=_cost_to_price_on(market),
        seller_subsidy=seller_subsidy,
        median=median_price(market),
        share=category_share(market, listings.sold_recently),
        rivals=open_rivals(market),
        lowest=lowest_price_of_others(market),
        similar=lowest_price_of_similar_goods(market),
        mean=mean_price_of_others(market),
        rival_price=at_rival[listings.category],
        capital=market.ledger.balance_of(Owner.MERCHANT),
        war_chest=market.conduct.war_chest.copy(),
        deterred=market.conduct.is_deterred(market.day),
        shown=_shown_yesterday(market),
        demand=cache(lambda: demand_system(market)),
    )


def _own_past(history: IntArray, days: int, rows: IntArray) -> IntArray:
    """(H, n) the last days, at most, of a record (H, L)."""
    latest = history[len(history) - min(days, len(history)) :]
    past = np.empty((len(latest), len(rows)), dtype=history.dtype)
    for known, day in zip(past, latest, strict=True):
        day.take(rows, out=known, mode="clip")
    return past


def _view(
    market: Marketplace,
    name: str,
    policy: Any,
    rows: IntArray,
    morning: _Morning,
) -> PricingView:
    """What the merchants of one strategy know of their listings `rows`."""
    listings, emergencies = market.listings, market.emergencies
    known = morning.demand() if policy.knows_demand else None
    days = min(getattr(policy, "looks_back", OWN_HISTORY), OWN_HISTORY)
    merchant, category = listings.merchant.take(rows), listings.category.take(rows)
    return PricingView(
        day=market.day,
        listing=read_only(rows),
        merchant=read_only(merchant),
        category=read_only(category),
        price=read_only(listings.price.take(rows)),
        list_price=read_only(listings.list_price.take(rows)),
        unit_cost=read_only(morning.unit_cost.take(rows)),
        commission=read_only(market.fees.commission.take(rows)),
        seller_subsidy=read_only(morning.seller_subsidy.take(rows)),
        stock=read_only(listings.stock.take(rows)),
        units_yesterday=read_only(market.units_history[-1].take(rows).astype(np.float64)),
        sold_recently=read_only(listings.sold_recently.take(rows)),
        price_history=read_only(_own_past(market.checkout_history, days, rows)),
        units_history=read_only(_own_past(market.units_history, days, rows).astype(np.float64)),
        category_median_price=read_only(morning.median.take(category)),
        category_lowest_price=read_only(morning.lowest.take(rows)),
        category_mean_price=read_only(morning.mean.take(rows)),
        shown=read_only(morning.shown.take(rows)),
        similar_lowest_price=read_only(morning.similar.take(rows)),
        category_share=read_only(morning.share.take(rows)),
        open_rivals=read_only(morning.rivals.take(rows)),
        rival_price=read_only(morning.rival_price.take(rows)),
        capital=read_only(morning.capital.take(merchant)),
        war_chest=read_only(morning.war_chest.take(merchant)),
        deterred=read_only(morning.deterred.take(merchant)),
        emergency=read_only(emergencies.since.take(category) >= 0),
        price_before_emergency=read_only(emergencies.price_before.take(rows)),
        draw=read_only(market.streams.uniform(f"pricing/{name}", market.day, rows)),
        demand=None if known is None else of_listings(known, rows),
    )


def _shown_yesterday(market: Marketplace) -> BoolArray:
    """(L,) which listings buyers could come across yesterday; nothing that is new today."""
    shown = np.zeros(len(market.listings), dtype=np.bool_)
    shown[: len(market.standing_steering.shown)] = market.standing_steering.shown
    return shown


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


def _charge_war_chests(market: Marketplace, seller_subsidy: NDArray[np.int64]) -> None:
    """What merchants lost on yesterday's sales below cost comes out of their war chests.

    A unit loses what it costs, beyond what the platform pays out for it: yesterday's price less the
    commission, and a seller's subsidy (L, cents a unit).
    """
    listings, units = market.listings, market.units_history[-1]
    price = listings.price
    received = price - np.rint(price * market.fees.commission) + seller_subsidy
    loss = np.maximum(listings.unit_cost - received, 0.0) * units
    lost = np.bincount(listings.merchant, loss, minlength=len(market.merchants))
    chest = market.conduct.war_chest
    np.maximum(chest - lost.astype(np.int64), 0, out=chest)


def _sell_below_cost(market: Marketplace) -> None:
    """Merchants with a war chest undercut their own cost while it lasts, beside their strategy."""
    listings = market.listings
    depth = market.settings.merchants.misconduct.below_cost_depth
    rows = (
        cheating_listings(market, "below_cost") & (market.conduct.war_chest > 0)[listings.merchant]
    )
    rows &= market.books.is_open[listings.merchant]
    price = np.rint(listings.unit_cost[rows] * (1.0 - depth)).astype(np.int64)
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
    lowest = lowest_asked(market.price_history[-DISCOUNT_DAYS:])
    is_reduced = lowest > listings.price
    listings.list_price = np.where(is_reduced, lowest, listings.price)
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
    rows: BoolArray = market.conduct.cheats(kind, market.day)[market.listings.merchant]
    return rows


def lowest_asked(history: IntArray) -> NDArray[np.int64]:
    """(L,) lowest price > 0 of some days (H, L); 0 where there was none."""
    lowest = np.full(history.shape[1], _NEVER)
    for asked in history:
        _take_in(asked, lowest)
    return np.where(lowest == _NEVER, 0, lowest)


@njit(cache=True)
def _take_in(asked, lowest):  # type: ignore[no-untyped-def]
    for j in range(len(lowest)):
        lowest[j] = min(lowest[j], asked[j] if asked[j] > 0 else _NEVER)
