"""What the regulator is shown, and what it rules and finds."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.commerce import ListingsView
from policies.observations.platform_conduct import PlatformConduct

PLATFORM = -1
"""Stands for the platform where a finding or a sanction names a merchant."""

NO_LISTING = -1
"""Stands for no listing in particular: a whole shop, or the platform."""


@dataclass(frozen=True, slots=True)
class RegulationObservation:
    """Handed to the regulator's limits: public prices and the platform's totals."""

    day: int
    listings: ListingsView
    gmv_recently: float  # cents a day, exponentially weighted
    subsidy_recently: float  # cents a day, weighted alike
    revenue_recently: float  # cents a day of the platform's commissions and fees, weighted alike
    subsidy_so_far: int  # cents that the platform has paid in subsidies since day 0


@dataclass(frozen=True, slots=True)
class PriceRecord:
    """Every listing's last H days, oldest first, today excluded. 0 cents: not listed."""

    advertised: IntArray  # (H, L) cents that the slate showed
    checkout: IntArray  # (H, L) cents that checkout asked
    announced: IntArray  # (H, L) cents announced as the price before discount
    units: IntArray  # (H, L) units sold
    last_sold: IntArray  # (L,) days ago on which a unit was sold last, 1: yesterday; 0: never


@dataclass(frozen=True, slots=True)
class AnnouncedReductions:
    """What pages announce of price reductions today, as they print it. None: `was` is the price."""

    was: IntArray  # (L,) cents, the price before, struck through
    share: FloatArray  # (L,) the reduction, share of `was`, in whole per cent
    began: IntArray  # (L,) days ago since when it is announced; 0: today, or there is none


@dataclass(frozen=True, slots=True)
class CostBooks:
    """The books that the regulator may open, as they stand today."""

    unit_cost: IntArray  # (L,) cents
    net_price: FloatArray  # (L,) cents a unit: checkout price, net of coupons that the seller funds
    average_variable_cost: FloatArray  # (L,) cents: unit cost, fees and refunds a unit
    average_total_cost: FloatArray  # (L,) cents: with the merchant's fixed cost a unit of late
    was_below_cost: BoolArray  # (H, L) the net price was below the variable cost of that day
    was_below_total_cost: BoolArray  # (H, L) it was below the total cost of that day
    cost_index: FloatArray  # (H + 1, C) unit costs of a category over those of day 0; today last
    stock_cover_days: FloatArray  # (L,) days that the stock lasts at the recent rate of sale
    life_left: FloatArray  # (L,) share of the shelf life left, in [0, 1]; nan: does not spoil
    closing: BoolArray  # (L,) the merchant is winding up


@dataclass(frozen=True, slots=True)
class MarketShares:
    """Who sells how much."""

    category_share: FloatArray  # (L,) the merchant's share of its category's recent units
    category_share_before: FloatArray  # (L,) what it was in the month up to 90 days ago
    rivals_left: IntArray  # (L,) merchants of the category that gave up in the last 90 days
    platform_share: float  # our platform's share of recent purchases, the rival's included


@dataclass(frozen=True, slots=True)
class EmergencyRecord:
    """Declared emergencies. Days and prices are -1 and 0 where there is none."""

    declared: BoolArray  # (L,) one holds for the category today
    since: IntArray  # (L,) day on which it was declared
    price_before: IntArray  # (L,) cents at checkout on the eve; 0: was not listed then
    cost_before: IntArray  # (L,) cents of unit cost on the eve


@dataclass(frozen=True, slots=True)
class InspectionObservation:
    """Handed to every rule of the regulator on a day of inspection.

    A rule looks at the listings `rows` alone, which is what the regulator's means allow; records
    cover all listings, so that those inspected can be compared with their peers.
    """

    day: int
    rows: IntArray  # (R,) listings inspected today, ascending
    listings: ListingsView
    prices: PriceRecord
    books: CostBooks
    shares: MarketShares
    emergency: EmergencyRecord
    platform: PlatformConduct
    announced: AnnouncedReductions


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspected breach of a rule."""

    rule: str  # e.g. "below_cost"
    listing: int  # NO_LISTING: none in particular
    merchant: int  # PLATFORM: the platform itself
    grade: str  # "A" clear, "B" needs context, "C" a screen only
    illegal_gain: int  # cents, as far as the evidence shows
    evidence: str  # one sentence with the figures
    lawful_price: int | None = None  # cents above which buyers overpaid; None: not to be told


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the regulator says today: the limit on platform subsidies, and what it found by it.

    Limits hold for all campaigns of the platform together, to whomever they pay, on goods and
    delivery fees; what merchants pay into campaigns is not limited.
    """

    max_subsidy: IntArray | None  # (L,) cents that the platform may pay on an order of one unit
    findings: tuple[Finding, ...] = ()
    max_per_day: int | None = None  # cents that it may pay a day; None: no limit
    max_in_all: int | None = None  # cents that it may pay from today on; None: no limit
    max_share: float | None = None  # of an order's price on its day; None: no limit of its own
