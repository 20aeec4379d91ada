"""The state of the market as columns: consumers, listings, merchants' books.

Row i of each column belongs to the same consumer, listing or merchant. Money is integer cents.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray

NEVER = int(np.iinfo(np.int32).max)
"""A day that no run reaches: the end of a ban without end."""

MEMORY = 8
"""Distinct listings bought that a consumer remembers."""


@dataclass(slots=True)
class Consumers:
    """All consumers; row i is consumer i. N consumers, C categories, D taste dimensions."""

    address: IntArray  # (N,) place (row of the travel table) where parcels go
    group: IntArray  # (N,) int8 group for fairness questions
    visits_per_day: FloatArray  # (N,) expected visits a day
    category_cumulative: FloatArray  # (N, C) cumulative share of needs by category
    taste: FloatArray  # (N, D) hidden; unit vectors
    lines_per_visit: FloatArray  # (N,) expected needs a visit, >= 1
    repeat_share: FloatArray  # (N,) chance that a need is for an item bought before
    income: IntArray  # (N,) cents a day
    price_sensitivity: FloatArray  # (N,) logit units per reference price of the category
    trust: FloatArray  # (N,) belief in the platform, in [0, 1]
    satisfaction: FloatArray  # (N,) running mean of experience, in [-1, 1]
    active: BoolArray  # (N,) False: left the platform
    orders: IntArray  # (N,) orders so far
    complaints: IntArray  # (N,) complaints so far
    last_order: IntArray  # (N,) day of the last order, -1 if none
    evidence: FloatArray  # (N,) squared stars that trust rests on, in the beta model
    aspiration: FloatArray  # (N,) stars that satisfy; nan before it was first thought of
    memory: IntArray  # (N, MEMORY) listings bought, most recent first, -1 padded
    home: IntArray  # (N,) int8 0 compares both platforms, 1 shops at ours alone, 2 at the rival's

    def __len__(self) -> int:
        """Number of consumers."""
        return len(self.address)


@dataclass(slots=True)
class Listings:
    """All listings ever offered; rows are never removed. L listings, D taste dimensions."""

    merchant: IntArray  # (L,) row of the merchant
    category: IntArray  # (L,)
    price: IntArray  # (L,) cents at checkout
    advertised: IntArray  # (L,) cents that the slate shows; below `price` for a bait
    list_price: IntArray  # (L,) cents announced as the price before discount
    reference_price: FloatArray  # (L,) cents; what consumers remember it to cost
    unit_cost: IntArray  # (L,) cents, what a unit costs the merchant now
    genuine_cost: IntArray  # (L,) cents, what a genuine unit costs without supply shocks
    genuine_quality: FloatArray  # (L,) hidden quality of the genuine article, in [0, 1]
    quality: FloatArray  # (L,) hidden true quality in [0, 1] of what is delivered
    appeal: FloatArray  # (L,) hidden utility offset, logit units
    attributes: FloatArray  # (L, D) hidden; unit vectors
    image: FloatArray  # (L, V) vectors of the pictures; V = 0: there are none
    counterfeit: BoolArray  # (L,) hidden
    stock: IntArray  # (L,) units on the shelf
    in_delivery: IntArray  # (L,) units ordered from suppliers and not yet arrived
    arrives: IntArray  # (L,) day on which they arrive, -1 if none
    delisted_until: IntArray  # (L,) first day on which it may be sold again; 0: never delisted
    listed_on: IntArray  # (L,) day
    units_sold: IntArray  # (L,) so far
    rating_sum: FloatArray  # (L,) stars
    rating_count: IntArray  # (L,)
    complaints: IntArray  # (L,) so far, without those refuted on appeal
    counterfeit_complaints: IntArray  # (L,) of these "not genuine"
    sold_recently: FloatArray  # (L,) units, exponentially weighted, half-life 14 days
    shown_recently: FloatArray  # (L,) sum of 1 / log2(rank + 1) of its places, weighted alike
    complaints_recently: FloatArray  # (L,) weighted alike
    returns_recently: FloatArray  # (L,) weighted alike

    def __len__(self) -> int:
        """Number of listings."""
        return len(self.merchant)

    def extend(self, more: Listings) -> IntArray:
        """Append the rows of `more`; returns their row numbers."""
        first = len(self)
        for field in fields(self):
            old, new = getattr(self, field.name), getattr(more, field.name)
            setattr(self, field.name, np.concatenate([old, new.astype(old.dtype)]))
        return np.arange(first, len(self))


@dataclass(slots=True)
class MerchantBooks:
    """What is counted for each merchant; identity and decisions live in the `Merchant` agents."""

    size: IntArray  # (M,) 0 small, 1 medium, 2 large
    pickup: IntArray  # (M,) place (row of the travel table) where its parcels are fetched
    is_open: BoolArray  # (M,)
    opened_on: IntArray  # (M,) day
    closed_on: IntArray  # (M,) day, -1 while open
    closed_until: IntArray  # (M,) first day on which a sanctioned shop may sell again
    demoted_until: IntArray  # (M,) first day on which it has all its places again
    demotion: FloatArray  # (M,) share of places in slates and results that it loses till then
    revenue: IntArray  # (M,) cents paid out today, net of commission
    cost_of_sales: IntArray  # (M,) cents of unit costs sold today, less those that came back
    other_cost: IntArray  # (M,) cents of fines, bought reviews and spoiled goods today
    units: IntArray  # (M,) units sold today
    days_in_debt: IntArray  # (M,) consecutive days with a negative balance
    profit_recently: FloatArray  # (M,) cents a day, exponentially weighted, half-life 14 days
    revenue_recently: FloatArray  # (M,) cents a day, weighted alike
    sanction_level: IntArray  # (M,) rung of the ladder
    last_offence: IntArray  # (M,) day, -1 if none
    refunded: IntArray  # (M,) cents given back today for goods that buyers keep
    refunded_recently: FloatArray  # (M,) cents a day, weighted like the profit
    delivery_minutes: FloatArray  # (M,) order to door, weighted mean; nan: nothing arrived yet

    def __len__(self) -> int:
        """Number of merchants, closed ones included."""
        return len(self.size)

    def extend(self, more: MerchantBooks) -> IntArray:
        """Append the rows of `more`; returns their row numbers."""
        first = len(self)
        for field in fields(self):
            old, new = getattr(self, field.name), getattr(more, field.name)
            setattr(self, field.name, np.concatenate([old, new.astype(old.dtype)]))
        return np.arange(first, len(self))
