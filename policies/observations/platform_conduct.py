"""What the platform itself does, as far as it must keep records for the regulator."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.subsidies import CampaignNotice


def _ints() -> IntArray:
    return np.empty(0, dtype=np.int64)


def _floats() -> FloatArray:
    return np.empty(0, dtype=np.float64)


def _flags_of_days() -> BoolArray:
    return np.empty((0, 0), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """One subsidy campaign of the platform, from its first day on."""

    name: str
    notice: CampaignNotice  # what its page told last
    funded: int  # cents set aside for it in all; -1: without limit
    paid: int  # cents granted so far, whoever bore them
    first_day: int  # on which it was offered
    last_day: int  # on which it was offered last, up to yesterday
    ended: bool  # its announced end has passed, or it was not offered yesterday any more


@dataclass(frozen=True, slots=True)
class CampaignBook:
    """The platform's subsidies. O orders were placed yesterday; C categories, L listings.

    Money is cents; subsidies are what the platform bore, not what merchants did.
    """

    campaigns: tuple[CampaignRecord, ...] = ()
    order_listing: IntArray = field(default_factory=_ints)  # (O,)
    order_price: IntArray = field(default_factory=_ints)  # (O,) before subsidies, all units
    order_subsidy: IntArray = field(default_factory=_ints)  # (O,) to buyer, seller, off the fee
    order_paid: IntArray = field(default_factory=_ints)  # (O,) by the buyer, goods and delivery
    gmv_week: IntArray = field(default_factory=_ints)  # (C,) of the last 7 days, before subsidies
    subsidy_week: IntArray = field(default_factory=_ints)  # (C,) of the last 7 days
    days: int = 0  # days, of these 7, that there are records of
    subsidy_so_far: int = 0  # since day 0, less what cancelled orders and refunds gave back
    effective_price: FloatArray = field(
        default_factory=_floats
    )  # (L,) a unit, less the platform's subsidy, yesterday; nan: unsold or unsubsidised
    was_below_cost: BoolArray = field(
        default_factory=_flags_of_days
    )  # (H, L) sold below variable cost by the platform's subsidy
    launched: IntArray = field(
        default_factory=_ints
    )  # (C,) day of the category's first listing; -1: before day 0


def _flags() -> BoolArray:
    return np.empty(0, dtype=np.bool_)


def _table() -> IntArray:
    return np.empty((0, 0), dtype=np.int32)


def _past() -> FloatArray:
    return np.empty((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class FeeLog:
    """Every change of its fees that the platform has published. F changes, oldest first."""

    published: IntArray = field(default_factory=_ints)  # (F,) day on which merchants were told
    effective: IntArray = field(default_factory=_ints)  # (F,) day from which rises hold
    commission_rise: FloatArray = field(
        default_factory=_floats
    )  # (F,) mean over listings of what their commission rises by, share of the price; cuts: 0
    fee_rise: IntArray = field(default_factory=_ints)  # (F,) cents a visit that orders; cuts: 0
    sales_recently: float = 0.0  # cents a day of goods sold
    orders_recently: float = 0.0  # a day


@dataclass(frozen=True, slots=True)
class QuoteBook:
    """What accounts were asked yesterday for the same goods at checkout, before coupons. Q quotes.

    Empty where everybody was asked the same.
    """

    listing: IntArray = field(default_factory=_ints)  # (Q,)
    account: IntArray = field(default_factory=_ints)  # (Q,) int64 key
    posted: IntArray = field(default_factory=_ints)  # (Q,) cents that the offer asks of everybody
    quote: IntArray = field(default_factory=_ints)  # (Q,) cents that this account was asked
    disclosed: IntArray = field(
        default_factory=_ints
    )  # (Q,) cents off that an offer disclosed to the account explains
    spending: FloatArray = field(
        default_factory=_floats
    )  # (Q,) mean logarithm of what the account paid before, over its categories' usual prices
    collected: int = 0  # cents that buyers paid yesterday above posted prices


@dataclass(frozen=True, slots=True)
class ContractBook:
    """What the platform's contracts bind merchants to beside its own shelves."""

    parity_clause: bool = False  # they may not sell cheaper elsewhere
    follows: BoolArray = field(
        default_factory=_flags
    )  # (L,) the platform lets its price follow the rival's
    opted_in: BoolArray = field(default_factory=_flags)  # (L,) the merchant asked for that
    rival_level: FloatArray = field(
        default_factory=_floats
    )  # (H,) the rival's prices on the last H days over usual ones, oldest first; nan: none


@dataclass(frozen=True, slots=True)
class ForcedPriceBook:
    """Campaigns in which the platform sets merchants' prices."""

    set_by_platform: BoolArray = field(default_factory=_flags)  # (L,) today's price is not its own
    asked: IntArray = field(default_factory=_ints)  # (L,) cents that the merchant asks
    opted_in: BoolArray = field(default_factory=_flags)  # (L,) the merchant agreed
    refused_on: IntArray = field(
        default_factory=_ints
    )  # (L,) day on which its merchant refused; -1: it does not


@dataclass(frozen=True, slots=True)
class ExposureBook:
    """What the platform showed. H days, oldest first."""

    exposure: FloatArray = field(
        default_factory=_past
    )  # (H, L) attention by rank of the places at which a listing was shown; nan: no record
    own_brand: BoolArray = field(default_factory=_flags)  # (L,) sold by the platform itself
    lists: IntArray = field(
        default_factory=_table
    )  # (P, K) yesterday's slates and results with own brand in them, as shown, -1 padded


@dataclass(frozen=True, slots=True)
class PlatformConduct:
    """The platform's own records, book by book; an empty book tells of nothing."""

    campaigns: CampaignBook = field(default_factory=CampaignBook)
    fees: FeeLog = field(default_factory=FeeLog)
    quotes: QuoteBook = field(default_factory=QuoteBook)
    contracts: ContractBook = field(default_factory=ContractBook)
    forced: ForcedPriceBook = field(default_factory=ForcedPriceBook)
    exposure: ExposureBook = field(default_factory=ExposureBook)
