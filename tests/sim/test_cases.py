"""Open cases: time to cure, off sale until fixed, looked at again, at the cost of inspections."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from policies.observations import PLATFORM, Finding, Ruling
from policies.sanctions.ladder import Ladder
from sim.cases import Outcome
from sim.day import DayRecord
from sim.inspection import inspect
from sim.ledger import Owner
from sim.sanctioning import Measure
from sim.settings.platform import RegulatorSettings
from sim.views import may_be_sold

Make = Callable[..., SimpleNamespace]

Found = list[tuple[int, int]]


class Watching:
    """A rule that finds what a test tells it, as far as it is inspected; it notes what it is."""

    name = "below_cost"

    def __init__(self) -> None:
        self.found: Found = []
        self.grade = "B"
        self.rows: np.ndarray = np.empty(0, np.int64)
        self.on_sale: np.ndarray = np.empty(0, np.bool_)

    def inspect(self, observation: SimpleNamespace) -> list[Finding]:
        self.rows, self.on_sale = observation.rows, observation.on_sale
        return [
            Finding(self.name, listing, merchant, self.grade, 5_000, f"offer {listing}")
            for listing, merchant in self.found
            if listing < 0 or (listing in self.rows and self.on_sale[listing])
        ]


class NoLimits:
    """A regulator without limits."""

    name = "none"

    def regulate(self, _: object) -> Ruling:
        return Ruling(max_subsidy=None)


@pytest.fixture
def watched(
    market_stand_in: Make, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[SimpleNamespace, Watching]]:
    """A market with six offers of three culprits under one rule."""

    def observation(market: SimpleNamespace, rows: np.ndarray, presented: np.ndarray) -> object:
        on_sale = may_be_sold(market)
        on_sale[presented] = True
        return SimpleNamespace(rows=rows, on_sale=on_sale)

    monkeypatch.setattr("sim.inspection.inspection_observation", observation)

    def make(ladder: dict[str, object] | None = None, **regulator: object) -> tuple:
        market, rule = market_stand_in(regulator=RegulatorSettings(**regulator)), Watching()
        for one in market.merchants:
            one.misconduct = frozenset({"below_cost"})
        market.policies.price_regulation = NoLimits()
        market.policies.rules = {rule.name: rule}
        market.policies.sanctions = Ladder(Ladder.Params(name="ladder", **(ladder or {})))
        return market, rule

    return make


def live(market: SimpleNamespace, rule: Watching, day: int, found: Found) -> None:
    market.day, market.today, rule.found = day, DayRecord(), found
    inspect(market)


def outcomes(market: SimpleNamespace) -> list[int]:
    return market.cases["outcome"].tolist()


def test_what_is_cured_in_time_has_no_further_consequence(watched: Callable) -> None:
    market, rule = watched({"cure_days": 2})
    live(market, rule, 10, [(1, 1)])
    live(market, rule, 11, [(1, 1)])
    assert outcomes(market) == [Outcome.OPEN]
    live(market, rule, 12, [])
    assert outcomes(market) == [Outcome.CURED]
    assert market.cases["closed_on"].tolist() == [12]
    assert market.sanctions["kind"].tolist() == [Measure.REMIND]
    assert may_be_sold(market).all()


def test_an_offer_is_off_sale_until_it_is_found_in_order(watched: Callable) -> None:
    market, rule = watched({"recheck_days": 3})
    live(market, rule, 10, [(1, 1)])
    live(market, rule, 11, [(1, 1)])
    assert outcomes(market) == [Outcome.NOT_CURED, Outcome.OPEN]
    assert not may_be_sold(market)[1]
    for day in (12, 13, 14):
        live(market, rule, day, [(1, 1)])
        assert not may_be_sold(market)[1]
    assert market.cases["due"].tolist()[1] == 17
    live(market, rule, 16, [])
    assert not may_be_sold(market)[1]
    live(market, rule, 17, [])
    assert may_be_sold(market)[1]
    assert market.sanctions["days"].tolist() == [0, 6]
    assert outcomes(market) == [Outcome.NOT_CURED, Outcome.CURED]


def test_a_fixed_offer_stays_off_sale_while_another_ban_stands(watched: Callable) -> None:
    market, rule = watched()
    live(market, rule, 10, [(1, 1)])
    live(market, rule, 11, [(1, 1)])
    nothing = dict.fromkeys(market.sanctions.schema, 0)
    other = {"day": 11, "issuer": 1, "merchant": 1, "listing": 1, "kind": 1, "days": 30}
    market.sanctions.append(**(nothing | other))
    live(market, rule, 12, [])
    assert market.listings.delisted_until[1] == 42


def test_the_cases_of_closed_shops_and_of_overturned_sanctions_lapse(watched: Callable) -> None:
    market, rule = watched(
        {"notices": 5, "cure_days": 5}, appeal_days=2, appeal_success=1.0, restitution_days=1
    )
    market.merchants[2].misconduct = frozenset()
    live(market, rule, 10, [(0, 0), (1, 1), (2, 2)])
    market.books.is_open[0] = False
    live(market, rule, 11, [])
    assert outcomes(market) == [Outcome.LAPSED, Outcome.OPEN, Outcome.OPEN]
    live(market, rule, 12, [])
    assert outcomes(market) == [Outcome.LAPSED, Outcome.OPEN, Outcome.LAPSED]


def test_looking_again_comes_first_and_costs_inspections(watched: Callable) -> None:
    market, rule = watched(inspections_per_day=2, risk_share=0.0)
    live(market, rule, 10, [(listing, listing % 3) for listing in range(6)])
    told = market.sanctions["listing"].tolist()
    assert len(told) == market.today.inspections == 2
    live(market, rule, 11, [])
    assert sorted(rule.rows.tolist()) == sorted(told)
    assert market.today.inspections == 2
    assert outcomes(market) == [Outcome.CURED] * 2


def test_cases_wait_where_the_means_do_not_suffice(watched: Callable) -> None:
    market, rule = watched({"notices": 100})
    live(market, rule, 10, [(1, 1), (2, 2), (4, 1)])
    market.settings.regulator = RegulatorSettings(inspections_per_day=1)
    for day, closed in ((11, 1), (12, 2), (13, 3)):
        live(market, rule, day, [])
        assert (market.cases["closed_on"] >= 0).sum() == closed
        assert market.today.inspections == 1
    market.settings.regulator = RegulatorSettings(inspections_per_day=0)
    live(market, rule, 14, [(1, 1)])
    assert len(rule.rows) == market.today.inspections == 0


def test_a_case_about_the_platform_costs_an_inspection_too(watched: Callable) -> None:
    market, rule = watched({"platform_gmv": 1_000.0}, inspections_per_day=3)
    live(market, rule, 10, [(-1, PLATFORM)])
    assert market.regulator.platform_last_offence == 10
    live(market, rule, 11, [(-1, PLATFORM)])
    assert len(rule.rows) == 2
    assert market.today.inspections == 3
    assert market.sanctions["kind"].tolist() == [Measure.REMIND, Measure.FINE]
    assert market.sanctions["merchant"].tolist() == [PLATFORM, PLATFORM]
    assert not market.sanctions["wrongful"].any()
    fine = int(market.sanctions["fine"][1])
    assert fine == 50_000_00
    assert market.ledger.balance_of(Owner.PLATFORM).tolist() == [-fine]
    assert market.ledger.balance_of(Owner.TREASURY).tolist() == [fine]
    assert market.books.sanction_level.tolist() == [0, 0, 0]
    assert market.books.last_offence.tolist() == [-1, -1, -1]


def test_a_shop_closed_for_ever_may_appeal_and_opens_again(watched: Callable) -> None:
    market, rule = watched({"closing_points": 2, "notices": 0}, appeal_days=3, appeal_success=1.0)
    market.merchants[1].misconduct = frozenset()
    live(market, rule, 10, [(1, 1)])
    assert not may_be_sold(market)[[1, 4]].any()
    assert may_be_sold(market)[[0, 2, 3, 5]].all()
    live(market, rule, 12, [])
    assert not may_be_sold(market)[[1, 4]].any()
    live(market, rule, 13, [])
    assert may_be_sold(market).all()


def test_a_decision_refers_to_its_finding_and_keeps_its_evidence(watched: Callable) -> None:
    market, rule = watched()
    live(market, rule, 10, [(0, 0), (4, 1)])
    rows = market.sanctions["finding"]
    assert [market.evidence[row] for row in rows] == ["offer 0", "offer 4"]
    assert market.findings["listing"][rows].tolist() == market.sanctions["listing"].tolist()


def test_what_a_ban_takes_away_is_noted(watched: Callable) -> None:
    market, rule = watched({"notices": 0})
    market.listings.sold_recently = np.full(6, 20.7)
    live(market, rule, 10, [(1, 1)])
    assert market.sanctions["sales"].tolist() == pytest.approx([1000.0], rel=0.01)
    assert market.sanctions["margin"].tolist() == pytest.approx([280.0], rel=0.01)
