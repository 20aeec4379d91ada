"""The platform protects: fraud, complaints and privacy, in a stand-in of the market."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from logged import log_day
from numpy.typing import NDArray

from policies.fraud.complaint_rate import ComplaintRate
from policies.observations import ProtectionObservation, Resolution
from policies.privacy.keep_all import KeepAll
from policies.privacy.pseudonymise import Pseudonymise
from policies.protection.refund_all import RefundAll
from policies.protection.refund_none import RefundNone
from sim.day import DayRecord
from sim.event_tables import OrderStatus
from sim.ledger import Owner, Purpose
from sim.policy_results import PolicyResultError
from sim.safeguards import earlier_complaints, protect
from sim.sanctioning import Issuer, Measure
from sim.settings.platform import PlatformSettings
from sim.views import may_be_sold

Make = Callable[..., SimpleNamespace]
Deliver = Callable[..., NDArray[np.int64]]


def guarded(make: Make, **settings: object) -> SimpleNamespace:
    market = make(platform=PlatformSettings(**settings))
    market.policies.fraud = ComplaintRate(ComplaintRate.Params(name="complaint_rate"))
    market.policies.protection = RefundAll(RefundAll.Params(name="refund_all"))
    market.policies.privacy = KeepAll(KeepAll.Params(name="keep_all"))
    return market


def complain(market: SimpleNamespace, order: NDArray[np.int64], day: int = 10) -> None:
    orders = market.orders
    market.complaints.append(
        day=day,
        consumer=orders["consumer"][order],
        order=order,
        listing=orders["listing"][order],
        merchant=orders["merchant"][order],
        kind=0,
        evidence=0.5,
        closed_on=-1,
        refund=0,
        justified=True,
    )


def suspect(market: SimpleNamespace, *listings: int) -> None:
    """Much sold, much complained about."""
    market.listings.units_sold[:] = 100
    market.listings.complaints[list(listings)] = 50


def next_day(market: SimpleNamespace) -> None:
    market.day, market.today = market.day + 1, DayRecord()
    protect(market)


def test_flagged_listings_go_off_sale_from_tomorrow_and_come_back(market_stand_in: Make) -> None:
    market = guarded(market_stand_in)
    suspect(market, 2, 3)
    protect(market)
    assert market.today.fraud_flagged.tolist() == [False, False, True, True, False, False]
    on_sale = []
    for day in (11, 24, 25):
        market.day = day
        on_sale.append(may_be_sold(market)[2])
    assert on_sale == [False, False, True]


def test_every_delisting_is_written_down_with_the_truth(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = guarded(market_stand_in)
    deliver(market, [0], [3], counterfeit=True)
    market.merchants[1].misconduct = frozenset({"bait"})
    market.merchants[2].misconduct = frozenset({"below_cost"})
    suspect(market, 0, 1, 2, 3)
    protect(market)
    table = market.sanctions
    assert table["listing"].tolist() == [0, 1, 2, 3]
    assert table["merchant"].tolist() == [0, 1, 2, 0]
    assert table["wrongful"].tolist() == [True, False, True, False]
    assert (table["issuer"] == Issuer.PLATFORM).all()
    assert (table["kind"] == Measure.DELIST).all()
    assert [market.rules[number] for number in table["rule"]] == ["complaint_rate"] * 4


def test_a_listing_that_is_off_sale_is_not_sanctioned_again(market_stand_in: Make) -> None:
    market = guarded(market_stand_in)
    suspect(market, 2)
    protect(market)
    next_day(market)
    assert len(market.sanctions) == 1


def test_listings_of_closed_shops_are_left_alone(market_stand_in: Make) -> None:
    market = guarded(market_stand_in)
    suspect(market, 2)
    market.books.is_open[2] = False
    protect(market)
    assert len(market.sanctions) == 0


def test_money_is_conserved_through_refunds_at_the_complaint_desk(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = guarded(market_stand_in)
    order = deliver(market, [0, 1, 2], [0, 1, 2])
    complain(market, order[:2])
    platform = market.ledger.account(Owner.PLATFORM)
    before = int(market.ledger.balance[platform])
    protect(market)
    assert market.complaints["refund"].tolist() == [1000, 1000]
    assert market.complaints["closed_on"].tolist() == [10, 10]
    assert market.orders["status"].tolist() == [
        OrderStatus.REFUNDED,
        OrderStatus.REFUNDED,
        OrderStatus.DELIVERED,
    ]
    assert market.ledger.balance_of(Owner.CONSUMER)[:3].tolist() == [1_000_000, 1_000_000, 999_000]
    assert market.ledger.balance_of(Owner.MERCHANT).tolist() == [0, 0, 880]
    assert market.ledger.balance[platform] - before == -2 * 400 - 2 * 120
    assert market.ledger.total() == 0
    operation = market.ledger.transfers["purpose"] == Purpose.OPERATION
    assert market.ledger.transfers["amount"][operation].tolist() == [800]


def test_a_queue_longer_than_the_staff_waits(market_stand_in: Make, deliver: Deliver) -> None:
    market = guarded(market_stand_in, complaint_staff=1, complaints_per_staff=2)
    complain(market, deliver(market, np.arange(5), np.zeros(5, int)))
    protect(market)
    next_day(market)
    assert market.complaints["closed_on"].tolist() == [10, 10, 11, 11, -1]


def test_a_prompt_refund_restores_trust_and_a_late_denial_costs_it(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = guarded(market_stand_in)
    order = deliver(market, [0, 1], [0, 0])
    complain(market, order[:1])
    protect(market)
    market.policies.protection = RefundNone(RefundNone.Params(name="refund_none"))
    complain(market, order[1:], day=0)
    next_day(market)
    assert market.crowd.trust[0] > np.float32(0.7) > market.crowd.trust[1]
    assert (market.crowd.trust[2:] == np.float32(0.7)).all()


def test_the_desk_sees_how_often_an_account_complained_before() -> None:
    consumer = np.array([7, 3, 7, 7, 3])
    assert earlier_complaints(consumer, np.array([1, 2, 3, 4])).tolist() == [0, 1, 2, 1]
    assert earlier_complaints(consumer, np.array([3])).tolist() == [2]


class Answering:
    """A protection policy with a prepared answer."""

    name = "answering"

    def __init__(self, complaint: list[int], share: list[float]) -> None:
        self.answer = Resolution(np.array(complaint), np.array(share))
        self.seen: list[ProtectionObservation] = []

    def resolve(self, observation: ProtectionObservation) -> Resolution:
        self.seen.append(observation)
        return self.answer


@pytest.mark.parametrize(
    ("complaint", "share", "message"),
    [
        ([0, 0], [1.0, 1.0], "each once"),
        ([9], [1.0], "open complaints"),
        ([0, 1, 2], [1.0, 1.0, 1.0], "can close 2 a day"),
        ([0], [1.5], r"in \[0, 1\]"),
        ([0], [np.nan], r"in \[0, 1\]"),
        ([0], [1.0, 1.0], "each of 1 complaints"),
    ],
)
def test_decisions_that_the_desk_cannot_make_are_refused(
    market_stand_in: Make,
    deliver: Deliver,
    complaint: list[int],
    share: list[float],
    message: str,
) -> None:
    market = guarded(market_stand_in, complaint_staff=1, complaints_per_staff=2)
    complain(market, deliver(market, np.arange(3), np.zeros(3, int)))
    market.policies.protection = Answering(complaint, share)
    with pytest.raises(PolicyResultError, match=message):
        protect(market)


def test_the_desk_sees_what_was_paid_and_how_suspect_the_listing_is(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = guarded(market_stand_in)
    complain(market, deliver(market, [4, 5], [1, 1], unit_subsidy=300))
    market.listings.complaints[1] = 1
    market.policies.protection = Answering([], [])
    protect(market)
    (seen,) = market.policies.protection.seen
    assert seen.capacity == 60
    assert seen.complaints.paid.tolist() == [700, 700]
    assert seen.complaints.listing_complaint_rate.tolist() == [0.5, 0.5]


def log_days(market: SimpleNamespace, days: range) -> None:
    for day in days:
        keys = market.policies.privacy.keys(np.array([1, 2]), day)
        market.log.record(
            log_day(
                day,
                visitor=keys,
                listing=[0, 1],
                bought=[True, False],
                rating_visitor=keys[:1],
                rating_listing=[0],
                rating=[1.0],
            )
        )


def pseudonymised(market: SimpleNamespace, retention: int) -> None:
    params = Pseudonymise.Params(name="pseudonymise", retention=retention)
    market.policies.privacy = Pseudonymise(params)


def test_the_log_drops_what_the_policy_does_not_retain(market_stand_in: Make) -> None:
    market = guarded(market_stand_in)
    pseudonymised(market, retention=3)
    log_days(market, range(10))
    protect(market)
    assert market.log.days.tolist() == [8, 9]


def test_a_breach_exposes_what_is_kept_and_those_it_names_lose_trust(
    market_stand_in: Make,
) -> None:
    market = guarded(market_stand_in)
    log_days(market, range(10))
    market.today.breach = True
    protect(market)
    assert market.today.records_exposed == 30
    assert np.flatnonzero(market.crowd.trust < np.float32(0.7)).tolist() == [1, 2]


def test_pseudonyms_and_short_retention_take_the_harm_out_of_a_breach(
    market_stand_in: Make,
) -> None:
    market = guarded(market_stand_in)
    pseudonymised(market, retention=3)
    log_days(market, range(10))
    market.today.breach = True
    protect(market)
    assert market.today.records_exposed == 6
    assert (market.crowd.trust == np.float32(0.7)).all()


def test_without_a_breach_nothing_is_exposed(market_stand_in: Make) -> None:
    market = guarded(market_stand_in)
    log_days(market, range(10))
    protect(market)
    assert market.today.records_exposed == 0
    assert (market.crowd.trust == np.float32(0.7)).all()
