"""Aspirations, trust that rests on evidence, and visits that go with trust."""

import numpy as np
import pytest

from experiments.replications.study import Study
from sim.market import Marketplace
from sim.response.trust import feel, trust_by_evidence

STUDY = Study("trust_and_profit", overrides=("commerce.generated.listings=800",))


def lived(days: int, *overrides: str) -> Marketplace:
    market = STUDY.market(*overrides)
    for _ in range(days):
        market.step()
    return market


def test_trust_is_the_share_of_good_evidence() -> None:
    trust = trust_by_evidence(
        np.array([0.5, 0.5, 0.9]),
        np.array([2.0, 2.0, 10.0]),
        np.array([True, False, True]),
        np.array([2.0, 2.0, 0.0]),
    )
    np.testing.assert_allclose(trust, [0.75, 0.25, 0.9])


def test_trust_is_what_the_consumer_s_own_history_makes_it() -> None:
    market = lived(60)
    orders, crowd = market.orders, market.crowd
    predicted = market.ratings.predicted(market)
    true = market.ratings.true(market, orders["consumer"], orders["listing"])
    for who in range(5):
        good, bad = 1.0, 1.0
        aspiration = np.quantile(predicted[who], 0.95)  # renewed on day 100 only
        for row in np.flatnonzero(orders["consumer"] == who):
            gap = true[row] - aspiration
            good, bad = good + (gap >= 0) * gap**2, bad + (gap < 0) * gap**2
        assert crowd.trust[who] == pytest.approx(good / (good + bad), abs=1e-5)
        assert crowd.evidence[who] == pytest.approx(good + bad, rel=1e-5)


def test_aspirations_are_the_quantile_of_what_is_left_and_fall_when_renewed() -> None:
    market = lived(1, "consumers.response.aspiration_days=40")
    predicted = market.ratings.predicted(market)
    before = market.crowd.aspiration.copy()
    np.testing.assert_allclose(before, np.quantile(predicted, 0.95, axis=1), rtol=1e-6)
    for _ in range(39):
        market.step()
    np.testing.assert_array_equal(market.crowd.aspiration, before)
    bought = market.bought.table(market).copy()
    market.step()
    left = [np.quantile(predicted[i, ~bought[i]], 0.95) for i in range(len(market.crowd))]
    np.testing.assert_allclose(market.crowd.aspiration, left, rtol=1e-6)
    assert market.crowd.aspiration.mean() < before.mean()


def test_trust_that_rests_on_much_moves_little() -> None:
    def moved(prior: float) -> float:
        crowd = lived(0, f"consumers.response.trust_prior={prior}").crowd
        settings = STUDY.market().settings.consumers.response
        feel(crowd, np.array([0]), np.array([-0.5]), settings)
        assert crowd.evidence[0] == pytest.approx(prior + 4.0)
        return 0.5 - float(crowd.trust[0])

    assert moved(100.0) < 0.1 * moved(1.0)


def test_who_does_not_trust_stays_away_more_often() -> None:
    market = lived(0, "consumers.count=2000")
    market.crowd.trust[:1000] = 0.2
    market.crowd.trust[1000:] = 0.9
    market.step()
    came = np.zeros(2000)
    came[market.today.visitors] = 1
    assert came[:1000].mean() == pytest.approx(0.2, abs=0.04)
    assert came[1000:].mean() == pytest.approx(0.9, abs=0.04)


def test_visits_take_no_notice_of_trust_by_default() -> None:
    market = lived(0, "consumers.choice.visit_trust=0.0")
    market.crowd.trust[:] = 0.01
    market.step()
    assert len(market.today.visitors) == len(market.crowd)


def test_profits_follow_the_truncated_normal_law() -> None:
    market = Study("trust_and_profit").market()
    profit = market.listings.price / 200.0  # half the price, in currency
    assert profit.min() >= 0.0
    assert profit.max() <= 5.0
    assert profit.mean() == pytest.approx(2.5, abs=0.03)
    assert profit.std() == pytest.approx(0.9546, abs=0.02)  # of a normal cut off at 2.5 sd
