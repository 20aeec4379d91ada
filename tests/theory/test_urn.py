"""The two-product urn of Fleder & Hosanagar (2009)."""

import numpy as np
import pytest

from experiments.replications.study import Study, quietly
from experiments.replications.urn import (
    SETTINGS,
    Task,
    Urn,
    Urns,
    comparisons,
    draw,
    limits,
    settings_of,
)


def test_the_limits_are_the_published_ones() -> None:
    assert limits(0.5, 0.5) == pytest.approx((0.25, 0.75, 0.5))
    assert limits(0.6, 0.3) == pytest.approx((0.42, 0.72, 0.746), abs=5e-4)
    assert limits(0.7, 0.2) == pytest.approx((0.56, 0.76, 1.0))


@pytest.mark.parametrize(("taste", "recommended"), SETTINGS)
def test_urns_drawn_one_by_one_end_as_the_closed_form_says(
    taste: float, recommended: float
) -> None:
    rng = np.random.default_rng(1)
    lead, high = np.zeros(4000), 0.0
    for _ in range(400):
        shown = np.sign(lead) + (lead == 0) * rng.choice([-1, 1], size=len(lead))
        own = np.where(rng.random(len(lead)) < taste, 1, -1)
        lead += np.where(rng.random(len(lead)) < recommended, shown, own)
    low, up, chance = limits(taste, recommended)
    assert (lead > 0).mean() == pytest.approx(chance, abs=0.03)
    high = (1.0 + lead[lead > 0].mean() / 400) / 2.0
    assert high == pytest.approx(up, abs=0.02)
    if chance < 1.0:
        assert (1.0 + lead[lead < 0].mean() / 400) / 2.0 == pytest.approx(low, abs=0.02)


def test_the_market_s_urns_part_ways() -> None:
    study = Study("urn", overrides=("commerce.population.visits_per_day=0.9", "days=45"))
    urns = draw(Task(study, 0.5, 0.5, 0))
    assert 30 < urns.leads.sum() < 70
    assert urns.share[urns.leads].mean() == pytest.approx(0.75, abs=0.03)
    assert urns.share[~urns.leads].mean() == pytest.approx(0.25, abs=0.03)


def test_without_recommendations_luck_does_not_last() -> None:
    study = Study("urn", overrides=("commerce.population.visits_per_day=0.9", "days=45"))
    market = study.lived(*settings_of(0.6, 0.0, urns=40))
    one = market.orders["listing"] % 2 == market.orders["category"] % 2
    assert one.mean() == pytest.approx(0.6, abs=0.04)


def test_urns_that_stay_even_reproduce_nothing() -> None:
    even = Urns(np.arange(100) % 2 == 0, np.full(100, 0.5), np.full((2, 100), 0.5))
    assert [row.reproduced for row in comparisons((0.6, 0.3), [even])] == [False] * 3


@pytest.mark.slow
def test_limit_shares_and_chances_are_those_published() -> None:
    shorter = ("days=500", "commerce.population.visits_per_day=0.35")
    study = Study("urn", replications=2, overrides=shorter, workers=1)
    outcome = Urn().measure(study, quietly)
    assert [row for row in outcome.rows if not row.reproduced] == []
    assert len(outcome.data["urns"]) == 600
