"""The ladder of sanctions: remind, delist, fine."""

import numpy as np
import pytest

from policies.observations import Finding, Sanction, SanctionObservation
from policies.sanctions.ladder import Ladder
from policies.sanctions.none import NoSanctions


def finding(merchant: int = 0, listing: int = 0, grade: str = "A", gain: int = 50_000) -> Finding:
    return Finding("below_cost", listing, merchant, grade, gain, "evidence")


def found(
    *findings: Finding, day: int = 100, level: int = 0, last: int = -1
) -> SanctionObservation:
    return SanctionObservation(day, findings, np.full(3, level), np.full(3, last))


def decide(observation: SanctionObservation, **params: object) -> tuple[Sanction, ...]:
    return Ladder(Ladder.Params(name="ladder", **params)).sanction(observation)


def test_no_sanctions_whatever_is_found() -> None:
    assert NoSanctions(NoSanctions.Params()).sanction(found(finding())) == ()


@pytest.mark.parametrize(
    ("level", "kind", "after"),
    [(0, "remind", 1), (1, "delist", 2), (2, "fine", 3), (3, "fine", 3)],
)
def test_each_offence_takes_a_merchant_one_rung_up(level: int, kind: str, after: int) -> None:
    (one,) = decide(found(finding(), level=level, last=90))
    assert (one.kind, one.level, one.rule) == (kind, after, "below_cost")


def test_many_findings_in_a_day_are_one_step() -> None:
    first = decide(found(finding(listing=0), finding(listing=3)))
    assert [one.kind for one in first] == ["remind"]
    second = decide(found(finding(listing=3), finding(listing=0), level=1, last=90))
    assert [(one.kind, one.listing, one.level) for one in second] == [
        ("delist", 0, 2),
        ("delist", 3, 2),
    ]


def test_one_offer_in_breach_of_two_rules_is_delisted_once() -> None:
    twice = (finding(), Finding("false_discount", 0, 0, "A", 0, "evidence"))
    assert len(decide(found(*twice, level=1, last=90))) == 1


def test_merchants_are_judged_apart() -> None:
    kinds = [one.merchant for one in decide(found(finding(2), finding(0)))]
    assert kinds == [0, 2]


@pytest.mark.parametrize(("last", "count"), [(100, 0), (98, 0), (97, 1), (-1, 1)])
def test_a_merchant_has_time_to_mend_its_ways(last: int, count: int) -> None:
    assert len(decide(found(finding(), level=1, last=last), cure_days=2)) == count


@pytest.mark.parametrize(("last", "level"), [(71, 3), (70, 2), (41, 2), (40, 1), (10, 1)])
def test_clean_days_take_a_merchant_down_again(last: int, level: int) -> None:
    (one,) = decide(found(finding(), level=2, last=last), decay_days=30)
    assert one.level == level


def test_fines_are_a_multiple_of_the_gain_within_limits() -> None:
    def fine(*gains: int) -> int:
        findings = (finding(listing=i, gain=gain) for i, gain in enumerate(gains))
        (one,) = decide(
            found(*findings, level=2, last=90), fine_multiple=2.0, fine_floor=10.0, fine_cap=900.0
        )
        return one.fine

    assert fine(20_000, 10_000) == 60_000
    assert fine(0) == 1_000
    assert fine(10**9) == 90_000


def test_weak_evidence_is_not_acted_upon() -> None:
    weak = found(finding(grade="B"), finding(1, grade="C"))
    assert [one.merchant for one in decide(weak)] == [0]
    assert decide(weak, weakest_grade="A") == ()
    assert len(decide(weak, weakest_grade="C")) == 2


def test_the_order_of_findings_does_not_matter() -> None:
    findings = [finding(0, 1, "B"), finding(0, 2, "A"), finding(1, 0)]
    assert decide(found(*findings)) == decide(found(*findings[::-1]))
