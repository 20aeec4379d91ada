"""The catalogue and the day's sessions as the platform sees them."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ListingsView:
    """The L listings as the platform's own database has them."""

    title: tuple[str, ...]  # (L,)
    description: tuple[str, ...]  # (L,)
    merchant: IntArray  # (L,) row of the merchant
    merchant_size: IntArray  # (L,) 0 small, 1 medium, 2 large
    category: IntArray  # (L,)
    category_names: tuple[str, ...]  # (C,)
    category_reference_price: IntArray  # (C,) cents; median price of the category at the start
    price: IntArray  # (L,) cents that the slate advertises
    checkout_price: IntArray  # (L,) cents that checkout asks
    list_price: IntArray  # (L,) cents announced as the price before discount
    on_sale: BoolArray  # (L,) open merchant, not delisted, in stock
    rating_mean: FloatArray  # (L,) posted mean rating in [1, 5]; nan without ratings
    rating_count: IntArray  # (L,)
    sold_recently: FloatArray  # (L,) units, exponentially weighted over about four weeks
    complaints_recently: FloatArray  # (L,) complaints, weighted alike
    returns_recently: FloatArray  # (L,) returns, weighted alike
    age_days: IntArray  # (L,) days since it was listed
    image: FloatArray | None = None
    """(L, V) what a pretrained network sees in the pictures; None: there are none."""
    delivery_minutes: FloatArray | None = None
    """(L,) from order to door, mean of the shop's parcels of late; nan: none yet."""


@dataclass(frozen=True, slots=True)
class SessionsView:
    """Today's S shopping sessions as the platform sees them."""

    visitor: IntArray  # (S,) int64 key that the privacy policy lets the platform keep
    category: IntArray  # (S,) category page that is browsed
    minute: FloatArray  # (S,) minute of the day
    orders_before: IntArray  # (S,) orders of this account up to yesterday (0: a newcomer)
    query: IntArray  # (S,) index into `queries`, -1 without a search
    queries: tuple[str, ...]  # distinct query texts
