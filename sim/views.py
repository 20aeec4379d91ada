"""The frozen views that policies are handed, made from the market's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, read_only
from policies.observations import ListingsView, SessionsView

if TYPE_CHECKING:
    from sim.market import Marketplace


def may_be_sold(market: Marketplace) -> BoolArray:
    """(L,) whether a listing may be sold: its shop is open and neither is under a sanction."""
    listings, books, day = market.listings, market.books, market.day
    shop = books.is_open & (books.closed_until <= day)
    sellable: BoolArray = shop[listings.merchant] & (listings.delisted_until <= day)
    return sellable


def listings_view(market: Marketplace) -> ListingsView:
    """The listings as the platform's own database has them now: no hidden column."""
    listings = market.listings
    on_sale = may_be_sold(market) & (listings.stock > 0)
    rated = listings.rating_count > 0
    mean = np.full(len(listings), np.nan)
    np.divide(listings.rating_sum, listings.rating_count, out=mean, where=rated)
    return ListingsView(
        title=market.title_texts(),
        description=market.description_texts(),
        merchant=read_only(listings.merchant),
        merchant_size=read_only(market.books.size[listings.merchant]),
        category=read_only(listings.category),
        category_names=market.category_names,
        category_reference_price=read_only(market.reference_price),
        price=read_only(listings.advertised),
        checkout_price=read_only(listings.price),
        list_price=read_only(listings.list_price),
        on_sale=read_only(on_sale),
        rating_mean=read_only(mean),
        rating_count=read_only(listings.rating_count),
        sold_recently=read_only(listings.sold_recently),
        complaints_recently=read_only(listings.complaints_recently),
        returns_recently=read_only(listings.returns_recently),
        age_days=read_only(market.day - listings.listed_on),
        image=read_only(listings.image) if listings.image.shape[1] else None,
        delivery_minutes=read_only(market.books.delivery_minutes[listings.merchant]),
    )


def sessions_view(market: Marketplace) -> SessionsView:
    """Today's sessions under the keys that the privacy policy lets the platform keep."""
    today = market.today
    consumer = today.session_consumer
    keys = market.policies.privacy.keys(read_only(today.visitors), market.day)
    visit = np.cumsum(today.session_line == 0) - 1  # a visit's needs stand beside each other
    return SessionsView(
        visitor=read_only(np.asarray(keys)[visit].astype(np.int64)),
        category=read_only(today.session_category),
        minute=read_only(today.session_minute),
        orders_before=read_only(market.crowd.orders[consumer]),
        query=read_only(today.session_query),
        queries=market.queries.text,
    )
