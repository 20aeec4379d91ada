"""Providers that leave for want of an audience, as in Mladenov et al. (2020)."""

import numpy as np
import pytest

from experiments.replications.protocol import Outcome
from experiments.replications.provider_viability import (
    Course,
    Matcher,
    ProviderViability,
    comparisons,
)
from experiments.replications.study import Study, quietly

pytestmark = pytest.mark.xdist_group("provider_viability")  # its market is lived once, on one core


@pytest.fixture(scope="module")
def found() -> Outcome:
    study = Study("provider_viability", overrides=("days=42",), workers=1)
    return ProviderViability().measure(study, quietly)


def test_the_published_example_comes_out(found: Outcome) -> None:
    assert [row for row in found.rows if not row.reproduced] == []


def test_the_market_s_own_books_close_the_provider(found: Outcome) -> None:
    days = found.data["by_day"]
    myopic = days[days["policy"] == "myopic"]
    assert myopic["open_B"].iloc[:10].all()
    assert not myopic["open_B"].iloc[-1]
    assert (myopic["buyers_B"][myopic["open_B"]] == 0.45).all()
    constrained = days[days["policy"] == "constrained"]
    assert constrained[["open_A", "open_B"]].all().all()
    assert (constrained[["buyers_A", "buyers_B"]] == 0.5).all().all()


def test_matchings_that_do_not_differ_reproduce_nothing() -> None:
    same = Course(np.full(20, 0.8), np.full((20, 2), 0.5), np.ones((20, 2), dtype=bool))
    rows = comparisons({"myopic": same, "constrained": same})
    assert [row.reproduced for row in rows] == [False, False, False, True, False]


def test_the_matcher_puts_the_better_provider_first() -> None:
    assert Matcher(np.eye(2)).params.name == "matcher"
