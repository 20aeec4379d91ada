"""The ladder of sanctions and its memory."""

from collections.abc import Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from policies.observations import (
    NEW,
    PLATFORM,
    RUNNING,
    UNCURED,
    WITHOUT_END,
    Finding,
    Sanction,
    SanctionObservation,
    SanctionRecord,
)
from policies.sanctions.ladder import Ladder
from policies.sanctions.none import NoSanctions

Past = tuple[int, int, int]
"""Day, rung and points of an earlier sanction of merchant 0."""


def finding(
    merchant: int = 0,
    listing: int = 0,
    grade: str = "B",
    gain: int = 50_000,
    rule: str = "below_cost",
) -> Finding:
    return Finding(rule, listing, merchant, grade, gain, "evidence")


def found(
    *findings: Finding,
    day: int = 100,
    past: Sequence[Past] = (),
    stage: int = NEW,
    whose: int = 0,
    unpaid: int = 0,
    gmv: float = 1e8,
) -> SanctionObservation:
    """What is found on a day, given the past of one merchant (or of the platform)."""
    level, last = np.zeros(3, np.int64), np.full(3, -1)
    if past and whose >= 0:
        level[whose], last[whose] = past[-1][1], past[-1][0]
    days, rungs, points = (np.array([one[k] for one in past], np.int64) for k in range(3))
    of_platform = bool(past) and whose == PLATFORM
    return SanctionObservation(
        day=day,
        findings=findings,
        level=level,
        last_offence=last,
        stage=np.full(len(findings), stage),
        record=SanctionRecord(
            day=days,
            merchant=np.full(len(past), whose),
            rule=np.zeros(len(past), np.int64),
            level=rungs,
            points=points,
            restitution=np.full(len(past), 500),
            rules=("false_discount",),
        ),
        unpaid=np.array([unpaid, 0, 0]),
        platform_level=past[-1][1] if of_platform else 0,
        platform_last_offence=past[-1][0] if of_platform else -1,
        gmv_recently=gmv,
    )


def decide(observation: SanctionObservation, **params: object) -> tuple[Sanction, ...]:
    return Ladder(Ladder.Params(name="ladder", **params)).sanction(observation)


def kinds(*args: Finding, params: dict[str, object] | None = None, **given: object) -> list[str]:
    return [one.kind for one in decide(found(*args, **given), **(params or {}))]


def test_no_sanctions_whatever_is_found() -> None:
    assert NoSanctions(NoSanctions.Params()).sanction(found(finding())) == ()


def test_a_clean_merchant_is_told_first_and_its_record_stays_clean() -> None:
    (one,) = decide(found(finding(grade="A")), cure_days=3)
    assert (one.kind, one.level, one.points, one.look_again) == ("remind", 0, 0, 3)


def test_what_is_not_cured_goes_off_sale_until_it_is_fixed() -> None:
    told = [(98, 0, 0)]
    (one,) = decide(found(finding(), past=told, stage=UNCURED), recheck_days=2)
    assert (one.kind, one.days, one.level, one.points) == ("delist", WITHOUT_END, 1, 2)
    assert one.look_again == 2


def test_a_case_that_runs_is_left_alone() -> None:
    assert decide(found(finding(), past=[(99, 1, 2)], stage=RUNNING)) == ()


@pytest.mark.parametrize(("told", "kind"), [([90], "delist"), ([9], "remind"), ([], "remind")])
def test_notices_run_out_and_are_forgotten(told: list[int], kind: str) -> None:
    assert kinds(finding(), past=[(day, 0, 0) for day in told]) == [kind]


def test_more_notices_may_be_given() -> None:
    past = [(80, 0, 0), (90, 0, 0)]
    assert kinds(finding(), past=past, params={"notices": 3}) == ["remind"]
    assert kinds(finding(), past=past, params={"notices": 2}) == ["delist"]


