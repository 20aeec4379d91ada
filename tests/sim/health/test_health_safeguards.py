"""Indicators of safety and privacy in a small world."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from logged import log_day

from policies.privacy.pseudonymise import Pseudonymise
from sim.health import find
from sim.ledger import Owner, Purpose

Order = Callable[..., Any]


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def complain(market: SimpleNamespace, day: int, closed_on: int) -> None:
    line = {"consumer": 0, "order": 0, "listing": 0, "merchant": 0, "kind": 0, "evidence": 0.5}
    market.complaints.append(day=day, closed_on=closed_on, refund=0, justified=True, **line)


def test_counterfeits_are_counted_in_units(market: SimpleNamespace, order: Order) -> None:
    order(market, [0, 1], quantity=[1, 3], counterfeit=[True, False])
    assert value(market, "counterfeit_share") == 0.25


def test_refunds_for_counterfeits_lower_the_loss(market: SimpleNamespace, order: Order) -> None:
    rows = order(market, [0, 1], unit_subsidy=[100, 0], counterfeit=[True, False])
    assert value(market, "fraud_loss") == pytest.approx(9.0)
    platform = market.ledger.account(Owner.PLATFORM)
    buyers = market.ledger.account(Owner.CONSUMER, np.arange(2))
    market.ledger.transfer(market.day, platform, buyers, [400, 500], Purpose.REFUND, rows)
    assert value(market, "fraud_loss") == pytest.approx(5.0)


def test_detection_is_scored_against_the_truth(market: SimpleNamespace) -> None:
    market.listings.counterfeit[[0, 1, 2]] = True
    market.today.fraud_flagged = np.array([True, False, False, True, False, False])
    assert value(market, "detector_precision") == 0.5
    assert value(market, "detector_recall") == pytest.approx(1 / 3)
    market.listings.delisted_until[1] = market.day + 3
    assert value(market, "detector_recall") == pytest.approx(2 / 3)


def test_listings_that_came_after_detection_ran_count_as_missed(market: SimpleNamespace) -> None:
    market.listings.counterfeit[[0, 5]] = True
    market.today.fraud_flagged = np.array([True, False, False])
    assert value(market, "detector_recall") == 0.5


def test_measuring_recall_does_not_delist_anybody(market: SimpleNamespace) -> None:
    market.listings.counterfeit[0] = True
    market.today.fraud_flagged = np.ones(6, dtype=bool)
    value(market, "detector_recall")
    assert (market.listings.delisted_until == 0).all()


def test_complaints_and_returns_over_deliveries(market: SimpleNamespace) -> None:
    market.today.delivered = np.arange(4)
    complain(market, day=9, closed_on=-1)
    complain(market, day=10, closed_on=-1)
    market.returns.append(day=[10, 10], order=[0, 1], refund=0)
    assert value(market, "complaint_rate") == 0.25
    assert value(market, "return_rate") == 0.5


def test_open_complaints_have_no_resolution_time_in_the_first_weeks(
    market: SimpleNamespace,
) -> None:
    complain(market, day=8, closed_on=-1)
    assert math.isnan(value(market, "resolution_days"))
    complain(market, day=8, closed_on=9)
    complain(market, day=8, closed_on=10)
    assert value(market, "resolution_days") == pytest.approx(1.5)
    assert value(market, "resolved_share") == pytest.approx(2 / 3)
    assert value(market, "complaint_backlog") == 1.0


def test_rates_of_rare_things_forget_after_28_days(market: SimpleNamespace) -> None:
    sanction = {"issuer": 0, "merchant": 0, "listing": 0, "kind": 0, "rule": 0, "days": 0}
    nothing = dict.fromkeys(market.sanctions.schema, 0)
    sanction = nothing | sanction | {"level": 1, "overturned": False}
    market.sanctions.append(**(sanction | {"day": [10, 11], "wrongful": [True, False]}))
    market.day = 37
    assert value(market, "wrongful_share") == 0.5
    market.day = 38
    assert value(market, "wrongful_share") == 0.0
    market.day = 39
    assert math.isnan(value(market, "wrongful_share"))
    assert value(market, "sanctions") == 0.0


def test_bought_reviews_do_not_raise_the_honest_rating(market: SimpleNamespace) -> None:
    line = {"consumer": -1, "listing": 0, "order": -1, "text": 0}
    market.reviews.append(day=[9, 10, 10], stars=[1, 5, 2], bought=[False, True, False], **line)
    assert value(market, "mean_rating") == 2.0
    assert value(market, "bought_review_share") == pytest.approx(1 / 3)


def log(market: SimpleNamespace, key: np.ndarray, listing: np.ndarray) -> None:
    """Six impressions, four of them bought."""
    bought = [True, True, True, True, False, False]
    market.log.record(log_day(market.day, visitor=key, listing=listing, bought=bought))


def test_pseudonyms_unlink_purchases_but_do_not_stop_singling_out(market: SimpleNamespace) -> None:
    consumer = np.array([1, 1, 1, 2, 3, 3])
    log(market, consumer, np.array([0, 1, 2, 0, 4, 5]))
    assert value(market, "records_held") == 6.0
    assert value(market, "linkable_share") == 1.0
    assert value(market, "reidentification") == 1.0  # consumer 1 alone has three purchases
    market.log.forget_before(market.day + 1)
    hidden = Pseudonymise(Pseudonymise.Params(name="pseudonymise")).keys(consumer, market.day)
    log(market, hidden, np.array([0, 1, 2, 0, 4, 5]))
    assert value(market, "linkable_share") == 0.0
    assert value(market, "reidentification") == 1.0


def test_a_breach_exposes_what_was_held_when_it_happened(market: SimpleNamespace) -> None:
    log(market, np.arange(6), np.arange(6))
    assert value(market, "records_exposed") == 0.0
    market.today.records_exposed = 4
    assert value(market, "records_exposed") == 4.0
