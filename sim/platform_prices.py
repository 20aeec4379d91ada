"""Prices that the platform sets in place of merchants: campaigns, and following the rival.

In a campaign the platform sells a merchant's goods below what the merchant asks, at the merchant's
cost. Where it asks for consent, merchants agree for goods that still pay their variable cost; where
it does not, some refuse prices that would not, and it may take places in slates and search results
from them in return. Prices that follow the rival are cut on the same day by the share that the
rival takes off its own.

Which merchants are drawn does not change from day to day, nor with the share of them. Merchants
base tomorrow's prices on what they asked, not on what the platform made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, read_only
from policies.observations import ForcedPriceBook

if TYPE_CHECKING:
    from sim.market import Marketplace


@dataclass(slots=True)
class PlatformPrices:
    """What the platform makes of today's prices. L listings, M merchants."""

    asked: NDArray[np.int64]  # (L,) cents that the merchant asks; 0: the price is its own
    campaign: BoolArray  # (L,) sold in a campaign
    follows: BoolArray  # (L,) follows the rival
    opted_in: BoolArray  # (L,) the merchant agreed
    refused_on: NDArray[np.int64]  # (M,) day since which the merchant refuses; -1: it does not

    @classmethod
    def none(cls, listings: int, merchants: int) -> PlatformPrices:
        """All prices are the merchants' own."""
        return cls(
            asked=np.zeros(listings, np.int64),
            campaign=np.zeros(listings, np.bool_),
            follows=np.zeros(listings, np.bool_),
            opted_in=np.zeros(listings, np.bool_),
            refused_on=np.full(merchants, -1),
        )

    def grow(self, listings: int, merchants: int) -> None:
        """Make room for `listings` more, which are their merchants' own, of M merchants in all."""
        for name in ("asked", "campaign", "follows", "opted_in"):
            column = getattr(self, name)
            setattr(self, name, np.append(column, np.zeros(listings, column.dtype)))
        new = merchants - len(self.refused_on)
        self.refused_on = np.append(self.refused_on, np.full(new, -1))


def retract(market: Marketplace) -> None:
    """Before merchants set prices: what stands at each listing is what its merchant asked."""
    asked, price = market.platform_prices.asked, market.listings.price
    own = asked == 0
    price[~own] = asked[~own]


def impose(market: Marketplace) -> None:
    """After merchants have set prices: the platform puts its own in their place."""
    state, settings, listings = market.platform_prices, market.settings.platform, market.listings
    if min(settings.forced_share, settings.forced_discount) == settings.auto_follow == 0.0:
        market.platform_prices = PlatformPrices.none(len(listings), len(market.books))
        return
    asked, rival = listings.price.copy(), market.rival_books
    in_business = market.books.is_open[listings.merchant]

    campaign = in_business & _drawn(market, "campaign", settings.forced_share)
    campaign &= settings.forced_discount > 0.0
    cut_price = _cut(asked, settings.forced_discount)
    unwilling = campaign & _loses(market, cut_price)
    if not settings.asks_consent:
        unwilling &= _drawn(market, "refusal", market.settings.merchants.refusal_share)
    campaign &= ~unwilling

    follows = in_business & _drawn(market, "auto_follow", settings.auto_follow)
    followed = _cut(asked, rival.discount if rival.present else 0.0)
    if settings.asks_consent:
        follows &= ~_loses(market, followed)

    price = np.where(campaign, cut_price, asked)
    listings.price[:] = np.where(follows, np.minimum(price, followed), price)
    state.asked = np.where(listings.price == asked, 0, asked)
    state.campaign, state.follows = campaign, follows
    state.opted_in = (campaign | follows) & settings.asks_consent
    refuses = np.bincount(listings.merchant[unwilling], minlength=len(market.books)) > 0
    since = np.where(state.refused_on >= 0, state.refused_on, market.day)
    state.refused_on = np.where(refuses, since, -1)


def retaliation(market: Marketplace) -> NDArray[np.float64]:
    """(M,) share of its places that the platform takes from a merchant that refuses a campaign."""
    refuses = market.platform_prices.refused_on >= 0
    return np.where(refuses, market.settings.platform.retaliation, 0.0)


def forced_price_book(market: Marketplace) -> ForcedPriceBook:
    """What the regulator may read of today's campaigns."""
    state, listings = market.platform_prices, market.listings
    return ForcedPriceBook(
        set_by_platform=read_only(state.asked > 0),
        asked=read_only(np.where(state.asked > 0, state.asked, listings.price)),
        opted_in=read_only(state.opted_in),
        refused_on=read_only(state.refused_on[listings.merchant]),
    )


def forces_losses(market: Marketplace) -> bool:
    """Whether it sells goods below variable cost against merchants' will, or punishes refusal."""
    state, price = market.platform_prices, market.listings.price
    forced = (state.asked > 0) & ~state.opted_in & _loses(market, price)
    forced &= ~_loses(market, np.maximum(state.asked, price))
    refused = (state.refused_on >= 0).any() and market.settings.platform.retaliation > 0.0
    return bool(forced.any() or refused)


def _drawn(market: Marketplace, purpose: str, share: float) -> BoolArray:
    """(L,) listings of a share of merchants, always the same ones."""
    draw = market.streams.uniform(purpose, 0, np.arange(len(market.books)))
    drawn: BoolArray = (draw < share)[market.listings.merchant]
    return drawn


def _cut(price: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    cents: NDArray[np.int64] = np.maximum(np.rint(price * (1.0 - share)), 1).astype(np.int64)
    return cents


def _loses(market: Marketplace, price: NDArray[np.int64]) -> BoolArray:
    """(L,) whether a price does not pay the unit cost and the commission on it."""
    loses: BoolArray = price * (1.0 - market.fees.commission) < market.listings.unit_cost
    return loses
