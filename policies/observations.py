"""What policies are shown: frozen records of read-only arrays, without hidden truth.

True quality, true tastes and who cheats stay in `sim`. Money is integer cents, time is minutes
since the start of day 0 unless a field says otherwise. L listings, M merchants, S shopping
sessions (a session is one need of one visitor today).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class SessionsView:
    """Today's S shopping sessions as the platform sees them."""

    visitor: IntArray  # (S,) int64 key that the privacy policy lets the platform keep
    category: IntArray  # (S,) category page that is browsed
    minute: FloatArray  # (S,) minute of the day
    orders_before: IntArray  # (S,) orders of this account up to yesterday (0: a newcomer)
    query: IntArray  # (S,) index into `queries`, -1 without a search
    queries: tuple[str, ...]  # distinct query texts


@dataclass(frozen=True, slots=True)
class RecommendationObservation:
    """Handed to a recommender: who comes, what is on sale, how long a slate to fill."""

    day: int
    sessions: SessionsView
    listings: ListingsView
    slate_size: int  # K
    seed: int = 0  # of this policy's own stream today, for whoever explores


@dataclass(frozen=True, slots=True)
class SearchObservation:
    """Handed to a search ranking; sessions without a query expect a row of -1."""

    day: int
    sessions: SessionsView
    listings: ListingsView
    result_size: int  # K


@dataclass(frozen=True, slots=True)
class InteractionLog:
    """The platform's log, as far as the privacy policy keeps it. E impressions, R ratings."""

    day: IntArray  # (E,) day of the impression
    visitor: IntArray  # (E,) int64 key
    listing: IntArray  # (E,)
    position: IntArray  # (E,) 0-based place at which it was seen
    bought: BoolArray  # (E,)
    rating_visitor: IntArray  # (R,) int64 key
    rating_listing: IntArray  # (R,)
    rating: FloatArray  # (R,) stars scaled to [0, 1]
    rating_day: IntArray  # (R,)


@dataclass(frozen=True, slots=True)
class LearningObservation:
    """Handed to a policy that learns: its platform's log and catalogue at the end of a day."""

    day: int
    seed: int  # of this policy's own stream
    log: InteractionLog
    listings: ListingsView


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
    """A day's subsidy: what an eligible session gets off each listing, until the budget is spent.

    The subsidy of session s on listing l is `per_unit[l]` where `eligible[s]`, else 0.
    """

    per_unit: IntArray  # (L,) cents a unit, >= 0
    eligible: BoolArray  # (S,)
    to_seller: bool = False  # paid to the merchant instead of taken off the buyer's price
    budget: int | None = None  # cents for the whole day; None: no limit of its own


@dataclass(frozen=True, slots=True)
class RegulationObservation:
    """Handed to the regulator's price policy: public prices and the ledgers it may inspect."""

    day: int
    listings: ListingsView
    unit_cost: IntArray  # (L,) cents; average variable cost from the books the regulator may open
    gmv_recently: float  # cents a day
    subsidy_recently: float  # cents a day
    price_history: (
        IntArray  # (H, L) cents advertised on the last H days, oldest first; 0: not listed
    )
    was_below_cost: BoolArray  # (H, L) whether checkout asked less than the unit cost of that day


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspected breach of a rule."""

    rule: str  # e.g. "below_cost"
    listing: int
    merchant: int
    grade: str  # "A" clear, "B" needs context, "C" a screen only
    illegal_gain: int  # cents, as far as the evidence shows
    evidence: str  # one sentence with the figures


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the regulator says today: the limit on platform subsidies, and what it found."""

    max_subsidy: IntArray | None  # (L,) cents a unit that the platform may pay; None: no limit
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SanctionObservation:
    """Handed to the sanctions policy: today's findings and each merchant's record."""

    day: int
    findings: tuple[Finding, ...]
    level: IntArray  # (M,) present rung of the ladder; 0: clean record
    last_offence: IntArray  # (M,) day of the last sanction, -1 if none


@dataclass(frozen=True, slots=True)
class Sanction:
    """One decision against a merchant."""

    merchant: int
    listing: int  # -1: the whole shop
    kind: str  # "remind", "delist", "fine"
    rule: str
    days: int  # how long a delisting lasts; 0 otherwise
    fine: int  # cents; 0 otherwise
    level: int  # the merchant's rung afterwards
    evidence: str


@dataclass(frozen=True, slots=True)
class FraudObservation:
    """Handed to the platform's fraud detection at the end of a day."""

    day: int
    listings: ListingsView
    units_sold: FloatArray  # (L,) since it was listed
    complaints: FloatArray  # (L,) since it was listed
    counterfeit_complaints: FloatArray  # (L,) of these, "not genuine"


@dataclass(frozen=True, slots=True)
class FraudAssessment:
    """Scores in [0, 1] and the listings to take off sale."""

    score: FloatArray  # (L,)
    flagged: BoolArray  # (L,)
    delist_days: int = 14  # how long the flagged listings stay off


