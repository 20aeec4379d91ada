"""Who comes, when, and with which needs."""

import numpy as np
import pytest

from experiments.running import resolve
from scenarios.build import build
from sim.arrivals import arrive, category_of
from sim.day import DayRecord
from sim.market import Marketplace


@pytest.fixture(scope="module")
def founded() -> Marketplace:
    scenario, folder = resolve("tiny", overrides=["consumers.count=4000", "events=[]"])
    return build(scenario, folder=folder)


@pytest.fixture
def market(founded: Marketplace) -> Marketplace:
    """The founded market with every profile flat, all memories empty and everybody a customer."""
    founded.weekday_profile = np.ones(7)
    founded.hour_profile = np.full(24, 1.0 / 24.0)
    founded.demand_factor = 1.0
    founded.crowd.active[:] = True
    founded.crowd.memory[:] = -1
    return founded


def come(market: Marketplace, day: int = 0) -> DayRecord:
    market.day, market.today = day, DayRecord()
    arrive(market)
    return market.today


def test_visits_follow_the_weekday(market: Marketplace) -> None:
    market.weekday_profile = np.array([0.5, 0.5, 0.5, 0.5, 1.0, 2.0, 2.0])
    rate = market.crowd.visits_per_day
    for day in range(14):
        expected = -np.expm1(-rate * market.weekday_profile[day % 7])
        error = np.sqrt((expected * (1.0 - expected)).sum())
        assert come(market, day).arrivals == pytest.approx(expected.sum(), abs=4.0 * error)


def test_visits_follow_the_hour(market: Marketplace) -> None:
    market.hour_profile = np.zeros(24)
    market.hour_profile[[9, 18]] = 0.25, 0.75
    hour = come(market).session_minute // 60
    assert set(hour.tolist()) == {9.0, 18.0}
    assert (hour == 18).mean() == pytest.approx(0.75, abs=0.08)


def test_sessions_come_in_the_order_of_their_minutes(market: Marketplace) -> None:
    today = come(market)
    assert (np.diff(today.session_minute) >= 0).all()
    assert len(np.unique(today.visitors)) == len(today.visitors)


def test_a_surge_brings_more_of_the_same_consumers(market: Marketplace) -> None:
    ordinary = set(come(market, 3).visitors.tolist())
    market.demand_factor = 2.0
    surge = set(come(market, 3).visitors.tolist())
    assert ordinary < surge


def test_who_has_left_does_not_come(market: Marketplace) -> None:
    market.crowd.active[::2] = False
    assert (come(market).visitors % 2 == 1).all()


def test_what_is_wanted_again_was_bought_before_and_as_often_as_the_consumer_repeats(
    market: Marketplace,
) -> None:
    market.crowd.memory[:, 0] = np.arange(4000) % len(market.listings)
    wanted, share = [], []
    for day in range(10):
        today = come(market, day)
        again = today.session_repeat
        consumer = today.session_consumer
        repeats = again >= 0
        np.testing.assert_array_equal(again[repeats], market.crowd.memory[consumer[repeats], 0])
        np.testing.assert_array_equal(
            today.session_category[repeats], market.listings.category[again[repeats]]
        )
        wanted.append(repeats)
        share.append(market.crowd.repeat_share[consumer])
    assert np.concatenate(wanted).mean() == pytest.approx(np.concatenate(share).mean(), abs=0.02)


def test_patience_is_geometric_with_the_mean_of_the_scenario(market: Marketplace) -> None:
    examined = np.concatenate([come(market, day).examined for day in range(10)])
    mean = market.settings.consumers.choice.examined_mean
    assert examined.min() == 1
    assert examined.mean() == pytest.approx(mean, rel=0.05)
    assert (examined > mean).mean() == pytest.approx((1.0 - 1.0 / mean) ** int(mean), abs=0.03)


def test_a_need_is_in_the_first_category_whose_cumulative_share_exceeds_the_draw() -> None:
    rng = np.random.default_rng(5)
    cumulative = np.cumsum(rng.dirichlet(np.ones(6), size=40), axis=1)
    consumer, draw = rng.integers(0, 40, size=500), rng.random(500)
    plainly = np.minimum((cumulative[consumer] <= draw[:, None]).sum(axis=1), 5)
    np.testing.assert_array_equal(category_of(cumulative, consumer, draw), plainly)


def test_a_share_of_nothing_is_never_drawn_and_rounding_stays_within_the_last() -> None:
    cumulative = np.array([[0.0, 0.4, 0.4, 0.999999]])
    draws = np.array([1e-12, 0.4, 0.9999995])
    assert category_of(cumulative, np.zeros(3, np.int32), draws).tolist() == [1, 3, 3]
