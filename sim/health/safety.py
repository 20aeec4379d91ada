"""Indicators of safety: counterfeits, detection, complaints, sanctions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from policies.observations import PLATFORM
from sim.health.formulas import mean, precision_recall, share
from sim.health.indicator import Indicator
from sim.health.today import last_days, ordered, paid, rows_since, transfers_today, units
from sim.ledger import Purpose
from sim.platform_truth import has_done
from sim.response.review_sentiment import aspect_of_texts, text_sentiment

if TYPE_CHECKING:
    from sim.market import Marketplace


def counterfeit_share(market: Marketplace) -> float:
    """Counterfeits among the units bought today."""
    count = units(market)
    return share(float(count[ordered(market, "counterfeit")].sum()), float(count.sum()))


def fraud_loss(market: Marketplace) -> float:
    """What buyers paid for counterfeits today, less what they got back for any today."""
    lost = int(paid(market)[ordered(market, "counterfeit")].sum())
    order = transfers_today(market, "order")
    refund = (transfers_today(market, "purpose") == Purpose.REFUND) & (order >= 0)
    fake = market.orders["counterfeit"][order[refund]]
    back = int(transfers_today(market, "amount")[refund][fake].sum())
    return (lost - back) / 100.0


def detector_precision(market: Marketplace) -> float:
    """Counterfeits among the listings of open shops that detection flags today."""
    flagged, fake = _flags_and_truth(market)
    return precision_recall(flagged, fake)[0]


def detector_recall(market: Marketplace) -> float:
    """Listings flagged or off sale by a sanction among the counterfeit ones of open shops."""
    flagged, fake = _flags_and_truth(market)
    off_sale = market.listings.delisted_until > market.day
    return precision_recall(flagged | off_sale, fake)[1]


def _flags_and_truth(market: Marketplace) -> tuple[BoolArray, BoolArray]:
    """(L,) flagged today, and (L,) counterfeit in truth; of open shops only."""
    listings, today = market.listings, market.today
    flagged = np.zeros(len(listings), dtype=np.bool_)
    flagged[: len(today.fraud_flagged)] = today.fraud_flagged
    is_open = market.books.is_open[listings.merchant]
    return flagged & is_open, listings.counterfeit & is_open


def complaint_rate(market: Marketplace) -> float:
    """Complaints filed today over orders delivered today."""
    table = market.complaints
    filed = len(table["day"][rows_since(table, market.day)])
    return share(filed, len(market.today.delivered))


def resolution_days(market: Marketplace) -> float:
    """How long complaints that were decided in the last 28 days had waited."""
    table = market.complaints
    decided = np.flatnonzero(table["closed_on"] >= max(last_days(market), 0))
    return mean(table["closed_on"][decided] - table["day"][decided])


def resolved_share(market: Marketplace) -> float:
    """Complaints filed in the last 28 days that are decided by now."""
    table = market.complaints
    return mean(table["closed_on"][rows_since(table, last_days(market))] >= 0)


def complaint_backlog(market: Marketplace) -> float:
    """Complaints that wait for a decision this evening."""
    return float((market.complaints["closed_on"] < 0).sum())


def wrongful_share(market: Marketplace) -> float:
    """Sanctions of the last 28 days against merchants that had done nothing wrong."""
    table = market.sanctions
    return mean(table["wrongful"][rows_since(table, last_days(market))])


def sanctions(market: Marketplace) -> float:
    """Sanctions that regulator and platform impose today."""
    table = market.sanctions
    return float(len(table["day"][rows_since(table, market.day)]))


def findings_against_platform(market: Marketplace) -> float:
    """Breaches of rules that the regulator finds in the platform's own conduct today."""
    return float(sum(one.merchant == PLATFORM for one in market.today.findings))


def false_findings_against_platform(market: Marketplace) -> float:
    """Of these, such as find what the platform does not do."""
    found = [one.rule for one in market.today.findings if one.merchant == PLATFORM]
    return float(sum(not has_done(market, rule) for rule in found))


def return_rate(market: Marketplace) -> float:
    """Returns of today over orders delivered today."""
    table = market.returns
    returned = len(table["day"][rows_since(table, market.day)])
    return share(returned, len(market.today.delivered))


def mean_rating(market: Marketplace) -> float:
    """Mean stars of today's honest reviews."""
    table = market.reviews
    rows = rows_since(table, market.day)
    return mean(table["stars"][rows][~table["bought"][rows]])