@pytest.mark.parametrize(
    ("level", "expected", "after", "points"),
    [
        (0, ["delist"], 1, 2),
        (1, ["delist", "demote"], 2, 12),
        (2, ["fine"], 3, 12),
        (3, ["close"], 4, 12),
        (4, ["close"], 4, 12),
    ],
)
def test_each_offence_takes_a_merchant_one_rung_up(
    level: int, expected: list[str], after: int, points: int
) -> None:
    decided = decide(found(finding(), past=[(80, level, 0)]))
    assert [one.kind for one in decided] == expected
    assert {one.level for one in decided} == {after}
    assert sum(one.points for one in decided) == points


def test_clear_evidence_leads_to_the_second_rung_at_once() -> None:
    decided = decide(found(finding(grade="A"), past=[(98, 0, 0)], stage=UNCURED), demotion=0.4)
    assert [(one.kind, one.listing, one.days) for one in decided] == [
        ("delist", 0, 7),
        ("demote", -1, 14),
    ]
    assert decided[1].cut == 0.4


def test_many_findings_in_a_day_are_one_step() -> None:
    decided = decide(found(finding(listing=3), finding(listing=0), past=[(80, 1, 2)]))
    assert [(one.kind, one.listing, one.points) for one in decided] == [
        ("delist", 0, 12),
        ("delist", 3, 0),
        ("demote", -1, 0),
    ]


def test_one_offer_in_breach_of_two_rules_is_delisted_once() -> None:
    twice = (finding(), finding(rule="false_discount", gain=0))
    assert kinds(*twice, past=[(80, 0, 0)]) == ["delist"]


def test_between_steps_more_offers_go_off_sale_and_the_rung_stays() -> None:
    past = [(60, 1, 2), (96, 2, 12), (98, 2, 0)]
    (one,) = decide(found(finding(), past=past))
    assert (one.kind, one.days, one.level, one.points) == ("delist", WITHOUT_END, 2, 0)
    assert kinds(finding(), past=past, params={"step_days": 4}) == ["fine"]
    assert kinds(finding(), past=past, day=103) == ["fine"]


def test_merchants_are_judged_apart() -> None:
    assert [one.merchant for one in decide(found(finding(2), finding(0)))] == [0, 2]


@pytest.mark.parametrize(("last", "count"), [(100, 0), (99, 0), (98, 1), (-1, 1)])
def test_a_merchant_has_time_to_mend_its_ways(last: int, count: int) -> None:
    past = [(last, 1, 2)] if last >= 0 else []
    assert len(decide(found(finding(), past=past), cure_days=2)) == count


@pytest.mark.parametrize(("last", "level"), [(71, 3), (70, 2), (41, 2), (40, 1), (10, 1)])
def test_clean_days_take_a_merchant_down_again(last: int, level: int) -> None:
    decided = decide(found(finding(), past=[(last, 2, 12)]), decay_days=30, notices=0)
    assert {one.level for one in decided} == {level}


def test_fines_are_a_multiple_of_the_gain_within_limits() -> None:
    def fine(*gains: int) -> int:
        findings = (finding(listing=i, gain=gain) for i, gain in enumerate(gains))
        (one,) = decide(
            found(*findings, past=[(80, 2, 12)]), fine_multiple=2.0, fine_floor=10.0, fine_cap=900.0
        )
        return one.fine

    assert fine(20_000, 10_000) == 60_000
    assert fine(0) == 1_000
    assert fine(10**9) == 90_000


def test_buyers_who_overpaid_get_it_back_before_the_fine() -> None:
    cheated = finding(rule="false_discount", gain=700)
    decided = decide(found(cheated, past=[(80, 2, 12)]), restitution_share=0.5)
    assert [(one.kind, one.restitution) for one in decided] == [("restitution", 350), ("fine", 0)]
    assert kinds(finding(rule="below_cost"), past=[(80, 2, 12)]) == ["fine"]
    assert kinds(cheated, past=[(80, 2, 12)], params={"restitution_share": 0.0}) == ["fine"]


