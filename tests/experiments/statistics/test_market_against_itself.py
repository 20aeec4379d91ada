"""A market against itself: differences that luck alone makes are found as often as is said."""

import numpy as np
import pandas as pd
import pytest
from quiet_markets import SELDOM

from experiments.running import live, resolve
from experiments.statistics.best_set import best_set
from experiments.statistics.intervals import bootstrap_t_many, paired
from scenarios.build import build

SMALL = (
    "consumers.count=100",
    "days=6",
    "events=[]",
    "commerce.generated.listings=40",
    "commerce.generated.merchants=8",
    "couriers.count=3",
    SELDOM,
    "policies.recommendation.name=popularity",
)
OUTCOMES = ("orders", "trust", "surplus_per_visit", "profit", "hhi")
REPLICATIONS = 20


def outcomes(seed: int) -> pd.Series:
    """A run's indicators, means over its days."""
    scenario, folder = resolve("tiny", seed=seed, overrides=SMALL)
    market = build(scenario, folder=folder)
    live(market, scenario.days)
    means = market.health.frame().mean()
    market.end()
    return means


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return pd.DataFrame([outcomes(seed) for seed in range(300)])


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_market_is_told_from_itself_under_other_luck_in_five_of_a_hundred(runs, name):
    values, rng = runs[name].to_numpy(float), np.random.default_rng(1)
    drawn = np.stack([rng.permutation(values)[: 2 * REPLICATIONS] for _ in range(400)])
    found = bootstrap_t_many(drawn[:, :REPLICATIONS] - drawn[:, REPLICATIONS:])
    rejected = np.mean((found.low > 0.0) | (found.high < 0.0))
    assert abs(rejected - 0.05) <= 0.02


@pytest.mark.slow
def test_of_five_names_for_one_market_each_stays_in_the_set_of_the_best(runs):
    values, rng = runs["surplus_per_visit"].to_numpy(float), np.random.default_rng(2)
    drawn = [rng.permutation(values)[: 5 * REPLICATIONS].reshape(5, -1) for _ in range(400)]
    held = np.mean([best_set(one).in_set for one in drawn], axis=0)
    assert (held >= 0.93).all()


def test_a_market_under_the_same_luck_differs_from_itself_by_exactly_nothing():
    first, again = (pd.DataFrame([outcomes(seed) for seed in (1, 2)]) for _ in range(2))
    for name in OUTCOMES:
        found = paired(first[name].to_numpy(float), again[name].to_numpy(float))
        assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
