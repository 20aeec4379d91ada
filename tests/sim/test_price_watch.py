"""What monitoring finds is written down with its evidence, and scored against the hidden truth."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.running import resolve
from policies import registry
from policies.observations import NO_LISTING, PLATFORM, Finding, Ruling
from policies.sanctions.ladder import Ladder
from scenarios.build import build
from sim.day import DayRecord
from sim.emergencies import Emergencies
from sim.health import monitoring
from sim.inspection import inspect
from sim.policy_results import PolicyResultError
from sim.price_watch import PRICE_MONITOR, PriceWatch
from sim.wrongdoing import is_wrongful

Make = Callable[..., SimpleNamespace]


class Monitor:
    """A regulator that finds what a test tells it to on each day."""

    name = "scripted"

    def __init__(self, by_day: dict[int, list[int]], grade: str = "C") -> None:
        self.by_day, self.grade = by_day, grade
        self.market: SimpleNamespace | None = None

    def regulate(self, observation: object) -> Ruling:
        assert self.market is not None
        owner = self.market.listings.merchant
        return Ruling(
            max_subsidy=None,
            findings=tuple(
                Finding(
                    PRICE_MONITOR,
                    listing,
                    PLATFORM if listing == NO_LISTING else int(owner[listing]),
                    self.grade,
                    0,
                    f"offer {listing}",
                )
                for listing in self.by_day.get(self.market.day, [])
            ),
        )


@pytest.fixture
def watched(market_stand_in: Make) -> Callable[..., SimpleNamespace]:
    """Six offers, two of each of three merchants; the last day is lived too."""

    def live(monitor: Monitor, days: range, offences: dict[int, str] | None = None) -> object:
        market = market_stand_in()
        market.emergencies = Emergencies.none(1, len(market.listings))
        market.policies.price_regulation = monitor
        market.policies.sanctions = Ladder(Ladder.Params(name="ladder"))
        # No rule of this market looks; the scripted policy finds in its stead.
        market.policies.rules = {PRICE_MONITOR: SimpleNamespace(inspect=lambda _: [])}
        market.policies.rules[PRICE_MONITOR].name = PRICE_MONITOR
        monitor.market = market
        for merchant in market.merchants:
            kind = (offences or {}).get(merchant.row)
            merchant.misconduct = frozenset({kind} if kind else ())
        for day in days:
            market.day, market.today = day, DayRecord()
            _inspect_without_records(market)
        return market

    return live


def _inspect_without_records(market: SimpleNamespace) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.inspection.inspection_observation", lambda *_: None)
        inspect(market)


def test_a_finding_is_kept_with_its_evidence_though_nobody_acts_on_it(watched: Callable) -> None:
    market = watched(Monitor({10: [4], 12: [NO_LISTING]}), range(10, 13))
    table = market.findings
    assert table["day"].tolist() == [10, 12]
    assert table["merchant"].tolist() == [1, PLATFORM]
    assert table["grade"].tolist() == [2, 2]
    assert market.evidence == ["offer 4", "offer -1"]
    assert [market.rules[number] for number in table["rule"]] == [PRICE_MONITOR] * 2
    assert len(market.sanctions) == 0


def test_a_grade_that_does_not_exist_is_refused(watched: Callable) -> None:
    with pytest.raises(PolicyResultError, match="grade must be A, B or C, not 'D'"):
        watched(Monitor({10: [4]}, grade="D"), range(10, 11))


def test_monitoring_is_scored_by_who_cheats_with_prices(watched: Callable) -> None:
    monitor = Monitor({12: [1], 13: [0, 4]})
    market = watched(monitor, range(10, 15), {1: "below_cost", 2: "fake_list_price"})
    assert monitoring.monitor_precision(market) == pytest.approx(2 / 3)  # offers 1 and 4 of 0, 1, 4
    assert math.isnan(monitoring.monitor_recall(market))  # nothing was sold below its cost
    assert math.isnan(monitoring.monitor_days(market))


def test_recall_and_days_count_from_the_first_day_below_cost(watched: Callable) -> None:
    monitor = Monitor({13: [1, 0], 14: [1]})
    market = watched(monitor, range(10, 10), {1: "below_cost"})
    for day in range(10, 15):
        if day == 11:
            market.listings.price[[0, 1, 4]] = 500  # merchants 0 and 1; unit cost is 600
        market.day, market.today = day, DayRecord()
        _inspect_without_records(market)
    assert monitoring.monitor_recall(market) == 0.5  # offers 1 and 4 are of the cheat
    assert monitoring.monitor_days(market) == 2.0
    market.day = 50
    assert math.isnan(monitoring.monitor_recall(market))


def test_gouging_counts_while_an_emergency_holds(watched: Callable) -> None:
    market = watched(Monitor({11: [2]}), range(10, 10), {2: "gouging"})
    market.day, market.today = 10, DayRecord()
    _inspect_without_records(market)
    assert math.isnan(monitoring.monitor_recall(market))
    market.emergencies.since[:] = 11
    market.day, market.today = 11, DayRecord()
    _inspect_without_records(market)
    assert monitoring.monitor_recall(market) == 0.5
    assert monitoring.monitor_days(market) == 0.0


def test_without_a_monitor_there_is_nothing_to_score(watched: Callable) -> None:
    market = watched(Monitor({}), range(10, 10), {1: "below_cost"})
    market.policies.rules = {}
    market.listings.price[:] = 500
    market.day, market.today = 10, DayRecord()
    inspect(market)
    assert math.isnan(monitoring.monitor_recall(market))
    assert math.isnan(monitoring.monitor_precision(market))


def test_a_sanction_after_monitoring_is_wrongful_against_whom_no_price_cheats(
    watched: Callable,
) -> None:
    market = watched(Monitor({}), range(10, 10), {0: "gouging", 1: "bought_reviews"})
    assert [is_wrongful(market, one, PRICE_MONITOR) for one in range(3)] == [False, True, True]


def test_new_listings_have_no_past() -> None:
    watch = PriceWatch(2)
    watch.since[:], watch.rightly[:] = 5, True
    watch.grow(1)
    assert watch.since[:2].tolist() == [5, 5]
    assert watch.since[2] < 0
    assert watch.rightly.tolist() == [True, True, False]


GOUGER = '''
from typing import ClassVar

import numpy as np

from policies.params import PolicyParams


class Gouger:
    """Asks twice the price before an emergency while it holds."""

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "test_gouger"
    knows_demand: ClassVar[bool] = False
    misconduct: ClassVar[frozenset[str]] = frozenset({"gouging"})

    class Params(PolicyParams):
        """None."""

    def __init__(self, params):
        self.params = params
        self.usual = None

    def price(self, view):
        if not view.emergency.any():
            self.usual = view.price
            return view.price
        return 2 * self.usual
'''


@pytest.fixture
def gougers(tmp_path: Path) -> Iterator[None]:
    file = tmp_path / "gouger.py"
    file.write_text(GOUGER)
    registry.load_plugin(file)
    yield
    registry.unload_plugins()


def test_a_monitor_finds_gougers_within_a_round_and_nobody_else(gougers: None) -> None:
    scenario, folder = resolve(
        "tiny",
        overrides=(
            "commerce.generated.listings=200",
            "commerce.generated.merchants=40",
            "commerce.generated.categories=2",
            "commerce.population.visits_per_day=0.01",
            "merchants.strategies={fixed = 0.75, test_gouger = 0.25}",
            "merchants.entry_rate=0.0",
            "merchants.misconduct.below_cost_share=0.0",  # from the first day on: not a move
            "policies.rules={price_monitor = {turns = 3}}",
            'events=[{kind = "emergency", day = 9, until = 20}]',
            "days=13",
        ),
    )
    market = build(scenario, folder=folder)
    for _ in range(scenario.days):
        market.step()
    flagged = set(market.findings["listing"].tolist())
    strategy = np.array([merchant.strategy for merchant in market.merchants])
    on_sale = market.books.is_open[market.listings.merchant] & (market.listings.stock > 0)
    gouged = (strategy == "test_gouger")[market.listings.merchant] & on_sale
    assert len(flagged) > 10
    assert flagged >= set(np.flatnonzero(gouged).tolist())
    health = market.health.latest()
    assert health["monitor_precision"] == 1.0
    assert health["monitor_recall"] > 0.95
    assert health["monitor_days"] == pytest.approx(1.0, abs=0.3)  # three turns: 0, 1 or 2 days
    assert "against its category 2.00" in market.evidence[0]
