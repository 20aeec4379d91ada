"""The replications of learning sellers: what they measure, and that it is reproduced."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.replications.calvano import Calvano
from experiments.replications.learning_sellers import Task, theory, trade
from experiments.replications.logit_market import firms
from experiments.replications.register import MODULES, ReplicationError, find_replication
from experiments.replications.steering import Steering, change, smallest_in_theory
from experiments.replications.study import Study, quietly

FAST = (
    "policies.merchant_pricing.q_learning.beta=0.001",
    "policies.merchant_pricing.q_learning.patience=2000",
)


def test_they_are_registered() -> None:
    assert {"calvano", "steering"} <= MODULES.keys()
    assert find_replication("calvano").replications == 50


def test_a_market_is_read_over_the_days_after_which_prices_repeat() -> None:
    done = trade(Task(Study("calvano"), (), seed=3))
    assert done.converged
    assert done.cycle >= 1
    assert 0.3 < done.gain < 1.01
    assert 1.42 < done.price < 1.98
    assert done == trade(Task(Study("calvano"), (), seed=3))


def test_gains_are_measured_against_the_theory_of_the_scenario() -> None:
    unequal = firms([2.0, 2.25], [1.0, 1.1], [1.5, 1.5])
    scenario, _ = Study("calvano").resolved(unequal, "consumers.choice.outside_utility=-2.0")
    market = theory(scenario)
    np.testing.assert_allclose(market.a, [2.0, 2.25])
    np.testing.assert_allclose(market.c, [1.0, 1.1])
    assert (market.mu, market.a0) == (0.25, -0.5)
    done = trade(Task(Study("calvano"), (unequal,), seed=0))
    assert 0.2 < done.gain < 1.01


def test_a_scenario_without_rehearsal_is_refused_in_words() -> None:
    off = "policies.merchant_pricing.q_learning.rehearsal=false"
    with pytest.raises(ReplicationError, match="rehearsal"):
        trade(Task(Study("calvano"), (off,), seed=0, days=2))


def test_calvano_measures_every_case_and_draws_it() -> None:
    outcome = Calvano().measure(
        Study("calvano", replications=4, overrides=FAST, workers=1), quietly
    )
    runs = outcome.data["runs"]
    assert runs.groupby("case").size().to_dict() == {
        "two": 4,
        "delta 0.0": 2,
        "delta 0.5": 2,
        "delta 0.8": 2,
        "delta 0.9": 2,
        "sellers 3": 2,
        "sellers 4": 2,
    }
    assert len(outcome.charts) == 2
    assert outcome.rows[0].ours == pytest.approx(
        runs.loc[runs["case"] == "two", "profit_gain"].mean()
    )


@pytest.mark.slow
def test_calvano_is_reproduced() -> None:
    outcome = Calvano().measure(Study("calvano", replications=50), quietly)
    assert outcome.reproduced, [row for row in outcome.rows if not row.reproduced]


def test_the_least_number_of_sellers_at_cost_is_that_of_theory_in_the_market_itself() -> None:
    assert [smallest_in_theory(n) for n in (2, 3, 5, 10, 20)] == [1, 1, 2, 4, 7]
    outcome = Steering().measure(
        Study("steering", replications=2, overrides=FAST, workers=1), quietly
    )
    assert [row.ours for row in outcome.rows[:5]] == [1, 1, 2, 4, 7]
    assert all(row.reproduced for row in outcome.rows[:5])
    assert len(outcome.data["runs"]) == 6


@pytest.mark.slow
def test_steering_is_reproduced() -> None:
    outcome = Steering().measure(Study("steering", replications=100), quietly)
    assert outcome.reproduced, [row for row in outcome.rows if not row.reproduced]


def test_a_change_has_the_error_of_a_ratio() -> None:
    rng = np.random.default_rng(1)
    base, other = rng.normal(2.0, 0.2, (2, 4000))
    ratios = [
        change(list(other[i : i + 40] * 1.5), list(base[i : i + 40])) for i in range(0, 4000, 40)
    ]
    spread = np.std([ratio for ratio, _ in ratios])
    assert np.mean([ratio for ratio, _ in ratios]) == pytest.approx(0.5, abs=0.02)
    assert np.mean([error for _, error in ratios]) == pytest.approx(spread, rel=0.25)