def test_restitution_that_stays_unpaid_on_the_second_rung_leads_to_a_fine() -> None:
    owed = {"past": [(93, 2, 12)], "unpaid": 300}
    (one,) = decide(found(**owed))
    assert (one.kind, one.level, one.rule, one.merchant) == ("fine", 3, "false_discount", 0)
    assert "3.00" in one.evidence
    assert decide(found(**owed), pay_days=8) == ()
    assert decide(found(past=[(93, 1, 2)], unpaid=300)) == ()


def test_a_shop_is_closed_for_a_while_and_for_ever_by_its_points() -> None:
    (one,) = decide(found(finding(), past=[(80, 3, 26)]))
    assert (one.kind, one.listing, one.days, one.points) == ("close", -1, 30, 12)
    (one,) = decide(found(finding(), past=[(80, 3, 36)]))
    assert (one.kind, one.days, one.points) == ("close", WITHOUT_END, 12)
    decided = decide(found(finding(), past=[(80, 1, 36)]))
    assert [(one.kind, one.points) for one in decided] == [
        ("delist", 12),
        ("demote", 0),
        ("close", 0),
    ]
    assert decided[-1].days == WITHOUT_END


def test_old_points_no_longer_count() -> None:
    (one,) = decide(found(finding(), past=[(10, 3, 36), (80, 3, 0)]), points_memory=60)
    assert one.days == 30


def test_weak_evidence_is_not_acted_upon() -> None:
    weak = found(finding(grade="B"), finding(1, grade="C"))
    assert [one.merchant for one in decide(weak)] == [0]
    assert decide(weak, weakest_grade="A") == ()
    assert len(decide(weak, weakest_grade="C")) == 2


def test_the_order_of_findings_does_not_matter() -> None:
    findings = [finding(0, 1, "B"), finding(0, 2, "A"), finding(1, 0)]
    for past in ([], [(80, 1, 2)], [(80, 2, 12)]):
        assert decide(found(*findings, past=past)) == decide(found(*findings[::-1], past=past))


def against_platform(**given: object) -> tuple[Sanction, ...]:
    own = finding(PLATFORM, -1, "A", gain=int(given.pop("gain", 0)), rule="subsidy_limit")
    return decide(found(own, whose=PLATFORM, **given))


def test_the_platform_is_told_then_fined_within_its_band() -> None:
    (one,) = against_platform()
    assert (one.merchant, one.kind, one.level) == (PLATFORM, "remind", 0)
    (one,) = against_platform(past=[(99, 0, 0)], stage=UNCURED)
    assert (one.merchant, one.kind, one.level, one.fine) == (PLATFORM, "fine", 1, 50_000_00)
    (one,) = against_platform(past=[(99, 0, 0)], stage=UNCURED, gain=10**9)
    assert one.fine == 500_000_00


def test_a_repeated_breach_of_the_platform_is_a_serious_one() -> None:
    (one,) = against_platform(past=[(80, 1, 0)])
    assert (one.level, one.fine) == (2, 500_000_00)
    (one,) = against_platform(past=[(80, 2, 0)], gain=10**9)
    assert (one.level, one.fine) == (2, 2_000_000_00)
    assert against_platform(past=[(98, 1, 0)]) == ()


def test_the_band_of_the_platform_is_scaled_with_what_is_sold_on_it() -> None:
    (one,) = against_platform(past=[(80, 1, 0)], gmv=1e6)
    assert one.fine == 5_000_00


def test_a_finding_against_the_platform_leaves_the_last_merchant_alone() -> None:
    last = finding(2)
    platform = finding(PLATFORM, -1)
    decided = decide(found(last, platform))
    assert [(one.merchant, one.kind) for one in decided] == [(PLATFORM, "remind"), (2, "remind")]
    fined = decide(found(platform, past=[(80, 3, 12)], whose=2))
    assert [(one.merchant, one.kind) for one in fined] == [(PLATFORM, "remind")]


@pytest.mark.parametrize("band", ["fine", "platform", "serious"])
def test_a_floor_above_its_cap_is_refused(band: str) -> None:
    with pytest.raises(ValidationError, match=f"{band}_floor = 5 lies above {band}_cap = 4"):
        Ladder.Params(name="ladder", **{f"{band}_floor": 5.0, f"{band}_cap": 4.0})
