"""The platform protects: fraud detection, the complaint desk, and the privacy of what it keeps.

Activation: synchronous, at the end of the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray, read_only
from policies.observations import (
    ComplaintsView,
    FraudAssessment,
    FraudObservation,
    ProtectionObservation,
    Resolution,
)
from sim.ledger import Owner, Purpose
from sim.policy_results import PolicyResultError
from sim.response.deliveries import occurrence
from sim.response.review_sentiment import grievances
from sim.response.trust import feel, satisfaction_with_decision
from sim.sanctioning import Issuer, Measure, rule_number, sales_at_stake, write_down
from sim.settlement import paid_for_goods, refund
from sim.views import listings_view

if TYPE_CHECKING:
    from sim.market import Marketplace

DECEPTIONS = ("counterfeit", "fake_list_price", "bait", "bought_reviews")
"""Misconduct that harms the buyers of a listing; delisting one who does it is not wrongful."""


def protect(market: Marketplace) -> None:
    """Find fraud, decide complaints, and keep no more data than the privacy policy allows."""
    _take_fraud_off_sale(market)
    _decide_complaints(market)
    _keep_privacy(market)


def _take_fraud_off_sale(market: Marketplace) -> None:
    """Score all listings; those flagged that were on sale today are delisted from tomorrow."""
    listings, today = market.listings, market.today
    assessment = _assessment(market)
    today.fraud_flagged = assessment.flagged
    row = np.flatnonzero(assessment.flagged & (listings.delisted_until <= market.day))
    row = row[market.books.is_open[listings.merchant[row]]]
    if len(row) == 0:
        return
    days = assessment.delist_days
    listings.delisted_until[row] = market.day + 1 + days
    merchant = listings.merchant[row]
    sales, margin = sales_at_stake(market)
    write_down(
        market,
        issuer=Issuer.PLATFORM,
        merchant=merchant,
        listing=row,
        kind=Measure.DELIST,
        rule=rule_number(market, market.policies.fraud.name),
        days=days,
        level=market.books.sanction_level[merchant],
        sales=sales[row],
        margin=margin[row],
        wrongful=~deceived_buyers(market, row),
    )


def deceived_buyers(market: Marketplace, listing: IntArray) -> BoolArray:
    """Whether, by the hidden truth, buyers of listings were deceived.

    Args:
        market: the market.
        listing: (n,) rows.

    Returns:
        (n,) whether counterfeits were sold, or the merchant is of a kind that deceives.
    """
    orders = market.orders
    fakes_sold = orders["listing"][orders["counterfeit"]]
    dishonest = [
        not market.merchants[merchant].misconduct.isdisjoint(DECEPTIONS)
        for merchant in market.listings.merchant[listing].tolist()
    ]
    return np.isin(listing, fakes_sold) | np.array(dishonest, dtype=np.bool_)


def _assessment(market: Marketplace) -> FraudAssessment:
    policy, listings = market.policies.fraud, market.listings
    answer = policy.assess(
        FraudObservation(
            day=market.day,
            listings=listings_view(market),
            units_sold=read_only(listings.units_sold.astype(np.float64)),
            complaints=read_only(listings.complaints.astype(np.float64)),
            counterfeit_complaints=read_only(listings.counterfeit_complaints.astype(np.float64)),
            reviews_of_fakes=read_only(grievances(market, "authenticity")),
        )
    )
    return _checked_assessment(policy, answer, len(listings))


def _checked_assessment(policy: Any, answer: Any, listings: int) -> FraudAssessment:
    who = f"fraud policy {policy.name!r}"
    if not isinstance(answer, FraudAssessment):
        raise PolicyResultError(f"{who} must return a FraudAssessment, not {type(answer).__name__}")
    score, flagged = np.asarray(answer.score, dtype=np.float64), np.asarray(answer.flagged)
    if score.shape != (listings,) or not ((score >= 0) & (score <= 1)).all():
        raise PolicyResultError(
            f"{who}: score must hold numbers in [0, 1] of shape ({listings},), not shape "
            f"{score.shape} from {score.min(initial=0)} to {score.max(initial=0)}"
        )
    if flagged.shape != (listings,) or flagged.dtype != np.bool_:
        raise PolicyResultError(
            f"{who}: flagged must be true or false for each of {listings} listings, "
            f"not {flagged.dtype} of shape {flagged.shape}"
        )
    if answer.delist_days < 1:
        raise PolicyResultError(f"{who}: delist_days must be >= 1, not {answer.delist_days}")
    return FraudAssessment(score, flagged, answer.delist_days)


def _decide_complaints(market: Marketplace) -> None:
    """The complaint desk closes what its staff can; refunds are clawed back from merchants."""
    table, platform = market.complaints, market.settings.platform
    waiting = np.flatnonzero(table["closed_on"] < 0)
    if len(waiting) == 0:
        return
    capacity = platform.complaint_staff * platform.complaints_per_staff
    policy = market.policies.protection
    answer = policy.resolve(
        ProtectionObservation(market.day, _complaints_view(market, waiting), capacity)
    )
    closed, share = _checked_resolution(policy, answer, waiting, capacity)
    if len(closed) == 0:
        return
    table["refund"][closed] = refund(market, table["order"][closed], share)
    table["closed_on"][closed] = market.day
    _let_complainants_feel(market, closed, share)
    ledger = market.ledger
    ledger.transfer(
        market.day,
        ledger.account(Owner.PLATFORM),
        ledger.account(Owner.OUTSIDE),
        market.cents(platform.complaint_cost) * len(closed),
        Purpose.OPERATION,
    )


def _complaints_view(market: Marketplace, waiting: IntArray) -> ComplaintsView:
    table, listings = market.complaints, market.listings
    listing = table["listing"][waiting]
    sold = np.maximum(listings.units_sold[listing], 1)
    return ComplaintsView(
        complaint=read_only(waiting),
        kind=read_only(table["kind"][waiting]),
        day=read_only(table["day"][waiting]),
        paid=read_only(paid_for_goods(market, table["order"][waiting])),
        consumer_complaints=read_only(earlier_complaints(table["consumer"], waiting)),
        listing_complaint_rate=read_only(listings.complaints[listing] / sold),
        evidence=read_only(table["evidence"][waiting]),
    )


def earlier_complaints(consumer: IntArray, waiting: IntArray) -> NDArray[np.int64]:
    """How many complaints an account filed before each of those that wait.

    Args:
        consumer: (n,) who filed each complaint, oldest first.
        waiting: (q,) rows of those that wait.

    Returns:
        (q,) counts.
    """
    own = np.flatnonzero(np.isin(consumer, consumer[waiting]))
    return occurrence(consumer[own])[np.searchsorted(own, waiting)]


def _checked_resolution(
    policy: Any, answer: Any, waiting: IntArray, capacity: int
) -> tuple[IntArray, NDArray[np.float64]]:
    who = f"protection policy {policy.name!r}"
    if not isinstance(answer, Resolution):
        raise PolicyResultError(f"{who} must return a Resolution, not {type(answer).__name__}")
    closed = np.asarray(answer.complaint)
    share = np.asarray(answer.refund_share, dtype=np.float64)
    if len(np.unique(closed)) != len(closed) or not np.isin(closed, waiting).all():
        raise PolicyResultError(f"{who} must close open complaints, each once")
    if len(closed) > capacity:
        raise PolicyResultError(
            f"{who} closed {len(closed)} complaints; its staff can close {capacity} a day"
        )
    if share.shape != closed.shape or not ((share >= 0) & (share <= 1)).all():
        raise PolicyResultError(
            f"{who}: refund_share must hold a number in [0, 1] for each of {len(closed)} "
            f"complaints, not shape {share.shape} from {share.min(initial=0)} to "
            f"{share.max(initial=0)}"
        )
    return closed.astype(np.int64), share


def _let_complainants_feel(
    market: Marketplace, closed: IntArray, share: NDArray[np.float64]
) -> None:
    """Who complained judges the decision and the wait; several decisions count by their mean."""
    table = market.complaints
    felt = satisfaction_with_decision(share, market.day - table["day"][closed])
    consumer, place = np.unique(table["consumer"][closed], return_inverse=True)
    mean = np.bincount(place, weights=felt) / np.bincount(place)
    feel(market.crowd, consumer, mean, market.settings.consumers.response)


def _keep_privacy(market: Marketplace) -> None:
    """Delete what may no longer be kept; after that a breach exposes what is left."""
    days = market.policies.privacy.retention_days()
    if days is not None:
        market.log.forget_before(market.day - days + 1)
    if market.today.breach:
        market.today.records_exposed = market.log.records()
        exposed = identified_customers(market)
        trust_lost = np.full(len(exposed), -1.0)
        feel(market.crowd, exposed, trust_lost, market.settings.consumers.response)


def identified_customers(market: Marketplace) -> NDArray[np.int64]:
    """Customers whom a stolen log names: those logged under their account numbers, ascending.

    A pseudonym names nobody. To be named is a wholly bad experience (Martin, Borah & Palmatier
    2017, "Data privacy: effects on customer and firm performance", Journal of Marketing 81(1)).
    """
    key = market.log.keys()
    return key[(key >= 0) & (key < len(market.crowd))].astype(np.int64)
