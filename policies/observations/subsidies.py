"""What subsidy policies are shown, and what they offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from policies.arrays import BoolArray, IntArray
from policies.observations.commerce import ListingsView, SessionsView

NOT_SHOWN = -1
"""Stands for a day or a sum that the page of a campaign leaves out."""


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
class CampaignNotice:
    """What the page of a campaign tells: empty text, or NOT_SHOWN, where it is silent."""

    recipients: str = ""  # who gets it
    method: str = ""  # how much, off what
    conditions: str = ""  # when, on what, until when
    start: int = NOT_SHOWN  # first day
    end: int = NOT_SHOWN  # first day after it
    total: int = NOT_SHOWN  # cents announced in all


@dataclass(frozen=True, slots=True)
class SubsidyOffer:
    """One campaign's subsidy of a day: what an eligible session gets off each listing.

    The subsidy of session s on listing l is `per_unit[l]` where `eligible[s]`, else 0, as long as
    the day's budget and what the campaign is funded with pay for it.
    """

    per_unit: IntArray  # (L,) cents a unit, >= 0
    eligible: BoolArray  # (S,)
    to_seller: bool = False  # paid to the merchant instead of taken off the buyer's price
    budget: int | None = None  # cents for the whole day; None: no limit of its own
    campaign: str = ""  # its name, by which its record is kept
    off_fee: int | IntArray = 0  # cents off a visit's delivery fee, or (L,) by what it orders
    cap_per_order: int | None = None  # cents that an order may get; None: no limit
    merchant_share: float = 0.0  # of what buyers get that the merchant bears, in [0, 1]
    funded: int | None = None  # cents set aside for it in all; None: no limit of its own
    notice: CampaignNotice = field(default_factory=CampaignNotice)


@dataclass(frozen=True, slots=True)
class Subsidies:
    """Several campaigns of a day, and how they stack on one order.

    "best": the one that pays most on the order, whoever receives it; "first": the first in their
    order that pays anything; "add": all, in their order, as far as price and delivery fee go.
    """

    offers: tuple[SubsidyOffer, ...]
    stacking: Literal["best", "add", "first"] = "best"
