"""The regulator inspects: limits, sanctions, truth and appeals, in a stand-in of the market."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from policies.observations import Finding, RegulationObservation, Ruling
from policies.sanctions.ladder import Ladder
from policies.sanctions.none import NoSanctions
from sim.day import DayRecord
from sim.inspection import inspect
from sim.ledger import Owner
from sim.policy_results import PolicyResultError
from sim.sanctioning import Issuer, Measure
from sim.settings.platform import RegulatorSettings
from sim.views import may_be_sold

Make = Callable[..., SimpleNamespace]


class Scripted:
    """A price policy that finds what a test tells it to."""

    name = "scripted"

    def __init__(self, *found: tuple[int, int], rule: str = "below_cost") -> None:
        self.found, self.rule = found, rule
        self.limit: np.ndarray | None = None
        self.seen: list[RegulationObservation] = []

    def regulate(self, observation: RegulationObservation) -> Ruling:
        self.seen.append(observation)
        return Ruling(
            max_subsidy=self.limit,
            findings=tuple(
                Finding(self.rule, listing, merchant, "A", 100_000, "evidence")
                for listing, merchant in self.found
            ),
        )


def regulated(
    make: Make, policy: Scripted, regulator: RegulatorSettings | None = None
) -> SimpleNamespace:
    market = make(regulator=regulator)
    market.policies.price_regulation = policy
    market.policies.sanctions = LOOKED_FOR
    return market


LOOKED_FOR = Ladder(
    Ladder.Params(name="ladder", fine_multiple=1.0, notices=0, step_days=0, demotion_days=0)
)
"""Sanctions without notice: off sale for 7 days on clear evidence, then a fine."""


def nothing_decided(market: SimpleNamespace) -> dict[str, object]:
    """A row of the table of sanctions in which all is nothing."""
    return dict.fromkeys(market.sanctions.schema, 0) | {"overturned": False, "wrongful": False}


def live(market: SimpleNamespace, *days: int) -> None:
    for day in days:
        market.day, market.today = day, DayRecord()
        inspect(market)


def test_the_ladder_is_climbed_step_by_step(market_stand_in: Make) -> None:
    market = regulated(market_stand_in, Scripted((1, 1)))
    ladder = Ladder.Params(name="ladder", fine_multiple=1.0)
    market.policies.sanctions = Ladder(ladder)
    market.merchants[1].misconduct = frozenset({"below_cost"})
    live(market, 10, 11, 18, 25)
    table = market.sanctions
    assert table["kind"].tolist() == [
        Measure.REMIND,
        Measure.DELIST,
        Measure.DEMOTE,
        Measure.FINE,
        Measure.CLOSE,
    ]
    assert table["level"].tolist() == [0, 2, 2, 3, 4]
    assert table["points"].tolist() == [0, 12, 0, 12, 12]
    assert table["finding"].tolist() == [0, 1, 1, 2, 3]
    assert market.books.sanction_level.tolist() == [0, 4, 0]
    assert market.books.last_offence.tolist() == [-1, 25, -1]
    assert market.rules == ["below_cost"]


def test_a_delisted_offer_returns_when_its_days_are_over(market_stand_in: Make) -> None:
    market = regulated(market_stand_in, Scripted((4, 1)))
    live(market, 12)
    on_sale = []
    for day in (12, 18, 19):
        market.day = day
        on_sale.append(may_be_sold(market)[4])
    assert on_sale == [False, False, True]
    assert may_be_sold(market)[[0, 1, 2, 3, 5]].all()


def test_a_fine_goes_from_the_merchant_to_the_treasury(market_stand_in: Make) -> None:
    market = regulated(market_stand_in, Scripted((1, 1)))
    market.merchants[1].misconduct = frozenset({"below_cost"})
    live(market, 10, 17)
    ledger = market.ledger
    assert ledger.balance_of(Owner.MERCHANT).tolist() == [0, -100_000, 0]
    assert ledger.balance_of(Owner.TREASURY).tolist() == [100_000]
    assert market.books.other_cost.tolist() == [0, 100_000, 0]
    assert ledger.total() == 0


def test_inspections_take_place_when_due_and_limits_stand_in_between(
    market_stand_in: Make,
) -> None:
    policy = Scripted((1, 1))
    policy.limit = np.arange(6) + 10
    market = regulated(market_stand_in, policy, RegulatorSettings(inspect_every_days=5))
    live(market, 10)
    assert len(market.today.findings) == 1
    live(market, 11, 12, 13, 14)
    assert len(policy.seen) == 1
    assert market.today.findings == market.today.ruling.findings == ()
    assert market.today.ruling.max_subsidy.tolist() == [10, 11, 12, 13, 14, 15]
    live(market, 15)
    assert len(policy.seen) == 2


def test_newer_offers_get_the_tightest_standing_limit(market_stand_in: Make) -> None:
    policy = Scripted()
    policy.limit = np.array([30, 20, 40, 50])
    market = market_stand_in(listings=4)
    market.policies.price_regulation = policy
    market.policies.sanctions = NoSanctions(NoSanctions.Params())
    market.settings.regulator = RegulatorSettings(inspect_every_days=7)
    live(market, 14)
    market.listings.extend(market_stand_in(listings=2).listings)
    live(market, 15)
    assert market.today.ruling.max_subsidy.tolist() == [30, 20, 40, 50, 20, 20]


@pytest.mark.parametrize(
    ("rule", "misconduct", "wrongful"),
    [
        ("below_cost", {"below_cost"}, False),
        ("below_cost", {"fake_list_price"}, True),
        ("false_discount", {"fake_list_price"}, False),
        ("bait", {"bait"}, False),
        ("below_cost", set(), True),
    ],
)
def test_only_sanctions_for_what_was_not_done_are_wrongful(
    market_stand_in: Make, rule: str, misconduct: set[str], wrongful: bool
) -> None:
    market = regulated(market_stand_in, Scripted((1, 1), rule=rule))
    market.merchants[1].misconduct = frozenset(misconduct)
    live(market, 10)
    assert market.sanctions["wrongful"].tolist() == [wrongful]


def test_a_rightly_sanctioned_merchant_keeps_to_the_rules_for_a_while(
    market_stand_in: Make,
) -> None:
    settings = RegulatorSettings(deterrence_days=20)
    market = regulated(market_stand_in, Scripted((1, 1), (2, 2)), settings)
    market.merchants[1].misconduct = frozenset({"below_cost"})
    live(market, 10)
    assert [one.deterred_until for one in market.merchants] == [0, 30, 0]


def test_a_won_appeal_ends_the_ban_pays_the_fine_back_and_clears_the_record(
    market_stand_in: Make,
) -> None:
    policy = Scripted((1, 1))
    settings = RegulatorSettings(appeal_success=1.0, appeal_days=5)
    market = regulated(market_stand_in, policy, settings)
    live(market, 10)
    policy.found = ((4, 1),)
    live(market, 12)
    policy.found = ()
    live(market, 13, 14)
    assert market.listings.delisted_until[1] == 17
    assert market.books.sanction_level.tolist() == [0, 3, 0]
    assert market.ledger.balance_of(Owner.TREASURY).tolist() == [100_000]
    live(market, 15)
    assert market.listings.delisted_until[1] == 0
    assert market.books.sanction_level.tolist() == [0, 1, 0]
    live(market, 16, 17)
    assert market.sanctions["overturned"].all()
    assert market.ledger.balance_of(Owner.TREASURY).tolist() == [0]
    assert market.ledger.balance_of(Owner.MERCHANT).tolist() == [0, 0, 0]
    assert market.books.other_cost.tolist() == [0, 0, 0]
    assert market.books.sanction_level.tolist() == [0, 0, 0]
    assert market.books.last_offence.tolist() == [-1, -1, -1]


def test_an_appeal_against_one_ban_leaves_the_others(market_stand_in: Make) -> None:
    policy = Scripted((1, 1))
    settings = RegulatorSettings(appeal_success=1.0, appeal_days=3)
    market = regulated(market_stand_in, policy, settings)
    live(market, 12)
    by_platform = {"issuer": Issuer.PLATFORM, "merchant": 1, "listing": 1, "kind": Measure.DELIST}
    market.sanctions.append(**(nothing_decided(market) | by_platform | {"day": 12, "days": 30}))
    policy.found = ()
    live(market, 13, 14, 15)
    assert market.sanctions["overturned"].tolist() == [True, False]
    assert market.listings.delisted_until[1] == 43


def test_who_was_wrongly_taken_off_sale_by_the_platform_may_appeal_too(
    market_stand_in: Make,
) -> None:
    settings = RegulatorSettings(appeal_success=1.0, appeal_days=3)
    market = regulated(market_stand_in, Scripted(), settings)
    market.listings.delisted_until[1] = 41
    by_platform = {"issuer": Issuer.PLATFORM, "merchant": 1, "listing": 1, "kind": Measure.DELIST}
    wrong = {"day": 10, "days": 30, "wrongful": True}
    market.sanctions.append(**(nothing_decided(market) | by_platform | wrong))
    live(market, 11, 12)
    assert market.listings.delisted_until[1] == 41
    live(market, 13)
    assert market.sanctions["overturned"].tolist() == [True]
    assert market.listings.delisted_until[1] <= 13


def test_a_won_appeal_against_the_platform_refutes_the_complaints_and_no_more(
    market_stand_in: Make,
) -> None:
    policy = Scripted((1, 1))
    settings = RegulatorSettings(appeal_success=1.0, appeal_days=7)
    market = regulated(market_stand_in, policy, settings)
    market.merchants[1].misconduct = frozenset({"below_cost"})
    live(market, 10)
    by_platform = {"issuer": Issuer.PLATFORM, "merchant": 1, "listing": 4, "kind": Measure.DELIST}
    wrong = {"day": 10, "days": 14, "wrongful": True}
    market.sanctions.append(**(nothing_decided(market) | by_platform | wrong))
    market.listings.complaints[[1, 4]] = 9
    policy.found = ()
    live(market, 17)
    assert market.sanctions["overturned"].tolist() == [False, True]
    assert market.listings.complaints[[1, 4]].tolist() == [9, 0]
    assert market.books.sanction_level[1] == 2
    assert market.books.last_offence[1] == 10


@pytest.mark.parametrize(("success", "guilty"), [(0.0, False), (1.0, True)])
def test_lost_appeals_and_the_guilty_change_nothing(
    market_stand_in: Make, success: float, guilty: bool
) -> None:
    policy = Scripted((1, 1))
    settings = RegulatorSettings(appeal_success=success, appeal_days=2)
    market = regulated(market_stand_in, policy, settings)
    market.merchants[1].misconduct = frozenset({"below_cost"} if guilty else ())
    live(market, 10)
    policy.found = ()
    live(market, 11, 12, 13)
    assert not market.sanctions["overturned"].any()
    assert market.books.sanction_level[1] == 2


@pytest.mark.parametrize(
    ("found", "message"),
    [((6, 0), "there are 0 to 5"), ((1, 2), "belongs to 1"), ((-2, 1), "0 to 5, or -1")],
)
def test_findings_about_nothing_are_refused(
    market_stand_in: Make, found: tuple[int, int], message: str
) -> None:
    with pytest.raises(PolicyResultError, match=message):
        live(regulated(market_stand_in, Scripted(found)), 10)


def test_limits_of_the_wrong_shape_are_refused(market_stand_in: Make) -> None:
    policy = Scripted()
    policy.limit = np.array([1.5, 2.0])
    with pytest.raises(PolicyResultError, match=r"integer cents >= 0 of shape \(6,\)"):
        live(regulated(market_stand_in, policy), 10)


def test_the_policy_cannot_write_to_the_market(market_stand_in: Make) -> None:
    policy = Scripted()
    live(regulated(market_stand_in, policy), 10)
    (seen,) = policy.seen
    for column in (seen.listings.price, seen.listings.list_price):
        assert not column.flags.writeable
