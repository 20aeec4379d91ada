"""Clicks against the logit's formula, and beside what is bought."""

import numpy as np
from quiet_markets import SELDOM

from experiments.running import resolve
from scenarios.build import build
from sim.choice import NOTHING, Shoppers
from sim.clicks import looked_at_closely
from sim.market import Marketplace
from sim.streams import Streams


def shoppers_of(sessions: int, alternatives: int) -> Shoppers:
    return Shoppers(
        consumer=np.arange(sessions, dtype=np.int32),
        line=np.zeros(sessions, np.int32),
        alternatives=np.tile(np.arange(alternatives, dtype=np.int32), (sessions, 1)),
        slope=np.ones(sessions),
        outside=np.zeros(sessions),
        rival=np.full(sessions, -np.inf),
        taste=np.zeros((1, 1), np.float32),
        trust=np.zeros(1, np.float32),
        memory=np.zeros((1, 1), np.int32),
    )


def test_a_click_has_the_chance_of_the_logit_with_a_margin() -> None:
    utility, margin, sessions = np.array([0.5, -1.0, 0.2]), 1.5, 40_000
    clicked = looked_at_closely(
        shoppers_of(sessions, 3),
        np.tile(utility, (sessions, 1)),
        Streams(3).key("taste", 0),
        16,
        margin,
    )
    weight = np.exp(utility)
    chance = weight / (1.0 + weight.sum())
    expected = chance * np.exp(margin) / (1.0 + chance * (np.exp(margin) - 1.0))
    error = np.sqrt(expected * (1.0 - expected) / sessions)
    assert (np.abs(clicked.mean(axis=0) - expected) < 4.0 * error).all()


def lived(days: int, *overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[SELDOM, *overrides])
    market = build(scenario, folder=folder)
    for _ in range(days):
        market.step()
    return market


def test_what_is_bought_was_clicked_and_without_a_margin_hardly_anything_else() -> None:
    generous, strict = lived(4), lived(4, "consumers.choice.click_margin=0")
    for market in (generous, strict):
        today = market.today
        bought = np.flatnonzero(today.session_choice > NOTHING)
        chosen = today.alternatives[bought] == today.session_choice[bought, None]
        assert len(bought) > 0
        assert today.clicked[bought][chosen].all()
        assert not today.clicked[today.alternatives < 0].any()
    assert strict.today.clicked.sum() < generous.today.clicked.sum() / 2


def test_clicks_change_nothing_but_the_log() -> None:
    generous, strict = lived(3), lived(3, "consumers.choice.click_margin=0")
    for column in ("listing", "consumer", "unit_price", "status"):
        np.testing.assert_array_equal(generous.orders[column], strict.orders[column])
    assert generous.log.view().clicked.sum() > strict.log.view().clicked.sum()