def review_sentiment(market: Marketplace) -> float:
    """How well today's reviews speak of the whole, as a lexicon reads their texts."""
    return mean(text_sentiment()[_texts_of_today(market)])


def delivery_sentiment(market: Marketplace) -> float:
    """How well today's reviews speak of the delivery, those that mention it."""
    said = aspect_of_texts("delivery")[_texts_of_today(market)]
    return mean(said[np.isfinite(said)])


def _texts_of_today(market: Marketplace) -> NDArray[np.int32]:
    """(n,) numbers of the texts of today's reviews, the bought ones among them."""
    table = market.reviews
    texts: NDArray[np.int32] = table["text"][rows_since(table, market.day)]
    return texts


def bought_review_share(market: Marketplace) -> float:
    """Bought reviews among those of the last 28 days."""
    table = market.reviews
    return mean(table["bought"][rows_since(table, last_days(market))])


def bait_share(market: Marketplace) -> float:
    """Sessions that left because checkout asked more than was advertised."""
    return mean(market.today.bait_abandoned)


INDICATORS = (
    Indicator(
        "counterfeit_share", "safety", "share of units", "lower",
        "counterfeit units / units ordered (hidden truth)", "OECD & EUIPO 2025", counterfeit_share,
    ),
    Indicator(
        "fraud_loss", "safety", "currency a day", "lower",
        "paid for counterfeits ordered today - refunds paid today for counterfeits (hidden truth)",
        "definition", fraud_loss,
    ),
    Indicator(
        "detector_precision", "safety", "share", "higher",
        "counterfeits among flagged listings of open shops (hidden truth)",
        "Manning, Raghavan & Schütze 2008", detector_precision,
    ),
    Indicator(
        "detector_recall", "safety", "share", "higher",
        "flagged or delisted among counterfeit listings (hidden truth)",
        "Manning, Raghavan & Schütze 2008", detector_recall,
    ),
    Indicator(
        "complaint_rate", "safety", "share of deliveries", "lower",
        "complaints / deliveries today", "Rule 2017 (eBay: about 1 %)", complaint_rate,
    ),
    Indicator(
        "resolution_days", "safety", "days", "lower",
        "mean days to decision, complaints decided in 28 days", "Rule 2017", resolution_days,
    ),
    Indicator(
        "resolved_share", "safety", "share of complaints", "higher",
        "complaints filed in 28 days and decided / complaints filed in 28 days", "definition",
        resolved_share,
    ),
    Indicator(
        "complaint_backlog", "safety", "complaints", "lower", "complaints not yet decided",
        "definition", complaint_backlog,
    ),
    Indicator(
        "wrongful_share", "safety", "share of sanctions", "lower",
        "sanctions of 28 days without wrongdoing / sanctions (hidden truth)", "definition",
        wrongful_share,
    ),
    Indicator(
        "sanctions", "safety", "sanctions a day", "none",
        "notices, delistings, demotions, fines, closures and restitutions of today", "definition",
        sanctions,
    ),
    Indicator(
        "findings_against_platform", "safety", "findings a day", "none",
        "findings of today's inspection against the platform itself", "definition",
        findings_against_platform,
    ),
    Indicator(
        "false_findings_against_platform", "safety", "findings a day", "lower",
        "findings against the platform of what it does not do (hidden truth)", "definition",
        false_findings_against_platform,
    ),
    Indicator(
        "return_rate", "safety", "share of deliveries", "lower", "returns / deliveries today",
        "NRF & Appriss 2023 (online 17.6 %)", return_rate,
    ),
    Indicator(
        "mean_rating", "safety", "stars", "higher", "mean stars of honest reviews today",
        "definition", mean_rating,
    ),
    Indicator(
        "review_sentiment", "safety", "-1 to 1", "higher",
        "mean of VADER's compound score over today's review texts, bought ones among them",
        "Hutto & Gilbert 2014", review_sentiment,
    ),
    Indicator(
        "delivery_sentiment", "safety", "-1 to 1", "higher",
        "mean of VADER's compound score over clauses about the delivery in today's reviews",
        "Hutto & Gilbert 2014; aspects by words: Hu & Liu 2004", delivery_sentiment,
    ),
    Indicator(
        "bought_review_share", "safety", "share of reviews", "lower",
        "bought reviews / reviews, 28 days (hidden truth)", "UK DBT 2023 (11 to 15 %)",
        bought_review_share,
    ),
    Indicator(
        "bait_share", "safety", "share of sessions", "lower",
        "sessions that left at the checkout price / sessions", "definition", bait_share,
    ),
)  # fmt: skip
