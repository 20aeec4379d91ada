"""What subsidy policies are shown, and what they offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from policies.arrays import BoolArray, IntArray
from policies.observations.commerce import ListingsView, SessionsView


@dataclass(frozen=True, slots=True)
class SubsidyObservation:
    """Handed to the platform's subsidy policy each morning."""

    day: int
    sessions: SessionsView
    listings: ListingsView
    platform_balance: int  # cents
    gmv_recently: float  # cents a day, exponentially weighted
    subsidy_recently: float  # cents a day paid by the platform, weighted alike


@dataclass(frozen=True, slots=True)
class SubsidyOffer:
    """One campaign's subsidy of a day: what an eligible session gets off each listing.

    The subsidy of session s on listing l is `per_unit[l]` where `eligible[s]`, else 0, until the
    day's budget is spent.
    """

    per_unit: IntArray  # (L,) cents a unit, >= 0
    eligible: BoolArray  # (S,)
    to_seller: bool = False  # paid to the merchant instead of taken off the buyer's price
    budget: int | None = None  # cents for the whole day; None: no limit of its own
    campaign: str = ""  # its name, by which its record is kept
    off_fee: int = 0  # cents off the delivery fee of a visit that orders
    cap_per_order: int | None = None  # cents that an order may get; None: no limit
    merchant_share: float = 0.0  # of the bill for a unit that the merchant bears, in [0, 1]


@dataclass(frozen=True, slots=True)
class Subsidies:
    """Several campaigns of a day, and how they stack on one order."""

    offers: tuple[SubsidyOffer, ...]
    stacking: Literal["best", "add", "first"] = "best"