@dataclass(frozen=True, slots=True)
class ComplaintsView:
    """Open complaints in the order in which they came. Q complaints."""

    complaint: IntArray  # (Q,) id
    kind: IntArray  # (Q,) 0 not as described, 1 not genuine, 2 late, 3 price at checkout
    day: IntArray  # (Q,) day it was filed
    paid: IntArray  # (Q,) cents the consumer paid for the order
    consumer_complaints: IntArray  # (Q,) earlier complaints of this account
    listing_complaint_rate: FloatArray  # (Q,) complaints a unit sold of the listing
    evidence: FloatArray  # (Q,) strength of what the consumer handed in, in [0, 1]


@dataclass(frozen=True, slots=True)
class ProtectionObservation:
    """Handed to the complaint desk each day."""

    day: int
    complaints: ComplaintsView
    capacity: int  # complaints that the desk's staff can close today


@dataclass(frozen=True, slots=True)
class Resolution:
    """Complaints closed today and the share of the payment that each gets back."""

    complaint: IntArray  # (H,) ids
    refund_share: FloatArray  # (H,) in [0, 1]


@dataclass(frozen=True, slots=True)
class PricingView:
    """What the merchants that use one strategy know this morning. n of their listings."""

    day: int
    listing: IntArray  # (n,) ids, ascending
    merchant: IntArray  # (n,)
    category: IntArray  # (n,)
    price: IntArray  # (n,) cents, yesterday's
    unit_cost: IntArray  # (n,) cents
    commission: FloatArray  # (n,) share of the price that the platform keeps
    seller_subsidy: IntArray  # (n,) cents a unit that the platform adds
    stock: IntArray  # (n,) units
    units_yesterday: FloatArray  # (n,)
    price_history: (
        IntArray  # (H, n) cents at checkout on the last H days, oldest first; 0: not listed
    )
    units_history: FloatArray  # (H, n) own sales on those days
    category_median_price: IntArray  # (n,) cents yesterday, of the category's open shops
    draw: FloatArray  # (n,) uniform numbers of the strategy's own stream
    demand: DemandKnowledge | None  # only for strategies that declare `knows_demand`


@dataclass(frozen=True, slots=True)
class DemandKnowledge:
    """The demand system as a merchant who knows it sees it (representative consumer).

    Utility of listing j at price p is `(value_j - p) / scale_j`, all in cents; a buyer's subsidy is
    already in `value`. `others` is the sum of exp(utility) over everything a buyer could choose
    beside this merchant's own listings of the category, outside option and rival included.
    """

    value: FloatArray  # (n,) cents
    scale: FloatArray  # (n,) cents; mu of the logit
    others: FloatArray  # (n,)


class TravelTimes(Protocol):
    """Minutes and metres between places (rows of a table, not road nodes)."""

    @property
    def minutes(self) -> FloatArray:
        """(P, P) minutes from row to column."""

    @property
    def metres(self) -> FloatArray:
        """(P, P) metres driven on the fastest way."""


@dataclass(frozen=True, slots=True)
class DispatchObservation:
    """Handed to the dispatcher at one moment: jobs known so far, couriers on shift, travel times.

    A job is a parcel from one pickup place to one drop-off place. J jobs wait unassigned; K
    couriers are on shift. What a courier is doing now (driving to a stop, serving it) is committed
    and not part of its route here: `place`, `free_at` and `load` are as after it. The stops behind
    it may be reordered, given to others (unless the parcel is on board) and added to. Half of a
    stop's service comes before the handover and half after it.
    """

    now: float  # minutes since the start of day 0
    job: IntArray  # (J,) ids of unassigned jobs, in the order of their placement
    pickup: IntArray  # (J,) place
    dropoff: IntArray  # (J,) place
    placed: FloatArray  # (J,) minute
    ready: FloatArray  # (J,) minute at which the merchant expects to hand it over
    due: FloatArray  # (J,) promised minute
    units: IntArray  # (J,) load it takes in the courier's bag
    courier: IntArray  # (K,) ids
    place: IntArray  # (K,) where the courier is, or will be after its present stop
    free_at: FloatArray  # (K,) minute at which it can leave `place`
    shift_end: FloatArray  # (K,) minute after which no pickup should begin
    capacity: IntArray  # (K,) units
    speed: FloatArray  # (K,) factor on travel minutes (1: as the table has it, 2: twice as long)
    load: IntArray  # (K,) units on board at `free_at`
    route_length: IntArray  # (K,) planned stops
    route_job: IntArray  # (K, R) job of each planned stop, -1 padded
    route_is_dropoff: BoolArray  # (K, R)
    route_place: IntArray  # (K, R) place of each planned stop
    route_due: FloatArray  # (K, R) promise of the stop's job
    route_ready: FloatArray  # (K, R) expected ready minute of the stop's job
    route_units: IntArray  # (K, R) load of the stop's job
    pickup_service: float  # minutes at a pickup, half of them before the handover
    dropoff_service: float  # minutes at a drop-off, half of them before the handover
    travel: TravelTimes


@dataclass(frozen=True, slots=True)
class DispatchPlan:
    """New routes for some couriers; each replaces the whole route shown.

    A job that was in a replaced route and is in no new one waits again.
    """

    courier: IntArray  # (U,) index into the observation's couriers
    route_job: IntArray  # (U, R) jobs of the stops, -1 padded
    route_is_dropoff: BoolArray  # (U, R)
