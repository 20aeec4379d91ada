"""Indicators of safety: counterfeits, detection, complaints, sanctions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.health.formulas import mean, share
from sim.health.indicator import Indicator
from sim.health.today import ordered, sales, units

if TYPE_CHECKING:
    from sim.market import Marketplace

DAYS = 28
PLATFORM = 1


def counterfeit_share(market: Marketplace) -> float:
    """Counterfeits among the units bought today."""
    count = units(market)
    return share(float(count[ordered(market, "counterfeit")].sum()), float(count.sum()))


def fraud_loss(market: Marketplace) -> float:
    """Paid today for counterfeits, in currency."""
    return float(sales(market)[ordered(market, "counterfeit")].sum()) / 100.0


def detector_precision(market: Marketplace) -> float:
    """Counterfeits among the listings that detection flags today."""
    flagged = market.today.fraud_flagged
    fakes = market.listings.counterfeit[: len(flagged)]
    return share(float((flagged & fakes).sum()), float(flagged.sum()))


def detector_recall(market: Marketplace) -> float:
    """Flagged or delisted among the counterfeit listings of open shops."""
    listings, flagged = market.listings, market.today.fraud_flagged
    fakes = listings.counterfeit & market.books.is_open[listings.merchant]
    caught = listings.delisted_until > market.day
    caught[: len(flagged)] |= flagged
    return share(float((fakes & caught).sum()), float(fakes.sum()))


def complaint_rate(market: Marketplace) -> float:
    """Complaints of today over orders delivered today."""
    filed = float((market.complaints["day"] == market.day).sum())
    return share(filed, len(market.today.delivered))


def resolution_days(market: Marketplace) -> float:
    """Mean days from filing to decision of complaints decided in the last 28 days."""
    table = market.complaints
    closed = table["closed_on"] > market.day - DAYS
    return mean(table["closed_on"][closed] - table["day"][closed])


def complaint_backlog(market: Marketplace) -> float:
    """Complaints that wait for a decision."""
    return float((market.complaints["closed_on"] < 0).sum())


def wrongful_share(market: Marketplace) -> float:
    """Sanctions of the last 28 days against merchants that had done nothing wrong."""
    table = market.sanctions
    recent = table["day"] > market.day - DAYS
    return mean(table["wrongful"][recent])


def return_rate(market: Marketplace) -> float:
    """Returns of today over orders delivered today."""
    returned = float((market.returns["day"] == market.day).sum())
    return share(returned, len(market.today.delivered))


def mean_rating(market: Marketplace) -> float:
    """Mean stars of today's honest reviews."""
    table = market.reviews
    return mean(table["stars"][(table["day"] == market.day) & ~table["bought"]])


def bought_review_share(market: Marketplace) -> float:
    """Bought reviews among those of the last 28 days."""
    table = market.reviews
    return mean(table["bought"][table["day"] > market.day - DAYS])


def bait_share(market: Marketplace) -> float:
    """Sessions that left because checkout asked more than was advertised."""
    return mean(market.today.bait_abandoned.astype(np.float64))


INDICATORS = (
    Indicator(
        "counterfeit_share", "safety", "share of units", "lower",
        "counterfeit units / units ordered (hidden truth)", "OECD & EUIPO 2025", counterfeit_share,
    ),
    Indicator(
        "fraud_loss", "safety", "currency a day", "lower", "paid for counterfeits (hidden truth)",
        "definition", fraud_loss,
    ),
    Indicator(
        "detector_precision", "safety", "share", "higher",
        "counterfeits among flagged listings (hidden truth)", "Manning, Raghavan & Schütze 2008",
        detector_precision,
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
        "complaint_backlog", "safety", "complaints", "lower", "complaints not yet decided",
        "definition", complaint_backlog,
    ),
    Indicator(
        "wrongful_share", "safety", "share of sanctions", "lower",
        "sanctions of 28 days without wrongdoing / sanctions (hidden truth)", "definition",
        wrongful_share,
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
        "bought_review_share", "safety", "share of reviews", "lower",
        "bought reviews / reviews, 28 days (hidden truth)", "UK DBT 2023 (11 to 15 %)",
        bought_review_share,
    ),
    Indicator(
        "bait_share", "safety", "share of sessions", "lower",
        "sessions that left at the checkout price / sessions", "definition", bait_share,
    ),
)  # fmt: skip
