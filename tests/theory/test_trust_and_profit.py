"""Trust against profit, as Ghanem, Leitner & Jannach (2022) found it."""

import numpy as np
import pytest

from experiments.replications.protocol import Outcome
from experiments.replications.study import Study, quietly
from experiments.replications.trust_and_profit import TrustAndProfit, comparisons

pytestmark = pytest.mark.xdist_group("trust_and_profit")  # its market is lived once, on one core

SHORT = (
    "days=200",
    "commerce.generated.listings=2500",
    "consumers.response.aspiration_days=100",
)


@pytest.fixture(scope="module")
def short() -> Outcome:
    study = Study("trust_and_profit", replications=1, overrides=SHORT, workers=1)
    return TrustAndProfit().measure(study, quietly)


def test_the_strategies_come_in_the_published_order_early_on(short: Outcome) -> None:
    """The order is there after 200 days; how much it pays shows in the long run."""
    for row in short.rows[1:]:
        assert row.reproduced, row
        assert row.ours > 2.0 * row.error


def test_a_little_self_interest_pays_early_on_already(short: Outcome) -> None:
    gain = short.rows[0]
    assert gain.ours > 3.0
    assert gain.ours > 2.0 * gain.error


def test_trust_drifts_apart_by_day(short: Outcome) -> None:
    days = short.data["by_day"]
    assert len(days) == 200
    assert (np.diff(days["profit_biased"]) >= 0).all()
    assert days["trust_consumer"].iloc[-1] > 0.7
    assert days["trust_profit"].iloc[-1] < 0.2


def test_consumers_without_differences_reproduce_nothing() -> None:
    same = {name: np.full(10, 100.0) for name in ("consumer", "biased", "balanced", "profit")}
    rows = comparisons(same, same)
    assert not any(row.reproduced for row in rows)


@pytest.mark.slow
def test_a_little_self_interest_pays_as_much_as_published() -> None:
    study = Study("trust_and_profit", replications=1)
    outcome = TrustAndProfit().measure(study, quietly)
    assert [row for row in outcome.rows if not row.reproduced] == []
