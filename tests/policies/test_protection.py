"""How complaints are decided: refunds by rule, always, never."""

import numpy as np
import pytest

from policies.observations import ComplaintsView, ProtectionObservation
from policies.protection.refund_all import RefundAll
from policies.protection.refund_by_rule import RefundByRule
from policies.protection.refund_none import RefundNone


def queue(capacity: int = 100, **columns: list[float]) -> ProtectionObservation:
    n = len(next(iter(columns.values())))
    values = {
        "complaint": np.arange(n) + 40,
        "kind": np.zeros(n, int),
        "day": np.zeros(n, int),
        "paid": np.full(n, 2_000),
        "consumer_complaints": np.zeros(n, int),
        "listing_complaint_rate": np.zeros(n),
        "evidence": np.full(n, 0.4),
    }
    given = {name: np.array(column) for name, column in columns.items()}
    return ProtectionObservation(
        day=5, complaints=ComplaintsView(**(values | given)), capacity=capacity
    )


def shares(observation: ProtectionObservation, **params: object) -> list[float]:
    policy = RefundByRule(RefundByRule.Params(name="refund_by_rule", **params))
    return policy.resolve(observation).refund_share.tolist()


@pytest.mark.parametrize("policy", [RefundByRule, RefundAll, RefundNone])
def test_the_staff_closes_the_oldest_complaints_it_can(policy: type) -> None:
    answer = policy(policy.Params()).resolve(queue(capacity=2, evidence=[0.1, 0.9, 0.9]))
    assert answer.complaint.tolist() == [40, 41]
    assert len(answer.refund_share) == 2


@pytest.mark.parametrize("policy", [RefundByRule, RefundAll, RefundNone])
def test_without_staff_nothing_is_closed(policy: type) -> None:
    answer = policy(policy.Params()).resolve(queue(capacity=0, evidence=[0.9]))
    assert len(answer.complaint) == len(answer.refund_share) == 0


def test_the_baselines_refund_all_or_nothing() -> None:
    observation = queue(evidence=[0.0, 1.0])
    assert RefundAll(RefundAll.Params()).resolve(observation).refund_share.tolist() == [1, 1]
    assert RefundNone(RefundNone.Params()).resolve(observation).refund_share.tolist() == [0, 0]


def test_evidence_decides() -> None:
    assert shares(queue(evidence=[0.49, 0.5])) == [0.0, 1.0]


def test_small_sums_need_no_proof() -> None:
    assert shares(queue(evidence=[0.0, 0.0], paid=[500, 501])) == [1.0, 0.0]


def test_less_evidence_is_needed_against_a_suspect_listing() -> None:
    assert shares(queue(listing_complaint_rate=[0.04, 0.06])) == [0.0, 1.0]


def test_accounts_that_complain_again_and_again_must_prove_it() -> None:
    observation = queue(
        evidence=[0.6, 0.6, 0.95, 0.6],
        consumer_complaints=[3, 4, 4, 4],
        paid=[2_000, 2_000, 2_000, 100],
        listing_complaint_rate=[0.0, 0.5, 0.0, 0.0],
    )
    assert shares(observation) == [1.0, 0.0, 1.0, 0.0]


def test_what_is_given_back_depends_on_what_went_wrong() -> None:
    observation = queue(kind=[0, 1, 2, 3], evidence=[0.9] * 4)
    assert shares(observation, goods_share=0.9, late_share=0.1, checkout_price_share=0.3) == [
        0.9,
        0.9,
        0.1,
        0.3,
    ]
