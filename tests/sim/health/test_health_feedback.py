"""Indicators of the loop from what is shown to what is bought."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.health import find, panel
from sim.health.formulas import chance_of_the_same
from sim.health.panel import Panel
from sim.recency import RECENT

Order = Callable[..., Any]
SECOND = 1 / math.log2(3)


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def come(market: SimpleNamespace, consumers: list[int]) -> None:
    """Sessions of some consumers, all in the first category."""
    today, count = market.today, len(consumers)
    today.session_consumer = np.array(consumers)
    today.session_line = np.zeros(count, dtype=int)
    today.session_category = np.zeros(count, dtype=int)


def test_popularity_bias_holds_slates_against_free_choice(market: SimpleNamespace) -> None:
    market.listings.sold_recently[:] = [12.0, 6.0, 0.0, 0.0, 0.0, 0.0]
    come(market, [0])
    market.today.slate = np.array([[0, 1]])
    # All listings are alike, so free choice takes each with chance 1/6: mean sales 3.
    shown = (12.0 + 6.0 * SECOND) / (1.0 + SECOND)
    assert value(market, "popularity_bias") == pytest.approx(shown / 3.0)
    market.today.slate = np.array([[4, 5]])
    assert value(market, "popularity_bias") == 0.0


def test_best_sellers_are_no_bias_to_those_who_would_choose_them(market: SimpleNamespace) -> None:
    market.listings.sold_recently[:] = [9.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    come(market, [0])
    market.today.slate = np.array([[0, -1]])
    before = value(market, "popularity_bias")
    market.listings.appeal = np.array([40.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert value(market, "popularity_bias") == pytest.approx(1.0, abs=1e-6)
    assert before > 3.0


def test_the_chance_of_the_same_purchase_by_hand() -> None:
    # Kind 0: persons 1, 2, 3 bought items 5, 5, 6; kind 1: person 1 bought item 9 twice.
    person, item = np.array([1, 2, 3, 1, 1]), np.array([5, 5, 6, 9, 9])
    kind = np.array([0, 0, 0, 1, 1])
    assert chance_of_the_same(person, item, kind) == pytest.approx(1 / 3)
    assert chance_of_the_same(np.arange(3), np.full(3, 7), np.zeros(3, int)) == 1.0
    assert math.isnan(chance_of_the_same(np.zeros(4, int), np.arange(4), np.zeros(4, int)))


def test_orders_of_the_last_weeks_are_compared(market: SimpleNamespace, order: Order) -> None:
    order(market, [0, 0, 1])
    assert value(market, "bought_alike") == pytest.approx(1 / 3)
    market.day += 30
    order(market, [2, 2])
    assert value(market, "bought_alike") == 1.0


def look(market: SimpleNamespace, consumer: int, listings: list[int]) -> None:
    come(market, [consumer])
    market.today.alternatives = np.array([[*listings, -1]])
    market.panel.record(market)


def test_ever_the_same_is_no_variety_and_chance_is_1(market: SimpleNamespace) -> None:
    angle = np.arange(6) * np.pi / 3.0
    market.listings.attributes = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    market.panel = Panel(40, 2, np.arange(40.0))
    assert math.isnan(market.panel.variety())
    look(market, 0, [2])
    assert math.isnan(market.panel.variety())  # one thing makes no pair
    look(market, 0, [2])
    assert market.panel.variety() == pytest.approx(0.0, abs=1e-12)
    market.panel = Panel(40, 2, np.arange(40.0))
    rng = np.random.default_rng(0)
    for _ in range(200):
        look(market, 1, rng.integers(0, 6, size=3).tolist())
    assert market.panel.variety() == pytest.approx(1.0, abs=0.03)


def test_older_days_weigh_less_on_the_panel(market: SimpleNamespace) -> None:
    market.listings.attributes = np.repeat([[1.0, 0.0], [-1.0, 0.0]], 3, axis=0)
    market.panel = Panel(40, 2, np.arange(40.0))
    look(market, 0, [0])
    look(market, 0, [3])
    kept = 1.0 - RECENT
    pairs = (1.0 + kept) ** 2 - 1.0 - kept**2
    length = (1.0 - kept) ** 2 - 1.0 - kept**2
    assert market.panel.variety() == pytest.approx(1.0 - length / pairs)


def test_only_the_panel_is_followed(
    market: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "SIZE", 2)
    market.listings.attributes = np.repeat([[1.0, 0.0], [-1.0, 0.0]], 3, axis=0)
    market.panel = Panel(40, 2, np.where(np.isin(np.arange(40), [3, 7]), 0.0, 1.0))
    look(market, 5, [0, 3])
    assert math.isnan(market.panel.variety())
    look(market, 7, [0, 3])
    assert market.panel.variety() == pytest.approx(2.0)


def test_merchants_nobody_sees_and_their_exits(market: SimpleNamespace) -> None:
    market.day = 20
    market.listings.shown_recently = np.where(market.listings.merchant == 0, 0.01, 10.0)
    assert value(market, "unseen_merchants") == pytest.approx(1 / 3)
    assert value(market, "unseen_exits") == 0.0
    market.books.is_open[0] = False
    market.today.exited = np.array([0])
    assert value(market, "unseen_exits") == 1.0
    assert value(market, "unseen_merchants") == 0.0
    market.today.exited = np.array([1])
    assert value(market, "unseen_exits") == 0.0


def test_newcomers_have_time_to_be_seen(market: SimpleNamespace) -> None:
    market.day = 20
    market.listings.shown_recently = np.where(market.listings.merchant == 0, 0.0, 10.0)
    market.books.opened_on = np.array([15, 0, 0])
    assert value(market, "unseen_merchants") == 0.0
