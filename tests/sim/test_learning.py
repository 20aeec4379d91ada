"""What the platform's log holds, and what a run keeps of policies' trainings."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import resolve
from policies.observations import (
    AMONG_RESULTS,
    ON_SLATE,
    SESSION_BITS,
    WANTED_AGAIN,
    LearningObservation,
    LearningReport,
)
from policies.recommendation.popularity import Popularity
from scenarios.build import build
from sim.choice import NOTHING
from sim.market import Marketplace
from sim.policy_results import PolicyResultError


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[SELDOM, *overrides])
    return build(scenario, folder=folder)


def test_the_log_holds_what_was_seen_and_bought_and_where_it_stood() -> None:
    market = market_of("consumers.choice.search_share=0.5")
    for _ in range(5):
        before = len(market.log.view().day)
        market.step()
        today, log = market.today, market.log.view(market.queries.text)
        rows = slice(before, None)
        assert len(log.day[rows]) == (today.alternatives >= 0).sum()
        assert log.bought[rows].sum() == (today.session_choice > NOTHING).sum()
        session = log.session[rows] - (market.day - 1 << SESSION_BITS)
        np.testing.assert_array_equal(log.visitor[rows], today.session_key[session])
        np.testing.assert_array_equal(log.query[rows], today.session_query[session])
        for surface, page in ((ON_SLATE, today.slate), (AMONG_RESULTS, today.results)):
            own = log.surface[rows] == surface
            assert own.any()
            place = log.position[rows][own]
            np.testing.assert_array_equal(page[session[own], place], log.listing[rows][own])
    assert (log.surface == WANTED_AGAIN).any()
    assert len(np.unique(log.session)) > len(np.unique(log.session[rows]))
    assert not log.clicked.all()
    assert log.clicked[log.bought].all()


def test_what_is_sent_back_is_logged_under_the_buyers_key() -> None:
    market = market_of("consumers.response.return_rate=0.6")
    for _ in range(8):
        market.step()
    log, orders, returns = market.log.view(), market.orders, market.returns
    assert len(log.return_day) == len(returns) > 0
    np.testing.assert_array_equal(log.return_listing, orders["listing"][returns["order"]])
    np.testing.assert_array_equal(log.return_day, returns["day"])


def test_a_platform_that_cannot_tell_what_was_seen_logs_whole_pages() -> None:
    seen, shown = market_of(), market_of('platform.logs="shown"')
    for market in (seen, shown):
        for _ in range(3):
            market.step()
    few, all_of_it = seen.log.view(), shown.log.view()
    np.testing.assert_array_equal(seen.orders["listing"], shown.orders["listing"])
    assert len(all_of_it.day) > 1.2 * len(few.day)
    assert all_of_it.bought.sum() == few.bought.sum()
    assert all_of_it.clicked.sum() == few.clicked.sum()

    def upper_over_lower(log: Any) -> float:
        slate = log.surface == ON_SLATE
        upper, lower = (log.clicked[slate & (log.position // 6 == half)].mean() for half in (0, 1))
        return float(upper / lower)

    assert upper_over_lower(all_of_it) > 1.5 * upper_over_lower(few)


def test_a_view_of_the_log_stays_what_it_was() -> None:
    market = market_of("platform.log_days=2")
    for _ in range(3):
        market.step()
    log = market.log.view()
    before = log.visitor.copy()
    assert set(log.day.tolist()) == {1, 2}
    for _ in range(3):
        market.step()
    np.testing.assert_array_equal(log.visitor, before)
    with pytest.raises(ValueError, match="read-only"):
        log.visitor[0] = 1


class Reporting(Popularity):
    """Reports whatever it is given, on every second day."""

    def __init__(self, answer: Any) -> None:
        super().__init__(Popularity.Params(name="popularity"))
        self.answer = answer

    def learn(self, observation: LearningObservation) -> Any:
        return self.answer if observation.day % 2 else None


def test_reports_of_trainings_become_a_table_of_the_run() -> None:
    market = market_of()
    market.policies.recommendation = Reporting(LearningReport({"ndcg": 0.5, "loss": np.nan}))
    for _ in range(4):
        market.step()
    names, table = market.learning_metrics, market.learning
    assert names == [
        "recommendation.ndcg",
        "recommendation.loss",
        "truth.ndcg",
        "truth.slate_regret",
    ]
    assert table["day"].tolist() == [1, 1, 2, 2, 3, 3]
    assert table["metric"].tolist() == [0, 1, 2, 3, 0, 1]
    np.testing.assert_array_equal(table["value"][table["metric"] < 2], [0.5, np.nan] * 2)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"ndcg": 0.5}, "must return a LearningReport of a training, or None, not dict"),
        (LearningReport({"n d": 0.5}), "a metric's name must be a word, not 'n d'"),
        (LearningReport({"ndcg": "high"}), "metric ndcg must be a number, not 'high'"),
        (SimpleNamespace(metrics={}), "must return a LearningReport"),
    ],
)
def test_a_report_that_is_none_is_refused(answer: Any, message: str) -> None:
    market = market_of()
    market.policies.recommendation = Reporting(answer)
    market.step()
    with pytest.raises(PolicyResultError, match=f"recommendation policy 'popularity'.*{message}"):
        market.step()
