"""Who is likely to leave is foretold from the log, and a subsidy goes to them."""

from functools import cache

import numpy as np
import pytest
from quiet_markets import SELDOM, founded

from models.probability_metrics import probability_quality
from sim.market import Marketplace

LEAVING = (
    SELDOM,
    'policies.privacy={name="keep_all"}',
    (
        'policies.subsidy={name="targeted", recipients="likely_to_leave", share=0.2, '
        "silence_days=10, least_risk=0.5}"
    ),
    "consumers.response.churn_rate=0.06",
    "consumers.response.comeback_rate=0.0",
)


@cache
def lived() -> Marketplace:
    """Six weeks of a market that many leave."""
    market = founded(*LEAVING)
    for _ in range(42):
        market.step()
    return market


def test_who_left_has_the_higher_risk() -> None:
    market = lived()
    gone = ~market.crowd.active
    risk = market.policies.subsidy.churn_risk.risk_of(np.arange(len(gone)))
    known = risk >= 0
    assert known.mean() > 0.6
    assert probability_quality(risk[known], gone[known].astype(float)).area > 0.75


def test_each_training_tells_how_well_the_last_model_foretold() -> None:
    market = lived()
    table, names = market.learning, market.learning_metrics
    metric, value, day = (np.asarray(table[one]) for one in ("metric", "value", "day"))
    area = metric == names.index("subsidy.area")
    assert ((day[area] + 1) % 7 == 0).all()
    assert value[area][-1] > 0.6
    assert value[metric == names.index("subsidy.calibration_error")][-1] < 0.2


def test_only_visitors_at_risk_are_offered_the_subsidy() -> None:
    market = lived()
    policy = market.policies.subsidy
    market.step()
    eligible = market.today.campaigns.eligible[0]
    assert 0 < eligible.mean() < 1
    assert policy.churn_risk.risk_of(np.array([-7]))[0] == -1.0


def test_nobody_is_at_risk_before_the_first_training() -> None:
    market = founded(*LEAVING)
    market.step()
    risk = market.policies.subsidy.churn_risk.risk_of(np.arange(10))
    assert (risk == -1.0).all()
    assert market.today.subsidy_paid == 0


@pytest.mark.parametrize("recipients", ["newcomers", "small_merchants"])
def test_nothing_is_learned_where_nobody_asks(recipients: str) -> None:
    market = founded(
        SELDOM,
        f'policies.subsidy={{name="targeted", recipients="{recipients}", retrain_days=1, '
        "silence_days=1}",
    )
    for _ in range(3):
        market.step()
    assert len(market.learning) == 0
